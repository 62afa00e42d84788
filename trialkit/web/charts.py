"""Small charts as SVG, drawn on the server: shown as images, so that the page's security policy holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

_FONT = 'font-family="system-ui, sans-serif" font-size="13"'
_INK, _QUIET, _BAR, _REST, _MARK = "#1b2733", "#566370", "#0b5394", "#d5dde4", "#8a5a00"
_LINE, _LABEL, _WIDTH, _VALUE = 24, 240, 420, 120


@dataclass(frozen=True, slots=True)
class Bar:
    """``parts`` are stacked from the left; ``mark`` is a target, drawn as a line across the bar."""

    label: str
    parts: tuple[float, ...]
    text: str
    mark: float | None = None


def bars(title: str, rows: Sequence[Bar]) -> str:
    """Horizontal bars on one scale, each with its label and its number beside it."""
    longest = max([1.0, *(max(sum(row.parts), row.mark or 0) for row in rows)])
    width, height = _LABEL + _WIDTH + _VALUE, _LINE * len(rows) + 10
    drawn = [_bar(number, row, _WIDTH / longest) for number, row in enumerate(rows)]
    return _svg(title, width, height, drawn)


def _bar(number: int, row: Bar, scale: float) -> str:
    y = _LINE * number + 5
    pieces = [_text(_LABEL - 8, y + 15, _short(row.label), anchor="end")]
    x = float(_LABEL)
    for part, colour in zip(row.parts, (_BAR, _REST), strict=False):
        pieces.append(
            f'<rect x="{x:.1f}" y="{y + 3}" width="{part * scale:.1f}" height="15" fill="{colour}"/>'
        )
        x += part * scale
    if row.mark is not None:
        at = _LABEL + row.mark * scale
        pieces.append(f'<path d="M{at:.1f} {y}v21" stroke="{_MARK}" stroke-width="3"/>')
        x = max(x, at)
    pieces.append(_text(x + 8, y + 15, row.text, colour=_QUIET))
    return "".join(pieces)


@dataclass(frozen=True, slots=True)
class Course:
    """``reached`` at each of ``times``, cumulative; ``wanted`` the goal, or None."""

    times: tuple[str, ...]
    reached: tuple[int, ...]
    wanted: int | None


def course(title: str, found: Course) -> str:
    """A cumulative count over equal steps of time, with the goal as a dashed line."""
    width, height, left, bottom = 760, 240, 46, 34
    top = max([1, *found.reached, found.wanted or 0])
    step = (width - left - 40) / max(1, len(found.times) - 1)
    place = [
        (left + step * n, height - bottom - (height - bottom - 16) * count / top)
        for n, count in enumerate(found.reached)
    ]
    pieces = [f'<path d="M{left} 10V{height - bottom}H{width - 10}" fill="none" stroke="{_QUIET}"/>']
    pieces += [
        _text(left - 6, height - bottom, "0", anchor="end"),
        _text(left - 6, 22, str(top), anchor="end"),
    ]
    if found.wanted is not None:
        y = height - bottom - (height - bottom - 16) * found.wanted / top
        pieces.append(
            f'<path d="M{left} {y:.1f}H{width - 10}" stroke="{_MARK}" '
            'stroke-width="2" stroke-dasharray="7 5"/>'
        )
    if place:
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in place)
        pieces.append(f'<polyline points="{line}" fill="none" stroke="{_BAR}" stroke-width="3"/>')
        pieces += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{_BAR}"/>' for x, y in place]
    every = max(1, len(found.times) // 8)
    for number in range(0, len(found.times), every):
        pieces.append(_text(left + step * number, height - 12, found.times[number], anchor="middle"))
    return _svg(title, width, height, pieces)


def _svg(title: str, width: float, height: float, pieces: Sequence[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" role="img"><title>{escape(title)}</title>{"".join(pieces)}</svg>'
    )


def _text(x: float, y: float, text: str, *, anchor: str = "start", colour: str = _INK) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" {_FONT} fill="{colour}" text-anchor="{anchor}">{escape(text)}</text>'
    )


def _short(label: str) -> str:
    return label if len(label) <= 30 else f"{label[:29]}…"
