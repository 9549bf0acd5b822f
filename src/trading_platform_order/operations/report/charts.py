"""Plots of a report, by matplotlib: as SVG for the page and as PNG for whoever gets a picture.

The library is loaded when the first plot is made, and is in an extra (``make analysis``): the
engine never imports this module. Numbers become floats here and nowhere else: they are drawn.
"""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LIBRARY = "matplotlib"
_FONTS = ("Noto Sans CJK KR", "Noto Sans KR", "NanumGothic", "Malgun Gothic", "AppleGothic")
_WIDE, _HIGH, _DPI = 9.0, 3.1, 130
_LINE, _SOFT, _ENTRY, _EXIT = "#1f5fa8", "#9aa3ae", "#0b6b3a", "#b3261e"
POINTS_MAX = 4_000


class NoCharts(Exception):  # noqa: N818 - the text is for the operator
    """The library is not installed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """Points on a line that mean something: when, how high, and whether it was an entry."""

    at: Sequence[datetime]
    values: Sequence[float]
    is_entry: Sequence[bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """One plot: a line over time, points on it, and its words.

    Attributes:
        lines: name and points of each line, oldest first.
        is_stepped: a value holds until the next one.
    """

    title: str
    unit: str
    lines: Sequence[tuple[str, Sequence[datetime], Sequence[float]]]
    marks: Marks | None = None
    mark_names: tuple[str, str] = ("", "")
    is_stepped: bool = False


def can_write_korean() -> bool:
    """Whether a picture can hold Korean letters on this machine."""
    return _font() is not None


def svg(plot: Plot, zone: tzinfo) -> str:
    """One plot as an SVG element; its texts stay texts, in the reader's own fonts."""
    with _figure([plot], zone, korean=True) as figure:
        out = io.StringIO()
        # No date and no random ids: the same figures give the same page.
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    text = out.getvalue()
    return text[text.index("<svg") :]


def png(plots: Sequence[Plot], zone: tzinfo) -> bytes:
    """All plots, one below the other, as one picture."""
    with _figure(plots, zone, korean=can_write_korean()) as figure:
        out = io.BytesIO()
        figure.savefig(out, format="png", dpi=_DPI, metadata={"Software": None})
    return out.getvalue()


def _font() -> str | None:
    from matplotlib import font_manager  # noqa: PLC0415 - heavy, and in an extra

    known = {entry.name for entry in font_manager.fontManager.ttflist}
    return next((name for name in _FONTS if name in known), None)


@contextmanager
def _figure(plots: Sequence[Plot], zone: tzinfo, *, korean: bool) -> Iterator["Figure"]:
    """A figure without a window and without the library's global state.

    Raises:
        NoCharts: the library is not installed.
    """
    try:
        import matplotlib as mpl  # noqa: PLC0415 - heavy, and in an extra
        from matplotlib.figure import Figure  # noqa: PLC0415 - as above
    except ModuleNotFoundError as missing:
        raise NoCharts(
            f"the package {missing.name} is missing: make analysis, or "
            "pip install 'trading-platform-order[analysis]'"
        ) from None
    font = _font() if korean else None
    style: Any = {
        "svg.fonttype": "none",
        "svg.hashsalt": "report",
        "font.family": ["sans-serif"],
        "font.sans-serif": [*([font] if font else []), "DejaVu Sans"],
        "axes.unicode_minus": False,
        "font.size": 9,
    }
    with mpl.rc_context(style):
        figure = Figure(figsize=(_WIDE, _HIGH * len(plots)), layout="constrained")
        every = figure.subplots(len(plots), 1, squeeze=False)
        for axes, plot in zip(every[:, 0], plots, strict=True):
            _draw(axes, plot, zone)
        yield figure


def _draw(axes: "Axes", plot: Plot, zone: tzinfo) -> None:
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter  # noqa: PLC0415 - as above
    from matplotlib.ticker import FuncFormatter  # noqa: PLC0415 - as above

    for number, (name, at, values) in enumerate(plot.lines):
        axes.plot(
            _thinned(at),
            _thinned(values),
            label=name,
            color=_LINE if number == 0 else _SOFT,
            linewidth=1.2,
            drawstyle="steps-post" if plot.is_stepped else "default",
        )
    if plot.marks is not None:
        for is_entry, name in zip((True, False), plot.mark_names, strict=True):
            chosen = [n for n, entry in enumerate(plot.marks.is_entry) if entry is is_entry]
            if not chosen:
                continue
            axes.scatter(
                [plot.marks.at[n] for n in chosen],  # type: ignore[arg-type] # as above
                [plot.marks.values[n] for n in chosen],
                label=name,
                marker="^" if is_entry else "v",
                color=_ENTRY if is_entry else _EXIT,
                s=22,
                zorder=3,
            )
    axes.set_title(plot.title, loc="left", fontsize=11)
    axes.set_ylabel(plot.unit)
    axes.grid(visible=True, color="#e3e6ea", linewidth=0.6)
    axes.spines[["top", "right"]].set_visible(False)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.10g}"))
    locator = AutoDateLocator(tz=zone, minticks=3)  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(locator)
    formatter = ConciseDateFormatter(locator, tz=zone)  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_formatter(formatter)
    if len(axes.get_legend_handles_labels()[1]) > 1:
        axes.legend(loc="best", fontsize=8, frameon=False)


def _thinned(values: Sequence[Any]) -> Sequence[Any]:
    """Never more points than can be seen; the last one always."""
    step = -(-len(values) // POINTS_MAX) or 1
    return values if step == 1 else [*values[::step], values[-1]]
