"""What the exchanges watch in API traders: every figure inside its limit, at it and not known."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from trading_platform_order.observability.surveillance import (
    JUDGED_FROM_LIMITS,
    JUDGED_FROM_ORDERS,
    LimitOf,
    WatchedFigure,
    sent_orders,
    watched_figures,
)

NOW = datetime(2026, 11, 30, 9, 30, 30, tzinfo=UTC)
CONSUMED = "identifier consumed by the post-only order u-1, created and seen ended (cancel)"
NAMES = [
    ("binance", "unfilled"),
    ("binance", "ioc_expired"),
    ("binance", "quick_cancels"),
    ("binance", "dust"),
    ("binance", "volume_share"),
    ("upbit", "minute_orders"),
    ("upbit", "cancels"),
    ("upbit", "non_marketable"),
    ("upbit", "volume_share"),
    ("upbit", "proof_orders_day"),
]


def row(venue: str = "binance", *, ago_s: Any = 60, lived_s: Any = 1, **more: Any) -> Any:  # noqa: ANN401 - any column
    created_at = NOW - timedelta(seconds=ago_s)
    return {
        "exchange": venue,
        "symbol": "BTCUSDT" if venue == "binance" else "BTC-KRW",
        "quantity": "1",
        "executed_quantity": "1",
        "price": None,
        "time_in_force": None,
        "status": "FILLED",
        "detail": "",
        "created_at": created_at.isoformat(),
        "updated_at_us": int((created_at.timestamp() + lived_s) * 1_000_000),
        **more,
    }


def figures(
    rows: list[Any],
    *,
    traded: dict[tuple[str, str], Decimal] | None = None,
    volumes: dict[tuple[str, str], Decimal | None] | None = None,
    price: str | None = "100000",
) -> dict[tuple[str, str], WatchedFigure]:
    found = watched_figures(
        sent_orders(rows),
        now=NOW,
        traded=traded or {},
        volumes=volumes or {},
        prices_usdt={} if price is None else {"BTCUSDT": Decimal(price)},
    )
    return {(one.venue, one.name): one for one in found}


def test_nothing_sent_is_known_to_be_nothing() -> None:
    found = figures([])
    assert list(found) == NAMES
    assert {(one.now, one.symbol, one.unknown) for one in found.values()} == {(Decimal(0), "", "")}


def test_what_is_older_than_ten_minutes_does_not_count() -> None:
    old = row(ago_s=600, executed_quantity="0", status="CANCELLED")
    assert figures([old])["binance", "unfilled"].orders == 0
    young = {**old, "created_at": (NOW - timedelta(seconds=599)).isoformat()}
    assert figures([young])["binance", "unfilled"].now == 1


def test_unfilled_is_a_part_of_the_quantity_and_open_orders_count_as_unfilled() -> None:
    rows = [
        row(),
        row(quantity="3", executed_quantity="0", status="UNKNOWN"),
        row(quantity="100", executed_quantity="0", status="REFUSED"),
        row(quantity="100", executed_quantity="0", status="ABSENT"),
    ]
    found = figures(rows)["binance", "unfilled"]
    assert (found.now, found.orders, found.symbol) == (Decimal("0.75"), 2, "BTCUSDT")
    assert found.limit_of is LimitOf.EXCHANGE
    assert not found.is_judged


@pytest.mark.parametrize(("orders", "is_judged"), [(299, False), (300, True)])
def test_binance_judges_from_so_many_orders_on(orders: int, is_judged: bool) -> None:
    assert JUDGED_FROM_ORDERS == 300
    rows = [row(executed_quantity="0", status="CANCELLED")] * orders
    found = figures(rows)["binance", "unfilled"]
    assert (found.now, found.is_judged) == (Decimal(1), is_judged)
    assert (found.part > 1) is is_judged


def test_expired_and_quickly_cancelled_limits() -> None:
    ioc = {"time_in_force": "IOC", "price": "100000"}
    gtc = {"time_in_force": "GTC", "price": "100000"}
    ended = {"status": "CANCELLED", "executed_quantity": "0.5"}
    rows = [
        *(row(**ioc), row(**ioc, **ended), row(**{**ioc, "time_in_force": "FOK"}, **ended)),
        row(**gtc, **ended, lived_s=4.9),
        row(**gtc, **ended, lived_s=5.0),
        row(**gtc, lived_s=1),
        row(**gtc, status="WORKING"),
        row(**ended),
    ]
    found = figures(rows)
    assert found["binance", "ioc_expired"].now == Decimal(2) / 3
    assert found["binance", "quick_cancels"].now == Decimal("0.25")
    judged_from = {found["binance", name].judged_from for name in ("ioc_expired", "quick_cancels")}
    assert judged_from == {JUDGED_FROM_LIMITS}


def test_dust_is_valued_by_its_price_or_the_market_s() -> None:
    rows = [
        row(quantity="0.0004"),
        row(quantity="0.0005"),
        row(quantity="0.001", price="49000", time_in_force="IOC"),
        row(quantity="0.001", price="50000", time_in_force="IOC"),
    ]
    assert figures(rows)["binance", "dust"].now == Decimal("0.5")
    found = figures(rows, price=None)["binance", "dust"]
    assert (found.now, found.unknown) == (None, "no_price")


def test_the_symbol_nearest_to_its_limit_is_told() -> None:
    rows = [row("upbit")] * 9 + [row("upbit", symbol="ETH-KRW")] * 10
    rows += [row("upbit", symbol="XRP-KRW", time_in_force="GTC", status="CANCELLED")]
    rows[-2] = row("upbit", symbol="ETH-KRW", time_in_force="GTC", price="1", status="CANCELLED")
    found = figures(rows)
    # XRP's is all of its one order, which is too few to say anything.
    assert (found["upbit", "cancels"].symbol, found["upbit", "cancels"].now) == (
        "ETH-KRW",
        Decimal("0.1"),
    )
    assert found["upbit", "minute_orders"].symbol == "ETH-KRW"


def test_orders_are_counted_by_the_minute() -> None:
    rows = [row("upbit", ago_s=seconds) for seconds in (10, 29, 31, 40, 89, 91)]
    assert figures(rows)["upbit", "minute_orders"].now == 3


def test_proof_orders_are_cancelled_do_not_match_and_count_for_a_day() -> None:
    proof = {"status": "ABSENT", "executed_quantity": "0", "detail": CONSUMED}
    rows = [
        *([row("upbit")] * 8),
        row("upbit", **proof),
        row("upbit", **{**proof, "detail": "3 reads, position explained"}),
        row("upbit", ago_s=86_399, **proof),
        row("upbit", ago_s=86_400, **proof),
        row("upbit", time_in_force="POST_ONLY", price="1", status="WORKING"),
    ]
    found = figures(rows)
    assert found["upbit", "proof_orders_day"].now == 2
    assert found["upbit", "cancels"].now == Decimal("0.1")
    assert found["upbit", "non_marketable"].now == Decimal("0.2")
    assert found["upbit", "cancels"].is_judged


BTC, ETH = ("upbit", "BTC-KRW"), ("upbit", "ETH-KRW")


@pytest.mark.parametrize(
    ("volumes", "now", "symbol"),
    [
        ({BTC: Decimal(50), ETH: Decimal(40)}, Decimal("0.1"), "ETH-KRW"),
        ({BTC: Decimal(50), ETH: None}, None, "ETH-KRW"),
        ({BTC: Decimal(50)}, None, "ETH-KRW"),
        ({BTC: Decimal(50), ETH: Decimal(0)}, None, "ETH-KRW"),
        ({BTC: Decimal(10), ETH: None}, Decimal("0.2"), "BTC-KRW"),
        ({BTC: Decimal(1), ETH: Decimal(40)}, Decimal(1), "BTC-KRW"),
    ],
)
def test_own_share_of_the_volume(
    volumes: dict[tuple[str, str], Decimal | None], now: Decimal | None, symbol: str
) -> None:
    traded = {BTC: Decimal(2), ETH: Decimal(4), ("binance", "BTCUSDT"): Decimal(0)}
    found = figures([], traded=traded, volumes=volumes)
    share = found["upbit", "volume_share"]
    assert (share.now, share.symbol) == (now, symbol)
    assert share.unknown == ("no_volume" if now is None else "")
    assert found["binance", "volume_share"].now == 0
