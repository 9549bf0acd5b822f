"""Entries of one asset run one after the other; closes beside them, and never lost."""

import asyncio
from dataclasses import replace

from tests.fakes.desk import Desk, ThinMarket
from tests.fakes.fates import LOST_ANSWER, LOST_REQUEST, Fate, refused
from tests.fakes.pair import D, signal
from tests.fakes.virtual_time import in_virtual_time
from trading_platform_order.domain.account.account_events import SignalClaimed, SignalRefused
from trading_platform_order.domain.order import Purpose, Venue
from trading_platform_order.domain.refusal import RefusalCode
from trading_platform_order.domain.signal import Action
from trading_platform_order.domain.trade import trade_events as te
from trading_platform_order.domain.trade.trade_events import Holding, TradeOpened, TradeOutcome
from trading_platform_order.storage.base import ClaimResult

ENTER = signal(quantity="0.010")


@in_virtual_time
async def test_an_exit_during_an_unresolved_entry_stops_completion_then_closes() -> None:
    desk = Desk()
    desk.upbit.fates.append(LOST_REQUEST)
    async with desk.running():
        entering = await desk.signal(ENTER)
        await asyncio.sleep(0.6)
        receipt = await desk.signal(signal(Action.EXIT, name="s2", at=desk.clock.now()))
        assert receipt.result is ClaimResult.CLAIMED
        assert receipt.trade_id is None
        await desk.quiet()
        assert entering.trade_id is not None
        trade = desk.executor.trades[entering.trade_id]
        assert trade.completion_stopped
        assert trade.outcome is TradeOutcome.UNWOUND
        assert Purpose.COMPLETE not in {order.purpose for order in trade.orders}
        assert desk.sent == ["so1", "ho1", "hu1"]
        events = await desk.events()
        refusals = [event.code for event in events if isinstance(event, SignalRefused)]
        assert refusals == [RefusalCode.NOTHING_OPEN]


@in_virtual_time
async def test_an_exit_that_waited_for_a_hedged_entry_closes_it_however_old_it_is() -> None:
    desk = Desk()
    desk.upbit.fates.append(LOST_ANSWER)
    async with desk.running():
        desk.upbit.reads_fail = True
        await desk.signal(ENTER)
        await asyncio.sleep(1)
        await desk.signal(signal(Action.EXIT, name="s2", at=desk.clock.now()))
        await asyncio.sleep(60)
        assert "sc1" not in desk.sent
        desk.upbit.reads_fail = False
        await desk.quiet()
        assert desk.sent == ["so1", "sc1", "ho1", "hc1"]
        assert (desk.upbit.base, desk.binance.base) == (D(0), D(0))


@in_virtual_time
async def test_an_exit_of_another_strategy_does_not_stop_an_entry() -> None:
    desk = Desk()
    desk.upbit.fates.append(refused(retryable=True, answer_s=0.3))
    async with desk.running():
        await desk.signal(ENTER)
        other = signal(Action.EXIT, name="s2", strategy="other", at=desk.clock.now())
        await desk.signal(other)
        await desk.quiet()
        assert desk.sent == ["so1", "sm1", "ho1"]


@in_virtual_time
async def test_entries_of_one_asset_run_in_order_of_arrival() -> None:
    desk = Desk()
    desk.upbit.fates.append(Fate(answer_s=0.3))
    async with desk.running():
        wishes = [
            ENTER,
            signal(name="s2", strategy="b", quantity="0.020"),
            signal(name="s3", strategy="c", quantity="0.030"),
        ]
        await asyncio.gather(*(desk.signal(wish) for wish in wishes))
        await desk.quiet()
        opened = [e for e in await desk.events() if isinstance(e, TradeOpened)]
        assert [event.signal.id for event in opened] == ["s1", "s2", "s3"]
        assert desk.is_even()


@in_virtual_time
async def test_an_exit_overtakes_entries_that_wait_and_ends_those_of_its_strategy() -> None:
    desk = Desk()
    async with desk.running():
        await desk.done(signal(name="s0", strategy="b", quantity="0.020"))
        desk.upbit.fates.append(Fate(answer_s=2.0))
        await desk.signal(ENTER)
        await desk.signal(signal(name="s2", strategy="c", quantity="0.010"))
        await desk.signal(signal(name="s3", strategy="b", quantity="0.010"))
        await desk.signal(signal(Action.EXIT, name="s4", strategy="b", at=desk.clock.now()))
        await asyncio.sleep(0.5)
        assert desk.executor.book.holding("b", "BTC") == Holding(spot=D("0.000"), short=D("0.000"))
        await desk.quiet()
        opened = [e.signal.id for e in await desk.events() if isinstance(e, TradeOpened)]
        assert opened == ["s0", "s1", "s4", "s2"]
        refusals = [e for e in await desk.events() if isinstance(e, SignalRefused)]
        assert [(e.signal_id, e.code) for e in refusals] == [("s3", RefusalCode.CLOSE_WAITS)]


@in_virtual_time
async def test_a_waiting_entry_grows_old() -> None:
    desk = Desk()
    desk.upbit.fates.append(LOST_REQUEST)
    desk.upbit.proof_s = 8.0
    async with desk.running():
        await desk.signal(ENTER)
        await desk.signal(signal(name="s2", strategy="b", quantity="0.010"))
        await desk.quiet()
        refusals = [e for e in await desk.events() if isinstance(e, SignalRefused)]
        assert [(e.signal_id, e.code) for e in refusals] == [("s2", RefusalCode.EXPIRED)]


@in_virtual_time
async def test_the_queue_of_entries_has_a_bound_and_an_exit_is_never_over_it() -> None:
    desk = Desk(lane_bound=3)
    desk.upbit.fates.append(Fate(answer_s=1.0))
    async with desk.running():
        receipts = [await desk.signal(ENTER)]
        for number in range(2, 8):
            entering = signal(name=f"s{number}", strategy=f"b{number}", quantity="0.010")
            receipts.append(await desk.signal(entering))
        codes = [receipt.refusal.code if receipt.refusal else None for receipt in receipts]
        assert codes == [None] * 4 + [RefusalCode.QUEUE_FULL] * 3
        exiting = signal(Action.EXIT, name="x1")
        assert (await desk.signal(exiting)).result is ClaimResult.CLAIMED
        assert (await desk.signal(exiting)).result is ClaimResult.DUPLICATE
        await desk.quiet()
        claimed = [e for e in await desk.events() if isinstance(e, SignalClaimed)]
        assert len(claimed) == 4
        assert desk.executor.book.holding("kimchi", "BTC").spot == 0


@in_virtual_time
async def test_an_exit_waits_for_the_market_and_an_entry_does_not() -> None:
    async with Desk().running() as desk:
        await desk.done(ENTER)
        desk.market.gone = True
        entering = signal(name="s2", strategy="b", quantity="0.010", at=desk.clock.now())
        no = await desk.signal(entering)
        assert no.refusal is not None
        assert no.refusal.code is RefusalCode.NO_MARKET_DATA
        exiting = signal(Action.EXIT, name="s3", at=desk.clock.now())
        receipt = await desk.signal(exiting)
        assert (receipt.result, receipt.refusal) == (ClaimResult.CLAIMED, None)
        await asyncio.sleep(20)
        desk.market.gone = False
        await desk.quiet()
        assert desk.upbit.base == 0


@in_virtual_time
async def test_an_exit_without_a_market_goes_by_the_last_known_prices() -> None:
    async with Desk().running() as desk:
        await desk.done(ENTER)
        desk.market.gone = True
        await desk.signal(signal(Action.EXIT, name="s2", at=desk.clock.now()))
        await asyncio.sleep(2.5)
        assert desk.upbit.base == D("0.010")
        assert desk.market.asked_for
        await asyncio.sleep(1)
        await desk.quiet()
        assert (desk.upbit.base, desk.binance.base) == (D(0), D(0))


@in_virtual_time
async def test_an_unknown_entry_of_one_strategy_does_not_hold_the_close_of_another() -> None:
    desk = Desk()
    async with desk.running():
        await desk.done(signal(name="s0", strategy="b", quantity="0.020"))
        desk.upbit.fates.append(LOST_REQUEST)
        desk.upbit.proof_s = 60.0
        await desk.signal(ENTER)
        await asyncio.sleep(1)
        await desk.signal(signal(Action.EXIT, name="s2", strategy="b", at=desk.clock.now()))
        await asyncio.sleep(0.2)
        assert desk.executor.book.holding("b", "BTC") == Holding(spot=D("0.000"), short=D("0.000"))
        await desk.quiet()
        assert desk.is_even()


@in_virtual_time
async def test_a_replayed_exit_never_closes_a_pair_that_was_entered_later() -> None:
    desk = Desk()
    async with desk.running():
        exiting = signal(Action.EXIT, name="friday", at=desk.clock.now())
        await asyncio.sleep(3_600)
        await desk.done(signal(name="monday", quantity="0.010", at=desk.clock.now()))
        receipt = await desk.signal(exiting)
        assert receipt.refusal is not None
        assert receipt.refusal.code is RefusalCode.SUPERSEDED
        assert ("refusal", True) in await desk.alerts()
        assert desk.upbit.base == D("0.010")


@in_virtual_time
async def test_while_a_close_waits_nothing_is_entered_and_a_person_may_withdraw_it() -> None:
    desk = Desk()
    async with desk.running():
        await desk.done(ENTER)
        desk.market.suspended = {Venue.UPBIT}
        await asyncio.sleep(1)
        receipt = await desk.signal(signal(Action.EXIT, name="s2", at=desk.clock.now()))
        assert (receipt.result, receipt.trade_id) == (ClaimResult.CLAIMED, None)
        no = await desk.signal(signal(name="s3", quantity="0.010", at=desk.clock.now()))
        assert no.refusal is not None
        assert no.refusal.code is RefusalCode.CLOSE_WAITS
        await asyncio.sleep(60)
        assert desk.is_even()
        assert desk.upbit.base == D("0.010")
        assert ("close_waits", True) in await desk.alerts()
        assert await desk.executor.closes.withdraw("s2") == "withdrawn: s2"
        desk.market.suspended = set()
        await asyncio.sleep(60)
        assert desk.upbit.base == D("0.010")
        refusals = [e.code for e in await desk.events() if isinstance(e, SignalRefused)]
        assert refusals[-1] == RefusalCode.WITHDRAWN


@in_virtual_time
async def test_a_quiet_market_long_after_a_hindrance_holds_up_no_exit() -> None:
    """Both books were fresh for 5 s once it had ended: what is silent later is a quiet market."""
    desk = Desk()
    async with desk.running():
        await desk.done(ENTER)
        desk.market.suspended = {Venue.UPBIT}
        await asyncio.sleep(1)
        desk.market.suspended = set()
        await asyncio.sleep(6)
        desk.market.stands_at = desk.clock.now()
        await asyncio.sleep(6)
        desk.market.stands_at = None
        await asyncio.sleep(0.3)
        await desk.signal(signal(Action.EXIT, name="s2", at=desk.clock.now()))
        await asyncio.sleep(1)
        assert (desk.upbit.base, desk.binance.base) == (D(0), D(0))


@in_virtual_time
async def test_the_answer_to_a_withdrawal_says_what_became_of_the_signal() -> None:
    async with Desk().running() as desk:
        withdraw = desk.executor.closes.withdraw
        assert (await withdraw("s2")).startswith("refused: no signal 's2' is known")
        await desk.done(ENTER)
        assert await withdraw("s1") == "refused: s1 is done already: hedged"
        desk.market.suspended = {Venue.UPBIT}
        await asyncio.sleep(1)
        await desk.signal(signal(Action.EXIT, name="s2", at=desk.clock.now()))
        for _ in range(2):  # a crash repeats a command: it comes to the same
            assert await withdraw("s2", "no need") == "withdrawn: s2"
        refused_ones = [e for e in await desk.events() if isinstance(e, SignalRefused)]
        assert [e.message for e in refused_ones] == ["withdrawn by a person: no need"]
        no = await desk.signal(signal(Action.EXIT, name="s3", symbol="ETH", at=desk.clock.now()))
        assert no.refusal is not None
        assert await withdraw("s3") == "refused: s3 was not traded (nothing_open): nothing waits"
        desk.market.suspended = set()
        await asyncio.sleep(10)
        desk.upbit.fates.append(LOST_ANSWER)
        desk.upbit.reads_fail = True
        await desk.signal(signal(Action.EXIT, name="s4", at=desk.clock.now()))
        await asyncio.sleep(1)
        assert (await withdraw("s4")).startswith("refused: s4 has begun")
        desk.upbit.reads_fail = False
        await desk.quiet()
        assert (desk.upbit.base, desk.binance.base) == (D(0), D(0))


@in_virtual_time
async def test_an_entry_that_waits_is_withdrawn_and_never_begun() -> None:
    async with Desk().running() as desk:
        desk.upbit.fates.append(LOST_ANSWER)
        desk.upbit.reads_fail = True
        await desk.signal(ENTER)
        await asyncio.sleep(1)
        other = signal(name="s2", strategy="other", quantity="0.010", at=desk.clock.now())
        assert (await desk.signal(other)).trade_id is None
        assert await desk.executor.closes.withdraw("s2") == "withdrawn: s2"
        desk.upbit.reads_fail = False
        await desk.quiet()
        assert desk.upbit.base == D("0.010")


@in_virtual_time
async def test_the_rest_of_a_begun_close_is_withdrawn_while_the_book_is_empty() -> None:
    desk = Desk()
    market = desk.market = ThinMarket()
    async with desk.running():
        await desk.done(signal(quantity="0.100"))
        market.depth = D("0.040")
        await desk.signal(signal(Action.EXIT, name="s2", at=desk.clock.now()))
        market.depth = D(0)
        await asyncio.sleep(30)
        assert (desk.upbit.base, desk.binance.base) == (D("0.060"), D("-0.060"))
        assert await desk.executor.closes.withdraw("s2") == (
            "withdrawn: the rest of s2; what was closed before stays closed"
        )
        market.depth = D(1_000)
        await asyncio.sleep(60)
        await desk.quiet()
        assert (desk.upbit.base, desk.binance.base) == (D("0.060"), D("-0.060"))
        assert (await desk.executor.closes.withdraw("s2")).startswith("withdrawn: the rest of s2")
    async with desk.running():
        await asyncio.sleep(60)
        assert (desk.upbit.base, desk.binance.base) == (D("0.060"), D("-0.060"))
        await desk.done(signal(Action.EXIT, name="s3", at=desk.clock.now()))
        assert (desk.upbit.base, desk.binance.base) == (D(0), D(0))


@in_virtual_time
async def test_parts_that_wait_are_fixed_when_claimed_and_add_up() -> None:
    desk = Desk()
    async with desk.running():
        await desk.done(signal(quantity="0.100"))
        desk.market.suspended = {Venue.BINANCE}
        await asyncio.sleep(1)
        price = desk.market.spot_mid
        for name in ("s2", "s3"):
            part = replace(
                signal(Action.EXIT, name=name, at=desk.clock.now()),
                notional_krw=price * D("0.020"),
            )
            await desk.signal(part)
        desk.market.spot_mid = price * D("0.98")
        desk.market.suspended = set()
        await asyncio.sleep(60)
        await desk.quiet()
        assert desk.is_even()
        assert desk.binance.base == D("-0.060")


@in_virtual_time
async def test_two_assets_run_side_by_side() -> None:
    desk = Desk()
    desk.upbit.fates.append(Fate(answer_s=5.0))
    async with desk.running():
        await desk.signal(ENTER)
        await desk.signal(signal(name="s2", symbol="ETH", quantity="0.010"))
        await asyncio.sleep(0.1)
        settled = [e for e in await desk.events() if isinstance(e, te.TradeSettled)]
        assert len(settled) == 1
        await desk.quiet()


@in_virtual_time
async def test_two_entries_at_once_do_not_share_one_limit() -> None:
    """Both would fit alone; each is checked with the other counted as if filled."""
    desk = Desk()
    desk.commit_s = 0.005
    async with desk.running():
        both = [
            signal(name="s1", symbol="BTC", notional_krw="90000000"),
            signal(name="s2", symbol="ETH", notional_krw="90000000"),
        ]
        receipts = await asyncio.gather(*(desk.signal(wish) for wish in both))
        codes = [receipt.refusal.code if receipt.refusal else None for receipt in receipts]
        assert codes == [None, RefusalCode.POSITION_LIMIT]
        await desk.quiet()


@in_virtual_time
async def test_an_entry_is_counted_until_its_last_fill_is_told() -> None:
    desk = Desk()
    desk.upbit.fates.append(Fate(answer_s=3.0))
    desk.binance.fates.append(Fate(answer_s=3.0))
    async with desk.running():
        await desk.signal(signal(symbol="BTC", notional_krw="90000000"))
        second = await desk.signal(signal(name="s2", symbol="ETH", notional_krw="90000000"))
        assert second.refusal is not None
        assert second.refusal.code is RefusalCode.POSITION_LIMIT
        await desk.quiet()
        view = desk.executor.keeper.view(ENTER, symbol_halted=False)
        assert view.day_turnover_krw == D("0.642") * (D(140_000_000) + D(100_000) * D(1_400))
        assert view.krw_available == desk.upbit.money


@in_virtual_time
async def test_what_an_exit_under_way_will_close_is_traded_value_already() -> None:
    desk = Desk()
    async with desk.running():
        await desk.signal(ENTER)
        await desk.quiet()
        before = desk.executor.keeper.view(ENTER, symbol_halted=False).day_turnover_krw
        desk.upbit.fates.append(Fate(answer_s=3.0))
        desk.binance.fates.append(Fate(answer_s=3.0))
        await desk.signal(signal(Action.EXIT, name="s2", at=desk.clock.now()))
        during = desk.executor.keeper.view(ENTER, symbol_halted=False).day_turnover_krw
        await desk.quiet()
        after = desk.executor.keeper.view(ENTER, symbol_halted=False).day_turnover_krw
        assert before < during
        assert abs(after - during) < after / 1_000


@in_virtual_time
async def test_the_stop_reaches_a_running_entry_and_refuses_new_ones() -> None:
    desk = Desk()
    desk.upbit.fates.append(refused(retryable=True, answer_s=2.0))
    desk.upbit.proof_s = 5.0
    async with desk.running():
        receipt = await desk.signal(ENTER)
        await desk.store.set_latch("stop", "a person", at_us=0)
        await asyncio.sleep(1.1)
        no = await desk.signal(signal(name="s2", symbol="ETH", at=desk.clock.now()))
        assert no.refusal is not None
        assert no.refusal.code is RefusalCode.STOPPED
        await desk.quiet()
        assert receipt.trade_id is not None
        assert desk.executor.trades[receipt.trade_id].outcome is TradeOutcome.UNWOUND
        assert desk.sent == ["so1", "ho1", "hu1"]
        assert ("emergency_stop", True) in await desk.alerts()
