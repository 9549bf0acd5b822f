"""A close that an operator orders by hand: of a pair by the one rule, or of one leg alone. Pure.

One leg alone strips the hedge: what then stands without a counterpart moves with every price, and
nothing evens it again. So an operator is told that value and types it; a number that does not fit
what would stand naked now is no confirmation.
"""

from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal

from trading_platform_order.domain.money import KRW_WHOLE, ZERO
from trading_platform_order.domain.order import Leg
from trading_platform_order.domain.trade.trade_events import Holding
from trading_platform_order.domain.value import value

CONFIRMED_WITHIN = Decimal("0.05")
"""So far the value may have moved since it was told; prices do while an operator types."""


@value
class HandClose:
    """What an operator orders.

    Attributes:
        symbol: base asset.
        strategy: whose pair; ``None`` for all that hold it.
        leg: only this one; ``None`` for the pair.
        krw: about that much of it; ``None`` for all.
        confirmed_krw: the value that was typed, where one leg will stand alone.
    """

    symbol: str
    strategy: str | None = None
    leg: Leg | None = None
    krw: Decimal | None = None
    confirmed_krw: Decimal | None = None


@value
class Naked:
    """What stands without a counterpart, KRW, before and after a close of one leg."""

    before_krw: Decimal
    after_krw: Decimal

    @property
    def strips(self) -> bool:
        """More stands naked than before."""
        return self.after_krw > self.before_krw


def owners(
    wish: HandClose, holdings: Mapping[tuple[str, str], Holding], trading: Iterable[str]
) -> tuple[str, ...] | str:
    """Whose pairs are meant, or why nobody's; ``trading``: strategies that trade it now."""
    if wish.strategy is not None:
        return (wish.strategy,)
    held = {
        strategy
        for (strategy, base), holding in holdings.items()
        if base == wish.symbol and (holding.spot or holding.short)
    }
    found = tuple(sorted(held | set(trading)))
    if not found:
        return f"nothing of {wish.symbol} is held"
    if len(found) > 1 and (wish.krw is not None or wish.leg is not None):
        return f"several strategies hold {wish.symbol}: name one of {', '.join(found)}"
    return found


def naked_after(wish: HandClose, leg: Leg, held: Holding, price_krw: Decimal) -> Naked:
    """The value that stands alone once ``leg`` is closed, at a price above 0."""
    quantity = held.spot if leg is Leg.SPOT else held.short
    part = quantity if wish.krw is None else min(wish.krw / price_krw, quantity)
    left = Holding(
        spot=held.spot - (part if leg is Leg.SPOT else ZERO),
        short=held.short - (part if leg is Leg.HEDGE else ZERO),
    )
    return Naked(before_krw=_krw(held, price_krw), after_krw=_krw(left, price_krw))


def unconfirmed(wish: HandClose, naked: Naked) -> str | None:
    """Why the typed number is no confirmation; ``None`` if it is, or none is needed."""
    if not naked.strips:
        return None
    if wish.confirmed_krw is None:
        return f"{naked.after_krw} KRW would stand without a hedge: confirm that number"
    if abs(wish.confirmed_krw - naked.after_krw) > CONFIRMED_WITHIN * naked.after_krw:
        return (
            f"{naked.after_krw} KRW would stand without a hedge, and {wish.confirmed_krw} KRW "
            "were confirmed"
        )
    return None


def _krw(held: Holding, price_krw: Decimal) -> Decimal:
    return (abs(held.gap) * price_krw).quantize(KRW_WHOLE, rounding=ROUND_HALF_UP)
