"""Entries of one asset run one after the other; closes beside them, and never lost."""

import asyncio
from dataclasses import replace

from tests.fakes.fixture import ExecutorFixture, ThinMarket
from tests.fakes.outcomes import LOST_ANSWER, LOST_REQUEST, ScriptedOutcome, refused
from tests.fakes.pair import D, signal
from tests.fakes.virtual_time import in_virtual_time
from trading_platform_order.domain.account.account_events import SignalClaimed, SignalRefused
from trading_platform_order.domain.order import Purpose
from trading_platform_order.domain.refusal import RefusalCode
from trading_platform_order.domain.signal import Action
from trading_platform_order.domain.trade import trade_events as te
from trading_platform_order.domain.trade.trade_events import Holding, TradeOpened, TradeOutcome
from trading_platform_order.domain.venue import Venue
from trading_platform_order.storage.base import ClaimResult

ENTER = signal(quantity="0.010")


@in_virtual_time
async def test_an_exit_during_an_unresolved_entry_stops_completion_then_closes() -> None:
    fixture = ExecutorFixture()
    fixture.upbit.outcomes.append(LOST_REQUEST)
    async with fixture.running():
        entering = await fixture.signal(ENTER)
        await asyncio.sleep(0.6)
        receipt = await fixture.signal(signal(Action.EXIT, name="s2", at=fixture.clock.now()))
        assert receipt.result is ClaimResult.CLAIMED
        assert receipt.trade_id is None
        await fixture.quiet()
        assert entering.trade_id is not None
        trade = fixture.executor.trades[entering.trade_id]
        assert trade.completion_stopped
        assert trade.outcome is TradeOutcome.UNWOUND
        assert Purpose.COMPLETE not in {order.purpose for order in trade.orders}
        assert fixture.sent == ["so1", "ho1", "hu1"]
        events = await fixture.events()
        refusals = [event.code for event in events if isinstance(event, SignalRefused)]
        assert refusals == [RefusalCode.NOTHING_OPEN]


@in_virtual_time
async def test_an_exit_that_waited_for_a_hedged_entry_closes_it_however_old_it_is() -> None:
    fixture = ExecutorFixture()
    fixture.upbit.outcomes.append(LOST_ANSWER)
    async with fixture.running():
        fixture.upbit.reads_fail = True
        await fixture.signal(ENTER)
        await asyncio.sleep(1)
        await fixture.signal(signal(Action.EXIT, name="s2", at=fixture.clock.now()))
        await asyncio.sleep(60)
        assert "sc1" not in fixture.sent
        fixture.upbit.reads_fail = False
        await fixture.quiet()
        assert fixture.sent == ["so1", "sc1", "ho1", "hc1"]
        assert (fixture.upbit.base, fixture.binance.base) == (D(0), D(0))


@in_virtual_time
async def test_an_exit_of_another_strategy_does_not_stop_an_entry() -> None:
    fixture = ExecutorFixture()
    fixture.upbit.outcomes.append(refused(retryable=True, answer_s=0.3))
    async with fixture.running():
        await fixture.signal(ENTER)
        other = signal(Action.EXIT, name="s2", strategy="other", at=fixture.clock.now())
        await fixture.signal(other)
        await fixture.quiet()
        assert fixture.sent == ["so1", "sm1", "ho1"]


@in_virtual_time
async def test_entries_of_one_asset_run_in_order_of_arrival() -> None:
    fixture = ExecutorFixture()
    fixture.upbit.outcomes.append(ScriptedOutcome(answer_s=0.3))
    async with fixture.running():
        wishes = [
            ENTER,
            signal(name="s2", strategy="b", quantity="0.020"),
            signal(name="s3", strategy="c", quantity="0.030"),
        ]
        await asyncio.gather(*(fixture.signal(wish) for wish in wishes))
        await fixture.quiet()
        opened = [e for e in await fixture.events() if isinstance(e, TradeOpened)]
        assert [event.signal.id for event in opened] == ["s1", "s2", "s3"]
        assert fixture.is_even()


@in_virtual_time
async def test_an_exit_overtakes_entries_that_wait_and_ends_those_of_its_strategy() -> None:
    fixture = ExecutorFixture()
    async with fixture.running():
        await fixture.done(signal(name="s0", strategy="b", quantity="0.020"))
        fixture.upbit.outcomes.append(ScriptedOutcome(answer_s=2.0))
        await fixture.signal(ENTER)
        await fixture.signal(signal(name="s2", strategy="c", quantity="0.010"))
        await fixture.signal(signal(name="s3", strategy="b", quantity="0.010"))
        await fixture.signal(signal(Action.EXIT, name="s4", strategy="b", at=fixture.clock.now()))
        await asyncio.sleep(0.5)
        assert fixture.executor.book.holding("b", "BTC") == Holding(
            spot=D("0.000"), short=D("0.000")
        )
        await fixture.quiet()
        opened = [e.signal.id for e in await fixture.events() if isinstance(e, TradeOpened)]
        assert opened == ["s0", "s1", "s4", "s2"]
        refusals = [e for e in await fixture.events() if isinstance(e, SignalRefused)]
        assert [(e.signal_id, e.code) for e in refusals] == [("s3", RefusalCode.CLOSE_WAITS)]


@in_virtual_time
async def test_a_waiting_entry_grows_old() -> None:
    fixture = ExecutorFixture()
    fixture.upbit.outcomes.append(LOST_REQUEST)
    fixture.upbit.proof_s = 8.0
    async with fixture.running():
        await fixture.signal(ENTER)
        await fixture.signal(signal(name="s2", strategy="b", quantity="0.010"))
        await fixture.quiet()
        refusals = [e for e in await fixture.events() if isinstance(e, SignalRefused)]
        assert [(e.signal_id, e.code) for e in refusals] == [("s2", RefusalCode.EXPIRED)]


@in_virtual_time
async def test_the_queue_of_entries_has_a_bound_and_an_exit_is_never_over_it() -> None:
    fixture = ExecutorFixture(queue_bound=3)
    fixture.upbit.outcomes.append(ScriptedOutcome(answer_s=1.0))
    async with fixture.running():
        receipts = [await fixture.signal(ENTER)]
        for number in range(2, 8):
            entering = signal(name=f"s{number}", strategy=f"b{number}", quantity="0.010")
            receipts.append(await fixture.signal(entering))
        codes = [receipt.refusal.code if receipt.refusal else None for receipt in receipts]
        assert codes == [None] * 4 + [RefusalCode.QUEUE_FULL] * 3
        exiting = signal(Action.EXIT, name="x1")
        assert (await fixture.signal(exiting)).result is ClaimResult.CLAIMED
        assert (await fixture.signal(exiting)).result is ClaimResult.DUPLICATE
        await fixture.quiet()
        claimed = [e for e in await fixture.events() if isinstance(e, SignalClaimed)]
        assert len(claimed) == 4
        assert fixture.executor.book.holding("kimchi", "BTC").spot == 0


@in_virtual_time
async def test_an_exit_waits_for_the_market_and_an_entry_does_not() -> None:
    async with ExecutorFixture().running() as fixture:
        await fixture.done(ENTER)
        fixture.market.gone = True
        entering = signal(name="s2", strategy="b", quantity="0.010", at=fixture.clock.now())
        no = await fixture.signal(entering)
        assert no.refusal is not None
        assert no.refusal.code is RefusalCode.NO_MARKET_DATA
        exiting = signal(Action.EXIT, name="s3", at=fixture.clock.now())
        receipt = await fixture.signal(exiting)
        assert (receipt.result, receipt.refusal) == (ClaimResult.CLAIMED, None)
        await asyncio.sleep(20)
        fixture.market.gone = False
        await fixture.quiet()
        assert fixture.upbit.base == 0


@in_virtual_time
async def test_an_exit_without_a_market_goes_by_the_last_known_prices() -> None:
    async with ExecutorFixture().running() as fixture:
        await fixture.done(ENTER)
        fixture.market.gone = True
        await fixture.signal(signal(Action.EXIT, name="s2", at=fixture.clock.now()))
        await asyncio.sleep(2.5)
        assert fixture.upbit.base == D("0.010")
        assert fixture.market.asked_for
        await asyncio.sleep(1)
        await fixture.quiet()
        assert (fixture.upbit.base, fixture.binance.base) == (D(0), D(0))


@in_virtual_time
async def test_an_unknown_entry_of_one_strategy_does_not_hold_the_close_of_another() -> None:
    fixture = ExecutorFixture()
    async with fixture.running():
        await fixture.done(signal(name="s0", strategy="b", quantity="0.020"))
        fixture.upbit.outcomes.append(LOST_REQUEST)
        fixture.upbit.proof_s = 60.0
        await fixture.signal(ENTER)
        await asyncio.sleep(1)
        await fixture.signal(signal(Action.EXIT, name="s2", strategy="b", at=fixture.clock.now()))
        await asyncio.sleep(0.2)
        assert fixture.executor.book.holding("b", "BTC") == Holding(
            spot=D("0.000"), short=D("0.000")
        )
        await fixture.quiet()
        assert fixture.is_even()


@in_virtual_time
async def test_a_replayed_exit_never_closes_a_pair_that_was_entered_later() -> None:
    fixture = ExecutorFixture()
    async with fixture.running():
        exiting = signal(Action.EXIT, name="friday", at=fixture.clock.now())
        await asyncio.sleep(3_600)
        await fixture.done(signal(name="monday", quantity="0.010", at=fixture.clock.now()))
        receipt = await fixture.signal(exiting)
        assert receipt.refusal is not None
        assert receipt.refusal.code is RefusalCode.SUPERSEDED
        assert ("refusal", True) in await fixture.alerts()
        assert fixture.upbit.base == D("0.010")


@in_virtual_time
async def test_while_a_close_waits_nothing_is_entered_and_an_operator_may_withdraw_it() -> None:
    fixture = ExecutorFixture()
    async with fixture.running():
        await fixture.done(ENTER)
        fixture.market.suspended = {Venue.UPBIT}
        await asyncio.sleep(1)
        receipt = await fixture.signal(signal(Action.EXIT, name="s2", at=fixture.clock.now()))
        assert (receipt.result, receipt.trade_id) == (ClaimResult.CLAIMED, None)
        no = await fixture.signal(signal(name="s3", quantity="0.010", at=fixture.clock.now()))
        assert no.refusal is not None
        assert no.refusal.code is RefusalCode.CLOSE_WAITS
        await asyncio.sleep(60)
        assert fixture.is_even()
        assert fixture.upbit.base == D("0.010")
        assert ("close_waits", True) in await fixture.alerts()
        assert await fixture.executor.closes.withdraw("s2") == "withdrawn: s2"
        fixture.market.suspended = set()
        await asyncio.sleep(60)
        assert fixture.upbit.base == D("0.010")
        refusals = [e.code for e in await fixture.events() if isinstance(e, SignalRefused)]
        assert refusals[-1] == RefusalCode.WITHDRAWN


@in_virtual_time
async def test_a_quiet_market_long_after_a_hindrance_holds_up_no_exit() -> None:
    """Both books were fresh for 5 s once it had ended: what is silent later is a quiet market."""
    fixture = ExecutorFixture()
    async with fixture.running():
        await fixture.done(ENTER)
        fixture.market.suspended = {Venue.UPBIT}
        await asyncio.sleep(1)
        fixture.market.suspended = set()
        await asyncio.sleep(6)
        fixture.market.stands_at = fixture.clock.now()
        await asyncio.sleep(6)
        fixture.market.stands_at = None
        await asyncio.sleep(0.3)
        await fixture.signal(signal(Action.EXIT, name="s2", at=fixture.clock.now()))
        await asyncio.sleep(1)
        assert (fixture.upbit.base, fixture.binance.base) == (D(0), D(0))


@in_virtual_time
async def test_the_answer_to_a_withdrawal_says_what_became_of_the_signal() -> None:
    async with ExecutorFixture().running() as fixture:
        withdraw = fixture.executor.closes.withdraw
        assert (await withdraw("s2")).startswith("refused: no signal 's2' is known")
        await fixture.done(ENTER)
        assert await withdraw("s1") == "refused: s1 is done already: hedged"
        fixture.market.suspended = {Venue.UPBIT}
        await asyncio.sleep(1)
        await fixture.signal(signal(Action.EXIT, name="s2", at=fixture.clock.now()))
        for _ in range(2):  # a crash repeats a command: it comes to the same
            assert await withdraw("s2", "no need") == "withdrawn: s2"
        refused_ones = [e for e in await fixture.events() if isinstance(e, SignalRefused)]
        assert [e.message for e in refused_ones] == ["withdrawn by an operator: no need"]
        no = await fixture.signal(
            signal(Action.EXIT, name="s3", symbol="ETH", at=fixture.clock.now())
        )
        assert no.refusal is not None
        assert await withdraw("s3") == "refused: s3 was not traded (nothing_open): nothing waits"
        fixture.market.suspended = set()
        await asyncio.sleep(10)
        fixture.upbit.outcomes.append(LOST_ANSWER)
        fixture.upbit.reads_fail = True
        await fixture.signal(signal(Action.EXIT, name="s4", at=fixture.clock.now()))
        await asyncio.sleep(1)
        assert (await withdraw("s4")).startswith("refused: s4 has begun")
        fixture.upbit.reads_fail = False
        await fixture.quiet()
        assert (fixture.upbit.base, fixture.binance.base) == (D(0), D(0))


@in_virtual_time
async def test_an_entry_that_waits_is_withdrawn_and_never_begun() -> None:
    async with ExecutorFixture().running() as fixture:
        fixture.upbit.outcomes.append(LOST_ANSWER)
        fixture.upbit.reads_fail = True
        await fixture.signal(ENTER)
        await asyncio.sleep(1)
        other = signal(name="s2", strategy="other", quantity="0.010", at=fixture.clock.now())
        assert (await fixture.signal(other)).trade_id is None
        assert await fixture.executor.closes.withdraw("s2") == "withdrawn: s2"
        fixture.upbit.reads_fail = False
        await fixture.quiet()
        assert fixture.upbit.base == D("0.010")


@in_virtual_time
async def test_the_rest_of_a_begun_close_is_withdrawn_while_the_book_is_empty() -> None:
    fixture = ExecutorFixture()
    market = fixture.market = ThinMarket()
    async with fixture.running():
        await fixture.done(signal(quantity="0.100"))
        market.depth = D("0.040")
        await fixture.signal(signal(Action.EXIT, name="s2", at=fixture.clock.now()))
        market.depth = D(0)
        await asyncio.sleep(30)
        assert (fixture.upbit.base, fixture.binance.base) == (D("0.060"), D("-0.060"))
        assert await fixture.executor.closes.withdraw("s2") == (
            "withdrawn: the rest of s2; what was closed before stays closed"
        )
        market.depth = D(1_000)
        await asyncio.sleep(60)
        await fixture.quiet()
        assert (fixture.upbit.base, fixture.binance.base) == (D("0.060"), D("-0.060"))
        assert (await fixture.executor.closes.withdraw("s2")).startswith(
            "withdrawn: the rest of s2"
        )
    async with fixture.running():
        await asyncio.sleep(60)
        assert (fixture.upbit.base, fixture.binance.base) == (D("0.060"), D("-0.060"))
        await fixture.done(signal(Action.EXIT, name="s3", at=fixture.clock.now()))
        assert (fixture.upbit.base, fixture.binance.base) == (D(0), D(0))


@in_virtual_time
async def test_parts_that_wait_are_fixed_when_claimed_and_add_up() -> None:
    fixture = ExecutorFixture()
    async with fixture.running():
        await fixture.done(signal(quantity="0.100"))
        fixture.market.suspended = {Venue.BINANCE}
        await asyncio.sleep(1)
        price = fixture.market.spot_mid
        for name in ("s2", "s3"):
            part = replace(
                signal(Action.EXIT, name=name, at=fixture.clock.now()),
                notional_krw=price * D("0.020"),
            )
            await fixture.signal(part)
        fixture.market.spot_mid = price * D("0.98")
        fixture.market.suspended = set()
        await asyncio.sleep(60)
        await fixture.quiet()
        assert fixture.is_even()
        assert fixture.binance.base == D("-0.060")


@in_virtual_time
async def test_two_assets_run_side_by_side() -> None:
    fixture = ExecutorFixture()
    fixture.upbit.outcomes.append(ScriptedOutcome(answer_s=5.0))
    async with fixture.running():
        await fixture.signal(ENTER)
        await fixture.signal(signal(name="s2", symbol="ETH", quantity="0.010"))
        await asyncio.sleep(0.1)
        settled = [e for e in await fixture.events() if isinstance(e, te.TradeSettled)]
        assert len(settled) == 1
        await fixture.quiet()


@in_virtual_time
async def test_two_entries_at_once_do_not_share_one_limit() -> None:
    """Both would fit alone; each is checked with the other counted as if filled."""
    fixture = ExecutorFixture()
    fixture.commit_s = 0.005
    async with fixture.running():
        both = [
            signal(name="s1", symbol="BTC", notional_krw="90000000"),
            signal(name="s2", symbol="ETH", notional_krw="90000000"),
        ]
        receipts = await asyncio.gather(*(fixture.signal(wish) for wish in both))
        codes = [receipt.refusal.code if receipt.refusal else None for receipt in receipts]
        assert codes == [None, RefusalCode.POSITION_LIMIT]
        await fixture.quiet()


@in_virtual_time
async def test_an_entry_is_counted_until_its_last_fill_is_told() -> None:
    fixture = ExecutorFixture()
    fixture.upbit.outcomes.append(ScriptedOutcome(answer_s=3.0))
    fixture.binance.outcomes.append(ScriptedOutcome(answer_s=3.0))
    async with fixture.running():
        await fixture.signal(signal(symbol="BTC", notional_krw="90000000"))
        second = await fixture.signal(signal(name="s2", symbol="ETH", notional_krw="90000000"))
        assert second.refusal is not None
        assert second.refusal.code is RefusalCode.POSITION_LIMIT
        await fixture.quiet()
        view = fixture.executor.account.view(ENTER, symbol_halted=False)
        assert view.day_turnover_krw == D("0.642") * (D(140_000_000) + D(100_000) * D(1_400))
        assert view.krw_available == fixture.upbit.money


@in_virtual_time
async def test_what_an_exit_under_way_will_close_is_traded_value_already() -> None:
    fixture = ExecutorFixture()
    async with fixture.running():
        await fixture.signal(ENTER)
        await fixture.quiet()
        before = fixture.executor.account.view(ENTER, symbol_halted=False).day_turnover_krw
        fixture.upbit.outcomes.append(ScriptedOutcome(answer_s=3.0))
        fixture.binance.outcomes.append(ScriptedOutcome(answer_s=3.0))
        await fixture.signal(signal(Action.EXIT, name="s2", at=fixture.clock.now()))
        during = fixture.executor.account.view(ENTER, symbol_halted=False).day_turnover_krw
        await fixture.quiet()
        after = fixture.executor.account.view(ENTER, symbol_halted=False).day_turnover_krw
        assert before < during
        assert abs(after - during) < after / 1_000


@in_virtual_time
async def test_the_stop_reaches_a_running_entry_and_refuses_new_ones() -> None:
    fixture = ExecutorFixture()
    fixture.upbit.outcomes.append(refused(retryable=True, answer_s=2.0))
    fixture.upbit.proof_s = 5.0
    async with fixture.running():
        receipt = await fixture.signal(ENTER)
        await fixture.store.set_latch("stop", "an operator", at_us=0)
        await asyncio.sleep(1.1)
        no = await fixture.signal(signal(name="s2", symbol="ETH", at=fixture.clock.now()))
        assert no.refusal is not None
        assert no.refusal.code is RefusalCode.STOPPED
        await fixture.quiet()
        assert receipt.trade_id is not None
        assert fixture.executor.trades[receipt.trade_id].outcome is TradeOutcome.UNWOUND
        assert fixture.sent == ["so1", "ho1", "hu1"]
        assert ("emergency_stop", True) in await fixture.alerts()
