"""What watches while something is held: loss stops, and the conditions of the emergency stop."""

from decimal import Decimal

from trading_platform_order.simulation.scenarios import named_faults as m
from trading_platform_order.simulation.scenarios.catalogue import scenario
from trading_platform_order.simulation.scenarios.dsl import Scene
from trading_platform_order.simulation.scenarios.named_faults import BINANCE
from trading_platform_order.simulation.testbed.testbed import BASE


@scenario(68)
async def a_pair_that_loses_more_than_five_percent(scene: Scene) -> None:
    """The premium falls by 7 % and stays there: both legs are closed, operators are told."""
    await scene.hedged()
    scene.move(spot_bps=-700)
    await scene.wait_open(20.0)
    await scene.ends_flat(filled=2)
    scene.expect_alert("stop_loss")


@scenario(68)
async def a_loss_stop_over_a_crash(scene: Scene) -> None:
    """The engine dies as it closes the losing pair: closed once, by the next one."""
    await scene.hedged()
    scene.arm(m.answer_lost(BINANCE))
    scene.move(spot_bps=-700)
    await scene.wait_open(6.0)
    await scene.crash()
    await scene.wait_open(30.0)
    await scene.ends_flat(filled=2)


@scenario(59, 60)
async def a_spike_of_a_second(scene: Scene) -> None:
    """The premium falls by 7 % for one second: no loss stop, the pair stays."""
    await scene.hedged()
    scene.move(spot_bps=-700)
    await scene.wait(1.0)
    scene.move(spot_bps=753)
    await scene.wait_open(20.0)
    scene.expect_hedged(filled=1)


@scenario(59, 67)
async def a_fall_that_both_legs_share(scene: Scene) -> None:
    """The coin falls by a quarter on both exchanges: a hedged pair loses nothing and stays."""
    await scene.hedged()
    scene.move(spot_bps=-2_500, hedge_bps=-2_500)
    await scene.wait_open(30.0)
    scene.expect_hedged(filled=1)


@scenario(68, stopped="daily_loss")
async def a_day_that_loses_more_than_three_percent(scene: Scene) -> None:
    """A large pair loses over 3 % of all capital: it is closed, and the stop latches."""
    await scene.hedged(notional_krw=Decimal(9_000_000))
    scene.move(spot_bps=-1_500)
    await scene.wait_open(20.0)
    await scene.ends_flat()
    await scene.expect_stopped("daily_loss")
    await scene.enter("more", strategy="other")
    await scene.expect_refused("more", "stopped")


@scenario(58, 60, stopped="api_error_count")
async def an_exchange_that_answers_nothing_but_errors(scene: Scene) -> None:
    """Binance answers every private read with 502 for minutes: the stop latches."""
    await scene.hedged()
    scene.arm(m.reads_fail(BINANCE, "/fapi/v3", 502, count=40))
    await scene.wait_open(180.0)
    await scene.expect_stopped("api_error_count")


@scenario(59, 60)
async def a_few_errors_and_then_an_answer(scene: Scene) -> None:
    """Six private reads fail, then one is answered, three times over: no stop."""
    await scene.hedged()
    for _ in range(3):
        scene.arm(m.reads_fail(BINANCE, "/fapi/v3", 502, count=6))
        await scene.wait_open(60.0)
    scene.expect_hedged()


@scenario(rule="market_event of GET /v1/market/all: warning and caution")
async def a_market_that_upbit_warns_of(scene: Scene) -> None:
    """Upbit warns of the market while a pair is open: no ENTER within a minute, EXIT goes on."""
    await scene.hedged()
    scene.testbed.world.upbit.warn_of(f"KRW-{BASE}", "warning")
    await scene.wait_open(130.0)
    await scene.enter("warned", strategy="other")
    await scene.expect_refused("warned", "market_warning")
    await scene.exits("flat")


@scenario(58, rule="entries cease before the stop on API errors latches (our design)")
async def an_exchange_that_begins_to_fail(scene: Scene) -> None:
    """Some private reads fail in a row: no ENTER, EXIT goes on, and no stop is latched."""
    await scene.hedged()
    scene.arm(m.reads_fail(BINANCE, "/fapi/v3", 502, count=12))
    await scene.wait_open(6.0)
    await scene.enter("careless", strategy="other")
    await scene.expect_refused("careless", "exchange_failing")
    await scene.exits("flat")
