"""Whether rows of candles, each readable, make a market: in order, on one grid, without leaps.

What no market does is named and never traded: a rate that is no rate, a price with a zero too many
on one exchange or in one bar, a bar between two others' times.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby, pairwise
from pathlib import Path

from trading_platform_order.market.files.candle_fault import CandleFileError

RATE_KRW_MIN, RATE_KRW_MAX = Decimal(100), Decimal(10_000)
"""KRW for one USDT: it was between 700 and 2,000 in thirty years."""
PRICE_MIN, PRICE_MAX = Decimal("1e-12"), Decimal("1e12")
APART_MAX = Decimal(3)
"""Both exchanges' closes, in KRW, are no further apart (times). The highest premium of a coin whose
transfers were suspended was about +100 %."""
REACH_MAX = Decimal(5)
"""A high is no further above, a low no further below the bar's open and close (times)."""
LEAP_MAX = Decimal(8)
"""Two bars that follow each other close no further apart (times)."""
_INTERVALS_TRIED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One parsed line; ``numbers`` by column name, the rate under ``fx``."""

    line: int
    ts_ms: int
    block: int
    numbers: Mapping[str, Decimal]
    fx_source: str


def check_size(path: Path, row: Row) -> None:
    """Whether each number of a row could be what its column says.

    Raises:
        CandleFileError: the first that could not.
    """
    numbers, rate = row.numbers, row.numbers["fx"]
    if not RATE_KRW_MIN <= rate <= RATE_KRW_MAX:
        raise _fault(path, row, row.fx_source, f"{rate} KRW for one USDT")
    for venue in ("up", "bn"):
        low, high = numbers[f"{venue}_low"], numbers[f"{venue}_high"]
        ends = (numbers[f"{venue}_open"], numbers[f"{venue}_close"])
        if not PRICE_MIN <= low <= high <= PRICE_MAX:
            raise _fault(path, row, f"{venue}_high", f"{high} is no price")
        if high > max(ends) * REACH_MAX:
            raise _fault(path, row, f"{venue}_high", f"high {high} above open and close {ends[1]}")
        if low * REACH_MAX < min(ends):
            raise _fault(path, row, f"{venue}_low", f"low {low} below open and close {ends[1]}")
    ratio = numbers["up_close"] / (numbers["bn_close"] * rate)
    if not 1 / APART_MAX <= ratio <= APART_MAX:
        told = (
            f"{numbers['up_close']} KRW is {ratio:.3g} times bn_close {numbers['bn_close']} in KRW"
        )
        raise _fault(path, row, "up_close", told)


def _fault(path: Path, row: Row, column: str, problem: str) -> CandleFileError:
    return CandleFileError(
        path,
        line=row.line,
        column=column,
        problem=problem,
        remedy="check the number; a market does not do this",
    )


def check_order(path: Path, rows: Sequence[Row]) -> None:
    """Time goes on, and each block is in one piece.

    Raises:
        CandleFileError: where it is not so.
    """
    seen = {rows[0].block}
    for before, row in pairwise(rows):
        if row.ts_ms <= before.ts_ms:
            raise CandleFileError(
                path,
                line=row.line,
                column="ts_ms",
                problem=f"{row.ts_ms} does not come after {before.ts_ms} of line {before.line}",
                remedy="sort the file by time and remove duplicates",
            )
        if row.block != before.block and row.block in seen:
            raise CandleFileError(
                path,
                line=row.line,
                column="block",
                problem=f"block {row.block} begins a second time",
                remedy="give every contiguous stretch its own number",
            )
        seen.add(row.block)


def check_leaps(path: Path, rows: Sequence[Row], interval_s: int) -> None:
    """No price is suddenly another one; across a gap anything may have happened.

    Raises:
        CandleFileError: the first bar that leaps.
    """
    for before, row in pairwise(rows):
        if row.block != before.block or row.ts_ms - before.ts_ms != interval_s * 1_000:
            continue
        for column in ("up_close", "bn_close"):
            was, now = before.numbers[column], row.numbers[column]
            if now > was * LEAP_MAX or now * LEAP_MAX < was:
                raise _fault(path, row, column, f"{now} after {was}")


def interval_s(path: Path, rows: Sequence[Row]) -> int:
    """The length of a bar, seconds: the distance that most bars keep; longer ones are gaps.

    Raises:
        CandleFileError: no two bars of one block, no whole seconds, or a bar that is not on the
            grid of its block.
    """
    steps_ms = Counter(
        row.ts_ms - before.ts_ms for before, row in pairwise(rows) if row.block == before.block
    )
    if not steps_ms:
        raise CandleFileError(
            path,
            column="ts_ms",
            problem="no two bars of one block, so the length of a bar is unknown",
            remedy="give at least two bars in a block",
        )
    tried = {step for step, _ in steps_ms.most_common(_INTERVALS_TRIED)} | {min(steps_ms)}
    found_ms, off = min(
        ((step, _off_grid(rows, step)) for step in tried), key=lambda it: (len(it[1]), -it[0])
    )
    if found_ms % 1_000:
        raise CandleFileError(
            path,
            column="ts_ms",
            problem=f"bars {found_ms} ms apart",
            remedy="bars last whole seconds",
        )
    if off:
        raise CandleFileError(
            path,
            line=off[0].line,
            column="ts_ms",
            problem=f"{off[0].ts_ms} is between the times of {found_ms // 1_000}-second bars",
            remedy="move the bar to its time or remove it",
        )
    return found_ms // 1_000


def _off_grid(rows: Sequence[Row], step_ms: int) -> list[Row]:
    """The bars that are not a whole number of steps away from most others of their block."""
    off: list[Row] = []
    for _, block in groupby(rows, key=lambda row: row.block):
        members = list(block)
        phases = Counter(row.ts_ms % step_ms for row in members)
        if len(phases) > 1:
            (usual, _), *_ = phases.most_common(1)
            off += [row for row in members if row.ts_ms % step_ms != usual]
    return off
