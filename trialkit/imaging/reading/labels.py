"""What the numbers of a label map mean: from a mapping, a file named by the user, or one beside the map."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from trialkit.imaging.errors import SegmentationError
from trialkit.strict_csv import NamedRows
from trialkit.wording import said

_INDEX_COLUMNS = ("index", "label", "value")
_STATED = ("muscle", "level", "side")


@dataclass(frozen=True)
class LabelNames:
    """``by_label``: label -> name. ``by_name``: name -> muscle, level, side where stated."""

    by_label: Mapping[int, str] = field(default_factory=dict)
    by_name: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def read_label_names(labels: Mapping[int, str] | str | os.PathLike[str] | None, beside: Path) -> LabelNames:
    """The names that were given, or those of the file beside the segmentation, or none."""
    if isinstance(labels, Mapping):
        return _checked([(int(label), name, {}) for label, name in labels.items()], "labels")
    if labels is None:
        return _read_beside(beside)
    path = Path(labels)
    if not path.is_file():
        raise SegmentationError(expected="a labels file", found="nothing there", where=str(path))
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise SegmentationError(
            expected="a labels file in UTF-8", found="another encoding", where=str(path)
        ) from None
    return _of_json(text, path) if path.suffix.casefold() == ".json" else _of_table(text, path)


def _read_beside(segmentation: Path) -> LabelNames:
    """What the file of the segmentation's name says.

    It may be another file that bears the name of the scan: a BIDS sidecar, a table of measurements. Only one
    called ``.labels.`` is held to the form of a labels file.
    """
    path = _beside(segmentation)
    if path is None:
        return LabelNames()
    if ".labels." in path.name:
        return read_label_names(path, segmentation)
    try:
        return read_label_names(path, segmentation)
    except SegmentationError:
        return LabelNames()


def _beside(segmentation: Path) -> Path | None:
    name = segmentation.name
    for suffix in (".nii.gz", ".seg.nrrd", segmentation.suffix):
        if suffix and name.casefold().endswith(suffix):
            name = name[: -len(suffix)]
            break
    for ending in (".labels.csv", ".labels.tsv", ".labels.json", ".tsv", ".csv", ".json"):
        path = segmentation.with_name(name + ending)
        if path.is_file():
            return path
    return None


def _of_table(text: str, path: Path) -> LabelNames:
    table = NamedRows(text, str(path))
    columns = [name.strip() for name in table.fieldnames or ()]
    table.fieldnames = columns
    index = next((name for name in _INDEX_COLUMNS if name in columns), None)
    if "name" not in columns:
        raise SegmentationError(
            expected="columns index and name (also muscle, level, side)",
            found=", ".join(columns) or "no columns",
            where=str(path),
        )
    rows: list[tuple[int | None, str, dict[str, str]]] = []
    for row in table:
        stated = {key: (row.get(key) or "").strip() for key in _STATED if (row.get(key) or "").strip()}
        rows.append(
            (
                _label(row.get(index), path, table.line_num) if index else None,
                (row["name"] or "").strip(),
                stated,
            )
        )
    return _checked(rows, str(path))


def _of_json(text: str, path: Path) -> LabelNames:
    try:
        content = json.loads(text)
    except json.JSONDecodeError as error:
        raise SegmentationError(expected="JSON", found=error.msg, where=f"{path}:{error.lineno}") from None
    if not isinstance(content, dict) or not all(isinstance(name, str) for name in content.values()):
        raise SegmentationError(
            expected='JSON of the form {"1": "name", ...}', found="another form", where=str(path)
        )
    return _checked([(_label(label, path, 1), name, {}) for label, name in content.items()], str(path))


def _label(text: str | None, path: Path, line: int) -> int:
    try:
        return int(text or "")
    except ValueError:
        raise SegmentationError(
            expected="a whole number as label", found=repr(text), where=f"{path}:{line}"
        ) from None


def _checked(rows: Sequence[tuple[int | None, str, Mapping[str, str]]], where: str) -> LabelNames:
    """Each label and each name once; label 0 is the background and names nothing."""
    named = [(label, name, stated) for label, name, stated in rows if label != 0]
    for what, values in (
        ("label", [row[0] for row in named if row[0] is not None]),
        ("name", [row[1] for row in named]),
    ):
        twice = sorted({str(value) for value in values if values.count(value) > 1})  # type: ignore[arg-type]
        if twice:
            raise SegmentationError(
                expected=said("each {what} once", what=what),
                found=said("{twice} more than once", twice=", ".join(twice)),
                where=where,
            )
    if not all(name for _, name, _ in named):
        raise SegmentationError(expected="a name in every row", found="an empty one", where=where)
    return LabelNames(
        {label: name for label, name, _ in named if label is not None},
        {name: stated for _, name, stated in named if stated},
    )
