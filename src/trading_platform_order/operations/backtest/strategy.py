"""Whose strategy, and with which parameters: ``module:object`` and a TOML file."""

import importlib
import itertools
import math
import sys
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from trading_platform_order.operations.demo.replay_bed import ReplayRefused, Strategy

Value = bool | int | Decimal | str
Parameters = Mapping[str, Value]
REFERENCE = "strategies.kimchi_premium:make"
RUNS_MAX = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """What a file of parameters says.

    Attributes:
        fixed: table ``[parameters]``: the same in every run.
        axes: table ``[grid]``: a list of values for each name; every combination is a run.
    """

    fixed: Parameters = field(default_factory=dict)
    axes: Mapping[str, tuple[Value, ...]] = field(default_factory=dict)

    def runs(self) -> list[dict[str, Value]]:
        """The parameters of every run, the last axis fastest."""
        return [
            dict(self.fixed) | dict(zip(self.axes, values, strict=True))
            for values in itertools.product(*self.axes.values())
        ]


def read_grid(path: Path) -> Grid:
    """Parameters from a TOML file; fractions are exact decimals.

    Raises:
        ReplayRefused: not TOML, another table, a value that is none, or more than
            :data:`RUNS_MAX` combinations.
    """
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    except (OSError, ValueError) as error:
        raise ReplayRefused(f"{path}: {error}") from None
    unknown = sorted(set(told) - {"parameters", "grid"})
    if unknown:
        raise ReplayRefused(
            f"{path}: {', '.join(unknown)}: there are the tables [parameters] and [grid]"
        )
    grid = Grid(
        fixed={
            name: _checked(path, name, value)
            for name, value in _table(path, told, "parameters").items()
        },
        axes={
            name: _values(path, name, values) for name, values in _table(path, told, "grid").items()
        },
    )
    count = math.prod(len(values) for values in grid.axes.values())
    if count > RUNS_MAX:
        raise ReplayRefused(f"{path}: {count} combinations; at most {RUNS_MAX}")
    return grid


def _table(path: Path, told: Mapping[str, object], name: str) -> dict[str, object]:
    table = told.get(name, {})
    if not isinstance(table, dict):
        raise ReplayRefused(f"{path}: [{name}] must be a table")
    return table


def _values(path: Path, name: str, values: object) -> tuple[Value, ...]:
    if not isinstance(values, list) or not values:
        raise ReplayRefused(f"{path}: grid.{name} must be a list of values")
    return tuple(_checked(path, f"grid.{name}", value) for value in values)


def _checked(path: Path, name: str, value: object) -> Value:
    if not isinstance(value, bool | int | Decimal | str):
        raise ReplayRefused(f"{path}: {name}: {value!r} is no number, text or truth value")
    if isinstance(value, Decimal) and not value.is_finite():
        raise ReplayRefused(f"{path}: {name}: {value} is no number")
    return value


def load_strategy(name: str) -> Callable[..., Strategy]:
    """The maker called ``module:object``; modules of the working folder are found, too.

    It is called with ``symbol`` and the file's parameters, all by name, and gives what a replay
    feeds with bars (``on_bar``).

    Raises:
        ReplayRefused: no such module or object, or it cannot be called.
    """
    module_name, _, attribute = name.partition(":")
    if not module_name or not attribute:
        raise ReplayRefused(f"--strategy {name}: write it as module:object, e.g. {REFERENCE}")
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
        made: object = importlib.import_module(module_name)
    except ImportError as error:
        raise ReplayRefused(f"--strategy {name}: {error}") from None
    for part in attribute.split("."):
        made = getattr(made, part, None)
    if not callable(made):
        raise ReplayRefused(f"--strategy {name}: {module_name} has nothing of that name to call")
    return made


def make_strategy(name: str, symbol: str, parameters: Parameters) -> Strategy:
    """The strategy for a base asset.

    Raises:
        ReplayRefused: it does not take these parameters, or cannot be fed with bars.
    """
    maker = load_strategy(name)
    try:
        made = maker(symbol=symbol, **parameters)
    except (TypeError, ValueError) as error:
        raise ReplayRefused(f"--strategy {name}: {error}") from None
    if not callable(getattr(made, "on_bar", None)):
        raise ReplayRefused(f"--strategy {name}: what it makes has no on_bar(price)")
    return made
