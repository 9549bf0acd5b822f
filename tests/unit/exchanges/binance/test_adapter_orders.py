"""Sending, finding and cancelling orders on Binance."""

import hashlib
import hmac
from datetime import timedelta
from decimal import Decimal

import pytest

from tests.unit.exchanges.binance.fakes import CLIENT_ID, START, Rig, error, ok, trade
from trading_platform_order.domain.hindrances.hindrance import Hindrance
from trading_platform_order.domain.order import OrderSide, OrderType, Purpose
from trading_platform_order.domain.outcome import (
    Accepted,
    AlreadyGone,
    CancelRequested,
    NotFound,
    ReadFailed,
    Refused,
    Unknown,
)
from trading_platform_order.domain.venue import Venue
from trading_platform_order.exchanges.binance.requests.signing import Signer
from trading_platform_order.exchanges.config import Credentials
from trading_platform_order.transport.clock import SystemClock, epoch_ms
from trading_platform_order.transport.http import HttpResult, MaybeSent, NotSent

POST = "POST /fapi/v1/order"
GET = "GET /fapi/v1/order"
DELETE = "DELETE /fapi/v1/order"
TRADES = "GET /fapi/v1/userTrades"


def placed(**changes: object) -> dict[str, object]:
    """The answer to POST since 2026-07: no price, no fee."""
    fields: dict[str, object] = {
        "clientOrderId": CLIENT_ID,
        "cumQty": "0.002",
        "executedQty": "0.002",
        "orderId": 22542179,
        "origQty": "0.002",
        "price": "0",
        "reduceOnly": False,
        "side": "SELL",
        "positionSide": "BOTH",
        "status": "FILLED",
        "symbol": "BTCUSDT",
        "timeInForce": "GTC",
        "type": "MARKET",
        "origType": "MARKET",
        "updateTime": 1566818724722,
    }
    return fields | changes


def test_documented_signature() -> None:
    signer = Signer(
        credentials=Credentials(
            key="k", secret="2b5eb11e18796d12d88f13dc27dbbd02c2cc51ff7059765ed9821957d82bb4d9"
        ),
        clock=SystemClock(),
        recv_window_ms=5000,
    )
    params = (
        ("symbol", "BTCUSDT"),
        ("side", "BUY"),
        ("type", "LIMIT"),
        ("quantity", "1"),
        ("price", "9000"),
        ("timeInForce", "GTC"),
    )
    text = signer.sign(params, timestamp_ms=1591702613943)
    assert text.endswith(
        "&recvWindow=5000&timestamp=1591702613943&signature="
        "3c661234138461fcc7a7d8746c6558c9842d4e10870d2ecbedf7777cad694af9"
    )


def test_values_are_percent_encoded_before_signing() -> None:
    signer = Signer(
        credentials=Credentials(key="k", secret="s"), clock=SystemClock(), recv_window_ms=1
    )
    text, _, mark = signer.sign((("symbol", "币/安"),), timestamp_ms=1).rpartition("&signature=")
    assert text.startswith("symbol=%E5%B8%81/%E5%AE%89&") or "%2F" in text
    assert mark == hmac.new(b"s", text.encode(), hashlib.sha256).hexdigest()


async def test_market_order_leaves_before_anything_is_awaited() -> None:
    rig = Rig()
    rig.http.on(POST, ok(placed(), x_mbx_order_count_10s="3"))
    waiting = rig.exchange.send(rig.order())
    (sent,) = rig.http.seen
    assert sent.headers == {"X-MBX-APIKEY": "the-key"}
    assert list(sent.params) == [
        "symbol",
        "side",
        "type",
        "quantity",
        "newClientOrderId",
        "newOrderRespType",
        "recvWindow",
        "timestamp",
        "signature",
    ]
    assert sent.params["newClientOrderId"] == CLIENT_ID
    assert sent.params["quantity"] == "0.002"
    assert START + timedelta(milliseconds=int(sent.params["timestamp"]) - epoch_ms(START)) >= START
    outcome = await waiting
    assert isinstance(outcome, Accepted)
    assert outcome.report.executed_quantity == Decimal("0.002")
    assert outcome.report.fills == ()
    assert not outcome.report.is_open
    assert rig.limiter.taken == [("orders", 1, False)]
    assert rig.limiter.used == [("orders", 3)]


async def test_limit_and_reduce_only_parameters() -> None:
    rig = Rig()
    rig.http.on(POST, ok(placed(status="EXPIRED", executedQty="0")))
    await rig.exchange.send(rig.limit_order())
    await rig.exchange.send(rig.order(reduce_only=True, purpose=Purpose.UNWIND))
    limit, reduce = (seen.params for seen in rig.http.seen)
    assert (limit["type"], limit["price"], limit["timeInForce"]) == ("LIMIT", "107000.1", "IOC")
    assert "reduceOnly" not in limit
    assert reduce["reduceOnly"] == "true"
    assert rig.limiter.taken[-1] == ("orders", 1, True)


async def test_order_of_another_exchange_is_a_mistake_of_the_caller() -> None:
    rig = Rig()
    with pytest.raises(ValueError, match="not a Binance order"):
        await rig.exchange.send(rig.order(exchange=Venue.UPBIT))
    assert rig.http.seen == []


async def test_without_budget_nothing_leaves() -> None:
    rig = Rig()
    rig.limiter.wait_s = 1.5
    outcome = await rig.exchange.send(rig.order())
    assert outcome == Refused(
        code="not_sent",
        message="no order budget left",
        retryable=True,
        retry_after_s=1.5,
        hindrance=Hindrance.BANNED,
    )
    assert rig.http.seen == []


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (NotSent(reason="refused"), "retryable"),
        (MaybeSent(reason="time-out"), "unknown"),
        (ok({"code": 200}), "unknown"),
        (ok(placed(executedQty="NaN")), "unknown"),
        (ok(placed(side="SIDEWAYS")), "unknown"),
        (ok(placed(clientOrderId="another")), "unknown"),
        (ok("nonsense"), "unknown"),
        (error(-2019), "refused"),
        (error(-2022), "refused"),
        (error(-1111), "refused"),
        (error(-4164), "refused"),
        (error(-1000), "unknown"),
        (error(-1001, status=503), "unknown"),
        (error(-1006), "unknown"),
        (error(-1007, status=408), "unknown"),
        (error(None, status=408), "unknown"),
        (error(None, status=500), "unknown"),
        (error(None, status=502, message="<html>"), "unknown"),
        (error(None, status=504), "unknown"),
        (error(-2019, status=500), "unknown"),
        (error(-9999), "unknown"),
        (error(None, status=400), "unknown"),
        (error(-4116), "unknown"),
        (error(None, status=503, message="Service Unavailable."), "retryable"),
        (error(0, status=503, message="Service Unavailable."), "retryable"),
        (
            error(
                0,
                status=503,
                message="Unknown error, please check your request or try again later.",
            ),
            "unknown",
        ),
        (error(-1008, status=503), "retryable"),
        (error(-1003, status=429), "retryable"),
        (error(None, status=418), "retryable"),
        (error(-1015), "retryable"),
        (error(-1021), "retryable"),
        (error(-5028), "retryable"),
        (error(-2015, status=401), "refused"),
        (error(-1022), "refused"),
        (error(None, status=403, message="<html>"), "refused"),
    ],
)
async def test_what_an_answer_means_for_an_order(answer: HttpResult, kind: str) -> None:
    rig = Rig()
    rig.http.on(POST, answer)
    outcome = await rig.exchange.send(rig.order())
    if kind == "unknown":
        assert isinstance(outcome, Unknown)
    else:
        assert isinstance(outcome, Refused)
        assert outcome.retryable is (kind == "retryable")
    assert len(rig.http.calls(POST)) == 1
    assert "the-secret" not in repr(outcome)
    assert "signature" not in repr(outcome)


async def test_refusal_names_the_code() -> None:
    rig = Rig()
    rig.http.on(POST, error(-2022, message="ReduceOnly Order is rejected."))
    outcome = await rig.exchange.send(rig.order(reduce_only=True))
    assert isinstance(outcome, Refused)
    assert outcome.code == "reduce_only_rejected"
    assert "ReduceOnly" in outcome.message


@pytest.mark.parametrize(
    ("answer", "blocked"),
    [
        (error(-1003, status=429, retry_after="7"), (None, 7.0)),
        (error(-1003, status=429), (None, 60.0)),
        (error(None, status=418), (None, 120.0)),
        (error(-1015), ("orders", 10.0)),
    ],
)
async def test_limits_block_the_budget(
    answer: HttpResult, blocked: tuple[str | None, float]
) -> None:
    rig = Rig()
    rig.http.on(POST, answer)
    outcome = await rig.exchange.send(rig.order())
    assert isinstance(outcome, Refused)
    assert outcome.retry_after_s == blocked[1]
    assert rig.limiter.blocked == [blocked]


async def test_clock_skew_is_measured_and_the_next_order_corrected() -> None:
    rig = Rig()
    rig.http.server_shift = timedelta(seconds=100)
    rig.http.on(POST, error(-1021), ok(placed()))
    await rig.exchange.send(rig.order())
    await rig.exchange.send(rig.order())
    stamps = [int(seen.params["timestamp"]) for seen in rig.http.calls(POST)]
    assert 99_000 < stamps[1] - stamps[0] < 101_000


async def test_look_up_brings_all_fills_with_their_fees() -> None:
    rig = Rig()
    rig.http.on(GET, ok(rig.found(status="FILLED", executedQty="0.002")))
    rows = [trade(id=1, qty="0.0015", commission="0.06"), trade(id=2, qty="0.0005")]
    rig.http.on(TRADES, ok(rows))
    outcome = await rig.exchange.look_up(rig.order())
    assert isinstance(outcome, Accepted)
    report = outcome.report
    assert [fill.trade_id for fill in report.fills] == ["1", "2"]
    assert report.fills[0].fee == Decimal("0.06")
    assert report.fills[0].client_order_id == CLIENT_ID
    assert report.type is OrderType.MARKET
    assert report.side is OrderSide.SELL
    assert report.price is None
    (asked,) = rig.http.calls(TRADES)
    assert asked.params["orderId"] == "25851813"


async def test_an_order_of_over_a_thousand_trades_is_read_to_its_end() -> None:
    rig = Rig()
    rig.http.on(GET, ok(rig.found(status="FILLED", origQty="1.201", executedQty="1.201")))
    first = [trade(id=number, qty="0.001") for number in range(1, 1_001)]
    others = [trade(id=number, qty="0.001", orderId=77) for number in range(1_001, 1_501)]
    rest = [trade(id=number, qty="0.001") for number in range(1_501, 1_702)]
    rig.http.on(TRADES, ok(first), ok([*others, *rest]))
    outcome = await rig.exchange.look_up(rig.order(quantity=Decimal("1.201")))
    assert isinstance(outcome, Accepted), outcome
    ids = [int(fill.trade_id) for fill in outcome.report.fills]
    assert ids == [*range(1, 1_001), *range(1_501, 1_702)]
    by_order, by_id = rig.http.calls(TRADES)
    assert by_order.params["orderId"] == "25851813"
    assert by_id.params["fromId"] == "1001"
    assert not {"orderId", "startTime", "endTime"} & by_id.params.keys()


async def test_look_up_waits_a_moment_for_lagging_trades() -> None:
    rig = Rig()
    rig.http.on(GET, ok(rig.found(status="FILLED", executedQty="0.002")))
    rig.http.on(TRADES, ok([]), ok([trade()]))
    assert isinstance(await rig.exchange.look_up(rig.order()), Accepted)


async def test_look_up_without_fills_asks_for_no_trades() -> None:
    rig = Rig()
    rig.http.on(GET, ok(rig.found()))
    outcome = await rig.exchange.look_up(rig.order())
    assert isinstance(outcome, Accepted)
    assert outcome.report.is_open
    assert rig.http.calls(TRADES) == []


async def test_look_up_of_a_missing_order_tells_the_servers_time() -> None:
    rig = Rig()
    rig.http.on(GET, error(-2013, date="Sun, 22 Nov 2026 00:00:05 GMT"))
    outcome = await rig.exchange.look_up(rig.order())
    assert outcome == NotFound(server_time=START + timedelta(seconds=5))


@pytest.mark.parametrize(
    "changes",
    [
        {"side": "BUY"},
        {"symbol": "ETHUSDT"},
        {"origQty": "0.003"},
        {"type": "LIMIT", "price": "1"},
        {"time": epoch_ms(START) - 3_600_000},
    ],
)
async def test_an_order_that_does_not_fit_is_a_collision(changes: dict[str, object]) -> None:
    rig = Rig()
    rig.http.on(GET, ok(rig.found(**changes)))
    outcome = await rig.exchange.look_up(rig.order())
    assert isinstance(outcome, ReadFailed)
    assert outcome.reason.startswith("collision")


async def test_a_calendar_ahead_of_the_exchange_makes_no_collision() -> None:
    rig = Rig()
    rig.http.server_shift = timedelta(seconds=-30)
    rig.http.on(POST, error(-1021))
    await rig.exchange.send(rig.order())
    rig.http.on(GET, ok(rig.found()))
    assert isinstance(await rig.exchange.look_up(rig.order()), Accepted)


@pytest.mark.parametrize(
    "answer", [MaybeSent(reason="time-out"), error(None, status=502), ok([]), error(-2015)]
)
async def test_failed_look_up_says_nothing_of_the_order(answer: HttpResult) -> None:
    rig = Rig()
    rig.http.on(GET, answer)
    assert isinstance(await rig.exchange.look_up(rig.order()), ReadFailed)
    assert len(rig.http.calls(GET)) == 1


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (ok(placed(status="CANCELED")), CancelRequested),
        (error(-2011, message="Unknown order sent."), AlreadyGone),
        (MaybeSent(reason="time-out"), Unknown),
        (NotSent(reason="refused"), Refused),
        (error(None, status=503), Unknown),
        (error(-1003, status=429), Refused),
    ],
)
async def test_cancel(answer: HttpResult, outcome: type[object]) -> None:
    rig = Rig()
    rig.http.on(DELETE, answer)
    assert isinstance(await rig.exchange.cancel(rig.order()), outcome)
    assert rig.limiter.taken[0] == ("weight", 1, True)


async def test_open_orders_of_anyone() -> None:
    rig = Rig()
    foreign = rig.found(clientOrderId="web_1", type="LIMIT", price="9.5", status="PARTIALLY_FILLED")
    rig.http.on("GET /fapi/v1/openOrders", ok([rig.found(), foreign]))
    found = await rig.exchange.open_orders("BTCUSDT")
    assert not isinstance(found, ReadFailed)
    assert [report.client_order_id for report in found] == [CLIENT_ID, "web_1"]
    assert found[1].price == Decimal("9.5")
    assert all(report.is_open for report in found)


@pytest.mark.parametrize("quantity", ["sNaN", "NaN", "Infinity", "1E+999999999"])
async def test_trades_with_absurd_quantities_are_unreadable_and_raise_nothing(
    quantity: str,
) -> None:
    rig = Rig()
    rig.http.on(GET, ok(rig.found(status="FILLED", executedQty="0.002")))
    rig.http.on(TRADES, ok([trade(qty=quantity)]))
    seen = await rig.exchange.look_up(rig.order())
    assert isinstance(seen, ReadFailed)
    assert len(seen.reason) < 200
