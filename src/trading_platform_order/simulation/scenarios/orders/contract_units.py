"""A contract of a thousand coins: everything is told, kept and judged in coins, none is lost."""

from dataclasses import replace
from decimal import Decimal

from exchange_simulator.exchanges import Opening
from trading_platform_order.domain.account.account_events import FundingBooked
from trading_platform_order.domain.money import floor_to_step
from trading_platform_order.domain.venue import Venue
from trading_platform_order.executor.journal.event_codec import event_of
from trading_platform_order.risk.monitors.margin_monitor import MarginLimits
from trading_platform_order.risk.monitors.monitor_limits import MonitorLimits
from trading_platform_order.simulation.scenarios import named_faults as m
from trading_platform_order.simulation.scenarios.catalogue import scenario
from trading_platform_order.simulation.scenarios.dsl import Scene
from trading_platform_order.simulation.scenarios.named_faults import BINANCE
from trading_platform_order.simulation.testbed.testbed import TestBedSetup, bed_settings

COIN, CONTRACT, FACTOR = "SHIB", "1000SHIBUSDT", Decimal(1_000)
USUAL = TestBedSetup(bases=(COIN,), settings=bed_settings(COIN))
LITTLE = replace(USUAL, opening=Opening(krw=Decimal(20_000_000), usdt=Decimal(500)))
_NO_REDUCING = MonitorLimits(
    margin=MarginLimits(
        warn_distance=Decimal(0),
        reduce_distance=Decimal(0),
        warn_ratio=Decimal(2),
        reduce_ratio=Decimal(2),
    )
)
STOP_ALONE = replace(LITTLE, settings=replace(USUAL.settings, monitors=_NO_REDUCING))
UNITS = "1000SHIBUSDT counts and prices a thousand coins as one (Binance, exchangeInfo)"
VALUE_KRW = Decimal(1_000_000)
TRIGGER_MOST = 3
"""A stop stands between the price and its threefold; one in the wrong unit stands far off."""


def _contracts(scene: Scene) -> Decimal:
    """What Binance itself holds, in its own unit, positive when short."""
    return -scene.testbed.world.binance.position(CONTRACT)


def _expect_the_value(scene: Scene, part: Decimal = Decimal(1)) -> None:
    """Both legs are worth what was asked for, by the exchanges' own figures."""
    world = scene.testbed.world
    coins_krw = scene.coins(COIN) * world.upbit.prices[f"KRW-{COIN}"]
    hedge_usdt = _contracts(scene) * (world.binance.mid(CONTRACT) or Decimal(0))
    hedge_krw = hedge_usdt * world.upbit.prices["KRW-USDT"]
    for name, told in (("coins", coins_krw), ("contracts", hedge_krw)):
        scene.expect(
            that=abs(told / (VALUE_KRW * part) - 1) < Decimal("0.03"),
            otherwise=f"{name} are worth {told:.0f} KRW, asked for {VALUE_KRW * part:.0f}",
        )


async def _opened(scene: Scene) -> None:
    await scene.hedged(symbol=COIN)
    scene.expect_hedged(COIN)
    _expect_the_value(scene)


@scenario(rule=UNITS, setup=USUAL)
async def a_contract_of_a_thousand_coins(scene: Scene) -> None:
    """ENTER, half an EXIT, a restart, the rest: both legs are worth what was asked for."""
    await _opened(scene)
    half = floor_to_step(scene.short(COIN) / 2, FACTOR)
    await scene.exits(name="half", symbol=COIN, quantity_base=half)
    _expect_the_value(scene, Decimal("0.5"))
    await scene.crash()
    await scene.wait_open(70.0)
    scene.expect_hedged(COIN)
    scene.expect_not_stopped()
    await scene.exits("flat", name="rest", symbol=COIN)
    scene.expect_flat(COIN)


@scenario(rule=UNITS, setup=USUAL)
async def such_a_contract_whose_answer_is_lost(scene: Scene) -> None:
    """Binance takes the order, the answer and the stream are lost: found, counted once."""
    scene.arm(m.answer_lost(BINANCE), m.news_lost(BINANCE))
    await scene.enters("hedged", symbol=COIN)
    _expect_the_value(scene)


@scenario(rule=UNITS, setup=USUAL)
async def such_a_contract_whose_order_never_arrives(scene: Scene) -> None:
    """Beside an open pair a second order never arrives: proven by the position, in coins."""
    await _opened(scene)
    scene.arm(m.order_lost(BINANCE))
    await scene.exit(symbol=COIN)
    await scene.ends_flat(COIN)


@scenario(rule=UNITS, setup=USUAL)
async def such_a_contract_is_deleveraged_unseen(scene: Scene) -> None:
    """No stream tells of it: the position check sees it, the coins are sold."""
    await _opened(scene)
    scene.arm(m.news_lost(BINANCE), m.told_nothing(BINANCE, "ACCOUNT_UPDATE", count=m.EVER))
    scene.testbed.world.binance.deleverage(CONTRACT)
    await scene.wait_open(150.0)
    await scene.ends_flat(COIN)
    scene.expect_alert("one_leg_gone")


@scenario(rule=UNITS, setup=USUAL)
async def a_part_of_such_a_hedge_is_closed_by_hand(scene: Scene) -> None:
    """An operator buys 1,000 contracts back: as many coins are sold, no more and no less."""
    await _opened(scene)
    before = _contracts(scene)
    scene.owner.close_our_short(CONTRACT, Decimal(1_000))
    await scene.wait_open(30.0)
    await scene.quiet()
    scene.expect(
        that=_contracts(scene) == before - 1_000,
        otherwise=f"{_contracts(scene)} contracts are short, of {before} an operator closed 1000",
    )
    scene.expect_hedged(COIN)


@scenario(rule=UNITS, setup=STOP_ALONE)
async def the_stop_on_such_a_contract_fires(scene: Scene) -> None:
    """It stands over the whole short at the contract's price, fires, and the coins are sold."""
    await scene.hedged(symbol=COIN, notional_krw=Decimal(950_000))
    await scene.wait_open(10.0)
    algo = [a for a in _algos(scene) if a["algoStatus"] == "NEW"]
    mid = scene.testbed.world.binance.mid(CONTRACT) or Decimal(0)
    told = [(Decimal(a["quantity"]), Decimal(a["triggerPrice"]) / mid) for a in algo]
    scene.expect(
        that=len(told) == 1 and told[0][0] == _contracts(scene) and 1 < told[0][1] < TRIGGER_MOST,
        otherwise=f"stops (contracts, trigger over price): {told}, short {_contracts(scene)}",
    )
    scene.move(base=COIN, spot_bps=7_000, hedge_bps=7_000)
    await scene.wait_open(30.0)
    await scene.ends_flat(COIN)
    scene.expect_alert("one_leg_gone")


def _algos(scene: Scene) -> list[dict[str, str]]:
    found: list[dict[str, str]] = scene.testbed.world.binance.state()["algo_orders"]
    return found


@scenario(rule=UNITS, setup=LITTLE)
async def margin_runs_short_under_such_a_contract(scene: Scene) -> None:
    """The coin rises by 58 %: both legs are reduced alike, and the rest stays hedged."""
    await scene.hedged(symbol=COIN, notional_krw=Decimal(950_000))
    before = _contracts(scene)
    await scene.wait_open(10.0)
    scene.move(base=COIN, spot_bps=5_800, hedge_bps=5_800)
    await scene.wait_open(40.0)
    await scene.ends_hedged(COIN)
    scene.expect(that=0 < _contracts(scene) < before, otherwise="nothing was reduced")
    scene.expect_alert("margin_reduced")


@scenario(rule=UNITS, setup=USUAL)
async def funding_of_such_a_contract(scene: Scene) -> None:
    """Funding is booked under the pair's own name, and the ledger agrees with the wallet."""
    await _opened(scene)
    scene.jump(8.0)
    await scene.wait_open(20.0)
    await scene.quiet()
    rows = [event_of(row) async for row in scene.testbed.reader().journal_all()]
    names = {event.symbol for event in rows if isinstance(event, FundingBooked)}
    scene.expect(that=names == {f"{COIN}USDT"}, otherwise=f"funding was booked for {names}")
    scene.expect_filled(upbit=1, binance=1)
    scene.expect(
        that=not scene.testbed.world.upbit.totals.get(COIN, Decimal(0)) < FACTOR,
        otherwise=f"nothing of {COIN} is held on {Venue.UPBIT}",
    )


@scenario(rule=UNITS, setup=USUAL)
async def a_thin_book_of_such_a_contract(scene: Scene) -> None:
    """Others leave 6,000 contracts at a time: the EXIT takes what is there, again and again."""
    await _opened(scene)
    scene.testbed.world.binance.limit_depth(CONTRACT, Decimal(6_000))
    await scene.exit(symbol=COIN)
    await scene.flat_within(10.0, COIN)
    scene.testbed.world.binance.limit_depth(CONTRACT, None)
    await scene.ends("exit", "flat")
