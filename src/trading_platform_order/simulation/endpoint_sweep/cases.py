"""What must go on while an endpoint fails, each measured from its claim to the exchanges' state."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from exchange_simulator.faults.kinds import DropRequest, RefuseOrder, RequestMatch
from trading_platform_order.domain.signal import Action
from trading_platform_order.domain.venue import Venue
from trading_platform_order.risk.monitors.emergency_stop import FLATTEN_LATCH, STOP_LATCH
from trading_platform_order.simulation.endpoint_sweep.bed import Bed, Measured
from trading_platform_order.simulation.testbed.testbed import BASE
from trading_platform_order.storage.relational.runner import Inline
from trading_platform_order.storage.relational.store import SqlInbox
from trading_platform_order.transport.clock import epoch_us

Play = Callable[[Bed], Awaitable[Measured]]
FALL_BPS = -700
SEEN_S = 3.0
"""Engine and watchdog have seen each other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One thing that must go on.

    Attributes:
        has_dog: a watchdog runs beside the engine.
        loses_rows: the start cannot know whether the journal's last rows are there.
        refuses: the exchange that refuses the first order of it.
    """

    name: str
    about: str
    play: Play
    has_dog: bool = False
    loses_rows: bool = False
    refuses: Venue | None = None


async def _enter(bed: Bed) -> Measured:
    await bed.testbed.start()
    await bed.strike()
    bed.submit(bed.signal(Action.ENTER, "enter"))

    def is_over() -> bool:
        has_ended = bed.settled > 0 or "enter" in bed.refused
        return bed.is_hedged() or (has_ended and bed.is_even())

    return await bed.measure(is_over)


async def _exit(bed: Bed) -> Measured:
    await bed.opened()
    return await _exit_of_what_is_open(bed)


async def _exit_of_what_is_open(bed: Bed) -> Measured:
    await bed.strike()
    bed.submit(bed.signal(Action.EXIT, "exit"))
    return await bed.measure(bed.is_flat)


def _exit_refused_first(venue: Venue, code: str) -> Play:
    """The exchange says once that what is to be closed is not there."""

    async def play(bed: Bed) -> Measured:
        await bed.opened()
        bed.testbed.world.arm(RefuseOrder(venue=venue, code=code))
        return await _exit_of_what_is_open(bed)

    return play


async def _partial_exit(bed: Bed) -> Measured:
    await bed.opened()
    await bed.strike()
    half = bed.short / 2
    bed.submit(bed.signal(Action.EXIT, "part", quantity=half))
    return await bed.measure(lambda: bed.short <= half and bed.is_even())


async def _stop_loss(bed: Bed) -> Measured:
    await bed.opened()
    await bed.strike()
    bed.fall(FALL_BPS)
    persist_s = bed.testbed.setup.settings.monitors.stop_loss.persist_s
    measured = await bed.measure(bed.is_flat, late_s=-persist_s)
    if measured.seconds is None:
        return measured
    return replace(measured, seconds=max(measured.seconds, 0.0))


async def _flatten(bed: Bed) -> Measured:
    await bed.opened()
    await bed.strike()
    inbox = SqlInbox(bed.testbed.connection, Inline(), "main")
    now_us = epoch_us(bed.testbed.clock.now())
    for latch in (STOP_LATCH, FLATTEN_LATCH):
        await inbox.set_latch(latch, "by hand", at_us=now_us)
    bed.spawn(bed.testbed.engine.executor.wake())
    return await bed.measure(bed.is_flat)


async def _hedge_taken(bed: Bed) -> Measured:
    await bed.opened()
    await bed.strike()
    bed.testbed.world.binance.deleverage(f"{BASE}USDT")
    return await bed.measure(bed.is_flat)


async def _coins_taken(bed: Bed) -> Measured:
    await bed.opened()
    await bed.strike()
    bed.testbed.owner.sell_our_coins(BASE, bed.coins)
    return await bed.measure(bed.is_flat)


async def _restart_exit(bed: Bed) -> Measured:
    await bed.opened()
    await bed.testbed.kill()
    bed.arm()
    await bed.put(bed.signal(Action.EXIT, "exit"))
    bed.testbed.begin()
    return await bed.measure(bed.is_flat)


async def _restart_lost_rows(bed: Bed) -> Measured:
    await bed.opened()
    await bed.testbed.kill()
    bed.testbed.place = replace(bed.testbed.place, boot="after power was lost")
    bed.arm()
    await bed.put(bed.signal(Action.EXIT, "exit"))
    bed.testbed.begin()
    return await bed.measure(bed.is_flat)


async def _a_leg_refused(bed: Bed) -> None:
    """An ENTER bought the coins, Binance refused the hedge, and the engine dies as it hears so."""
    bed.testbed.world.arm(RefuseOrder(venue=Venue.BINANCE))
    bed.die_at("order_refused")
    bed.submit(bed.signal(Action.ENTER, "enter"))
    await bed.dead()


async def _restart_unfinished(bed: Bed) -> Measured:
    await bed.testbed.start()
    await _a_leg_refused(bed)
    bed.arm()
    bed.testbed.begin()
    return await bed.measure(bed.is_even)


def _restart_unknown(venue: Venue) -> Play:
    """The order on this exchange never arrived, and the engine dies as the other one fills."""

    async def play(bed: Bed) -> Measured:
        await bed.testbed.start()
        lost = DropRequest(venue=venue, match=RequestMatch(is_order=True))
        bed.testbed.world.arm(lost)
        bed.die_at("fill_seen")
        bed.submit(bed.signal(Action.ENTER, "enter"))
        await bed.dead()
        bed.arm()
        bed.testbed.begin()
        return await bed.measure(bed.is_even)

    return play


async def _watchdog_uneven(bed: Bed) -> Measured:
    await bed.testbed.start()
    bed.testbed.start_dog()
    await bed.measure(lambda: False, within_s=SEEN_S)
    await _a_leg_refused(bed)
    bed.arm()
    return await bed.measure(bed.is_even)


async def _watchdog_exit(bed: Bed) -> Measured:
    await bed.opened()
    bed.testbed.start_dog()
    await bed.measure(lambda: False, within_s=SEEN_S)
    await bed.testbed.kill()
    bed.arm()
    await bed.put(bed.signal(Action.EXIT, "exit"))
    return await bed.measure(bed.is_flat)


CASES = {
    case.name: case
    for case in (
        Case(name="enter", about="an ENTER, until hedged, taken back or refused", play=_enter),
        Case(name="exit", about="an EXIT of all", play=_exit),
        Case(
            name="refused_sale",
            about="an EXIT whose sale is refused once for want of coins",
            play=_exit_refused_first(Venue.UPBIT, "insufficient_funds_ask"),
            refuses=Venue.UPBIT,
        ),
        Case(
            name="refused_buy_back",
            about="an EXIT whose buy-back is refused once as not reducing",
            play=_exit_refused_first(Venue.BINANCE, "-2022"),
            refuses=Venue.BINANCE,
        ),
        Case(name="partial_exit", about="an EXIT of one half", play=_partial_exit),
        Case(name="stop_loss", about="the premium falls by 7 %", play=_stop_loss),
        Case(name="flatten", about="an operator has everything closed", play=_flatten),
        Case(
            name="hedge_taken",
            about="Binance deleverages the short (ADL), the coins are sold",
            play=_hedge_taken,
        ),
        Case(
            name="coins_taken",
            about="the owner sells the coins in the app, the short is closed",
            play=_coins_taken,
        ),
        Case(name="restart_exit", about="an EXIT waits as the engine starts", play=_restart_exit),
        Case(
            name="restart_unfinished",
            about="the engine starts beside an ENTER of which one leg was refused",
            play=_restart_unfinished,
        ),
        Case(
            name="restart_unknown",
            about="the engine starts beside an ENTER whose hedge never arrived",
            play=_restart_unknown(Venue.BINANCE),
        ),
        Case(
            name="restart_unknown_spot",
            about="the engine starts beside an ENTER whose purchase never arrived",
            play=_restart_unknown(Venue.UPBIT),
        ),
        Case(
            name="restart_lost_rows",
            about="an EXIT waits as the engine starts after power was lost",
            play=_restart_lost_rows,
            loses_rows=True,
        ),
        Case(
            name="watchdog_uneven",
            about="the engine is gone, one leg of an ENTER was refused",
            play=_watchdog_uneven,
            has_dog=True,
        ),
        Case(
            name="watchdog_exit",
            about="the engine is gone, and an EXIT waits",
            play=_watchdog_exit,
            has_dog=True,
        ),
    )
}
