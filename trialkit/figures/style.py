"""The house style of figures: colours, lines, letters, and a canvas without global state.

Okabe-Ito colours stay apart for every common kind of colour vision and in grey print; arms differ in
line and marker besides.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from trialkit.figures.lettering import families

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as MatplotlibFigure

BLUE, VERMILLION, GREEN, PURPLE = "#0072B2", "#D55E00", "#009E73", "#CC79A7"
ORANGE, SKY, BLACK = "#E69F00", "#56B4E9", "#000000"
ARM_COLOURS = (BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY, BLACK)
ARM_MARKERS = ("o", "s", "^", "D", "v", "P", "X")
ARM_LINES = ("-", (0, (5, 2)), (0, (1, 1.5)), "-.", (0, (8, 2)), (0, (3, 1, 1, 1)), "-")
INK, MUTED, HAIR = "#1a1d21", "#59616b", "#d7dbe0"
FULL_WIDTH_INCHES = 7.2  # two journal columns

_SETTINGS: dict[str, Any] = {
    "svg.fonttype": "none",
    "pdf.fonttype": 42,
    "font.size": 9,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.labelsize": 9,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.unicode_minus": True,
    "text.parse_math": False,  # a dollar sign in a title is a dollar sign
    "text.color": INK,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "legend.frameon": False,
    "legend.fontsize": 9,
    "lines.linewidth": 1.6,
}


@contextmanager
def house_style(key: str) -> Iterator[None]:
    """Draw inside this; ``key`` names the figure and salts its ids, so that two figures never share one."""
    import matplotlib

    # A user's own matplotlibrc must not show; asking for the backend would import pyplot and open it.
    defaults = {
        name: matplotlib.rcParamsDefault[name] for name in matplotlib.rcParamsDefault if name != "backend"
    }
    settings: Any = {**defaults, **_SETTINGS, "font.family": list(families()), "svg.hashsalt": key}
    with matplotlib.rc_context(settings), warnings.catch_warnings():
        # Without an East Asian face on this machine the reader's screen has one: text stays text in the SVG.
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        yield


def new_figure(width_inches: float, height_inches: float) -> MatplotlibFigure:
    """A figure outside pyplot: no global state, no display, nothing to close."""
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width_inches, height_inches))
    FigureCanvasSVG(figure)
    return figure


def quiet_grid(axes: Axes, axis: str = "y") -> None:
    axes.grid(axis=axis, color=HAIR, linewidth=0.6)  # type: ignore[arg-type]
    axes.set_axisbelow(True)


def plain_ratio_ticks(axes: Axes) -> None:
    """0.5, 1, 2, 5, not powers of ten, and no more than can be read."""
    from matplotlib.ticker import FixedLocator, MaxNLocator, NullFormatter, NullLocator

    low, high = axes.get_xlim()
    steps = [1, 2, 5] if high / low < 200 else [1]
    marks = [m * 10.0**power for power in range(-6, 7) for m in steps if low <= m * 10.0**power <= high]
    if len(marks) < 3:  # a narrow axis: 1, 1.1, 1.2
        marks = [
            mark for mark in MaxNLocator(5, steps=[1, 2, 5, 10]).tick_values(low, high) if low <= mark <= high
        ]
    axes.xaxis.set_major_locator(FixedLocator(marks))
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_minor_formatter(NullFormatter())
