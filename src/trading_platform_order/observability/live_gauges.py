"""How near an account is to each limit, how its exchanges answer, and what they count. Pure.

For whoever looks: the limits themselves are judged in ``risk/``, from the same figures.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from trading_platform_order.domain.account.account_view import AccountView
from trading_platform_order.risk.limits import RiskLimits
from trading_platform_order.risk.monitors.mismatch import Counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Gauge:
    """One limit.

    Attributes:
        name: stable, snake case, the unit last.
        now: as entries are judged by it; ``None`` if it is not known.
        limit: ``None`` if it depends on something that is not known.
    """

    name: str
    now: Decimal | None
    limit: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeHealth:
    """How one exchange answers.

    Attributes:
        answer_ms: how long the last private call took.
        errors_in_a_row: private calls that failed without a success between.
        errors_hour: private calls that failed in the last hour.
        book_age_s: of the oldest book there; ``None`` without one.
    """

    venue: str
    is_stream_up: bool
    answer_ms: float | None = None
    errors_in_a_row: int = 0
    errors_hour: int = 0
    book_age_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One asset by both counts, base units; orders under way may change ``flight_base`` of it."""

    venue: str
    asset: str
    ours_base: Decimal
    theirs_base: Decimal
    flight_base: Decimal


def gauges_of(
    view: AccountView, limits: RiskLimits, day_loss_krw_max: Decimal | None
) -> tuple[Gauge, ...]:
    """Every limit that is a matter of the whole account."""
    return tuple(_gauges(view, limits, day_loss_krw_max))


def _gauges(
    view: AccountView, limits: RiskLimits, day_loss_krw_max: Decimal | None
) -> Iterator[Gauge]:
    capital = view.equity_krw
    margin = view.margin_balance_usdt
    has_margin = margin > 0
    yield Gauge(
        name="pairs_krw",
        now=view.pair_value_krw,
        limit=None if capital is None else capital * limits.position_fraction,
    )
    yield Gauge(
        name="leverage",
        now=view.hedge_notional_usdt / margin if has_margin else None,
        limit=limits.leverage_max,
    )
    yield Gauge(
        name="margin_ratio",
        now=view.maintenance_usdt / margin if has_margin else None,
        limit=limits.margin_ratio_max,
    )
    yield Gauge(name="day_loss_krw", now=_loss(view.day_pnl_krw), limit=day_loss_krw_max)
    yield Gauge(
        name="hour_loss_krw", now=_loss(view.hour_pnl_krw), limit=limits.hourly_loss_krw_max
    )
    yield Gauge(
        name="day_turnover_krw",
        now=view.day_turnover_krw,
        limit=limits.daily_turnover_krw_max,
    )
    yield Gauge(
        name="minute_entries",
        now=Decimal(view.minute_entries),
        limit=Decimal(limits.entries_per_minute_max),
    )
    yield Gauge(
        name="api_errors", now=Decimal(view.api_errors), limit=Decimal(limits.api_errors_max)
    )
    # A budget is used up where the others are reached.
    yield Gauge(
        name="budget_used",
        now=_fraction(1 - view.rate_room),
        limit=_fraction(1 - limits.rate_room_min),
    )


def _loss(pnl_krw: Decimal) -> Decimal:
    return max(-pnl_krw, Decimal(0))


def _fraction(part: float) -> Decimal:
    return Decimal(f"{part:.4f}")


def compared(counts: Mapping[str, Counted], *, spot: str, hedge: str) -> tuple[Compared, ...]:
    """Two rows for each base asset. ``spot``, ``hedge``: the exchanges' names."""
    rows: list[Compared] = []
    for base, count in sorted(counts.items()):
        rows.append(
            Compared(
                venue=spot,
                asset=base,
                ours_base=count.ours_coins,
                theirs_base=count.theirs_coins,
                flight_base=count.flight_coins,
            )
        )
        rows.append(
            Compared(
                venue=hedge,
                asset=base,
                ours_base=count.ours_short,
                theirs_base=count.theirs_short,
                flight_base=count.flight_short,
            )
        )
    return tuple(rows)
