"""Fills that the private streams lose, repeat, delay or never tell."""

from decimal import Decimal

from trading_platform_order.simulation.scenarios import named_faults as m
from trading_platform_order.simulation.scenarios.catalogue import scenario
from trading_platform_order.simulation.scenarios.dsl import Scene
from trading_platform_order.simulation.scenarios.named_faults import BINANCE, UPBIT

LARGE = Decimal(9_000_000)


@scenario(21, 24)
async def one_fill_missing_on_a_healthy_stream(scene: Scene) -> None:
    """One order event never comes, all others do: the missing fill is asked for."""
    scene.arm(m.news_lost(BINANCE, count=1, skip=1), m.news_lost(UPBIT, count=1, skip=1))
    await scene.enters("hedged", notional_krw=LARGE)


@scenario(22)
async def listen_key_expired_unseen(scene: Scene) -> None:
    """The stream key ends, the socket stays open and silent: the next order is booked anyway."""
    scene.arm(m.told_nothing(BINANCE, "listenKeyExpired"))
    scene.testbed.world.binance.expire_listen_key()
    await scene.enters("hedged")
    await scene.wait_open(10.0)
    await scene.exit()
    await scene.ends_flat()


@scenario(23)
async def stream_cut_during_the_fill(scene: Scene) -> None:
    """Binance's stream breaks as the order arrives and stays away for 5 s: nothing is replayed."""
    scene.arm(m.stream_cut(BINANCE, at_order=True, refuse_s=5.0))
    await scene.enters("hedged")


@scenario(23)
async def both_streams_cut_and_both_answers_lost(scene: Scene) -> None:
    """The fills fall into the gap of both streams, and the answers are lost too."""
    for venue in (UPBIT, BINANCE):
        scene.arm(m.stream_cut(venue, at_order=True, refuse_s=5.0), m.answer_lost(venue))
    await scene.enters("hedged", filled=1)


@scenario(25)
async def most_fills_of_a_large_order_are_not_told(scene: Scene) -> None:
    """An order fills in many parts of which the streams tell one: the quantity is that of all."""
    scene.arm(m.news_lost(UPBIT, skip=1), m.news_lost(BINANCE, skip=1))
    await scene.enters("hedged", notional_krw=LARGE)
    trade = (await scene.trades())["enter"]
    scene.expect(that=len(trade.fills) > 2, otherwise="the order did not fill in parts")  # noqa: PLR2004 - one a leg


@scenario(26, 27)
async def stream_goes_mute_and_stays_open(scene: Scene) -> None:
    """From one event on Binance's stream is silent for ever; it is noticed and replaced."""
    scene.arm(m.stream_mute(BINANCE))
    await scene.enters()
    await scene.wait_open(30.0)
    await scene.exit()
    await scene.ends_flat()
    scene.expect(that=scene.streams_made(BINANCE) > 1, otherwise="the mute stream was not replaced")


@scenario(27)
async def upbit_stream_goes_mute_and_stays_open(scene: Scene) -> None:
    """The same on Upbit."""
    scene.arm(m.stream_mute(UPBIT))
    await scene.enters()
    await scene.exit()
    await scene.ends_flat()


@scenario(28)
async def no_fill_is_ever_told_by_a_stream(scene: Scene) -> None:
    """Both streams are connected and tell of no order at all, for a whole round trip."""
    scene.arm(m.news_lost(UPBIT), m.news_lost(BINANCE))
    await scene.enters()
    await scene.exit()
    await scene.ends_flat(filled=2)


@scenario(42)
async def every_event_comes_twice(scene: Scene) -> None:
    """Streams repeat every order event: each fill counts once."""
    scene.arm(m.news_twice(UPBIT), m.news_twice(BINANCE))
    await scene.enters("hedged")


@scenario(rule="streams and REST have no common order (both exchanges)")
async def fill_told_by_look_up_first_and_by_stream_much_later(scene: Scene) -> None:
    """The stream lags 12 s behind the look-up: the late news changes nothing."""
    for venue in (UPBIT, BINANCE):
        scene.arm(m.news_late(venue, 12.0))
    await scene.enters("hedged")
    await scene.wait_open(15.0)
    scene.expect_outcome("enter", "hedged")


@scenario(rule="an answer may be slower than the stream")
async def answer_comes_long_after_the_stream_told_all(scene: Scene) -> None:
    """The stream told the whole fill 4 s before the answer to the order comes."""
    scene.arm(m.answer_late(UPBIT, 4.0), m.answer_late(BINANCE, 4.0))
    await scene.enters("hedged", filled=1)


@scenario(23, 28)
async def no_entry_without_a_private_stream(scene: Scene) -> None:
    """A private stream is down: ENTER is refused, EXIT is carried out all the same."""
    await scene.hedged()
    scene.arm(m.stream_cut(BINANCE, at_order=False, refuse_s=60.0))
    await scene.wait(1.0)
    await scene.enter("blind", strategy="other")
    await scene.expect_refused("blind", "stream_down", "stale_market_data", "no_market_data")
    await scene.exit()
    await scene.ends_flat()
