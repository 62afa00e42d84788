"""A finished figure: the same figure gives the same bytes, as SVG, PDF and PNG.

Text stays text in the SVG and the PDF, so that a figure can be searched and read aloud.
"""

from __future__ import annotations

import html
import io
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from trialkit.figures.style import house_style

if TYPE_CHECKING:
    from matplotlib.figure import Figure as MatplotlibFigure

SCREEN_SCALE = 1.55  # pixels a point: the text of figures then matches the text of tables
FACES = (
    "'Helvetica Neue', Helvetica, Arial, 'Liberation Sans', 'Nimbus Sans', "
    "'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif"
)
DOTS_PER_INCH = 220  # of the PNG in documents of word processors: crisp in print


@dataclass(frozen=True, slots=True)
class Drawing:
    """A figure with the words that stand for it; ``svg`` is ready to stand inside a page."""

    key: str
    alt: str
    svg: str
    width_inches: float
    height_inches: float
    _figure: MatplotlibFigure = field(repr=False, compare=False)
    _pixels: dict[int, bytes] = field(default_factory=dict, init=False, repr=False, compare=False)

    def pdf(self) -> bytes:
        """The figure as a PDF page of its own size, without a date."""
        return self._written("pdf", metadata={"CreationDate": None, "Creator": None, "Producer": None})

    def png(self, dots_per_inch: int = DOTS_PER_INCH) -> bytes:
        """The figure as pixels on white; drawn once, for all documents that hold it."""
        if dots_per_inch not in self._pixels:
            self._pixels[dots_per_inch] = self._written("png", dpi=dots_per_inch, metadata={"Software": None})
        return self._pixels[dots_per_inch]

    def _written(self, kind: str, **options: Any) -> bytes:
        buffer = io.BytesIO()
        with house_style(self.key):
            self._figure.savefig(buffer, format=kind, **options)
        return buffer.getvalue()


def drawn(figure: MatplotlibFigure, key: str, alt: str) -> Drawing:
    """Finish a figure.

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
    width, height = figure.get_size_inches()
    return Drawing(key, alt, _svg_text(figure, key, alt), float(width), float(height), figure)


def _svg_text(figure: MatplotlibFigure, key: str, alt: str) -> str:
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None}, transparent=True)
    svg = buffer.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.S)
    svg = re.sub(r'\bid="([^"]+)"', rf'id="{key}-\1"', svg)
    svg = re.sub(r"url\(#([^)]+)\)", rf"url(#{key}-\1)", svg)
    svg = re.sub(r'xlink:href="#([^"]+)"', rf'xlink:href="#{key}-\1"', svg)
    svg = re.sub(r"'DejaVu Sans'(, '[^']+')*", FACES, svg)
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
    points = float(width[1])
    size = f"max-width:{points * SCREEN_SCALE:.0f}px;--natural:{points:.0f}pt"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" {view_box[0]} '
        f'role="img" aria-label="{words}" style="{size}">'
        f"<title>{words}</title>{rest.strip()}\n"
    )
