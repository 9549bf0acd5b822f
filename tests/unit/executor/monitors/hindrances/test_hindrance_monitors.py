"""Monitors of what keeps us from trading: they tell, and never stand in front of an exit."""

import asyncio
from collections.abc import Mapping
from datetime import datetime

from tests.fakes.exchange import FakeExchange
from tests.fakes.fixture import ExecutorFixture
from tests.fakes.pair import signal
from tests.fakes.virtual_time import in_virtual_time
from trading_platform_order.domain.account.account_settings import AccountSettings
from trading_platform_order.domain.costs.funding import FundingTerms
from trading_platform_order.domain.hindrances.hindrance import Hindrance
from trading_platform_order.domain.order import Leg
from trading_platform_order.domain.outcome import ReadFailed
from trading_platform_order.domain.refusal import RefusalCode
from trading_platform_order.domain.signal import Action
from trading_platform_order.domain.venue import Venue
from trading_platform_order.exchanges.pair import PairExchanges
from trading_platform_order.executor.monitors.hindrances.account_settings_monitor import (
    AccountSettingsMonitor,
)
from trading_platform_order.executor.monitors.hindrances.dead_key_board import DeadKeyBoard
from trading_platform_order.executor.monitors.hindrances.order_access_port import OrderAccessPort
from trading_platform_order.executor.ports import ExecutorPorts
from trading_platform_order.risk.hindrances.hindrance_limits import HindranceLimits

ENTER = signal(quantity="0.010")


class Exchange(FakeExchange):
    """Tells its settings; ``hangs``: everything that trading does not need is never answered."""

    hangs = False
    settings: AccountSettings | ReadFailed = AccountSettings(leverage={"BTCUSDT": 2})
    readings = 0

    async def _maybe_hang(self) -> None:
        if self.hangs:
            await asyncio.get_running_loop().create_future()

    async def account_settings(self, symbols: tuple[str, ...]) -> AccountSettings | ReadFailed:
        del symbols
        await self._maybe_hang()
        self.readings += 1
        return self.settings

    async def key_expires_at(self) -> datetime | ReadFailed | None:
        await self._maybe_hang()
        return None

    async def suspended_wallets(self) -> Mapping[str, str] | ReadFailed:
        await self._maybe_hang()
        return {}

    async def funding_terms(self, symbol: str) -> FundingTerms | ReadFailed | None:
        del symbol
        await self._maybe_hang()
        return None


def fixture_of(kind: type[Exchange]) -> tuple[ExecutorFixture, dict[Venue, Exchange]]:
    fixture = ExecutorFixture()
    exchanges = {venue: kind(venue, fixture.happened) for venue in Venue}
    fixture.upbit, fixture.binance = exchanges[Venue.UPBIT], exchanges[Venue.BINANCE]
    return fixture, exchanges


def ports_of(fixture: ExecutorFixture) -> ExecutorPorts:
    return ExecutorPorts(
        exchanges=PairExchanges(spot=fixture.upbit, hedge=fixture.binance),
        store=fixture.store,
        clock=fixture.clock,
        market=fixture.market,
        wire_time=lambda _: None,
    )


@in_virtual_time
async def test_an_exit_waits_for_none_of_these_reads() -> None:
    fixture, exchanges = fixture_of(Exchange)
    for exchange in exchanges.values():
        exchange.hangs = True
    async with fixture.running():
        await fixture.done(ENTER)
        await asyncio.sleep(600)
        began = asyncio.get_running_loop().time()
        await fixture.done(signal(Action.EXIT, name="s2", at=fixture.clock.now()))
        assert asyncio.get_running_loop().time() - began < 1.0
        assert fixture.upbit.base == fixture.binance.base == 0


@in_virtual_time
async def test_a_setting_that_closes_the_exchange_is_said_anew_until_it_is_undone() -> None:
    fixture, exchanges = fixture_of(Exchange)
    async with fixture.running():
        told: list[str] = []
        monitor = AccountSettingsMonitor(
            account=fixture.executor.account,
            ports=ports_of(fixture),
            limits=HindranceLimits(),
            access=OrderAccessPort(
                hindered=lambda leg, base, why, _: told.append(f"{leg}{base} {why}"),
                lapsed=lambda leg, base, why: told.append(f"{leg}{base} {why} over"),
                dead_keys=dict,
            ),
        )
        binance = exchanges[Venue.BINANCE]
        binance.settings = AccountSettings(hedge_mode=True)
        await monitor.evaluate()
        await monitor.evaluate()
        binance.settings = ReadFailed(reason="no answer")
        await monitor.evaluate()
        assert told == ["hedge account_setting"] * 2
        blocks = fixture.executor.account.blocks.of("BTC")
        assert [block.code for block in blocks] == [RefusalCode.ACCOUNT_SETTING]
        binance.settings = AccountSettings()
        await monitor.evaluate()
        await monitor.evaluate()
        assert told[2:] == ["hedge account_setting over"]
        assert fixture.executor.account.blocks.of("BTC") == ()
        kinds = [kind for kind, _ in await fixture.alerts() if kind == "account_setting"]
        assert len(kinds) == 2


@in_virtual_time
async def test_a_refusal_that_tells_of_a_setting_has_them_read_now() -> None:
    fixture, exchanges = fixture_of(Exchange)
    async with fixture.running():
        await asyncio.sleep(30)
        binance = exchanges[Venue.BINANCE]
        readings = binance.readings
        fixture.executor.hindrances.refused(Hindrance.BANNED)
        await asyncio.sleep(5)
        assert binance.readings == readings
        for _ in range(20):
            fixture.executor.hindrances.refused(Hindrance.ACCOUNT_SETTING)
            await asyncio.sleep(0.1)
        await asyncio.sleep(5)
        assert readings < binance.readings <= readings + 2, "twenty refusals are one occasion"


@in_virtual_time
async def test_what_a_read_tells_of_the_key_is_passed_on_by_leg() -> None:
    fixture, _ = fixture_of(Exchange)
    async with fixture.running():
        told: list[tuple[Leg, str, Hindrance, str]] = []
        fixture.executor.hindrances.report_to(
            OrderAccessPort(
                hindered=lambda *words: told.append(words),
                lapsed=lambda *_: None,
                dead_keys=dict,
            )
        )
        dead = ReadFailed(reason="expired", hindrance=Hindrance.KEY)
        assert fixture.binance.heed(dead) is dead
        fixture.upbit.heed(ReadFailed(reason="no answer"))
        assert told == [(Leg.HEDGE, "", Hindrance.KEY, "expired")]


@in_virtual_time
async def test_dead_keys_stand_on_the_board_for_the_watchdog() -> None:
    fixture, _ = fixture_of(Exchange)
    async with fixture.running():
        board = DeadKeyBoard(ports_of(fixture))
        await board.show({Venue.UPBIT: "expired"})
        await board.show({Venue.UPBIT: "expired, still"})
        (latch,) = await fixture.store.latches()
        assert (latch.kind, latch.reason) == ("dead_key:upbit", "expired")
        after_a_restart = DeadKeyBoard(ports_of(fixture))
        await after_a_restart.show({Venue.BINANCE: "deleted"})
        assert [latch.kind for latch in await fixture.store.latches()] == ["dead_key:binance"]
        await after_a_restart.show({})
        assert await fixture.store.latches() == []
