"""What layout 3.0 makes of a pair, and of what its signals said."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.fakes.pair import D
from trading_platform_order.domain.order import Fill, Leg, OrderSide
from trading_platform_order.domain.trade.trade_events import DecisionPrices, Holding
from trading_platform_order.domain.venue import Venue
from trading_platform_order.exporter.layout_3_0 import Layout30
from trading_platform_order.exporter.pair_position import PairPosition

AT = datetime(2026, 1, 5, tzinfo=UTC)
RATE = D(1_400)


def fill(leg: Leg, quantity: str, price: str) -> Fill:
    """An execution without a fee."""
    is_spot = leg is Leg.SPOT
    return Fill(
        exchange=Venue.UPBIT if is_spot else Venue.BINANCE,
        symbol="BTC-KRW" if is_spot else "BTCUSDT",
        client_order_id="c",
        trade_id="1",
        side=OrderSide.BUY if is_spot else OrderSide.SELL,
        quantity=Decimal(quantity),
        price=Decimal(price),
        fee=D(0),
        fee_asset="KRW",
        at=AT,
    )


def position(**more: Any) -> PairPosition:  # noqa: ANN401 - of whatever type the field is
    """Two coins bought at 1.02 times the other side's price, half of them left again."""
    made = PairPosition(
        strategy="kimp",
        base="BTC",
        opened_by="t1",
        opened_at=AT,
        decision=DecisionPrices(
            spot_mid_krw=D(1_414), hedge_mid_usdt=D(1), krw_per_usdt=RATE, fx_source="x", at=AT
        ),
        changed_at=AT,
        **more,
    )
    made.entered.spot.add(fill(Leg.SPOT, "2", "1428"), D(1), "u-1")
    made.entered.hedge.add(fill(Leg.HEDGE, "2", "1"), RATE, "b-1")
    made.held, made.entry_prices = Holding(spot=D(1), short=D(1)), (D(1_428), D(1))
    made.realised_krw = D("282.8")
    return made


def row(made: PairPosition) -> dict[str, Any]:
    """The one row of it."""
    (write,) = Layout30("main").position_rows(made)
    return dict(write.values)


def test_an_open_pair_tells_what_is_held() -> None:
    told = row(position())
    assert (told["status"], told["upbit_amount"], told["binance_amount"]) == ("open", 1, 1)
    assert told["entry_kimp"] == 2
    assert told["total_invested"] == 2 * 1_428 + 2 * 1_400
    assert told["realized_pnl"] == D("282.8")
    assert (told["exit_timestamp"], told["holding_hours"]) == (None, None)
    assert (told["upbit_order_id"], told["binance_order_id"]) == ("u-1", "b-1")


def test_a_closed_pair_tells_what_had_been_entered() -> None:
    made = position(closed_at=AT + timedelta(hours=6))
    made.left.spot.add(fill(Leg.SPOT, "2", "1386"), D(1), "u-2")
    made.left.hedge.add(fill(Leg.HEDGE, "2", "1"), RATE, "b-2")
    made.held = Holding()
    told = row(made)
    assert (told["status"], told["upbit_amount"], told["binance_amount"]) == ("closed", 2, 2)
    assert told["exit_kimp"] == -1
    assert told["holding_hours"] == 6
    assert told["realized_pnl_pct"] == 5


def test_while_one_leg_alone_is_filled_the_premium_is_that_of_the_decision() -> None:
    made = position()
    made.entered.hedge.quantity = D(0)
    assert row(made)["entry_kimp"] == 1


@pytest.mark.parametrize(
    ("said", "entries", "level"),
    [
        ({}, 1, "combined"),
        ({"level": 1}, 1, "level1"),
        ({"entry_level": "level2"}, 1, "level2"),
        ({"level": "1"}, 2, "combined"),
        ({"level": "anything"}, 1, "combined"),
    ],
)
def test_the_level_is_the_signals_unless_there_were_more(
    said: dict[str, Any], entries: int, level: str
) -> None:
    made = position(said=said, entered_by={str(n) for n in range(entries)})
    assert row(made)["entry_level"] == level


def test_what_the_signals_said_is_kept_where_it_is_a_number() -> None:
    said = {"zscore": 1.25, "fx_rate": "1391.5", "fx_ma": "not known", "reason": "entry"}
    made = position(said=said, exit_said={"reason": "Breakout", "bb_upper": 3.5})
    told = row(made)
    assert told["entry_zscore"] == D("1.25")
    assert told["entry_fx_rate"] == D("1391.5")
    assert told["entry_fx_ma"] is None
    assert (told["exit_reason"], told["exit_bb_upper"]) == ("Breakout", D("3.5"))
    silent = row(position())
    assert (silent["entry_zscore"], silent["entry_fx_rate"]) == (0, RATE)


def test_a_pair_that_needs_an_operator_says_so() -> None:
    assert row(position(needs_operator=True))["status"] == "error"
