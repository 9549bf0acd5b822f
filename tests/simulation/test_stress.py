"""Ordeals: what the meter must see of a limit, and that the judges object where it was ignored."""

from dataclasses import replace
from decimal import Decimal

import pytest

from trading_platform_order.simulation.runner import play
from trading_platform_order.simulation.stress.limit_oracle import Limit
from trading_platform_order.simulation.stress.plan import Move, StressPlan
from trading_platform_order.simulation.stress.run import StressRun, setup_of
from trading_platform_order.simulation.testbed.testbed import TestBed, TestBedSetup
from trading_platform_order.transport.virtual_loop import run_virtual

FALL = StressPlan(
    kind="price_falls",
    bases=("BTC",),
    entry_krw=Decimal(9_000_000),
    moves=(Move(at_s=0.0, spot_bps=-900),),
)
RISE = StressPlan(
    kind="hedge_squeezed",
    bases=("BTC",),
    entry_krw=Decimal(6_000_000),
    usdt=Decimal(0),
    moves=(Move(at_s=0.0, spot_bps=4_100, hedge_bps=4_100),),
)


class Played(StressRun):
    """An ordeal that is given, in a world whose engine may be blind to a limit."""

    def __init__(self, plan: StressPlan, setup: TestBedSetup | None = None) -> None:
        super().__init__("given", ("price_falls",))
        self._plan = plan
        self._testbed = TestBed(self.report, setup or setup_of(plan))


def blind(plan: StressPlan) -> list[str]:
    """An engine whose limits are far away, judged by the true ones."""
    setup = setup_of(plan)
    monitors = setup.settings.monitors
    far = replace(
        monitors,
        stop=replace(monitors.stop, daily_loss_fraction=Decimal(1)),
        stop_loss=replace(monitors.stop_loss, fraction=Decimal(1)),
        margin=replace(
            monitors.margin,
            warn_distance=Decimal(0),
            reduce_distance=Decimal(0),
            warn_ratio=Decimal(2),
            reduce_ratio=Decimal(2),
        ),
    )
    run = Played(plan, replace(setup, settings=replace(setup.settings, monitors=far)))
    run.limits = setup.settings.monitors
    return run_virtual(run.run()).violations


def test_a_limit_is_due_when_it_was_clearly_over_for_long_enough() -> None:
    limit = Limit(3.0)
    for at_s, over in ((0.0, True), (2.9, True), (3.0, False), (4.0, True), (6.9, True)):
        limit.see(at_s, near=over, over=over)
    assert limit.was_near
    assert limit.due_at is None
    limit.see(7.0, near=True, over=True)
    assert limit.due_at == 7.0


def test_a_limit_that_was_crossed_for_a_moment_need_not_be_answered() -> None:
    limit = Limit(3.0)
    for at_s in range(20):
        limit.see(float(at_s), near=True, over=at_s <= 4 or at_s >= 10)
    assert limit.due_at == 3.0
    assert limit.due_for(1.0) == 3.0
    assert limit.due_for(2.0) == 13.0
    assert limit.due_for(7.0) is None


@pytest.mark.parametrize("plan", [FALL, RISE])
def test_an_engine_that_heeds_its_limits_violates_nothing(plan: StressPlan) -> None:
    assert run_virtual(Played(plan).run()).violations == []


def test_the_judges_object_to_a_loss_that_nothing_answers() -> None:
    told = " ".join(blind(FALL))
    assert "beyond its stop-loss" in told
    assert "the day's loss was over its limit" in told


def test_the_judges_object_to_a_squeeze_that_nothing_answers() -> None:
    told = " ".join(blind(RISE))
    assert "the margin was short, and nobody is told" in told
    assert "nothing was reduced" in told


def test_a_drawn_stress_run_counts_where_a_pair_was_open() -> None:
    report = play("ordeal:1", kinds=("price_falls",))
    assert report.violations == []
    assert report.world == "ordeal"
    assert report.faults["price_falls"] == 1


def test_a_limit_over_which_nobody_watched_is_not_due() -> None:
    """The engine dies as the price falls, and lives again when it has come back: nothing is due."""
    plan = replace(
        FALL,
        moves=(Move(at_s=0.0, spot_bps=-900), Move(at_s=2.0, spot_bps=900)),
        dies_after_s=0.1,
        down_s=10.0,
        lasts_s=17.0,
    )
    assert run_virtual(Played(plan).run()).violations == []
