"""Dictionaries other people made in REDCap are read as REDCap meant them."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from trialkit.study import StudyError
from trialkit.study.dictionary import read_dictionary
from trialkit.study.dictionary_file import dictionary_text
from trialkit.study.dictionary_header import COLUMNS
from trialkit.vocabulary import ItemType

PROJECTS = ("checkboxes-1", "clinical-trial-1", "longitudinal", "simple", "vignette-repeating")


@pytest.mark.external_reference
@pytest.mark.parametrize("project", PROJECTS)
def test_the_items_are_the_columns_of_the_projects_own_export(shared: Path, project: str) -> None:
    folder = shared / "interchange" / "redcap" / project
    found = read_dictionary(dictionary_text(folder / "dictionary.csv"), f"{project}.csv")
    with (folder / "data.csv").open(encoding="utf-8-sig", newline="") as handle:
        exported = next(csv.reader(handle))
    of_redcap = {name for name in exported if name.startswith("redcap_") or name.endswith("_complete")}
    skipped = {field.name for field in found.skipped}
    assert set(exported) - of_redcap - skipped == {found.record_id} | {item.name for item in found.items}


@pytest.mark.external_reference
def test_a_file_upload_is_listed_and_not_taken_for_an_item(shared: Path) -> None:
    path = shared / "interchange" / "redcap" / "simple" / "dictionary.csv"
    found = read_dictionary(dictionary_text(path))
    assert [(field.name, field.form) for field in found.skipped] == [("mugshot", "health")]
    assert next(item for item in found.items if item.name == "bmi").type is ItemType.DERIVED
    assert next(item for item in found.items if item.name == "name_last").identifier


_CELL = st.text(alphabet="ab1_ ,|\"'@=y-.[]()é\n", max_size=12)
_ROW = st.lists(_CELL, min_size=1, max_size=19)


@settings(derandomize=True, deadline=None, max_examples=200)
@given(st.lists(_ROW, max_size=3), st.sampled_from(["text", "radio", "calc", "checkbox", "yesno"]))
def test_any_table_is_read_or_refused_in_one_line(rows: list[list[str]], kind: str) -> None:
    import io

    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerow(["subject_id", "a", "", "text", "Subject", *[""] * 13])
    for row in rows:
        writer.writerow(["x", "a", "", kind, *row])
    message = ""
    try:
        read_dictionary(out.getvalue())
    except StudyError as error:
        message = str(error)
    assert "\n" not in message
    assert not message or message.startswith("dictionary.csv:")


def test_the_project_file_is_named_where_the_dictionary_is_wanted(tmp_path: Path) -> None:
    path = tmp_path / "project.xml"
    path.write_text('<?xml version="1.0"?>\n<ODM a="1, "x"">\n', "utf-8")
    with pytest.raises(StudyError, match=r"found XML.*Export the dictionary"):
        dictionary_text(path)
