"""What can happen to one pair trade, as values. The journal is a sequence of these.

Events are facts in the past tense; ``at`` is when the engine learned of them. Each carries all it
needs, so that replaying a journal needs no settings, no market and no clock.
"""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from trading_platform_order.domain.hindrances.hindrance import Hindrance
from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.order import Fill, Leg, Order
from trading_platform_order.domain.signal import Signal
from trading_platform_order.domain.value import value


class ExecutionStyle(StrEnum):
    """How the first order of each leg is priced."""

    MARKET = "market"
    LIMIT_IOC = "limit_ioc"


class TradeOutcome(StrEnum):
    """How a pair trade ended.

    ``HEDGED``  both legs hold the same quantity. ``FLAT`` nothing is held (or nothing was done).
    ``UNWOUND`` an entry was taken back because its other leg could not be completed.
    ``ONE_LEG`` an operator had one leg closed alone: the other one stands without a hedge.
    """

    HEDGED = "hedged"
    FLAT = "flat"
    UNWOUND = "unwound"
    ONE_LEG = "one_leg"


@value
class Holding:
    """Base quantities of a pair: coins on Upbit, and the short on Binance as a positive number."""

    spot: Decimal = ZERO
    short: Decimal = ZERO

    @property
    def gap(self) -> Decimal:
        """Coins not hedged; negative when the short is larger."""
        return self.spot - self.short


@value
class DecisionPrices:
    """The market at the decision: what slippage, premium and FX are measured against.

    Attributes:
        spot_age_ms: how old the spot book was then, milliseconds; ``hedge_age_ms``: the hedge book.
            ``None``: not recorded, or no book was looked at.
    """

    spot_mid_krw: Decimal
    hedge_mid_usdt: Decimal
    krw_per_usdt: Decimal
    fx_source: str
    at: datetime
    spot_age_ms: int | None = None
    hedge_age_ms: int | None = None


@value
class TradePolicy:
    """The limits one trade runs under, fixed when it opens.

    Attributes:
        mode: letter of the client order ids (``p`` paper, ``t`` testnet, ``l`` live).
        exposure_time_s: how long legs may differ while completion is still tried.
        exposure_krw: unmatched value up to which completion is tried; above it, unwind.
        completion_slippage_bps: how much worse than the decision mid a completion may be.
        working_limit_s: a market or IOC order still open after this is cancelled.
        look_up_after_s: an unanswered order is looked up after this.
        fast_attempts: corrective orders in quick succession, per trade.
        slow_attempts: further ones, ``slow_retry_s`` apart, after an operator was called.
        retry_first_s: back-off while the legs agree: this, then twice, then four times.
        uneven_retry_first_s: the same while they differ.
        call_after_s: ages of an unresolved order at which an operator is called; the last repeats.
        exit_walk_bps: how far from the mid a closing order may reach into the book at first.
        walk_widens: that limit doubles every 10 s; a stop-loss on an even pair keeps it.
        gives_way: what remains even and cannot be closed now is left as it is, because who asked
            for the close judges anew; an asked-for EXIT waits instead.
        ahead: this leg is closed first whatever the other exchange does; margin in danger only.
        walked_s: for how long the close waited for depth before it could begin; its limit goes on
            from there. 0 in rows of before 2026-12.
    """

    mode: str
    style: ExecutionStyle
    exposure_time_s: float
    exposure_krw: Decimal
    completion_slippage_bps: Decimal
    working_limit_s: float
    look_up_after_s: float
    fast_attempts: int
    slow_attempts: int
    slow_retry_s: float
    retry_first_s: float
    uneven_retry_first_s: float
    call_after_s: tuple[float, ...] = (60.0, 300.0, 900.0, 3_600.0)
    exit_walk_bps: Decimal = Decimal(100)
    walk_widens: bool = True
    gives_way: bool = False
    ahead: Leg | None = None
    walked_s: float = 0.0


@value
class TradeOpened:
    """A signal was accepted: the intents of both legs are durable from here on."""

    trade_id: str
    signal: Signal
    start: Holding
    target: Holding
    decision: DecisionPrices
    policy: TradePolicy
    orders: tuple[Order, ...]
    at: datetime


@value
class OrdersPlanned:
    """Corrective orders were decided; durable before they leave."""

    orders: tuple[Order, ...]
    reason: str
    at: datetime


@value
class OrderAccepted:
    """The exchange holds the order open."""

    client_order_id: str
    exchange_order_id: str
    executed_quantity: Decimal
    at: datetime


@value
class FillSeen:
    """One execution, from whichever source first; its trade id makes it count once."""

    fill: Fill
    at: datetime


@value
class OrderEnded:
    """The exchange will fill no more of it."""

    client_order_id: str
    exchange_order_id: str
    executed_quantity: Decimal
    at: datetime


@value
class OrderRefused:
    """The exchange proved that it did not accept the order.

    Attributes:
        retryable: another order with the same wish may succeed.
        retry_after_s: the exchange's own word on when.
        hindrance: the exchange takes no order at all now; ``None`` in rows of before 2026-11.
    """

    client_order_id: str
    code: str
    message: str
    retryable: bool
    retry_after_s: float | None
    hindrance: Hindrance | None = None
    at: datetime


@value
class OrderUnanswered:
    """Nobody knows whether it happened.

    Attributes:
        refused_as: the name that the exchange gave a refusal, if it is none that we know.
    """

    client_order_id: str
    reason: str
    at: datetime
    refused_as: str = ""


@value
class OrderProvenAbsent:
    """It never took effect; the evidence is kept."""

    client_order_id: str
    evidence: str
    at: datetime


@value
class CancelSent:
    """A cancel was asked for; the end of the order must still be seen."""

    client_order_id: str
    reason: str
    at: datetime


@value
class CompletionStopped:
    """Complete no further: an EXIT came, the stop was set, or another hand traded meanwhile.

    Attributes:
        withdrawn: an operator took the rest of a close back that could send nothing; what both legs
            still hold alike stays. ``False`` in rows of before 2026-12.
    """

    reason: str
    withdrawn: bool = False
    at: datetime


@value
class HedgePositionRead:
    """A reduce-only order was refused (-2022), so the exchange's position was read.

    What is gone was closed by somebody else (an operator, liquidation, ADL): the ledger follows.

    Attributes:
        short_before: what the ledger held of it, base units.
        short_now: what the exchange still holds of it, base units, never above ``short_before``.
        fills: the executions by which it went, as far as they are known.
    """

    short_before: Decimal
    short_now: Decimal
    fills: tuple[Fill, ...] = ()
    at: datetime


@value
class CoinsRead:
    """A sale was refused for want of coins, so Upbit's balance was read.

    Coins that are gone were booked before as an event of the account (``coins_gone``).

    Attributes:
        coins_before: what the trade held of them, base units.
        coins_now: what its strategy still owns, never above ``coins_before``.
    """

    coins_before: Decimal
    coins_now: Decimal
    at: datetime


@value
class HoldingFollowed:
    """While the trade waited, its strategy's holding changed: the trade follows the ledger.

    A leg that another hand took was booked on the account, or the margin was brought to rights.

    Attributes:
        spot: coins the strategy owns now by the ledger, base units; ``short``: its short.
    """

    spot: Decimal
    short: Decimal
    at: datetime


@value
class OperatorCalled:
    """The quick attempts are used up; slower ones go on while an operator is told."""

    reason: str
    at: datetime


@value
class OrderStillUnresolved:
    """An order's fate or fills stay unknown: an operator is called, ever more rarely, without end.

    Attributes:
        number: which call about this order it is.
        age_s: since the order's intent.
        reason: what the last question was answered.
    """

    client_order_id: str
    number: int
    age_s: float
    reason: str
    at: datetime


@value
class TradeSettled:
    """Hedged or flat, and every fill known."""

    outcome: TradeOutcome
    holding: Holding
    naked_ms: int
    naked_krw_max: Decimal
    signal_to_wire_us: int | None
    at: datetime


@value
class TradeHalted:
    """All attempts are used up or something impossible happened: an operator decides."""

    reason: str
    at: datetime


@value
class TradeResumed:
    """An operator decided that a halted trade shall try again, with all its attempts."""

    reason: str
    at: datetime


OrderEvent = (
    OrderAccepted
    | FillSeen
    | OrderEnded
    | OrderRefused
    | OrderUnanswered
    | OrderProvenAbsent
    | CancelSent
)
TradeEvent = (
    TradeOpened
    | OrdersPlanned
    | OrderEvent
    | CompletionStopped
    | HedgePositionRead
    | CoinsRead
    | HoldingFollowed
    | OperatorCalled
    | OrderStillUnresolved
    | TradeSettled
    | TradeHalted
    | TradeResumed
)
