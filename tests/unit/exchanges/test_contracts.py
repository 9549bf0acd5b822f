"""Coins outside, contracts inside: every value that crosses the hedge adapter's boundary."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading_platform_order.domain.account.account_settings import AccountSettings
from trading_platform_order.domain.market import Book, Instrument, Level
from trading_platform_order.domain.order import (
    Fill,
    Leg,
    Order,
    OrderReport,
    OrderSide,
    OrderType,
    Position,
    Purpose,
)
from trading_platform_order.domain.outcome import Accepted, FundingPayment, ReadFailed
from trading_platform_order.domain.pairs.pair import Pair
from trading_platform_order.domain.protection.protective_stop import (
    ProtectiveStopOrder,
    ProtectiveStopState,
    StopKind,
    StopReport,
)
from trading_platform_order.domain.rows import Rows
from trading_platform_order.domain.venue import Venue
from trading_platform_order.exchanges.binance.contracts import Contracts
from trading_platform_order.exchanges.port.stream_events import OrderUpdate, PositionChanged

D = Decimal
AT = datetime(2026, 11, 29, tzinfo=UTC)


def _pair(code: str, contract: str, factor: int) -> Pair:
    return Pair(
        code=code, korean_name="", english_name=code, contract=contract, factor=Decimal(factor)
    )


PAIRS = {
    "BTC": _pair("BTC", "BTCUSDT", 1),
    "SHIB": _pair("SHIB", "1000SHIBUSDT", 1_000),
    "MOG": _pair("MOG", "1000000MOGUSDT", 1_000_000),
    "TON": _pair("TON", "TONCOINUSDT", 1),
}
CONTRACTS = Contracts(PAIRS)


def _order(symbol: str = "SHIBUSDT", quantity: str = "5000000", price: str | None = None) -> Order:
    return Order(
        id="",
        client_order_id="x",
        exchange=Venue.BINANCE,
        symbol=symbol,
        side=OrderSide.SELL,
        type=OrderType.MARKET if price is None else OrderType.LIMIT,
        quantity=D(quantity),
        price=None if price is None else D(price),
        leg=Leg.HEDGE,
        purpose=Purpose.OPEN,
        attempt=1,
        signal_id="s",
        created_at=AT,
    )


def _fill(symbol: str, quantity: str, price: str) -> Fill:
    return Fill(
        exchange=Venue.BINANCE,
        symbol=symbol,
        client_order_id="x",
        trade_id="7",
        side=OrderSide.SELL,
        quantity=D(quantity),
        price=D(price),
        fee=D("0.02"),
        fee_asset="USDT",
        at=AT,
    )


def _report(symbol: str) -> OrderReport:
    return OrderReport(
        exchange=Venue.BINANCE,
        symbol=symbol,
        client_order_id="x",
        exchange_order_id="1",
        side=OrderSide.SELL,
        type=OrderType.LIMIT,
        quantity=D(5_000),
        price=D("0.0124"),
        executed_quantity=D(3_000),
        is_open=True,
        fills=(_fill(symbol, "3000", "0.0125"),),
    )


def test_an_order_leaves_in_contracts() -> None:
    sent = CONTRACTS.order(_order(price="0.0000124"))
    assert (sent.symbol, sent.quantity, sent.price) == ("1000SHIBUSDT", D(5_000), D("0.0124"))


def test_an_ordinary_order_leaves_as_the_same_object() -> None:
    order = _order("BTCUSDT", "0.005")
    assert CONTRACTS.order(order) is order


@pytest.mark.parametrize("wrap", [Accepted, OrderUpdate])
def test_a_report_arrives_in_coins(wrap: type[Accepted]) -> None:
    told = CONTRACTS.coins(wrap(report=_report("1000SHIBUSDT"))).report
    assert (told.symbol, told.quantity, told.executed_quantity, told.price) == (
        "SHIBUSDT",
        D(5_000_000),
        D(3_000_000),
        D("0.0000124"),
    )
    (fill,) = told.fills
    assert (fill.symbol, fill.quantity, fill.price, fill.fee) == (
        "SHIBUSDT",
        D(3_000_000),
        D("0.0000125"),
        D("0.02"),
    )


def test_a_list_of_fills_arrives_in_coins() -> None:
    (told,) = CONTRACTS.coins((_fill("1000000MOGUSDT", "2", "0.9"),))
    assert (told.symbol, told.quantity, told.price) == ("MOGUSDT", D(2_000_000), D("0.0000009"))


def test_a_position_arrives_in_coins() -> None:
    told = CONTRACTS.coins(
        Position(
            exchange=Venue.BINANCE,
            symbol="1000SHIBUSDT",
            quantity=D(-5_000),
            entry_price=D("0.0125"),
            mark_price=D("0.0126"),
            liquidation_price=D("0.02"),
        )
    )
    assert (told.symbol, told.quantity) == ("SHIBUSDT", D(-5_000_000))
    prices = (told.entry_price, told.mark_price, told.liquidation_price)
    assert prices == (D("0.0000125"), D("0.0000126"), D("0.00002"))


def test_a_position_of_the_stream_arrives_in_coins() -> None:
    event = PositionChanged(exchange=Venue.BINANCE, symbol="1000SHIBUSDT", quantity=D(-7))
    assert CONTRACTS.coins(event) == replace(event, symbol="SHIBUSDT", quantity=D(-7_000))


def test_a_book_keeps_its_value() -> None:
    book = Book(
        symbol="1000SHIBUSDT",
        bids=(Level(D("0.0124"), D(100)),),
        asks=(Level(D("0.0125"), D(200)),),
        at=AT,
    )
    told = CONTRACTS.coins(book)
    assert told.symbol == "SHIBUSDT"
    assert told.bids == (Level(D("0.0000124"), D(100_000)),)
    assert told.asks == (Level(D("0.0000125"), D(200_000)),)


def test_filters_are_of_coins_and_amounts_of_money_stay() -> None:
    told = CONTRACTS.coins(
        Instrument(
            venue=Venue.BINANCE,
            symbol="1000SHIBUSDT",
            price_tick=D("0.000001"),
            quantity_step=D(1),
            min_quantity=D(1),
            max_quantity=D(10_000_000),
            min_notional=D(5),
            max_notional=D(0),
            taker_fee_rate=D("0.0005"),
        )
    )
    assert (told.price_tick, told.quantity_step) == (D("0.000000001"), D(1_000))
    assert (told.min_quantity, told.max_quantity) == (D(1_000), D(10_000_000_000))
    assert (told.min_notional, told.taker_fee_rate) == (D(5), D("0.0005"))


def test_a_stop_leaves_in_contracts_and_is_told_in_coins() -> None:
    stop = ProtectiveStopOrder(
        client_order_id="p",
        base="SHIB",
        kind=StopKind.PROTECTIVE,
        quantity=D(5_000_000),
        trigger_price_usdt=D("0.00002"),
        callback_bps=None,
        created_at=AT,
    )
    sent = CONTRACTS.stop(stop)
    assert (sent.base, sent.quantity, sent.trigger_price_usdt) == ("1000SHIB", D(5_000), D("0.02"))
    told = CONTRACTS.coins(
        StopReport(
            client_order_id="p",
            exchange_order_id="1",
            symbol="1000SHIBUSDT",
            state=ProtectiveStopState.WAITING,
            quantity=D(5_000),
            trigger_price_usdt=D("0.02"),
        )
    )
    assert (told.symbol, told.quantity, told.trigger_price_usdt) == (
        "SHIBUSDT",
        D(5_000_000),
        D("0.00002"),
    )


def test_funding_and_settings_come_under_the_pairs_name() -> None:
    paid = FundingPayment(symbol="1000SHIBUSDT", transaction_id="1", amount_usdt=D("-0.3"), at=AT)
    assert CONTRACTS.coins((paid,)) == (replace(paid, symbol="SHIBUSDT"),)
    found = AccountSettings(leverage={"1000SHIBUSDT": 3}, isolated=frozenset({"1000SHIBUSDT"}))
    told = CONTRACTS.coins(found)
    assert (told.leverage, told.isolated) == ({"SHIBUSDT": 3}, frozenset({"SHIBUSDT"}))


def test_another_contract_that_is_called_like_our_pair_is_not_ours() -> None:
    """TON of ours is hedged by another contract: what TONUSDT does must not be booked as ours."""
    event = PositionChanged(exchange=Venue.BINANCE, symbol="TONUSDT", quantity=D(-7))
    assert CONTRACTS.coins(event).symbol not in {"TONUSDT", "BTCUSDT"}
    assert CONTRACTS.coins(OrderUpdate(report=_report("TONUSDT"))).report.symbol != "TONUSDT"


def test_what_says_nothing_of_quantities_passes() -> None:
    failed = ReadFailed(reason="no")
    assert CONTRACTS.coins(failed) is failed
    assert CONTRACTS.symbols(("BTCUSDT", "SHIBUSDT")) == ("BTCUSDT", "1000SHIBUSDT")


@pytest.mark.parametrize("factor", ["0", "-10", "3", "1500"])
def test_only_powers_of_ten_are_factors(factor: str) -> None:
    pair = replace(PAIRS["SHIB"], factor=D(factor))
    with pytest.raises(ValueError, match="power of ten"):
        Contracts({"SHIB": pair})


def test_one_contract_hedges_one_coin() -> None:
    twin = replace(PAIRS["SHIB"], code="SHIBX")
    with pytest.raises(ValueError, match="two coins"):
        Contracts({**PAIRS, "SHIBX": twin})


@given(
    quantity=st.decimals(min_value="0.001", max_value=10**12, places=8),
    price=st.decimals(min_value="0.00000001", max_value=10**6, places=10),
    code=st.sampled_from(["SHIB", "MOG", "BTC"]),
)
def test_no_digit_is_lost_on_the_way_there_and_back(
    quantity: Decimal, price: Decimal, code: str
) -> None:
    sent = CONTRACTS.order(
        _order(f"{code}USDT", quantity=str(quantity), price=f"{price:f}"),
    )
    assert sent.price is not None
    assert sent.quantity * sent.price == quantity * price
    back = CONTRACTS.coins(_fill(sent.symbol, str(sent.quantity), str(sent.price)))
    assert (back.quantity, back.price, back.symbol) == (quantity, price, f"{code}USDT")


def test_a_list_keeps_what_could_not_be_read_under_the_pairs_name() -> None:
    told = CONTRACTS.coins(
        Rows([_report("1000SHIBUSDT")], {"1000MOGUSDT": "x", "1000SHIBUSDT": "y"})
    )
    assert isinstance(told, Rows)
    assert [report.symbol for report in told] == ["SHIBUSDT"]
    assert told.unread == {"1000MOGUSDT": "x", "SHIBUSDT": "y"}
