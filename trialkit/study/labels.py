"""The dictionary's labels in other languages: ``labels.zh.csv`` beside ``study.toml``.

They are no part of the definition: data are captured under the dictionary's own words, and a translation
may be mended at any time.
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


def read_labels(folder: Path) -> dict[str, Mapping[str, str]]:
    """Language code -> label of the dictionary -> its translation.

    Parameters
    ----------
    folder
        A study's; files ``labels.LANGUAGE.csv`` in UTF-8 with the columns ``label`` and ``translation``. A
        label without translation stays as the dictionary has it.

    Raises
    ------
    StudyError, FileFormatError
        Other columns, or a label twice.
    """
    found: dict[str, Mapping[str, str]] = {}
    for file in sorted(folder.glob("labels.*.csv")):
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
        found[file.name.split(".")[1]] = {label: text for label, text in words.items() if text}
    return found


def in_words(study: Study, words: Mapping[str, str]) -> Study:
    """The study as it is printed in another language: title, labels, options, sections, as far as told."""
    return replace(
        study,
        title=words.get(study.title, study.title),
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
