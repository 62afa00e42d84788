"""The dictionary's labels in other languages: ``labels.zh.csv`` beside ``study.toml``.

They are no part of the definition: data are captured under the dictionary's own words. An amendment brings
its own, which hold before those of the founding; a file changed by hand is named by ``audit verify``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from trialkit.study.errors import StudyError
from trialkit.study.model import Form, Item, Study
from trialkit.table_files.csv_table import read_csv
from trialkit.table_files.table_file import refuse_faults
from trialkit.wording import said

COLUMNS = ("label", "translation")
LABELS = "labels.*.csv"
VERSIONS = "versions"
"""The folder in the study's own where the files of every later version are kept to be read and printed."""


def read_labels(folder: Path) -> dict[str, Mapping[str, str]]:
    """Language code -> label of the dictionary -> its translation.

    Parameters
    ----------
    folder
        A study's; files ``labels.LANGUAGE.csv`` in UTF-8 with the columns ``label`` and ``translation``. A
        label without translation stays as the dictionary has it. Where later versions brought such files,
        the newest word for a label holds.

    Raises
    ------
    StudyError, FileFormatError
        Other columns, or a label twice.
    """
    found: dict[str, dict[str, str]] = {}
    for place in (folder, *_later_versions(folder)):
        for file in sorted(place.glob(LABELS)):
            words = found.setdefault(file.name.split(".")[1], {})
            words.update({label: text for label, text in _words_of(file).items() if text})
    return dict(found)


def _later_versions(folder: Path) -> list[Path]:
    """Where later versions' files are kept, the oldest first."""
    kept = [path for path in (folder / VERSIONS).glob("*") if path.name.isdecimal()]
    return sorted(kept, key=lambda path: int(path.name))


def _words_of(file: Path) -> dict[str, str]:
    table = read_csv(file, file.read_bytes(), "utf-8-sig")
    refuse_faults(table)
    if table.columns != COLUMNS:
        raise StudyError(
            expected=said("the columns {columns}", columns=", ".join(COLUMNS)),
            found=", ".join(table.columns),
            where=file.name,
            next_step="Name the columns so.",
        )
    words: dict[str, str] = {}
    for (label, translation), line in zip(table.rows, table.line_numbers, strict=True):
        if label in words:
            raise StudyError(
                expected="each label once",
                found=repr(label),
                where=f"{file.name}:{line}",
                next_step="Remove one of the two.",
            )
        words[label] = translation
    return words


def in_words(study: Study, words: Mapping[str, str]) -> Study:
    """The study as it is printed in another language: title, sites, labels, options, as far as told."""
    return replace(
        study,
        title=words.get(study.title, study.title),
        sites=tuple(replace(site, name=words.get(site.name, site.name)) for site in study.sites),
        visits=tuple(replace(visit, label=words.get(visit.label, visit.label)) for visit in study.visits),
        forms=tuple(_form(form, words) for form in study.forms),
    )


def _form(form: Form, words: Mapping[str, str]) -> Form:
    items = tuple(_item(item, words) for item in form.items)
    return replace(form, label=words.get(form.label, form.label), items=items)


def _item(item: Item, words: Mapping[str, str]) -> Item:
    choices = tuple(replace(choice, label=words.get(choice.label, choice.label)) for choice in item.choices)
    return replace(
        item,
        label=words.get(item.label, item.label),
        section=words.get(item.section, item.section),
        choices=choices,
    )
