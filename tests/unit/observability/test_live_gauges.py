"""What a look at the engine tells of limits and of what both exchanges count."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from tests.fakes.pair import ACCOUNT
from tests.unit.cli.cli_world import tell_live
from trading_platform_order.observability.live_figures import live_path, read_live
from trading_platform_order.observability.live_gauges import (
    Compared,
    ExchangeHealth,
    Gauge,
    compared,
    gauges_of,
)
from trading_platform_order.risk.limits import RiskLimits
from trading_platform_order.risk.monitors.mismatch import Counted

LIMITS = RiskLimits()


def test_a_gauge_stands_where_entries_are_judged() -> None:
    view = replace(
        ACCOUNT,
        pair_value_krw=Decimal(10_000_000),
        hedge_notional_usdt=Decimal(15_000),
        maintenance_usdt=Decimal(3_000),
        day_pnl_krw=Decimal(-200_000),
        hour_pnl_krw=Decimal(50_000),
        minute_entries=2,
        rate_room=0.75,
    )
    found = {gauge.name: gauge for gauge in gauges_of(view, LIMITS, Decimal(3_000_000))}

    assert found["pairs_krw"] == Gauge(
        name="pairs_krw",
        now=Decimal(10_000_000),
        limit=Decimal(100_000_000) * LIMITS.position_fraction,
    )
    assert (found["leverage"].now, found["leverage"].limit) == (Decimal("0.5"), LIMITS.leverage_max)
    assert found["margin_ratio"].now == Decimal("0.1")
    assert (found["day_loss_krw"].now, found["day_loss_krw"].limit) == (
        Decimal(200_000),
        Decimal(3_000_000),
    )
    assert found["hour_loss_krw"].now == 0, "a profit is no loss"
    assert (found["minute_entries"].now, found["minute_entries"].limit) == (Decimal(2), Decimal(6))
    assert (found["budget_used"].now, found["budget_used"].limit) == (
        Decimal("0.25"),
        Decimal("0.7"),
    )


def test_what_is_not_known_is_not_reckoned() -> None:
    view = replace(ACCOUNT, equity_krw=None, margin_balance_usdt=Decimal(0))
    found = {gauge.name: gauge for gauge in gauges_of(view, LIMITS, None)}

    assert found["pairs_krw"].limit is None
    assert found["day_loss_krw"].limit is None
    assert found["leverage"].now is None


def test_both_counts_stand_side_by_side() -> None:
    count = Counted(
        ours_short=Decimal(1),
        theirs_short=Decimal(2),
        ours_coins=Decimal(3),
        theirs_coins=Decimal(4),
        flight_short=Decimal(5),
    )
    spot, hedge = compared({"BTC": count}, spot="upbit", hedge="binance")

    assert (spot.venue, spot.ours_base, spot.theirs_base, spot.flight_base) == (
        "upbit",
        Decimal(3),
        Decimal(4),
        Decimal(0),
    )
    assert (hedge.venue, hedge.ours_base, hedge.theirs_base, hedge.flight_base) == (
        "binance",
        Decimal(1),
        Decimal(2),
        Decimal(5),
    )


def test_the_file_of_an_older_engine_is_read_too(tmp_path: Path) -> None:
    db = tmp_path / "a.db"
    row = Compared(
        venue="upbit",
        asset="BTC",
        ours_base=Decimal(1),
        theirs_base=Decimal(1),
        flight_base=Decimal(0),
    )
    health = ExchangeHealth(venue="upbit", is_stream_up=True, answer_ms=3.5)
    tell_live(db, compared=(row,), exchanges=(health,))
    path = live_path(db, "main")
    told = read_live(path)
    assert told is not None
    assert (told.compared, told.exchanges) == ((row,), (health,))

    path.write_text(
        '{"at":"2026-11-30T00:00:00Z","mode":"paper","since":"2026-11-30T00:00:00Z"}',
        encoding="utf-8",
    )
    older = read_live(path)
    assert older is not None
    assert older.exchanges == ()
