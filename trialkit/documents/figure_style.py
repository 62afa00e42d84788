"""The house style of figures, and their deterministic writing as SVG.

Okabe-Ito colours stay apart for every common kind of colour vision and in grey print; arms differ in
line and marker besides. Text stays text in the SVG, so that a figure can be searched and read aloud; sizes
are measured with DejaVu Sans, which comes with matplotlib, and shown in a narrower system face, so that
nothing outgrows its box on another machine.
"""

from __future__ import annotations

import html
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as MatplotlibFigure
    from matplotlib.ft2font import FT2Font

BLUE, VERMILLION, GREEN, PURPLE = "#0072B2", "#D55E00", "#009E73", "#CC79A7"
ORANGE, SKY, BLACK = "#E69F00", "#56B4E9", "#000000"
ARM_COLOURS = (BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY, BLACK)
ARM_MARKERS = ("o", "s", "^", "D", "v", "P", "X")
ARM_LINES = ("-", (0, (5, 2)), (0, (1, 1.5)), "-.", (0, (8, 2)), (0, (3, 1, 1, 1)), "-")
INK, MUTED, HAIR = "#1a1d21", "#59616b", "#d7dbe0"
FULL_WIDTH_INCHES = 7.2  # two journal columns
SCREEN_SCALE = 1.55  # pixels a point: the text of figures then matches the text of tables
FACES = "'Helvetica Neue', Helvetica, Arial, 'Liberation Sans', 'Nimbus Sans', sans-serif"

_MEASURING_SIZE = 100.0
_SETTINGS: dict[str, Any] = {
    "svg.fonttype": "none",
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.labelsize": 9,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.unicode_minus": True,
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
    settings: Any = {**defaults, **_SETTINGS, "svg.hashsalt": key}
    with matplotlib.rc_context(settings):
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


def text_width_points(text: str, size: float, bold: bool = False) -> float:
    """Width of a line of text in points, by the metrics of the face that comes with matplotlib."""
    return sum(_advance(char, bold) for char in text) * size


@cache
def _advance(char: str, bold: bool) -> float:
    """How far one character moves the pen, for a size of one point."""
    from matplotlib.ft2font import LoadFlags

    glyph = _face(bold).load_char(ord(char), flags=LoadFlags.NO_HINTING)
    return float(glyph.linearHoriAdvance) / 65536 / _MEASURING_SIZE


@cache
def _face(bold: bool) -> FT2Font:
    from matplotlib.font_manager import FontProperties, findfont
    from matplotlib.ft2font import FT2Font

    face = FT2Font(findfont(FontProperties(family="DejaVu Sans", weight="bold" if bold else "normal")))
    face.set_size(_MEASURING_SIZE, 72)
    return face


def wrap_text(text: str, width_points: float, size: float, bold: bool = False) -> list[str]:
    """Break text into lines no wider than ``width_points``; a single longer word keeps its own line.

    A no-break space holds its neighbours together.
    """
    lines: list[str] = []
    for word in text.split(" "):
        trial = f"{lines[-1]} {word}" if lines else word
        if lines and text_width_points(trial, size, bold) <= width_points:
            lines[-1] = trial
        else:
            lines.append(word)
    return lines or [""]


def svg_text(figure: MatplotlibFigure, key: str, alt: str) -> str:
    """Write a figure as an inline SVG element: the same figure gives the same bytes.

    Parameters
    ----------
    figure
        Drawn inside :func:`house_style` with the same ``key``.
    key
        Unique on the page; prefixes every id.
    alt
        What the figure shows, in a sentence or two; read aloud in its place.

    Call it inside the same ``house_style`` block, since the settings matter while writing.
    """
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None}, transparent=True)
    svg = buffer.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.S)
    svg = re.sub(r'\bid="([^"]+)"', rf'id="{key}-\1"', svg)
    svg = re.sub(r"url\(#([^)]+)\)", rf"url(#{key}-\1)", svg)
    svg = re.sub(r'xlink:href="#([^"]+)"', rf'xlink:href="#{key}-\1"', svg)
    svg = re.sub(r"'DejaVu Sans'", FACES, svg)
    svg = re.sub(r"\n\s*", "\n", svg)
    return _as_image(svg, alt)


def _as_image(svg: str, alt: str) -> str:
    """Let the page decide the size, and give the image its words."""
    opening, _, rest = svg.partition(">")
    view_box = re.search(r'viewBox="[^"]+"', opening)
    width = re.search(r'width="([\d.]+)pt"', opening)
    assert view_box
    assert width
    words = html.escape(alt, quote=True)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" {view_box[0]} '
        f'role="img" aria-label="{words}" style="max-width:{float(width[1]) * SCREEN_SCALE:.0f}px">'
        f"<title>{words}</title>{rest.strip()}\n"
    )
