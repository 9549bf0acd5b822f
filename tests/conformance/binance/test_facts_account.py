"""Margin, brackets, liquidation, funding, hedge mode and isolated margin."""

import asyncio
from datetime import timedelta
from decimal import Decimal

from tests.conformance.binance.bench import Bench, S, in_virtual_time, on_bench, until
from tests.conformance.binance.cards import card
from trading_platform_order.domain.outcome import ReadFailed, Refused
from trading_platform_order.exchanges.port.stream_events import (
    FundingSettled,
    OrderUpdate,
    PrivateEvent,
    StreamUp,
)

MODE = "/fapi/v1/positionSide/dual"
LEVERAGE = "/fapi/v1/leverage"
MARGIN_TYPE = "/fapi/v1/marginType"


@card("B-044")
@in_virtual_time
async def test_in_hedge_mode_both_sides_live_and_we_do_not_trade(bench: Bench) -> None:
    assert (await bench.ask("POST", MODE, dualSidePosition="true")).body["msg"] == "success"
    assert (await bench.ask("GET", MODE)).body == {"dualSidePosition": True}
    assert (await bench.order()).code == -4061
    assert (await bench.order(positionSide="SHORT", reduceOnly="true")).code == -4062
    await bench.order("BUY", positionSide="LONG")
    await bench.order("SELL", "0.02", positionSide="SHORT")
    rows = (await bench.ask("GET", "/fapi/v3/positionRisk", symbol=S)).body
    held = {row["positionSide"]: row["positionAmt"] for row in rows}
    assert held == {"LONG": "0.01", "SHORT": "-0.02"}
    assert (await bench.order("BUY", "0.03", positionSide="SHORT")).code == -2022
    assert (await bench.order("BUY", "0.02", positionSide="SHORT")).status == 200
    refused = await bench.exchange.send(bench.ours("tp-1"))
    assert isinstance(refused, Refused)
    assert refused.code == "binance:-4061"
    problem = await bench.exchange.prepare((S,), leverage=2)
    assert isinstance(problem, ReadFailed)
    assert "one-way mode" in problem.reason
    findings = await bench.exchange.inspect((S,), leverage=2)
    assert any("hedge mode" in row.text and "one-way" in row.remedy for row in findings)


@card("B-045")
@in_virtual_time
async def test_the_position_mode_stands_while_anything_is_open(bench: Bench) -> None:
    assert (await bench.ask("POST", MODE, dualSidePosition="false")).code == -4059
    resting = await bench.order("BUY", price="99000")
    assert (await bench.ask("POST", MODE, dualSidePosition="true")).code == -4067
    await bench.ask("DELETE", "/fapi/v1/order", symbol=S, orderId=resting.body["orderId"])
    await bench.order()
    assert (await bench.ask("POST", MODE, dualSidePosition="true")).code == -4068


@card("B-046")
@in_virtual_time
async def test_margin_follows_the_leverage_which_is_twenty_until_it_is_set(bench: Bench) -> None:
    (row,) = (await bench.ask("GET", "/fapi/v1/symbolConfig", symbol=S)).body
    assert (row["leverage"], row["marginType"]) == (20, "CROSSED")
    await bench.order("SELL", "1")
    assert (await bench.position())["positionInitialMargin"] == "5000"
    account = (await bench.ask("GET", "/fapi/v3/account")).body
    assert Decimal(account["availableBalance"]) < 65_000
    told = await bench.ask("POST", LEVERAGE, symbol=S, leverage=2)
    assert told.body["leverage"] == 2
    assert (await bench.position())["positionInitialMargin"] == "50000"
    assert (await bench.order("SELL", "1")).code == -2019
    refused = await bench.exchange.send(bench.ours("tp-1", quantity=Decimal(1)))
    assert isinstance(refused, Refused)
    assert refused.code == "binance:-2019"


@card("B-047")
@on_bench(usdt="100000000")
async def test_brackets_bound_leverage_and_set_the_maintenance_margin(bench: Bench) -> None:
    found = await bench.exchange.settings.brackets(S)
    assert not isinstance(found, ReadFailed)
    assert [row.initial_leverage for row in found[:3]] == [125, 100, 75]
    assert (await bench.ask("POST", LEVERAGE, symbol=S, leverage=126)).code == -4028
    told = await bench.ask("POST", LEVERAGE, symbol=S, leverage=125)
    assert told.body["maxNotionalValue"] == "300000"
    assert (await bench.order("SELL", "4")).code == -2027
    await bench.ask("POST", LEVERAGE, symbol=S, leverage=20)
    await bench.order("SELL", "10")
    notional = Decimal((await bench.position())["notional"]).copy_abs()
    row = next(row for row in found if row.notional_cap >= notional)
    margin = Decimal((await bench.position())["maintMargin"])
    assert margin == notional * row.maint_margin_ratio - row.cum
    assert (await bench.ask("POST", LEVERAGE, symbol=S, leverage=125)).code == -2027


@card("B-048")
@on_bench(usdt="6000")
async def test_a_crossed_account_is_liquidated_as_a_whole(bench: Bench) -> None:
    events: list[PrivateEvent] = []
    ear = await bench.private()
    stream = asyncio.ensure_future(bench.exchange.run_private_stream(events.append))
    await until(lambda: any(isinstance(event, StreamUp) for event in events))
    await bench.order("SELL", "0.5")
    await bench.order("BUY", "0.001", price="60000", newClientOrderId="tp-rest")
    price = Decimal((await bench.position())["liquidationPrice"])
    assert 110_000 < price < 113_000
    bench.tick("111000")
    assert await bench.position() is not None
    bench.tick("113000")
    assert await bench.position() is None
    told = [event["o"] for event in await ear.listen_on() if "o" in event]
    assert next(o for o in told if o["c"] == "tp-rest" and o["X"] == "EXPIRED")["er"] == "5"
    closing = [o for o in told if o["c"].startswith("autoclose-") and o["x"] == "CALCULATED"]
    assert [o["X"] for o in closing] == ["FILLED"]
    heard = [e.report for e in events if isinstance(e, OrderUpdate)]
    assert any(row.client_order_id.startswith("autoclose-") and row.fills for row in heard)
    stream.cancel()


@card("B-049")
@in_virtual_time
async def test_a_position_can_be_closed_for_someone_else(bench: Bench) -> None:
    events: list[PrivateEvent] = []
    stream = asyncio.ensure_future(bench.exchange.run_private_stream(events.append))
    await until(lambda: any(isinstance(event, StreamUp) for event in events))
    await bench.order("SELL", "0.1")
    bench.venue.deleverage(S)
    assert await bench.position() is None
    await until(
        lambda: any(
            isinstance(event, OrderUpdate)
            and event.report.client_order_id == "adl_autoclose"
            and event.report.executed_quantity == Decimal("0.1")
            for event in events
        )
    )
    stream.cancel()


@card("B-050")
@in_virtual_time
async def test_funding_is_paid_every_eight_hours_on_the_value_at_the_mark(bench: Bench) -> None:
    events: list[PrivateEvent] = []
    ear = await bench.private()
    stream = asyncio.ensure_future(bench.exchange.run_private_stream(events.append))
    await until(lambda: any(isinstance(event, StreamUp) for event in events))
    since = bench.clock.now()
    await bench.order("SELL", "1")
    bench.clock.set(since + timedelta(hours=8))
    bench.tick("100000")
    (event,) = [e for e in await ear.listen_on() if e.get("a", {}).get("m") == "FUNDING_FEE"]
    assert (event["a"]["S"], event["a"]["P"]) == (S, [])
    assert event["a"]["B"][0]["bc"] == "10"  # a positive rate is received by the short
    await until(lambda: any(isinstance(event, FundingSettled) for event in events))
    paid = await bench.exchange.funding(since)
    assert not isinstance(paid, ReadFailed)
    assert [row.amount_usdt for row in paid] == [Decimal(10)]
    stream.cancel()


@card("B-051")
@in_virtual_time
async def test_an_isolated_position_stands_on_its_own_money(bench: Bench) -> None:
    ear = await bench.private()
    await bench.ask("POST", MARGIN_TYPE, symbol=S, marginType="ISOLATED")
    await bench.order("SELL", "1")
    row = await bench.position()
    own = Decimal(row["isolatedWallet"])
    assert own == Decimal(row["entryPrice"]) / 20
    (told,) = [e["a"] for e in await ear.listen_on() if e["e"] == "ACCOUNT_UPDATE"][-1:]
    assert (told["P"][0]["mt"], Decimal(told["P"][0]["iw"])) == ("isolated", own)
    assert Decimal(told["B"][0]["wb"]) - Decimal(told["B"][0]["cw"]) == own
    assert (await bench.ask("POST", LEVERAGE, symbol=S, leverage=2)).code == -4161
    assert Decimal(row["liquidationPrice"]) < 105_000
    bench.tick("105000")
    assert await bench.position() is None
    account = (await bench.ask("GET", "/fapi/v3/account")).body
    assert Decimal(account["totalWalletBalance"]) > 64_000
    assert account["totalCrossWalletBalance"] == account["totalWalletBalance"]


@card("B-052")
@in_virtual_time
async def test_isolated_margin_is_found_by_the_doctor_and_mended_at_the_start(
    bench: Bench,
) -> None:
    await bench.ask("POST", MARGIN_TYPE, symbol=S, marginType="ISOLATED")
    findings = await bench.exchange.inspect((S,), leverage=2)
    assert any("ISOLATED" in row.text and "cross margin" in row.remedy for row in findings)
    resting = await bench.order("BUY", price="99000")
    problem = await bench.exchange.prepare((S,), leverage=2)
    assert isinstance(problem, ReadFailed)
    assert "-4047" in problem.reason
    assert "close the orders" in problem.reason
    await bench.ask("DELETE", "/fapi/v1/order", symbol=S, orderId=resting.body["orderId"])
    assert await bench.exchange.prepare((S,), leverage=2) is None
    (row,) = (await bench.ask("GET", "/fapi/v1/symbolConfig", symbol=S)).body
    assert (row["marginType"], row["leverage"]) == ("CROSSED", 2)


@card("B-053")
@in_virtual_time
async def test_margin_type_and_multi_assets_exclude_each_other(bench: Bench) -> None:
    path = "/fapi/v1/multiAssetsMargin"
    assert (await bench.ask("POST", path, multiAssetsMargin="false")).code == -4171
    await bench.ask("POST", path, multiAssetsMargin="true")
    told = await bench.ask("POST", MARGIN_TYPE, symbol=S, marginType="ISOLATED")
    assert told.code == -4168
    assert (await bench.ask("GET", "/fapi/v1/accountConfig")).body["multiAssetsMargin"] is True


@card("B-054")
@in_virtual_time
async def test_positions_are_told_only_where_there_is_one_and_shorts_are_negative(
    bench: Bench,
) -> None:
    assert (await bench.ask("GET", "/fapi/v3/positionRisk", symbol=S)).body == []
    flat = await bench.exchange.position(S)
    assert not isinstance(flat, ReadFailed)
    assert flat.quantity == 0
    await bench.order("SELL", "0.5")
    assert {"leverage", "marginType"}.isdisjoint(await bench.position())
    short = await bench.exchange.position(S)
    assert not isinstance(short, ReadFailed)
    assert short.quantity == Decimal("-0.5")


@card("B-080")
@in_virtual_time
async def test_income_tells_transfers_apart_from_funding(bench: Bench) -> None:
    since = bench.clock.now()
    bench.venue.transfer(Decimal(-250))
    bench.venue.transfer(Decimal(100))
    moved = await bench.exchange.transfers("USDT", since)
    assert not isinstance(moved, ReadFailed)
    assert [(row.asset, row.amount) for row in moved] == [
        ("USDT", Decimal(-250)),
        ("USDT", Decimal(100)),
    ]
    assert await bench.exchange.funding(since) == ()
