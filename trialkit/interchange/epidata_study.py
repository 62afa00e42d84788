"""An EpiData project, record file or questionnaire as a study definition."""

from __future__ import annotations

from pathlib import Path

from trialkit.interchange.definition_draft import (
    ConvertedStudy,
    DraftRow,
    NotCarriedOver,
    converted,
    field_row,
    integer_item,
    safe_name,
)
from trialkit.interchange.epidata_fields import EpiForm, dictionary_row, item_names
from trialkit.interchange.epidata_project_form import forms_of_project
from trialkit.interchange.epidata_questionnaire import form_of_questionnaire
from trialkit.interchange.epidata_rec_form import form_of_rec
from trialkit.interchange.reading import bytes_of
from trialkit.study.dictionary_header import LABEL
from trialkit.study.scaffold import FormSketch, StudySketch
from trialkit.table_files.errors import FileFormatError
from trialkit.wording import said

_READERS = {".epx": "project", ".epz": "project", ".rec": "rec", ".qes": "questionnaire"}
VISIT = "visit"
_NUMBERS = frozenset(
    {"id", "idnum", "idno", "id_no", "subject", "subject_id", "subjid", "patid", "patient_id"}
)


def study_from_epidata(
    path: Path, *, encoding: str | None = None, study_id: str = "EPIDATA", title: str = ""
) -> ConvertedStudy:
    """Make a study definition of what EpiData has.

    Parameters
    ----------
    path
        ``.epx`` or ``.epz`` (every form of the project), ``.rec`` or ``.qes`` (with the ``.chk`` beside it).
    encoding
        Of ``.rec``, ``.chk`` and ``.qes``; None: UTF-8 where that reads, else cp1252.
    study_id, title
        Of the study.

    Returns
    -------
    ConvertedStudy
        Ranges, value labels, must-enter, keys and related forms come along; jumps, calculations and what a
        check file programs are listed, with line (or element's line) and reason.

    Raises
    ------
    FileFormatError, FileEncodingError, StudyError
        The file cannot be read, or holds no field.
    """
    suffix = path.suffix.casefold()
    if suffix not in _READERS:
        raise FileFormatError(
            expected=said("a file of one of the kinds {kinds}", kinds=", ".join(_READERS)),
            found=suffix or "no suffix",
            where=str(path),
        )
    raw = bytes_of(path)
    lost: list[NotCarriedOver] = []
    if _READERS[suffix] == "project":
        forms = forms_of_project(path, raw)
    elif _READERS[suffix] == "rec":
        forms = [form_of_rec(path, raw, encoding, lost)]
    else:
        forms = [form_of_questionnaire(path, raw, encoding, lost)]
    return _study(forms, lost, study_id, title or f"EpiData {path.name}")


def _study(forms: list[EpiForm], lost: list[NotCarriedOver], study_id: str, title: str) -> ConvertedStudy:
    key = _key(forms[0], lost)
    record_id = safe_name(key)
    first = next((found for found in forms[0].fields if found.name.casefold() == key.casefold()), None)
    rows = [
        field_row(
            first.line if first else 1, record_id, forms[0].name, **{LABEL: first.label if first else key}
        )
    ]
    inherited = {key.casefold()}
    named = item_names([_without(form, inherited) for form in forms], {record_id})
    sketches = []
    for form in forms:
        own = _without(form, inherited)
        own_keys = [name for name in form.keys if name.casefold() not in inherited]
        row_key = None
        if form.repeats:
            row_key = named[form.name, own_keys[-1]] if own_keys else f"{form.name}_line"
            if not own_keys:
                rows.append(integer_item(form.fields[0].line, row_key, form.name, "Line"))
        rows += _rows(own, named, lost)
        sketches.append(FormSketch(form.name, (VISIT,), form.label, row_key))
    lost += [
        NotCarriedOver(None, "visits", "EpiData has forms and no visits: one visit, to be stated"),
        NotCarriedOver(
            None, "arms, sites, factors, blinding, sample_size", "EpiData has none of them: to be stated"
        ),
    ]
    sketch = StudySketch(study_id, title, sketches, {VISIT: "Visit"})
    return converted(sketch, rows, lost)


def _key(form: EpiForm, lost: list[NotCarriedOver]) -> str:
    """The subject's number: the form's key; else a field called so, else the first. A guess is said."""
    if form.keys:
        return form.keys[0]
    called = [found for found in form.fields if found.name.casefold() in _NUMBERS]
    chosen = (called or list(form.fields))[0]
    lost.append(
        NotCarriedOver(chosen.line, "key", f"none is stated: {chosen.name} is taken for the subject's number")
    )
    return chosen.name


def _without(form: EpiForm, inherited: set[str]) -> EpiForm:
    kept = tuple(found for found in form.fields if found.name.casefold() not in inherited)
    return EpiForm(form.name, form.label, kept, form.keys, form.repeats)


def _rows(form: EpiForm, named: dict[tuple[str, str], str], lost: list[NotCarriedOver]) -> list[DraftRow]:
    rows = []
    for found in form.fields:
        name = named[form.name, found.name]
        if name != found.name.casefold():
            lost.append(
                NotCarriedOver(found.line, f"the name {found.name} in {form.name}", f"named {name} here")
            )
        row, missing = dictionary_row(found, form.name, name)
        rows.append(row)
        lost += missing
    return rows
