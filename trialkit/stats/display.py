"""How a fit prints itself: tables for reading. Results themselves are never rounded; only this text is."""

from __future__ import annotations

import html
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trialkit.errors import TrialkitError
from trialkit.numbers import plain

if TYPE_CHECKING:
    import pandas as pd

_P_COLUMNS = ("p_value",)
_COUNT_COLUMNS = ("df", "df_num", "df_den")
_SMALLEST_P = 0.0001


@dataclass(frozen=True)
class Shown:
    """A title, tables with their headings, and closing lines."""

    title: str
    tables: tuple[tuple[str, pd.DataFrame], ...]
    lines: tuple[str, ...]


def gather(
    parts: Sequence[tuple[str, Callable[[], pd.DataFrame]]],
) -> tuple[tuple[tuple[str, pd.DataFrame], ...], tuple[str, ...]]:
    """The tables that can be made, and a line for each that cannot: printing never raises."""
    tables, refused = [], []
    for heading, make in parts:
        try:
            tables.append((heading, make()))
        except TrialkitError as error:
            refused.append(
                f"{heading}: cannot be shown: {error.found}, where there should be {error.expected}"
            )
    return tuple(tables), tuple(refused)


def number(value: Any) -> str:
    """A number for reading: five significant digits, four decimals at most, no exponent for usual sizes."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, int) or not math.isfinite(value):
        return str(value)
    if value != 0 and not 1e-4 <= abs(value) < 1e7:
        return f"{value:.4g}"
    digits = 4 if value == 0 else max(0, min(4, 5 - math.ceil(math.log10(abs(value)))))
    return plain(value, digits)


def p_value(value: float) -> str:
    """A p value for reading: four decimals, or "<0.0001"."""
    if math.isnan(value):
        return "nan"
    return f"<{_SMALLEST_P}" if value < _SMALLEST_P else plain(value, 4)


def formatted(table: pd.DataFrame) -> pd.DataFrame:
    """The table with every cell as text for reading."""
    shown = table.astype(object).copy()
    for name in shown.columns:
        render = p_value if str(name).endswith(_P_COLUMNS) else _count if name in _COUNT_COLUMNS else number
        shown[name] = [cell if isinstance(cell, str) else render(_plain(cell)) for cell in table[name]]
    return shown


def as_text(shown: Shown) -> str:
    parts = [shown.title]
    for heading, table in shown.tables:
        parts.append(f"\n{heading}\n{formatted(table).to_string(index=False)}")
    return "\n".join([*parts, "", *shown.lines])


def as_html(shown: Shown) -> str:
    parts = [f"<p><strong>{html.escape(shown.title)}</strong></p>"]
    for heading, table in shown.tables:
        parts.append(f"<p>{html.escape(heading)}</p>{formatted(table).to_html(index=False, border=0)}")
    parts += [f"<p>{html.escape(line)}</p>" for line in shown.lines]
    return "\n".join(parts)


def _count(value: float) -> str:
    """Degrees of freedom: whole where they are."""
    return plain(value, 0) if math.isfinite(value) and value == round(value) else number(value)


def _plain(cell: Any) -> Any:
    return cell.item() if hasattr(cell, "item") else cell
