"""Grades as a person read them, to stand beside those computed from the fat share."""

from __future__ import annotations

from pathlib import Path

from trialkit.imaging.errors import MeasurementError
from trialkit.imaging.muscle.values import Value
from trialkit.imaging.names import Structure
from trialkit.strict_csv import NamedRows
from trialkit.wording import said

_HIGHEST = {"goutallier": 4, "kjaer": 2}


def read_grades(path: Path) -> tuple[Value, ...]:
    """Read ``muscle,level,side,goutallier,kjaer`` (one of the last two will do; a blank is not read).

    Raises
    ------
    MeasurementError
        A column is missing, or a grade is none of 0 to 4 (Goutallier) or 0 to 2 (Kjaer).
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise MeasurementError(
            expected="a CSV file in UTF-8", found="none that reads", where=str(path)
        ) from None
    table = NamedRows(text, str(path))
    scales = [name for name in _HIGHEST if name in (table.fieldnames or ())]
    if not scales or "muscle" not in (table.fieldnames or ()):
        raise MeasurementError(
            expected="columns muscle, level, side and goutallier or kjaer",
            found=", ".join(table.fieldnames or ()) or "no columns",
            where=str(path),
        )
    values = []
    for row in table:
        structure = Structure(row["muscle"] or "", (row.get("level") or "").upper(), row.get("side") or "")
        name = "_".join(filter(None, (structure.muscle, structure.level, structure.side)))
        for scale in scales:
            text = (row[scale] or "").strip()
            if not text:
                continue
            if text not in map(str, range(_HIGHEST[scale] + 1)):
                raise MeasurementError(
                    expected=said(
                        "a {scale} grade from 0 to {highest}", scale=scale, highest=_HIGHEST[scale]
                    ),
                    found=repr(text),
                    where=f"{path}:{table.line_num}",
                )
            values.append(Value(name, structure, f"{scale}_grade", "as read", float(text)))
    return tuple(values)
