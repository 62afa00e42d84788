"""How wide words are and where they break, by the metrics of a face that every installation has.

Sizes are measured with DejaVu Sans, which comes with matplotlib, and shown on screen in a narrower system
face, so that nothing outgrows its box on another machine. Chinese, Japanese and Korean characters are one
em wide in every face; they are drawn by whichever of ``EAST_ASIAN_FACES`` the machine has.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.ft2font import FT2Font

FACE = "DejaVu Sans"
EAST_ASIAN_FACES = (
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "WenQuanYi Zen Hei",
    "WenQuanYi Micro Hei",
    "PingFang SC",
    "Microsoft YaHei",
    "SimHei",
    "Noto Sans CJK JP",  # the name under which matplotlib reads the whole collection
)
_MEASURING_SIZE = 100.0
_REMEMBERED_LINES = 50_000
_UNKNOWN = 0.8  # of an em: a letter that the face measured does not have


@cache
def families() -> tuple[str, ...]:
    """The faces of figures: DejaVu Sans, then the first East Asian one that this machine has."""
    from matplotlib.font_manager import fontManager

    installed = {entry.name for entry in fontManager.ttflist}
    return (FACE, *[name for name in EAST_ASIAN_FACES if name in installed][:1])


@cache
def is_wide(char: str) -> bool:
    """Whether a character fills a whole em, as Chinese ones do."""
    return unicodedata.east_asian_width(char) in "WF"


def text_width_points(text: str, size: float, bold: bool = False) -> float:
    """Width of a line of text in points."""
    return _line_advance(text, bold) * size


@lru_cache(_REMEMBERED_LINES)
def _line_advance(text: str, bold: bool) -> float:
    """The same for a size of one point; a table is measured at several sizes, and by several writers."""
    return sum(1.0 if is_wide(char) else _advance(char, bold) for char in text)


@cache
def _advance(char: str, bold: bool) -> float:
    """How far one character moves the pen, for a size of one point."""
    from matplotlib.ft2font import LoadFlags

    face = _face(bold)
    if not face.get_char_index(ord(char)):
        return _UNKNOWN
    glyph = face.load_char(ord(char), flags=LoadFlags.NO_HINTING)
    return float(glyph.linearHoriAdvance) / 65536 / _MEASURING_SIZE


@cache
def _face(bold: bool) -> FT2Font:
    from matplotlib.font_manager import FontProperties, findfont
    from matplotlib.ft2font import FT2Font

    face = FT2Font(findfont(FontProperties(family=FACE, weight="bold" if bold else "normal")))
    face.set_size(_MEASURING_SIZE, 72)
    return face


def wrap_text(text: str, width_points: float, size: float, bold: bool = False) -> list[str]:
    """Break text into lines no wider than ``width_points``; a single longer word keeps its own line.

    Lines break at spaces, after a hyphen between letters and between wide characters; a no-break space holds
    its neighbours together.
    """
    lines: list[str] = []
    joint = ""
    for piece, after in _pieces(text):
        trial = f"{lines[-1]}{joint}{piece}" if lines else piece
        if lines and text_width_points(trial, size, bold) <= width_points:
            lines[-1] = trial
        else:
            lines.append(piece)
        joint = after
    return lines or [""]


def fitting_size(texts: Iterable[str], width_points: float, sizes: Sequence[float]) -> float:
    """The first of the sizes at which no part that cannot break is wider than ``width_points``; else the
    last."""
    parts = [piece for text in texts for piece in unbreakable_parts(text)]
    for size in sizes:
        if all(text_width_points(part, size) <= width_points for part in parts):
            return size
    return sizes[-1]


def unbreakable_parts(text: str) -> list[str]:
    """What of a text stays in one line: words, their parts at hyphens, and single wide characters."""
    return [piece for line in text.splitlines() for piece, _ in _pieces(line) if piece]


def _pieces(text: str) -> list[tuple[str, str]]:
    """The parts a line may hold, each with what stands between it and the next."""
    pieces: list[tuple[str, str]] = []
    for word in text.split(" "):
        start = 0
        for place, (here, following) in enumerate(pairwise(word), 1):
            after_hyphen = here == "-" and place > 1 and word[place - 2].isalpha() and following.isalpha()
            between_wide = is_wide(here) and is_wide(following)
            if after_hyphen or (between_wide and unicodedata.category(following)[0] != "P"):
                pieces.append((word[start:place], ""))
                start = place
        pieces.append((word[start:], " "))
    return pieces
