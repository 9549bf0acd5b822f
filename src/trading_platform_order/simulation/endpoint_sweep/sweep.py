"""All cells, shared out to processes, and what they come to: the door of ``simulate --sweep``."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from trading_platform_order.simulation.endpoint_sweep.cases import CASES
from trading_platform_order.simulation.endpoint_sweep.cell import (
    NO_FAULT,
    Cell,
    Row,
    play_cell,
)
from trading_platform_order.simulation.endpoint_sweep.endpoints import faults_of
from trading_platform_order.simulation.endpoint_sweep.recording import used_endpoints
from trading_platform_order.simulation.parallel import share
from trading_platform_order.simulation.report import RunReport


def all_cells(
    *, endpoint: str | None = None, fault: str | None = None, case: str | None = None
) -> list[Cell]:
    """Every cell, or those of which the names contain these texts (``case``: is this)."""
    cells = [
        Cell(endpoint=None, fault=NO_FAULT, case=name)
        for name in CASES
        if endpoint is None and fault is None
    ]
    cells += [
        Cell(endpoint=found, fault=name, case=case_name)
        for found in used_endpoints()
        if endpoint is None or endpoint in found.name
        for name in faults_of(found)
        if fault is None or fault == name
        for case_name in CASES
    ]
    return [cell for cell in cells if case is None or case == cell.case]


@dataclass(slots=True, kw_only=True)
class SweepTable:
    """All rows, in the order of their cells."""

    rows: list[Row] = field(default_factory=list)

    @property
    def over(self) -> list[Row]:
        """Over their budget."""
        return [row for row in self.rows if row.is_over]

    def to_json(self) -> dict[str, object]:
        """The last object: how many cells, what is over its budget, what is not judged."""
        return {
            "cells": len(self.rows),
            "over_budget": [row.to_json() for row in self.over],
            "exempt": [row.to_json() for row in self.rows if row.budget.exempt],
        }

    def lines(self) -> Iterator[str]:
        """Per endpoint and fault the slowest case, then every cell over its budget."""
        width = max((len(row.cell.endpoint_name) for row in self.rows), default=0)
        for rows in self._grouped():
            slowest = max(rows, key=lambda row: row.slowness)
            over = sum(row.is_over for row in rows)
            told = f"{over} of {len(rows)} OVER" if over else f"{len(rows)} in time"
            yield (
                f"{slowest.cell.endpoint_name:<{width}}  {slowest.cell.fault:<12}  {told:<13}  "
                f"slowest {slowest.cell.case} {_s(slowest.measured.seconds)} "
                f"of {slowest.budget.seconds:g} s"
            )
        for row in self.over:
            yield f"OVER {_line(row)}"
        for row in self.rows:
            if row.budget.exempt and (row.is_late or row.is_naked):
                yield f"exempt {_line(row)}: {row.budget.exempt}"
        yield f"{len(self.rows)} cells, over budget: {len(self.over)}"

    def _grouped(self) -> Iterator[list[Row]]:
        groups: dict[tuple[str, str], list[Row]] = {}
        for row in self.rows:
            groups.setdefault((row.cell.endpoint_name, row.cell.fault), []).append(row)
        yield from groups.values()


def _s(seconds: float | None) -> str:
    return "never" if seconds is None else f"{seconds:g} s"


def _line(row: Row) -> str:
    measured, budget = row.measured, row.budget
    line = (
        f"{row.cell.endpoint_name} {row.cell.fault} {row.cell.case}: "
        f"{_s(measured.seconds)} of {budget.seconds:g} s, "
        f"naked {measured.naked_s:g} s of {budget.naked_s:g} s"
    )
    return f"{line} ({row.problem})" if row.problem else line


def sweep(
    cells: Sequence[Cell],
    *,
    jobs: int = 1,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> SweepTable:
    """Play these cells."""
    rows = share(partial(_numbered, tuple(cells)), len(cells), jobs=max(1, min(jobs, len(cells))))
    played: dict[int, Row] = {}
    for number, row in rows:
        played[number] = row
        progress(len(played), len(cells))
    return SweepTable(rows=[played[number] for number in range(len(cells))])


def _numbered(cells: tuple[Cell, ...], number: int) -> tuple[int, Row]:
    return number, play_cell(cells[number])


def tell(cell: Cell) -> tuple[Row, list[str]]:
    """One cell with its timeline."""
    report = RunReport(seed="cell")
    row = play_cell(cell, report)
    return row, [*report.timeline, _line(row)]
