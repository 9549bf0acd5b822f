"""Clock, signature, limits and the answers that leave an order's fate open."""

import pytest

from tests.conformance.binance.bench import KEYS, Bench, S, in_virtual_time, on_bench
from tests.conformance.binance.cards import card
from trading_platform_order.domain.order import OrderSide, Purpose
from trading_platform_order.domain.outcome import Accepted, ReadFailed, Refused, Unknown

BALANCE = "/fapi/v3/balance"
UNKNOWN_503 = (
    '{"kind":"http_status","status":503,"match":{"is_order":true},'
    '"body":"{\\"msg\\":\\"Unknown error, please check your request or try again later.\\"}"}'
)
SURE_503 = (
    '{"kind":"http_status","status":503,"match":{"is_order":true},'
    '"body":"{\\"msg\\":\\"Service Unavailable.\\"}"}'
)


@card("B-055")
@pytest.mark.parametrize(
    ("late_ms", "window", "code"),
    [(-999, 5_000, 0), (-1_000, 5_000, -1021), (2_000, 2_000, 0), (2_001, 2_000, -1021)],
)
@in_virtual_time
async def test_a_timestamp_may_be_a_second_ahead_and_a_window_late(
    bench: Bench, late_ms: int, window: int, code: int
) -> None:
    told = await bench.ask("GET", BALANCE, late_ms=late_ms, recvWindow=window)
    assert told.code == code


@in_virtual_time
async def test_a_window_is_a_minute_at_most(bench: Bench) -> None:
    assert (await bench.ask("GET", BALANCE, recvWindow=60_001)).code == -1131


@card("B-056")
@pytest.mark.parametrize("code", [-1021, -5028])
@in_virtual_time
async def test_a_refusal_of_the_clock_is_no_acceptance_and_measures_it_anew(
    bench: Bench, code: int
) -> None:
    bench.venue.refuse_next_order(str(code))
    refused = await bench.exchange.send(bench.ours("tp-1"))
    assert isinstance(refused, Refused)
    assert (refused.code, refused.retryable) == (f"binance:{code}", True)
    assert any("/fapi/v1/time" in row.target for row in bench.gateway.requests)
    assert await bench.position() is None


@card("B-057")
@in_virtual_time
async def test_keys_and_signatures_are_judged_apart(bench: Bench) -> None:
    assert (await bench.ask("GET", BALANCE, key="")).code == -2014
    assert (await bench.ask("GET", BALANCE, key="x" * 64)).code == -2015
    assert (await bench.ask("GET", BALANCE, secret="x")).code == -1022
    told = await bench.ask("GET", BALANCE, key=KEYS.binance_api_key)
    assert told.status == 200


@card("B-058")
@on_bench(limits=True)
async def test_answers_count_weight_and_accepted_orders(bench: Bench) -> None:
    told = await bench.ask("GET", BALANCE)
    assert told.headers["x-mbx-used-weight-1m"] == "5"
    assert "x-mbx-order-count-10s" not in told.headers
    told = await bench.order()
    assert told.headers["x-mbx-used-weight-1m"] == "5"  # an order weighs nothing
    counts = [told.headers[f"x-mbx-order-count-{name}"] for name in ("10s", "1m")]
    assert counts == ["1", "1"]


@card("B-059")
@on_bench(limits=True)
async def test_too_much_weight_is_429_and_insisting_a_ban(bench: Bench) -> None:
    while (told := await bench.ask("GET", "/fapi/v1/income")).status == 200:
        assert int(told.headers["x-mbx-used-weight-1m"]) <= 2_400
    assert (told.status, told.code) == (429, -1003)
    assert 0 < int(told.headers["retry-after"]) <= 60
    failed = await bench.exchange.balances()
    assert isinstance(failed, ReadFailed)
    # Our adapter heeds it: nothing of ours leaves while the others insist.
    sent = len(bench.gateway.requests)
    assert isinstance(await bench.exchange.position(S), ReadFailed)
    assert len(bench.gateway.requests) == sent
    while (told := await bench.ask("GET", BALANCE)).status == 429:
        pass
    assert (told.status, told.code) == (418, -1003)
    assert "banned until" in told.body["msg"]
    assert int(told.headers["retry-after"]) <= 120


@card("B-060")
@on_bench(limits=True)
async def test_too_many_orders_stop_orders_and_nothing_else(bench: Bench) -> None:
    for _ in range(300):
        assert (await bench.order("BUY", "0.001", price="60000")).status in {200, 400}
    told = await bench.order()
    assert (told.status, told.code) == (429, -1015)
    refused = await bench.exchange.send(bench.ours("tp-1"))
    assert isinstance(refused, Refused)
    assert (refused.code, refused.retryable) == ("binance:-1015", True)
    assert 0 < (refused.retry_after_s or 0) <= 11
    assert not isinstance(await bench.exchange.balances(), ReadFailed)
    again = await bench.exchange.send(bench.ours("tp-2"))
    assert isinstance(again, Refused)
    assert again.code == "not_sent"


@card("B-061")
@in_virtual_time
async def test_service_unavailable_is_a_certain_failure(bench: Bench) -> None:
    bench.arm(SURE_503)
    refused = await bench.exchange.send(bench.ours("tp-1"))
    assert isinstance(refused, Refused)
    assert refused.retryable
    assert await bench.position() is None


@card("B-062")
@pytest.mark.parametrize(
    ("fault", "did_trade"),
    [
        (UNKNOWN_503, False),
        (UNKNOWN_503.replace('"status"', '"execute":true,"status"'), True),
        ('{"kind":"http_status","status":502,"match":{"is_order":true},"execute":true}', True),
        ('{"kind":"drop_response","how":"disconnect","match":{"is_order":true}}', True),
    ],
)
@in_virtual_time
async def test_every_other_5xx_and_silence_leave_the_outcome_open(
    bench: Bench, fault: str, did_trade: bool
) -> None:
    bench.arm(fault)
    ours = bench.ours("tp-1")
    assert isinstance(await bench.exchange.send(ours), Unknown)
    assert (await bench.position() is not None) == did_trade
    assert isinstance(await bench.exchange.look_up(ours), Accepted) == did_trade


@card("B-063")
@pytest.mark.parametrize(
    ("code", "status"), [(-1000, 500), (-1001, 503), (-1006, 503), (-1007, 408)]
)
@in_virtual_time
async def test_codes_that_say_unknown_mean_unknown(bench: Bench, code: int, status: int) -> None:
    bench.venue.refuse_next_order(str(code))
    told = await bench.order()
    assert (told.status, told.code) == (status, code)
    bench.venue.refuse_next_order(str(code))
    assert isinstance(await bench.exchange.send(bench.ours("tp-1")), Unknown)


@card("B-064")
@in_virtual_time
async def test_an_overloaded_exchange_still_takes_what_reduces(bench: Bench) -> None:
    await bench.order()
    bench.venue.door.is_overloaded = True
    told = await bench.order()
    assert (told.status, told.code) == (503, -1008)
    refused = await bench.exchange.send(bench.ours("tp-1"))
    assert isinstance(refused, Refused)
    assert (refused.code, refused.retryable) == ("binance:-1008", True)
    closing = bench.ours("tp-2", side=OrderSide.BUY, reduce_only=True, purpose=Purpose.CLOSE)
    assert isinstance(await bench.exchange.send(closing), Accepted)
    assert await bench.position() is None


@card("B-065")
@in_virtual_time
async def test_during_maintenance_nothing_is_answered_and_nothing_is_known(bench: Bench) -> None:
    bench.venue.door.is_closed = True
    told = await bench.ask("GET", BALANCE)
    assert (told.status, told.code) == (503, -1016)
    assert isinstance(await bench.exchange.balances(), ReadFailed)
    # Any 5xx but the two documented ones leaves an order's fate open.
    assert isinstance(await bench.exchange.send(bench.ours("tp-1")), Unknown)


@card("B-066")
@in_virtual_time
async def test_a_code_we_do_not_know_proves_nothing(bench: Bench) -> None:
    bench.venue.refuse_next_order("-9999")
    assert isinstance(await bench.exchange.send(bench.ours("tp-1")), Unknown)


@card("B-067")
@in_virtual_time
async def test_prices_and_fees_are_told_by_trades_alone(bench: Bench) -> None:
    ours = bench.ours("tp-1")
    outcome = await bench.exchange.send(ours)
    assert isinstance(outcome, Accepted)
    assert outcome.report.fills == ()
    seen = await bench.exchange.look_up(ours)
    assert isinstance(seen, Accepted)
    rows = (await bench.ask("GET", "/fapi/v1/userTrades", symbol=S)).body
    assert [str(fill.fee) for fill in seen.report.fills] == [row["commission"] for row in rows]
    assert {fill.fee_asset for fill in seen.report.fills} == {"USDT"}
