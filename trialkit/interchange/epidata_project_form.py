"""The forms of an EpiData project: fields, ranges, labels, keys, and which form belongs to which."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from trialkit.interchange.definition_draft import safe_name
from trialkit.interchange.epidata_dates import iso_date, iso_time
from trialkit.interchange.epidata_epx import DATE_ORDER, LOG_PREFIX, caption_of, open_project
from trialkit.interchange.epidata_fields import EpiField, EpiForm
from trialkit.table_files.errors import FileFormatError

_KINDS = {
    "ftInteger": "integer",
    "ftAutoInc": "integer",
    "ftFloat": "number",
    "ftTime": "time",
    "ftTimeAuto": "time",
    "ftMemo": "notes",
    "ftBoolean": "boolean",
}
_BY_ITSELF = "EpiData fills it in by itself; here it is typed"
_A_CHOICE_HERE = "a choice like the others here; missing values are typed @unknown and the like"
_A_NUMBER_HERE = "a number like the others here; missing values are typed @unknown and the like"
_NUMERIC = ("integer", "number")


def forms_of_project(path: Path, raw: bytes) -> list[EpiForm]:
    """Every form of the project, in its order.

    Raises
    ------
    FileFormatError
        As `read_epx`, or a project without a field.
    """
    root, syntax = open_project(path, raw)
    repeats = _forms_with_many_records(root)
    sets = {node.get("id", ""): node for node in root.iterfind("{*}ValueLabelSets/{*}ValueLabelSet")}
    forms: list[EpiForm] = []
    for node in root.findall("{*}DataFiles/{*}DataFile"):
        number = node.get("id", "")
        if number.startswith(LOG_PREFIX):
            continue
        caption = caption_of(node) or number
        name = safe_name(caption)[:40]
        if any(form.name == name for form in forms):
            name = f"{name}_{len(forms) + 1}"
        fields = tuple(
            _field(found, sets, syntax.decimal_separator) for found in node.iterfind(".//{*}Fields/{*}Field")
        )
        keys = tuple(key.get("fieldRef", "") for key in node.iterfind("{*}KeyFields/{*}Key"))
        if fields:
            forms.append(EpiForm(name, caption, fields, keys, number in repeats))
    if not forms:
        raise FileFormatError(expected="an EpiData project with fields", found="none", where=str(path))
    return forms


def _forms_with_many_records(root: Any) -> set[str]:
    """Data files that a parent record may have more than one record of; 0 is any number."""
    every = root.iterfind(".//{*}Relations//{*}Relation")
    return {node.get("dataFileRef", "") for node in every if node.get("maxRecordCount", "1") != "1"}


def _field(node: Any, sets: dict[str, Any], separator: str) -> EpiField:
    kind = _KINDS.get(node.get("type", ""), "date" if node.get("type", "") in DATE_ORDER else "text")
    labels = _labels(sets.get(node.get("valueLabelRef", "")))
    low, high, odd = _range(node, kind, separator)
    lost = [*odd, *_programmed(node)]
    if node.get("type", "").endswith("Auto") or node.get("type") == "ftAutoInc":
        lost.append(("automatic value", _BY_ITSELF))
    if node.get("entryMode") == "emNoEnter":
        lost.append(("no entry", "EpiData never asks for it; here it is asked"))
    counted = kind in _NUMERIC and all(missing for _, missing in labels.values())
    why = _A_NUMBER_HERE if counted else _A_CHOICE_HERE
    lost += [(f"missing code {code}", why) for code, (_, missing) in labels.items() if missing]
    decimals = node.get("decimals", "0")
    return EpiField(
        line=node.sourceline or 0,
        name=node.get("id", "").strip(),
        label=(node.findtext("{*}Question/{*}Text") or "").strip(),
        kind=kind,
        decimals=int(decimals[:3]) if decimals.isdigit() else None,
        choices={} if counted else {_code(code, kind, separator): text for code, (text, _) in labels.items()},
        low=low,
        high=high,
        required=node.get("entryMode") == "emMustEnter",
        lost=tuple(lost),
    )


def _code(code: str, kind: str, separator: str) -> str:
    return code.replace(separator, ".") if kind == "number" else code


def _labels(node: Any) -> dict[str, tuple[str, bool]]:
    """Code -> label and whether it means "missing"."""
    if node is None:
        return {}
    return {
        label.get("value", ""): ((label.findtext("{*}Label") or "").strip(), label.get("missing") == "true")
        for label in node.iterfind(".//{*}ValueLabel")
    }


def _range(node: Any, kind: str, separator: str) -> tuple[str, str, list[tuple[str, str]]]:
    """The range's ends as a dictionary takes them; several ranges become one, and are said."""
    ranges = node.findall("{*}Ranges/{*}Range")
    if not ranges:
        return "", "", []
    ends = [(found.get("start", ""), found.get("end", "")) for found in ranges]
    if kind not in (*_NUMERIC, "date", "time"):
        return "", "", [("range", "a range on a text")]
    lost = [("several ranges", f"one here, from {ends[0][0]} to {ends[-1][1]}")] if len(ends) > 1 else []
    low, high = (_bound(text, kind, node.get("type", ""), separator) for text in (ends[0][0], ends[-1][1]))
    return low, high, lost


def _bound(text: str, kind: str, type_: str, separator: str) -> str:
    if kind == "date":
        return iso_date(text, DATE_ORDER[type_]) or ""
    if kind == "time":
        return iso_time(text) or ""
    return text.replace(separator, ".")


_PROGRAMMED = {
    "Jumps": ("jumps", "branching is written as an expression here: [field] = '1'"),
    "Calculation": ("calculation", "write it as a calculation of an item of type calc"),
    "Comparison": ("comparison with another field", "write it as a check of the study"),
    "ValueRelates": ("choice of the next form", "forms are expected by visit here"),
    "DefaultValue": ("default value", "no value is typed beforehand here"),
    "RepeatValue": ("repeated value", "no value is typed beforehand here"),
}


def _programmed(node: Any) -> list[tuple[str, str]]:
    return [lost for element, lost in _PROGRAMMED.items() if node.find(f"{{*}}{element}") is not None]
