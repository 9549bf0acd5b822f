"""The conditions of the emergency stop, as data, and which of them hold. Pure.

A condition that holds latches the stop and keeps it latched: an operator may lift it only when none
holds any more. What a figure cannot say counts against us: unknown is no proof of safety.
"""

from collections.abc import Callable, Mapping
from dataclasses import field
from decimal import Decimal
from enum import StrEnum

from trading_platform_order.domain.money import ZERO, plain
from trading_platform_order.domain.value import value

STOP_LATCH = "stop"
"""The durable latch: while it is set nothing adds exposure, in whatever process."""
FLATTEN_LATCH = "flatten"
"""Set besides: everything that is held is to be closed."""
HOLDS = "holds:"
"""Beginning of the latches that tell other processes which conditions hold now."""


class Condition(StrEnum):
    """Stable names; ``docs/RISK_MANAGEMENT.md`` lists them, generated from here."""

    DAILY_LOSS = "daily_loss"
    API_ERROR_COUNT = "api_error_count"
    POSITION_MISMATCH = "position_mismatch"
    MANUAL_STOP_FLAG = "manual_stop_flag"
    UNRESOLVED_ORDER = "unresolved_order"
    STALE_MARKET_DATA = "stale_market_data"
    JOURNAL_NOT_WRITABLE = "journal_not_writable"
    ENTRIES_TAKEN_BACK = "entries_taken_back"

    @property
    def latch(self) -> str:
        """The latch that is set while the condition holds."""
        return f"{HOLDS}{self.value}"

    @property
    def meaning(self) -> str:
        """When it holds, in one line for operators."""
        return _CONDITIONS[self].meaning


@value
class StopLimits:
    """When the conditions hold.

    Attributes:
        daily_loss_fraction: trading loss since 00:00 KST over capital; above it (spec: 3 %).
        api_errors_max: consecutive time-outs, 5xx and network errors of one exchange's private
            calls; above it (spec: 10).
        unresolved_s_max: how long an order may stay without a known end.
        stale_s_max: how old the prices of what is held may be.
    """

    daily_loss_fraction: Decimal = Decimal("0.03")
    api_errors_max: int = 10
    unresolved_s_max: float = 120.0
    stale_s_max: float = 30.0


@value
class StopReading:
    """All that the conditions look at, at one moment.

    Attributes:
        equity_krw: total capital; ``None`` while unknown.
        day_pnl_krw: trading profit since 00:00 KST.
        api_errors: consecutive errors by exchange.
        mismatches: a line for each position that persistently differs from ours.
        manual_flag: what the stop file says; ``None`` without one.
        unresolved_s: how long the oldest order without a known end has been seen so.
        is_exposed: anything is held.
        prices_age_s: age of the oldest price of what is held, as far as we ran and could see a
            newer one; ``None`` if one has none.
        journal_problem: why the journal cannot be written; ``None`` while it can.
        taken_back: which entries were taken back again and again; ``None`` if none were.
    """

    equity_krw: Decimal | None
    day_pnl_krw: Decimal
    api_errors: Mapping[str, int] = field(default_factory=dict)
    mismatches: tuple[str, ...] = ()
    manual_flag: str | None = None
    unresolved_s: float = 0.0
    is_exposed: bool = False
    prices_age_s: float | None = 0.0
    journal_problem: str | None = None
    taken_back: str | None = None


Judge = Callable[[StopReading, StopLimits], str | None]


@value
class _Rule:
    meaning: str
    judge: Judge


def holding(reading: StopReading, limits: StopLimits) -> dict[Condition, str]:
    """The conditions that hold, each with its figures in words, in the order of the table."""
    found = {name: rule.judge(reading, limits) for name, rule in _CONDITIONS.items()}
    return {name: f"{name}: {words}" for name, words in found.items() if words is not None}


def _daily_loss(reading: StopReading, limits: StopLimits) -> str | None:
    equity_krw, day_krw = reading.equity_krw, reading.day_pnl_krw
    if not day_krw.is_finite() or (equity_krw is not None and not equity_krw.is_finite()):
        return f"the day's figures are no numbers: {day_krw} of {equity_krw}"
    if equity_krw is None:
        return None
    allowed_krw = max(equity_krw, ZERO) * limits.daily_loss_fraction
    if -day_krw <= allowed_krw:
        return None
    return (
        f"{plain(-day_krw.quantize(Decimal(1)))} KRW lost since 00:00 KST, "
        f"over {limits.daily_loss_fraction:%} of {plain(equity_krw.quantize(Decimal(1)))} KRW"
    )


def _api_errors(reading: StopReading, limits: StopLimits) -> str | None:
    over = {
        name: count for name, count in reading.api_errors.items() if count > limits.api_errors_max
    }
    if not over:
        return None
    told = ", ".join(f"{name} {count}" for name, count in sorted(over.items()))
    return f"private calls failed in a row: {told} (more than {limits.api_errors_max})"


def _mismatch(reading: StopReading, _: StopLimits) -> str | None:
    return "; ".join(reading.mismatches) or None


def _manual(reading: StopReading, _: StopLimits) -> str | None:
    return reading.manual_flag


def _unresolved(reading: StopReading, limits: StopLimits) -> str | None:
    if reading.unresolved_s <= limits.unresolved_s_max:
        return None
    return (
        f"an order has no known end since {reading.unresolved_s:.0f} s "
        f"(more than {limits.unresolved_s_max:g})"
    )


def _stale(reading: StopReading, limits: StopLimits) -> str | None:
    age_s = reading.prices_age_s
    if not reading.is_exposed:
        return None
    if age_s is None:
        return "something is held that has no price"
    if age_s <= limits.stale_s_max:
        return None
    return f"prices of what is held are {age_s:.0f} s old (more than {limits.stale_s_max:g})"


def _taken_back(reading: StopReading, _: StopLimits) -> str | None:
    return reading.taken_back


def _journal(reading: StopReading, _: StopLimits) -> str | None:
    return reading.journal_problem


_CONDITIONS: dict[Condition, _Rule] = {
    Condition.DAILY_LOSS: _Rule(
        meaning="`daily_loss > 3%`: trading loss since 00:00 KST over capital.", judge=_daily_loss
    ),
    Condition.API_ERROR_COUNT: _Rule(
        meaning="`api_error_count > 10`: time-outs, 5xx and network errors of one exchange's "
        "private calls in a row; refusals and 429 do not count, only a success ends the row.",
        judge=_api_errors,
    ),
    Condition.POSITION_MISMATCH: _Rule(
        meaning="`position_mismatch`: an exchange holds another quantity than ours, for longer and "
        "by more than what is in flight.",
        judge=_mismatch,
    ),
    Condition.MANUAL_STOP_FLAG: _Rule(
        meaning="`manual_stop_flag`: the stop file exists (`tporder stop` latches at once).",
        judge=_manual,
    ),
    Condition.UNRESOLVED_ORDER: _Rule(
        meaning="An order has no known end for too long.", judge=_unresolved
    ),
    Condition.STALE_MARKET_DATA: _Rule(
        meaning="Something is held whose prices are too old.", judge=_stale
    ),
    Condition.JOURNAL_NOT_WRITABLE: _Rule(
        meaning="The journal cannot be written: the engine ends and leaves the stop file behind.",
        judge=_journal,
    ),
    Condition.ENTRIES_TAKEN_BACK: _Rule(
        meaning="Entries were taken back again and again within an hour, or taking them back cost "
        "too much.",
        judge=_taken_back,
    ),
}

EMERGENCY_STOP_CONDITIONS: tuple[Condition, ...] = tuple(_CONDITIONS)
