"""A market that breaks: built from the figures of 2024-12-03.

That night Upbit's prices fell by about 30 % against Binance's within minutes and came back, and
Upbit answered time-outs and 5xx for part of it. Prices here are made from these figures alone.
When a limit is crossed is reckoned from the exchanges' own state, as in the random runs.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from exchange_simulator.exchanges import Opening
from exchange_simulator.faults.kinds import (
    DropRequest,
    Fault,
    HttpStatus,
    RequestMatch,
)
from trading_platform_order.domain.money import BPS, ZERO
from trading_platform_order.domain.venue import Venue
from trading_platform_order.simulation.scenarios import named_faults as m
from trading_platform_order.simulation.scenarios.catalogue import scenario
from trading_platform_order.simulation.scenarios.dsl import Scene
from trading_platform_order.simulation.scenarios.named_faults import UPBIT
from trading_platform_order.simulation.stress.limit_oracle import LimitOracle
from trading_platform_order.simulation.testbed.testbed import TestBedSetup, bed_settings

STEP_S = 0.5
FALL_BPS = -3_000
OUTAGE_FROM, OUTAGE_STEPS = 50, 150
REACTS_S = 1.0
SPREAD = Decimal("0.001")
RULE = "Upbit and Binance, 2024-12-03, 22:27 to 22:40 KST"
PAIR_KRW = Decimal(9_000_000)
_ALL = RequestMatch()


@dataclass(slots=True, kw_only=True)
class Crash:
    """Upbit's price down in a straight line, and up again.

    Attributes:
        fall_steps: how long it falls; ``rise_steps``: comes back; each step half a second.
        faults: armed at these steps; ``calm_at``: all of them end at this one.
        greedy_every: an ENTER of somebody greedy comes whenever so many steps have passed.
        raised: orders that had raised exposure when the day's limit was crossed, or the stop came.
        stopped_s: when the stop was latched (monotonic).
    """

    scene: Scene
    fall_steps: int = 360
    rise_steps: int = 480
    faults: Mapping[int, tuple[Fault, ...]] = field(default_factory=dict)
    calm_at: int | None = None
    greedy_every: int | None = 40
    raised: set[str] | None = None
    stopped_s: float | None = None

    async def play(self) -> LimitOracle:
        """All of it; returns what was crossed when, as exactly as the books allow."""
        scene = self.scene
        limits = scene.testbed.setup.settings.monitors
        oracle = LimitOracle(testbed=scene.testbed, limits=limits, near=ZERO, part=SPREAD)
        start = scene.testbed.tick("BTC").upbit_close
        for step in range(1, self.fall_steps + self.rise_steps + 1):
            scene.arm(*self.faults.get(step, ()))
            if step == self.calm_at:
                scene.calm()
            self._show(start, step)
            oracle.look()
            await scene.wait(STEP_S)
            self._note(oracle)
            if self.greedy_every and step % self.greedy_every == 0:
                await scene.send_blindly(
                    scene.signal(f"more{step}", scene.ENTER, strategy="greedy", notional_krw=None)
                )
        await scene.quiet()
        return oracle

    def _show(self, start: Decimal, step: int) -> None:
        down = Decimal(min(step, self.fall_steps)) / self.fall_steps
        up = Decimal(max(step - self.fall_steps, 0)) / self.rise_steps
        testbed = self.scene.testbed
        wanted = start * (1 + FALL_BPS * (down - up) / BPS)
        tick = testbed.tick("BTC")
        bps = int((wanted / tick.upbit_close - 1) * BPS)
        testbed.set_tick(replace(tick, upbit_close=tick.upbit_close * (1 + bps / BPS)))

    def _note(self, oracle: LimitOracle) -> None:
        testbed = self.scene.testbed
        if self.stopped_s is None and testbed.engine.executor.account.stopped_reason is not None:
            self.stopped_s = testbed.clock.monotonic()
        is_over = oracle.day.due_at is not None or self.stopped_s is not None
        if self.raised is None and is_over:
            self.raised = _raising(self.scene)

    def expect_nothing_added(self) -> None:
        """Once a limit was crossed, no order raised exposure any more."""
        added = _raising(self.scene) - (self.raised or set())
        self.scene.expect(that=not added, otherwise=f"added after the limit: {added}")

    async def expect_stop_loss(self, oracle: LimitOracle) -> None:
        """The pair's own EXIT began when its loss had lasted, and within a second of that."""
        scene, limit = self.scene, oracle.stop_loss["BTC"]
        trades = (await scene.trades()).items()
        begun = [t.opened_at for name, t in trades if name.startswith("stop-loss-")]
        is_both = bool(begun) and limit.crossed_at is not None
        scene.expect(that=is_both, otherwise=f"stop-loss {begun}, crossed {limit.crossed_at}")
        if not begun or limit.crossed_at is None:
            return
        clock = scene.testbed.clock
        began_s = clock.monotonic() - (clock.now() - min(begun)).total_seconds()
        late_s = began_s - limit.crossed_at - limit.persist_s
        scene.testbed.note(f"stop-loss {late_s:+.2f} s from when its loss had lasted long enough")
        scene.expect(
            that=abs(late_s) <= REACTS_S, otherwise=f"the stop-loss came {late_s:+.2f} s late"
        )

    def expect_stop_for_the_day(self, oracle: LimitOracle) -> None:
        """The stop was latched within a second of the day's limit."""
        due_s, stopped_s = oracle.day.due_at, self.stopped_s
        late_s = None if due_s is None or stopped_s is None else stopped_s - due_s
        self.scene.testbed.note(f"daily loss: stop {late_s} s after it was clearly over its limit")
        is_in_time = late_s is not None and late_s <= REACTS_S
        self.scene.expect(that=is_in_time, otherwise=f"limit at {due_s}, stop at {stopped_s}")

    def tell_loss(self) -> None:
        """What all of it cost."""
        testbed = self.scene.testbed
        day_krw, _ = testbed.engine.executor.book.day_and_hour_pnl_krw(testbed.clock.now())
        testbed.note(f"realised in all: {day_krw.quantize(Decimal(1))} KRW")


def _raising(scene: Scene) -> set[str]:
    """Orders of ours that raised exposure."""
    return {
        order.client_order_id
        for venue in Venue
        for order in scene.orders(venue)
        if order.client_order_id[-2] in "om"
    }


@scenario(rule=RULE, stopped="api_error_count")
async def upbit_falls_by_a_third_and_comes_back(scene: Scene) -> None:
    """Time-outs, 503 for 75 s, time-outs: the stop comes, nothing is added, no fill is lost."""
    await scene.hedged(notional_krw=PAIR_KRW)
    lasts_s = OUTAGE_STEPS * STEP_S
    outage = HttpStatus(venue=UPBIT, match=_ALL, status=503, count=1, lasts_s=lasts_s)
    faults: dict[int, tuple[Fault, ...]] = {
        38: (m.answer_lost(UPBIT),),
        OUTAGE_FROM: (outage,),
        OUTAGE_FROM + OUTAGE_STEPS: (m.order_lost(UPBIT), m.answer_lost(UPBIT, skip=1)),
    }
    crash = Crash(scene=scene, faults=faults)
    await crash.play()
    crash.expect_nothing_added()
    scene.expect_flat()
    scene.expect_alert("stop_loss", "emergency_stop")
    crash.tell_loss()


@scenario(rule=RULE)
async def upbit_falls_by_a_third_and_answers(scene: Scene) -> None:
    """No error at all: the stop-loss closes within a second of its time, and it ends flat."""
    await scene.hedged(notional_krw=PAIR_KRW)
    crash = Crash(scene=scene, greedy_every=None)
    await crash.expect_stop_loss(await crash.play())
    scene.expect_flat()
    scene.expect_alert("stop_loss")
    crash.tell_loss()


@scenario(rule=RULE, stopped="daily_loss")
async def upbit_falls_by_a_third_and_is_entered_again_and_again(scene: Scene) -> None:
    """No error: one stop-loss after the other, until the day's limit stops within a second."""
    await scene.hedged(notional_krw=PAIR_KRW)
    crash = Crash(scene=scene)
    crash.expect_stop_for_the_day(await crash.play())
    crash.expect_nothing_added()
    scene.expect_flat()
    scene.expect_alert("stop_loss", "emergency_stop")
    crash.tell_loss()


@scenario(rule=RULE)
async def upbit_falls_by_a_third_and_the_sale_is_not_answered(scene: Scene) -> None:
    """The sale of the stop-loss is carried out and never answered: in time, sold once, flat."""
    await scene.hedged(notional_krw=PAIR_KRW)
    crash = Crash(scene=scene, greedy_every=None, faults={40: (m.answer_lost(UPBIT),)})
    await crash.expect_stop_loss(await crash.play())
    scene.expect_flat(filled=2)
    crash.tell_loss()


@scenario(rule=RULE)
async def upbit_falls_by_a_third_and_the_sale_never_arrives(scene: Scene) -> None:
    """The sale of the stop-loss is lost, its repetition is not answered: sold once, flat."""
    await scene.hedged(notional_krw=PAIR_KRW)
    faults = (m.order_lost(UPBIT), m.answer_lost(UPBIT, skip=1))
    crash = Crash(scene=scene, greedy_every=None, faults={40: faults})
    await crash.expect_stop_loss(await crash.play())
    scene.expect_flat(filled=2)
    crash.tell_loss()


_NEAR_THE_LIMIT = TestBedSetup(
    opening=Opening(krw=Decimal(11_000_000), usdt=Decimal(8_000)),
    settings=replace(
        bed_settings(), limits=replace(bed_settings().limits, position_fraction=Decimal(1))
    ),
)


@scenario(rule=RULE, setup=_NEAR_THE_LIMIT, stopped="daily_loss")
async def upbit_falls_at_once_beyond_the_limit_of_the_day(scene: Scene) -> None:
    """Within 15 s, beyond the day's limit: the stop comes within a second, the sale unanswered."""
    await scene.hedged(notional_krw=PAIR_KRW)
    faults = {4: (m.answer_lost(UPBIT),)}
    crash = Crash(scene=scene, fall_steps=30, rise_steps=120, faults=faults)
    oracle = await crash.play()
    crash.expect_stop_for_the_day(oracle)
    crash.expect_nothing_added()
    scene.expect_flat()
    scene.expect_alert("stop_loss", "emergency_stop")
    crash.tell_loss()


@scenario(rule=RULE, setup=_NEAR_THE_LIMIT, stopped="daily_loss")
async def upbit_falls_at_once_and_answers_nothing_any_more(scene: Scene) -> None:
    """As it falls Upbit answers nothing for 40 s, but carries out one order: stopped, then flat."""
    await scene.hedged(notional_krw=PAIR_KRW)
    silence = DropRequest(venue=UPBIT, match=RequestMatch(method="GET"), count=m.EVER)
    faults = {8: (m.answer_lost(UPBIT), silence)}
    crash = Crash(scene=scene, fall_steps=30, rise_steps=240, faults=faults, calm_at=88)
    oracle = await crash.play()
    crash.expect_stop_for_the_day(oracle)
    crash.expect_nothing_added()
    scene.expect_flat(filled=2)
    crash.tell_loss()


@scenario(rule="a leg whose book stands still has lost nothing (our design)", setup=_NEAR_THE_LIMIT)
async def both_legs_rise_while_upbits_prices_are_cut_off(scene: Scene) -> None:
    """Both rise by 12 %, and Upbit's stream is gone for 2.5 s: no loss is seen in the old book."""
    await scene.hedged(notional_krw=PAIR_KRW)
    scene.arm(m.stream_cut(UPBIT, at_order=False, refuse_s=2.5))
    await scene.wait_open(0.2)
    scene.move(spot_bps=1200, hedge_bps=1200)
    await scene.wait_open(20.0)
    scene.expect_not_stopped()
    scene.expect_hedged()
