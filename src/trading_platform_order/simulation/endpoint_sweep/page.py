"""Writes the sweep's table into a document: ``python -m ...endpoint_sweep.page FILE``.

Measured, not derived: it is written anew when somebody asks for it, with the date.
"""

import os
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from trading_platform_order.simulation.endpoint_sweep.cases import CASES
from trading_platform_order.simulation.endpoint_sweep.cell import Row
from trading_platform_order.simulation.endpoint_sweep.sweep import SweepTable, all_cells, sweep

_PART = re.compile(r"(<!-- measured: endpoint sweep -->\n).*?(<!-- end -->)", re.DOTALL)


def table_lines(table: SweepTable, day: str) -> Iterator[str]:
    """Per endpoint and case the slowest fault, in seconds; what is over its budget is bold."""
    slowest: dict[tuple[str, str], Row] = {}
    for row in table.rows:
        key = row.cell.endpoint_name, row.cell.case
        if key not in slowest or _rank(row) > _rank(slowest[key]):
            slowest[key] = row
    names = dict.fromkeys(row.cell.endpoint_name for row in table.rows)
    yield f"Seconds, the slowest of all faults; measured on {day}, {len(table.rows)} cells."
    yield ""
    yield "| endpoint | " + " | ".join(name.replace("_", " ") for name in CASES) + " |"
    yield "|---" * (len(CASES) + 1) + "|"
    for name in names:
        cells = (_cell(slowest[name, case]) for case in CASES if (name, case) in slowest)
        yield f"| {'no fault' if name == '-' else f'`{name}`'} | " + " | ".join(cells) + " |"


def _rank(row: Row) -> tuple[bool, float]:
    seconds = row.measured.seconds
    return row.is_over, float("inf") if seconds is None else seconds


def _cell(row: Row) -> str:
    seconds = row.measured.seconds
    text = "never" if seconds is None else f"{seconds:.1f}"
    if row.budget.exempt and (row.is_late or row.is_naked):
        return f"({text})"
    return f"**{text}**" if row.is_over else text


def write(path: Path, table: SweepTable, day: str) -> None:
    """Put the table in the place of the one that is there.

    Raises:
        ValueError: the document has no such place.
    """
    text = path.read_text()
    body = "\n".join(table_lines(table, day))
    new, count = _PART.subn(lambda match: f"{match[1]}{body}\n{match[2]}", text)
    if not count:
        raise ValueError(f"{path} has no place for the table")
    path.write_text(new)


if __name__ == "__main__":
    today = datetime.now(UTC).date().isoformat()
    write(Path(sys.argv[1]), sweep(all_cells(), jobs=os.cpu_count() or 1), today)
