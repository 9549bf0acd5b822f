"""Whatever arrives gives a value or one named error: never a crash, never a wrong "accepted"."""

import random
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from tests.conformance.binance import samples
from tests.conformance.binance.cards import card
from trading_platform_order.domain.market import Book
from trading_platform_order.exchanges.binance.market import market_stream
from trading_platform_order.exchanges.binance.orders.algo import AlgoReport, accepted
from trading_platform_order.exchanges.binance.requests import parse
from trading_platform_order.exchanges.binance.requests.answers import Failure, decode, rows_of
from trading_platform_order.exchanges.binance.requests.errors import Kind, classify, read_error
from trading_platform_order.exchanges.binance.requests.wire import (
    AccountConfigWire,
    AccountWire,
    BalanceWire,
    BracketsWire,
    IncomeWire,
    OrderWire,
    PositionWire,
    SymbolConfigWire,
    TradeWire,
)
from trading_platform_order.exchanges.binance.streams import private_stream
from trading_platform_order.exchanges.port.stream_events import OrderUpdate
from trading_platform_order.exchanges.rows import OurSymbols
from trading_platform_order.transport.http import HttpResponse

SEED = 20_261_122
BRACKETS = [
    {
        "symbol": "BTCUSDT",
        "notionalCoef": 1.5,
        "brackets": [
            {
                "bracket": 1,
                "initialLeverage": 75,
                "notionalCap": 10000,
                "notionalFloor": 0,
                "maintMarginRatio": 0.0065,
                "cum": 0,
            }
        ],
    }
]
SYMBOL_SETTINGS = [{"symbol": "BTCUSDT", "marginType": "CROSSED", "leverage": 21}]
ACCOUNT_SETTINGS = {"canTrade": True, "dualSidePosition": True, "multiAssetsMargin": False}
INPUTS_EACH = 5_000
Check = Callable[[bytes], None]


def rest(shape: Any, make: Callable[[Any], object]) -> Check:  # noqa: ANN401 - a type form
    """Decode and translate as the adapter does."""

    def check(body: bytes) -> None:
        found = decode(body, shape)
        if isinstance(found, Failure):
            assert found.reason.startswith("unreadable")
            return
        try:
            made = make(found)
        except parse.Unreadable:
            return
        _finite(made)

    return check


def rest_rows(row: Any, make: Callable[[Any], object]) -> Check:  # noqa: ANN401 - a type form
    """The same of a list that is read row by row."""

    def check(body: bytes) -> None:
        found = rows_of(body, row, key="symbol")
        if isinstance(found, Failure):
            assert found.reason.startswith("unreadable")
            return
        try:
            made = make(found)
        except parse.Unreadable:
            return
        _finite(made)

    return check


def _finite(value: object) -> None:
    """No number that is none may come through."""
    for number in _numbers(value):
        assert number.is_finite(), value


def _numbers(value: object) -> list[Decimal]:
    if isinstance(value, Decimal):
        return [value]
    if isinstance(value, tuple | list):
        return [number for row in value for number in _numbers(row)]
    fields = getattr(value, "__dataclass_fields__", {})
    return [number for name in fields for number in _numbers(getattr(value, name))]


def private(body: bytes) -> None:
    events: list[object] = []
    reason = private_stream.deliver(body, events.append, events.append, OurSymbols())
    assert reason is None or isinstance(reason, str)
    for event in events:
        _finite(event.report if isinstance(event, OrderUpdate) else event)


def market(body: bytes) -> None:
    events: list[object] = []
    reason = market_stream.deliver(body, events.append)
    assert reason is None or not events
    for event in events:
        assert isinstance(event, Book)
        _finite((event.bids, event.asks))


def algo_answer(body: bytes) -> None:
    found = accepted(body, "tp-fuzz")
    if isinstance(found, AlgoReport):
        assert found.client_algo_id == "tp-fuzz"
        _finite(found)


def error_answer(body: bytes) -> None:
    for status in (400, 503):
        error = read_error(HttpResponse(status=status, body=body))
        kind = classify(error)
        if error.code != samples.ERROR["code"] and kind is Kind.REFUSED:
            # Refusal needs a code the table knows.
            assert error.code is not None
        assert status == 400 or kind is not Kind.REFUSED


CHECKS: dict[str, tuple[object, Check]] = {
    "order": (samples.ORDER, rest(OrderWire, parse.order_report)),
    "trades": (
        samples.TRADES,
        rest(list[TradeWire], lambda rows: [parse.fill(row, "x") for row in rows]),
    ),
    "balances": (
        samples.BALANCES,
        rest(list[BalanceWire], lambda rows: [parse.balance(row) for row in rows]),
    ),
    "positions": (
        samples.POSITIONS,
        rest_rows(PositionWire, lambda rows: parse.position("BTCUSDT", rows)),
    ),
    "account": (samples.ACCOUNT, rest(AccountWire, parse.margin_account)),
    "income": (
        samples.INCOME,
        rest(list[IncomeWire], lambda rows: [parse.funding_payment(row) for row in rows]),
    ),
    "order event": (samples.ORDER_EVENT, private),
    "account event": (samples.ACCOUNT_EVENT, private),
    "algo event": (samples.ALGO_EVENT, private),
    "algo answer": (samples.ALGO, algo_answer),
    "depth": (samples.DEPTH, market),
    "brackets": (BRACKETS, rest(list[BracketsWire], lambda rows: [row.symbol for row in rows])),
    "symbol settings": (
        SYMBOL_SETTINGS,
        rest(list[SymbolConfigWire], lambda rows: [row.leverage for row in rows]),
    ),
    "account settings": (ACCOUNT_SETTINGS, rest(AccountConfigWire, lambda _: None)),
    "error": (samples.ERROR, error_answer),
}


@card("B-015")
@pytest.mark.parametrize("name", CHECKS)
def test_spoiled_messages(name: str) -> None:
    rng = random.Random(f"{SEED} {name}")  # noqa: S311 - seeded on purpose, guards no secret
    sample, check = CHECKS[name]
    check(samples.noise(rng))
    for number in range(INPUTS_EACH):
        body = samples.spoiled(sample, rng)
        try:
            check(body)
        except Exception as error:
            error.add_note(f"seed {SEED}, {name}, input {number}: {body[:500]!r}")
            raise


def test_there_are_enough_of_them() -> None:
    assert len(CHECKS) * INPUTS_EACH >= 50_000
