"""A market that breaks: built from the figures of 2024-12-03.

That night Upbit's prices fell by about 30 % against Binance's within minutes and came back, and
Upbit answered time-outs and 5xx for part of it. Prices here are made from these figures alone.
"""

from decimal import Decimal

from trading_platform_order.simulation.scenarios.catalogue import scenario
from trading_platform_order.simulation.scenarios.mishaps import UPBIT
from trading_platform_order.simulation.scenarios.scene import Scene
from trading_platform_order.simulator.faults import HttpStatus, RequestMatch

STEP_S = 0.5
FALL_STEPS, RISE_STEPS = 360, 480
FALL_BPS = -3_000
OUTAGE_FROM, OUTAGE_STEPS = 50, 150
REACTS_S = 1.0


@scenario(rule="Upbit and Binance, 2024-12-03, 22:27 to 22:40 KST", stopped="api_error_count")
async def upbit_falls_by_a_third_and_comes_back(scene: Scene) -> None:
    """The stop comes within a second of the limit, nothing is added, it ends flat, no fill lost."""
    await scene.hedged(notional_krw=Decimal(9_000_000))
    opened: set[str] | None = None
    start = scene.stage.tick("BTC").upbit_close
    crossed_s: float | None = None
    stopped_s: float | None = None
    for step in range(1, FALL_STEPS + RISE_STEPS + 1):
        if step == OUTAGE_FROM:
            lasts_s = OUTAGE_STEPS * STEP_S
            scene.arm(
                HttpStatus(venue=UPBIT, match=RequestMatch(), status=503, count=1, lasts_s=lasts_s)
            )
        _show(scene, start, step)
        await scene.wait(STEP_S)
        now_s = scene.stage.clock.monotonic()
        if crossed_s is None and _has_lost_too_much(scene):
            crossed_s = now_s
        if stopped_s is None and scene.stage.engine.executor.keeper.stopped_reason is not None:
            stopped_s = now_s
        if opened is None and (crossed_s or stopped_s):
            opened = _entering(scene)
        if step % 40 == 0:
            await scene.send_blindly(
                scene.signal(f"more{step}", scene.ENTER, strategy="greedy", notional_krw=None)
            )
    await scene.quiet()
    if crossed_s is not None:
        late = stopped_s is None or stopped_s - crossed_s > REACTS_S
        scene.expect(that=not late, otherwise=f"limit at {crossed_s}, stop at {stopped_s}")
    scene.expect(that=stopped_s is not None, otherwise="nothing stopped")
    added = _entering(scene) - (opened or set())
    scene.expect(that=not added, otherwise=f"added after the limit: {added}")
    scene.expect_flat()
    scene.expect_alert("stop_loss", "emergency_stop")
    day_krw, _ = scene.stage.engine.executor.book.day_and_hour_pnl_krw(scene.stage.clock.now())
    scene.stage.note(f"realised in all: {day_krw.quantize(Decimal(1))} KRW")


def _show(scene: Scene, start: Decimal, step: int) -> None:
    """Down in a straight line, and up again."""
    down = Decimal(min(step, FALL_STEPS)) / FALL_STEPS
    up = Decimal(max(step - FALL_STEPS, 0)) / RISE_STEPS
    wanted = start * (1 + FALL_BPS * (down - up) / 10_000)
    tick = scene.stage.tick("BTC")
    scene.move(spot_bps=int((wanted / tick.upbit_close - 1) * 10_000))
    scene.stage.show_again()


def _has_lost_too_much(scene: Scene) -> bool:
    executor = scene.stage.engine.executor
    equity_krw = executor.book.capital_krw()
    day_krw, _ = executor.book.day_and_hour_pnl_krw(scene.stage.clock.now())
    limit = scene.stage.setup.settings.monitors.stop.daily_loss_fraction
    return equity_krw is not None and -day_krw > equity_krw * limit


def _entering(scene: Scene) -> set[str]:
    """Orders of ours that raised exposure."""
    return {
        order.client_order_id
        for venue in scene.stage.world.gateways
        for order in scene.orders(venue)
        if order.client_order_id[-2] in "om"
    }
