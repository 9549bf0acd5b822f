"""One cell: an endpoint, its fault and a case, played in a world of its own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache

from exchange_simulator.faults.kinds import Fault
from trading_platform_order.simulation.endpoint_sweep.bed import Bed, Measured, SweepTestBed
from trading_platform_order.simulation.endpoint_sweep.budgets import Budget, budget_of
from trading_platform_order.simulation.endpoint_sweep.cases import CASES
from trading_platform_order.simulation.endpoint_sweep.endpoints import Endpoint, faults_of
from trading_platform_order.simulation.report import RunReport, describe
from trading_platform_order.simulation.testbed.testbed import TestBedSetup
from trading_platform_order.transport.virtual_loop import run_virtual

NO_FAULT = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What is played; without an endpoint the case alone."""

    endpoint: Endpoint | None
    fault: str
    case: str

    @property
    def endpoint_name(self) -> str:
        """As it is shown."""
        return self.endpoint.name if self.endpoint else "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One cell and what came of it.

    Attributes:
        problem: the run broke; empty if it did not.
    """

    cell: Cell
    measured: Measured
    budget: Budget
    problem: str = ""

    @property
    def is_late(self) -> bool:
        """It took longer than it may."""
        seconds = self.measured.seconds
        return bool(self.problem) or seconds is None or seconds > self.budget.seconds

    @property
    def is_naked(self) -> bool:
        """The legs differed for longer than they may."""
        return self.measured.naked_s > self.budget.naked_s

    @property
    def is_over(self) -> bool:
        """Judged, and over its budget."""
        return not self.budget.exempt and (self.is_late or self.is_naked)

    @property
    def slowness(self) -> float:
        """How much longer than allowed, seconds; negative in time."""
        seconds = self.measured.seconds
        return float("inf") if seconds is None else seconds - self.budget.seconds

    def to_json(self) -> dict[str, object]:
        """For programs; seconds are ``null`` if it was never over."""
        told: dict[str, object] = {
            "endpoint": self.cell.endpoint_name,
            "fault": self.cell.fault,
            "case": self.cell.case,
            "measured_s": self.measured.seconds,
            "allowed_s": self.budget.seconds,
            "naked_s": self.measured.naked_s,
            "naked_allowed_s": self.budget.naked_s,
        }
        if self.budget.exempt:
            told["reason"] = self.budget.exempt
        if self.problem:
            told["problem"] = self.problem
        return told


@cache
def _setup() -> TestBedSetup:
    return TestBedSetup()


def play_cell(cell: Cell, report: RunReport | None = None) -> Row:
    """Play it; a run that breaks is over its budget.

    Args:
        cell: which one.
        report: keeps the timeline, if anybody wants to read it.
    """
    report = report or RunReport(seed=f"{cell.endpoint_name} {cell.fault}", is_told=False)
    problem = ""
    try:
        measured = run_virtual(_play(cell, report))
    except Exception as error:  # noqa: BLE001 - the outermost supervisor: a broken run is a finding
        measured, problem = Measured(seconds=None, naked_s=0.0), describe(error)
    exposure_s = _setup().settings.policy.exposure_time_s
    budget = budget_of(cell.endpoint, cell.fault, CASES[cell.case], exposure_s)
    return Row(cell=cell, measured=measured, budget=budget, problem=problem)


async def _play(cell: Cell, report: RunReport) -> Measured:
    case = CASES[cell.case]
    fault = faults_of(cell.endpoint)[cell.fault](cell.endpoint) if cell.endpoint else None
    async with opened_bed(report, fault, has_dog=case.has_dog) as bed:
        return await case.play(bed)


@asynccontextmanager
async def opened_bed(
    report: RunReport, fault: Fault | None, *, has_dog: bool
) -> AsyncIterator[Bed]:
    """A world with nothing in it yet."""
    testbed = SweepTestBed(report, _setup(), has_dog=has_dog)
    testbed.open()
    bed = Bed(testbed, fault)
    try:
        yield bed
    finally:
        await bed.close()
        await testbed.close()
