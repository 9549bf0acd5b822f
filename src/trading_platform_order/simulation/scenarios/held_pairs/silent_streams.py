"""A stream of prices that is silent while something is held: what is asked for takes its place.

It values what is held and closes it. It is no market to enter by, and it does not make the stream
alive.
"""

from decimal import Decimal

from exchange_simulator.exchanges import Opening
from exchange_simulator.faults.kinds import DelayStream, MessageMatch
from trading_platform_order.domain.venue import Venue
from trading_platform_order.simulation.scenarios import named_faults as m
from trading_platform_order.simulation.scenarios.catalogue import scenario
from trading_platform_order.simulation.scenarios.dsl import Scene
from trading_platform_order.simulation.scenarios.named_faults import BINANCE, UPBIT
from trading_platform_order.simulation.testbed.testbed import TestBedSetup

GUARDED = "what is held is guarded while a stream is silent (our design)"
SOURCE = "a price that was asked for makes no stream young (our design)"
BOOKS = {UPBIT: "KRW-", BINANCE: "depthUpdate"}
PRICES = {UPBIT: "/websocket/v1", BINANCE: "/public/stream"}
ASKED_AT = {UPBIT: "/v1/orderbook", BINANCE: "/fapi/v1/depth"}
LITTLE = TestBedSetup(opening=Opening(krw=Decimal(20_000_000), usdt=Decimal(500)))


def _silent(scene: Scene, venue: Venue) -> None:
    scene.arm(m.told_nothing(venue, BOOKS[venue], count=m.EVER))


async def _loses(scene: Scene) -> None:
    """The premium falls by 7 %, and the pair is closed within seconds."""
    await scene.wait_open(12.0)
    scene.move(spot_bps=-700)
    await scene.flat_within(10.0)
    scene.expect_alert("stop_loss")
    scene.calm()
    await scene.wait_open(5.0)


@scenario(rule=GUARDED)
async def a_loss_while_binance_tells_no_prices(scene: Scene) -> None:
    """Binance's books are silent and a pair loses 7 %: asked-for books show it, it is closed."""
    await scene.hedged()
    _silent(scene, BINANCE)
    await _loses(scene)


@scenario(rule=GUARDED)
async def a_loss_while_upbit_tells_no_prices(scene: Scene) -> None:
    """Upbit tells neither books nor the rate and a pair loses 7 %: asked for, and closed."""
    await scene.hedged()
    _silent(scene, UPBIT)
    await _loses(scene)


@scenario(rule=GUARDED)
async def a_loss_while_prices_come_late(scene: Scene) -> None:
    """Binance's books come half a minute late and a pair loses 7 %: the asked-for ones count."""
    await scene.hedged()
    late = MessageMatch(path=PRICES[BINANCE])
    scene.arm(DelayStream(venue=BINANCE, match=late, delay_s=30.0, count=m.EVER))
    await _loses(scene)


@scenario(rule=GUARDED, setup=LITTLE, stopped="stale_market_data")
async def margin_runs_short_while_binance_tells_no_prices(scene: Scene) -> None:
    """Binance's books are silent for 36 s, then the coin rises by 58 %: reduced all the same."""
    await scene.hedged(notional_krw=Decimal(950_000))
    before = scene.short()
    await scene.wait_open(10.0)
    _silent(scene, BINANCE)
    await scene.wait_open(36.0)
    await scene.expect_stopped("stale_market_data")
    scene.move(spot_bps=5_800, hedge_bps=5_800)
    await scene.within(15.0, lambda: scene.short() < before, "nothing was reduced")
    scene.calm()
    await scene.wait_open(20.0)
    await scene.ends_hedged()
    scene.expect_alert("margin_reduced")


@scenario(rule=SOURCE)
async def an_entry_beside_books_that_are_asked_for(scene: Scene) -> None:
    """A pair is held, Binance's books are silent and asked for each second: ENTER is refused."""
    await scene.hedged()
    _silent(scene, BINANCE)
    await scene.wait_open(12.0)
    scene.expect(
        that=scene.requests(BINANCE, "GET", ASKED_AT[BINANCE]) > 0,
        otherwise="no book was asked for",
    )
    await scene.send_blindly(scene.signal("blind", scene.ENTER, strategy="other"))
    await scene.expect_refused("blind", "stale_market_data")
    scene.calm()
    await scene.wait_open(5.0)


@scenario(rule=SOURCE, stopped="stale_market_data")
async def silent_books_that_are_asked_for(scene: Scene) -> None:
    """Upbit's books are silent for 36 s and asked for meanwhile: the stop latches all the same."""
    await scene.hedged()
    _silent(scene, UPBIT)
    await scene.wait_open(36.0)
    await scene.expect_stopped("stale_market_data")
    scene.expect_hedged()
    scene.calm()
    await scene.wait_open(5.0)


@scenario(rule=GUARDED)
async def a_book_that_nobody_tells(scene: Scene) -> None:
    """Binance's books are silent and cannot be asked for, the coin falls by 10 %: no stop-loss."""
    await scene.hedged()
    _silent(scene, BINANCE)
    scene.arm(m.reads_fail(BINANCE, ASKED_AT[BINANCE], 500, count=m.EVER))
    await scene.wait_open(8.0)
    scene.move(spot_bps=-1_000, hedge_bps=-1_000)
    await scene.wait_open(10.0)
    scene.calm()
    await scene.wait_open(10.0)
    scene.expect_hedged(filled=1)
