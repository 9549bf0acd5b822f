"""One symbol, one row in trouble stays one: everything else is served, and operators are told."""

import asyncio

import apsw

from exchange_simulator.account_setup import AccountOrder, set_up
from exchange_simulator.faults.kinds import OddAnswer, OddStream, RequestMatch
from trading_platform_order.domain.venue import Venue
from trading_platform_order.runtime.settings.settings import HindranceSection
from trading_platform_order.simulation.scenarios.catalogue import scenario
from trading_platform_order.simulation.scenarios.dsl import Scene
from trading_platform_order.simulation.testbed.testbed import TestBedSetup, bed_settings

EVER = 1_000_000
SYMBOLS = ("BTC", "ETH")
TWO = TestBedSetup(bases=SYMBOLS, settings=bed_settings(*SYMBOLS, hindrances=HindranceSection()))
OUR_RULE = "one thing in trouble stays one thing (our design)"
LISTED_ONLY_BY_US = TestBedSetup(bases=("BTC",), settings=bed_settings("BTC", "NONE"))


async def _served(scene: Scene, name: str) -> None:
    """BTC is entered and closed as if nothing were."""
    await scene.enters("hedged", name=f"{name} in")
    await scene.exit(f"{name} out")
    await scene.ends_flat()


@scenario(rule=OUR_RULE, setup=TWO)
async def every_list_has_rows_of_others_that_nobody_can_read(scene: Scene) -> None:
    """Nulls, other types and unknown words beside our rows, always: enter, restart, exit, idle."""
    for venue in Venue:
        scene.arm(OddAnswer(venue=venue, count=EVER), OddStream(venue=venue, count=EVER))
    await scene.crash()
    await scene.wait_open(5.0)
    await scene.enters("hedged")
    await scene.wait_open(200.0)
    await scene.crash()
    await scene.exit()
    await scene.ends_flat()
    scene.expect_not_stopped()
    told = {alert.kind for alert in scene.testbed.alerts()}
    scene.expect(that="symbol_not_ready" not in told, otherwise="a row of others closed a symbol")


@scenario(rule="a market's state, a contract's status: either may end at any time", setup=TWO)
async def one_symbol_is_suspended_at_a_restart(scene: Scene) -> None:
    """ETH is suspended on Upbit: BTC's pair is closed and entered, ETH refused, told, tried."""
    await scene.hedged()
    await scene.testbed.kill()
    set_up(scene.testbed.world, AccountOrder(upbit_suspended=frozenset({"KRW-ETH"})))
    await scene.testbed.start()
    await scene.exit()
    await scene.flat_within(5.0)
    await scene.wait_open(15.0)
    scene.expect_alert("symbol_not_ready")
    await scene.enter("of it", symbol="ETH")
    await scene.expect_refused("of it", "symbol_not_ready", "exchange_closed")
    shown = {latch.kind for latch in await scene.testbed.reader().latches()}
    scene.expect(that="not_ready:ETH" in shown, otherwise=f"status shows {sorted(shown)}")
    await _served(scene, "beside")
    set_up(scene.testbed.world, AccountOrder(upbit_suspended=frozenset()))
    await scene.wait_open(150.0)
    scene.expect_alert("symbol_ready")
    await scene.enters("hedged", name="after", symbol="ETH")


@scenario(rule="a contract's status is SETTLING, BREAK or CLOSE while it does not trade", setup=TWO)
async def one_contract_is_suspended_at_a_restart(scene: Scene) -> None:
    """The same on Binance, where margin type and leverage cannot be set either."""
    await scene.hedged()
    await scene.testbed.kill()
    set_up(scene.testbed.world, AccountOrder(binance_suspended=frozenset({"ETHUSDT"})))
    await scene.testbed.start()
    await scene.exit()
    await scene.flat_within(5.0)
    await scene.wait_open(15.0)
    scene.expect_alert("symbol_not_ready")
    await _served(scene, "beside")
    set_up(scene.testbed.world, AccountOrder(binance_suspended=frozenset()))
    await scene.wait_open(150.0)
    scene.expect_alert("symbol_ready")


@scenario(
    rule="exchangeInfo and market/all: what is delisted is not in them", setup=LISTED_ONLY_BY_US
)
async def a_listed_symbol_that_neither_exchange_has(scene: Scene) -> None:
    """The allow-list names a coin that does not exist: BTC is served, the coin refused and told."""
    await scene.wait_open(15.0)
    scene.expect_alert("symbol_not_ready")
    await _served(scene, "beside")
    await scene.enter("of it", symbol="NONE")
    await scene.expect_refused("of it", "symbol_not_ready", "no_market_data")


@scenario(rule=OUR_RULE, setup=TWO)
async def a_row_of_ours_that_cannot_be_read_is_not_zero(scene: Scene) -> None:
    """Every row of BTC is null beside its pair: it is kept, told and closed, ETH is served."""
    await scene.hedged()
    held = scene.short()
    for venue, path in (
        (Venue.UPBIT, "/v1/accounts"),
        (Venue.BINANCE, "/fapi/v3/positionRisk"),
        (Venue.BINANCE, "/fapi/v1/openOrders"),
    ):
        match = RequestMatch(path=path)
        scene.arm(OddAnswer(venue=venue, match=match, count=EVER, of="BTC"))
    await scene.wait_open(60.0)
    scene.expect_alert("symbol_not_ready")
    scene.expect_kept(held)
    await scene.enter("more", strategy="other")
    await scene.expect_refused("more", "symbol_not_ready")
    await scene.enters("hedged", name="beside", symbol="ETH")
    await scene.wait_open(60.0)
    scene.expect_kept(held)
    scene.expect_not_stopped()
    await scene.exit("out")
    await scene.flat_within(5.0)
    scene.testbed.world.clear_faults()
    await scene.wait_open(150.0)
    scene.expect_alert("symbol_ready")


@scenario(rule=OUR_RULE, setup=TWO)
async def odd_messages_of_others_end_no_stream(scene: Scene) -> None:
    """News of others that cannot be read follows each of ours: no stream is made anew for it."""
    before = _streams(scene)
    for venue in Venue:
        scene.arm(OddStream(venue=venue, count=EVER))
    await _served(scene, "beside odd news")
    made = _streams(scene)
    scene.expect(that=made == before, otherwise=f"streams were made anew: {before}, now {made}")


def _streams(scene: Scene) -> dict[str, dict[str, int]]:
    """How often each stream was asked for, by exchange and address."""
    gateways = scene.testbed.world.gateways.items()
    return {venue: dict(gateway.streams_seen) for venue, gateway in gateways}


@scenario(rule="SQLite has one writer at a time: a program of anybody's may hold its lock")
async def another_program_holds_the_stores_lock(scene: Scene) -> None:
    """For two seconds nothing can be written: the exit waits and goes on, operators are told."""
    await scene.hedged()
    handle = scene.testbed.connection.handle

    def refuse(_: object, statement: str, __: object) -> bool:
        if statement.lstrip().startswith("BEGIN IMMEDIATE"):
            raise apsw.BusyError("BusyError: database is locked")
        return True

    handle.exec_trace = refuse
    asyncio.get_running_loop().call_later(2.0, setattr, handle, "exec_trace", None)
    await scene.exits("flat")
    scene.expect_not_stopped()
    scene.expect_alert("store_locked")
