"""What becomes of an order on a fake exchange, and how the exchange keeps it."""

from dataclasses import dataclass, field
from decimal import Decimal

from tests.fakes.pair import D
from trading_platform_order.domain.hindrances.hindrance import Hindrance
from trading_platform_order.domain.order import Fill, Order
from trading_platform_order.domain.outcome import Refused, SendOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptedOutcome:
    """What becomes of one order.

    Attributes:
        executes: base units that fill when it arrives; ``None``: all of it; zero: nothing.
        exists: the exchange knows the order afterwards.
        answer_s: when the answer comes; ``None``: never within the time-out.
        says: the answer, if it is not what happened.
        stays_open: it goes on working.
        tells_fills: the answer carries the fills (a look-up always does).
    """

    executes: Decimal | None = None
    exists: bool = True
    answer_s: float | None = 0.01
    says: SendOutcome | None = None
    stays_open: bool = False
    tells_fills: bool = True


FILLED = ScriptedOutcome()
LOST_REQUEST = ScriptedOutcome(executes=D(0), exists=False, answer_s=None)
LOST_ANSWER = ScriptedOutcome(answer_s=None)
SILENT_TIMEOUT_S = 10.0
DEAD_KEY = Refused(code="-2015", message="", hindrance=Hindrance.KEY)


def refused(
    code: str = "insufficient_funds",
    *,
    retryable: bool = False,
    retry_after_s: float | None = None,
    answer_s: float = 0.01,
) -> ScriptedOutcome:
    """Proven not accepted."""
    says = Refused(code=code, message="", retryable=retryable, retry_after_s=retry_after_s)
    return ScriptedOutcome(executes=D(0), exists=False, says=says, answer_s=answer_s)


def refused_for(says: Refused) -> ScriptedOutcome:
    """In these words."""
    return ScriptedOutcome(executes=D(0), exists=False, says=says)


@dataclass(slots=True)
class Placed:
    """One order as the exchange keeps it."""

    order: Order
    fills: list[Fill] = field(default_factory=list)
    is_open: bool = False

    @property
    def executed(self) -> Decimal:
        """Base units."""
        return sum((fill.quantity for fill in self.fills), D(0))
