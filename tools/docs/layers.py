"""Who may import whom, as import-linter holds it, for the page on architecture."""

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path

PYPROJECT = Path(__file__).resolve().parents[2] / "pyproject.toml"
WIDTH = 100


def layers() -> str:
    """The contracts of ``pyproject.toml``: floors as a drawing, walls as a list."""
    linter = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["tool"]["importlinter"]
    contracts = linter["contracts"]
    drawn = [_floors(each) for each in contracts if each["type"] == "layers"]
    listed = [_wall(each) for each in contracts if each["type"] == "forbidden"]
    return "```\n" + "\n".join(drawn) + "```\n\n" + "\n".join(listed) + "\n"


def _floors(contract: Mapping[str, list[str]]) -> str:
    (container,) = contract["containers"]
    lines, line = [], f"{container.rpartition('.')[2]}:"
    for number, floor in enumerate(contract["layers"]):
        piece = floor if number == 0 else f"> {floor}"
        if len(line) + 1 + len(piece) > WIDTH:
            lines.append(line)
            line = "   "
        line = f"{line} {piece}"
    return "\n".join([*lines, line]) + "\n"


def _wall(contract: Mapping[str, list[str]]) -> str:
    sources, walled = contract["source_modules"], contract["forbidden_modules"]
    return f"* {_names(sources)} may not import {_names(walled)}: {contract['name']}."


def _names(modules: Iterable[str]) -> str:
    return ", ".join(f"`{name.removeprefix('trading_platform_order.')}`" for name in modules)
