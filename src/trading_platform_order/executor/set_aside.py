"""What ended engines by an error of ours: a journal row, a trade or a signal; after two it rests.

One row that cannot be folded, or one message that no code of ours survives, would end every engine
that is started, and every successor: nobody closes anything any more. So whoever lets an error pass
says what it was working on (:func:`blame`), the engine notes it as it dies, and what was noted
twice is set aside at the next start: it is not looked at, and its coin is not traded.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field

from trading_platform_order.domain.order_identity.client_order_id import read_client_order_id
from trading_platform_order.domain.value import value
from trading_platform_order.storage.base import StoreUnavailable

DEATHS = 2
"""So often it must have ended an engine: once may have been anything."""
ALL_COINS = "*"
_MARK = "worked on: "


@value
class Culprit:
    """What an engine was working on when an error ended it.

    Attributes:
        base: its coin; :data:`ALL_COINS` where it is not known.
        row: number of the journal row that could not be folded; 0 for none.
        trade_id: of that row, or whose runner failed; empty for none.
        signal_id: that could not be decided on; empty for none.

    Without any of these it is no engine's end, but what the last resort closed beside the journal.
    """

    base: str
    row: int = 0
    trade_id: str = ""
    signal_id: str = ""

    def in_words(self) -> str:
        """For operators."""
        parts = [
            f"row {self.row}" if self.row else "",
            f"trade {self.trade_id}" if self.trade_id else "",
            f"signal {self.signal_id}" if self.signal_id else "",
        ]
        return " of ".join(part for part in parts if part) or "all that the last resort closed"


@dataclass(frozen=True, slots=True)
class SetAside:
    """What a start does not look at.

    Attributes:
        errors: by what ended two engines, the last error's words.
    """

    errors: dict[Culprit, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.errors)

    def skips(self, seq: int, trade_id: str) -> bool:
        """Whether a replay leaves a row out: one that failed, or a later one of the same trade."""
        return any(
            seq == one.row or (trade_id and trade_id == one.trade_id and seq > one.row)
            for one in self.errors
            if one.row
        )

    @property
    def trades(self) -> frozenset[str]:
        """Those that nobody sees through."""
        return frozenset(one.trade_id for one in self.errors if one.trade_id)

    @property
    def coins(self) -> frozenset[str]:
        """Those that are not traded; :data:`ALL_COINS` among them where it is not known which."""
        return frozenset(one.base for one in self.errors)

    def knows(self, client_order_id: str) -> bool:
        """An order of a trade that is set aside: the journal knows it, and nobody looks."""
        named = read_client_order_id(client_order_id) if self.errors else None
        return named is not None and named.key in self.trades

    def freezes(self, base: str) -> bool:
        """Whether this coin is not traded: what is held of it is not known."""
        return any(one.base in {base, ALL_COINS} for one in self.errors)

    @property
    def reason(self) -> str:
        """Why an engine only closes."""
        if not any(one.row or one.trade_id or one.signal_id for one in self.errors):
            return f"no coin is traded: {self.in_words()}"
        return f"ended two engines, and is set aside: {self.in_words()}"

    def in_words(self) -> str:
        """For operators."""
        return "; ".join(f"{one.in_words()} ({why})" for one, why in self.errors.items())


NOTHING_ASIDE = SetAside()


@contextmanager
def blame(culprit: Culprit) -> Iterator[None]:
    """Note on an error what was worked on when it rose; a failing store blames nobody."""
    try:
        yield
    except Exception as error:
        put_blame(error, culprit)
        raise


def put_blame(error: Exception, culprit: Culprit) -> None:
    """The same for whoever may be called too often for a context."""
    if not isinstance(error, StoreUnavailable):
        error.add_note(_MARK + json.dumps(asdict(culprit)))


def culprit_of(error: BaseException) -> tuple[Culprit, str] | None:
    """What an error was working on, and the error in words; ``None`` for an end that is none."""
    for note in getattr(error, "__notes__", ()):
        if note.startswith(_MARK):
            culprit = Culprit(**json.loads(note.removeprefix(_MARK)))
            inner = error
            while isinstance(inner, BaseExceptionGroup):
                inner = inner.exceptions[0]
            return culprit, f"{type(inner).__name__}: {inner}"
    inner_errors = error.exceptions if isinstance(error, BaseExceptionGroup) else ()
    found = (culprit_of(inner) for inner in inner_errors)
    return next((one for one in found if one is not None), None)
