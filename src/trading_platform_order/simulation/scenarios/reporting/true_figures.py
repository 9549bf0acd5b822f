"""What is told is so: views, ledger and profit say what the exchanges did."""

from collections.abc import Sequence
from decimal import Decimal

from exchange_simulator.account_setup import AccountOrder, set_up
from exchange_simulator.faults.kinds import HttpStatus, LagReads, RequestMatch
from trading_platform_order.domain.alert import Alert
from trading_platform_order.domain.costs.fee_value import fee_in_quote, is_estimated
from trading_platform_order.domain.money import plain
from trading_platform_order.domain.order import Fill
from trading_platform_order.domain.venue import Venue
from trading_platform_order.simulation.scenarios import named_faults as m
from trading_platform_order.simulation.scenarios.catalogue import scenario
from trading_platform_order.simulation.scenarios.dsl import Scene
from trading_platform_order.simulation.scenarios.named_faults import BINANCE
from trading_platform_order.simulation.scenarios.reporting.money import HOURS_TO_FUNDING
from trading_platform_order.storage.base import Entry
from trading_platform_order.storage.replica import Replica

BNB_USDT = Decimal(600)
"""What BNB costs in these worlds."""


@scenario(rule="an id given twice: seen on our own paper exchange after a restart")
async def trade_ids_that_begin_anew(scene: Scene) -> None:
    """An exchange counts its trade ids from the first one again: every fill is still told."""
    await scene.hedged()
    scene.testbed.world.upbit.begin_trade_ids_anew()
    scene.testbed.world.binance.begin_trade_ids_anew()
    await scene.exits("flat")
    await scene.enters("hedged", name="again")


@scenario(rule="our own commits: a trade's end and its position are two")
async def killed_between_a_trades_end_and_its_position(scene: Scene) -> None:
    """The engine dies when a trade has ended, its position unrecorded: the start records it."""

    def committed(entries: Sequence[Entry], _: Sequence[Alert]) -> None:
        if any(entry.kind == "trade_settled" for entry in entries):
            scene.die_at(1)

    scene.testbed.observers.append(committed)
    await scene.enters()
    scene.testbed.observers.remove(committed)
    scene.expect(that=scene.testbed.report.crashes == 1, otherwise="the engine did not die")
    shown = {row["short_base"] for row in await _view(scene, "v_positions")}
    short = plain(scene.short())
    scene.expect(that=shown == {short}, otherwise=f"the view shows {shown}, held is {short}")


@scenario(rule="the rate moves while an order's fate is unknown")
async def a_fill_that_is_told_at_another_rate(scene: Scene) -> None:
    """The rate moves between the decision and the fill: the profit is that of the fill's rate."""
    await scene.hedged()
    scene.move(spot_bps=-2_000, hedge_bps=-2_000)
    await scene.wait_open(5.0)
    scene.arm(m.answer_lost(BINANCE), m.news_lost(BINANCE))
    scene.arm(LagReads(venue=Venue.BINANCE, lag_s=6.0, lasts_s=20.0))
    await scene.exit()
    await scene.wait(0.5)
    scene.move(fx_bps=300)
    await scene.ends("exit", "flat")
    rates = [
        row.body async for row in scene.testbed.reader().journal_all() if row.kind == "fx_marked"
    ]
    scene.expect(that=bool(rates), otherwise="the rate was not marked")


@scenario(rule="GET income: SPECIAL_FUNDING_FEE is a kind of its own, with ids of its own")
async def a_special_funding_fee(scene: Scene) -> None:
    """Funding outside of the usual times, under an id of an ordinary payment: it is booked, too."""
    await scene.hedged()
    scene.jump(HOURS_TO_FUNDING)
    await scene.wait_open(5.0)
    usual = len(await scene.funding())
    scene.testbed.world.binance.pay_special_funding("BTCUSDT", Decimal("-1.25"))
    await scene.wait_open(200.0)
    booked = await scene.funding()
    scene.expect(
        that=len(booked) == usual + 1 and booked[-1] == Decimal("-1.25"),
        otherwise=f"booked {booked}",
    )


# -- fees in another asset -------------------------------------------------------------------------


async def _pay_in_bnb(scene: Scene) -> None:
    """The account pays in BNB, and the engine has had the time to notice."""
    set_up(scene.testbed.world, AccountOrder(burns_bnb=True, bnb="1"))
    await scene.wait_open(330.0)


async def _hedge_fills(scene: Scene) -> list[Fill]:
    trades = (await scene.trades()).values()
    return [fill for trade in trades for fill in trade.fills if fill.exchange is Venue.BINANCE]


@scenario(rule="POST feeBurn: fees are taken in BNB, USDT books only what they are worth")
async def fees_in_bnb_count_at_their_price(scene: Scene) -> None:
    """Told by the stream: each fee is worth what BNB cost then, in views, ledger and profit."""
    await _pay_in_bnb(scene)
    await _pair(scene)
    await _expect_valued(scene)


@scenario(rule="POST feeBurn; userTrades tells fees as well")
async def fees_in_bnb_that_only_reads_tell_count_at_their_price(scene: Scene) -> None:
    """The same where no stream tells of the order."""
    await _pay_in_bnb(scene)
    scene.arm(m.news_lost(BINANCE), m.answer_lost(BINANCE))
    await _pair(scene)
    await _expect_valued(scene)


async def _pair(scene: Scene) -> None:
    await scene.enters()
    scene.move(fx_bps=200)
    await scene.exits("flat")


async def _expect_valued(scene: Scene) -> None:
    fills = await _hedge_fills(scene)
    scene.expect(that=len(fills) > 1, otherwise="no fills")
    for fill in fills:
        scene.expect(
            that=fill.fee_asset == "BNB" and fee_in_quote(fill) == fill.fee * BNB_USDT,
            otherwise=f"{fill.fee} {fill.fee_asset} counts as {fee_in_quote(fill)} USDT",
        )
    ledger = scene.testbed.engine.executor.account.book.ledger
    worth = sum((fill.fee for fill in fills), Decimal(0)) * BNB_USDT
    scene.expect(
        that=ledger.fees_elsewhere_usdt == worth,
        otherwise=f"{ledger.fees_elsewhere_usdt} USDT are booked as fees, {worth} were taken",
    )
    told = [row for row in await _view(scene, "v_fills") if row["fee_asset"] == "BNB"]
    scene.expect(
        that=all(row["fee_quote"] is not None for row in told) and bool(told),
        otherwise="a fee in BNB has no value in the view",
    )


@scenario(rule="GET ticker/price may fail for longer than a price is good")
async def fees_in_bnb_without_a_price_are_estimated(scene: Scene) -> None:
    """No price at most a minute old: the fee counts as more than any is, and that is told."""
    await _pay_in_bnb(scene)
    prices = RequestMatch(method="GET", path="/fapi/v1/ticker/price")
    scene.arm(HttpStatus(venue=Venue.BINANCE, match=prices, status=500, count=1_000))
    await scene.wait_open(90.0)
    await _pair(scene)
    for fill in await _hedge_fills(scene):
        most = fill.price * fill.quantity / 1_000
        scene.expect(
            that=is_estimated(fill) and fee_in_quote(fill) == most,
            otherwise=f"{fill.fee} BNB counts as {fee_in_quote(fill)}, not {most} USDT",
        )
    told = [alert for alert in scene.testbed.alerts() if "fees_estimated" in alert.fields]
    scene.expect(that=len(told) == 2, otherwise=f"{len(told)} alerts tell of estimated fees")  # noqa: PLR2004 - entry and exit


async def _view(scene: Scene, name: str) -> list[dict[str, str | int | None]]:
    """The rows of a documented view, as a watcher sees them now."""
    replica = Replica()
    await replica.follow(scene.testbed.reader())
    rows = replica.query(name)
    replica.close()
    return rows
