"""The dictionary's labels in other languages: ``labels.zh.csv`` beside ``study.toml``.

They are no part of the definition: data are captured under the dictionary's own words, and a translation
may be mended at any time.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from trialkit.study.errors import StudyError
from trialkit.table_files.csv_table import read_csv
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
