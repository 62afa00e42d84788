"""Final values leave with their labels and missing codes, and a template that was filled in comes back."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import openpyxl
import pytest

from trialkit import resources
from trialkit.cli.exported import exported
from trialkit.interchange.data_export import MISSING_NUMBERS, form_table
from trialkit.interchange.data_export_files import FORMATS, export_bytes, stata_names
from trialkit.interchange.template import template_xlsx
from trialkit.study import load_study
from trialkit.vocabulary import MissingCode

STUDY = load_study(resources.folder("sample_data"))
FORM = STUDY.form("demographics")


def value(
    subject: str, item: str, text: str = "", *, missing: str = "", form: str = "demographics", row: str = ""
):
    state = "missing" if missing else "value" if text else "blank"
    return {
        "subject_id": subject, "visit": "baseline", "form": form, "row": row, "item": item, "value": text,
        "state": state, "missing_code": missing,
    }  # fmt: skip


VALUES = [
    value("A-001", "sex", "female"), value("A-001", "height_cm", "172.5"), value("A-001", "smoking", "2"),
    value("A-002", "sex", "male"), value("A-002", "height_cm", missing="refused"),
    value("A-002", "smoking", missing="unknown"), value("A-010", "height_cm"),
]  # fmt: skip
TABLE = form_table(STUDY, FORM, VALUES)


def _read(tmp_path: Path, format_: str, **options):
    pyreadstat = pytest.importorskip("pyreadstat")
    name, content = export_bytes(TABLE, format_)
    (tmp_path / name).write_bytes(content)
    reader = {"spss": pyreadstat.read_sav, "stata": pyreadstat.read_dta}[format_]
    return reader(tmp_path / name, **options)


@pytest.mark.external_reference
def test_spss_has_values_labels_and_declared_missing_codes(tmp_path: Path) -> None:
    frame, meta = _read(tmp_path, "spss", user_missing=True)
    assert list(frame["subject_id"]) == ["A-001", "A-002", "A-010"]
    assert frame["height_cm"].tolist()[:2] == [172.5, MISSING_NUMBERS[MissingCode.REFUSED]]
    assert frame["smoking"].tolist()[:2] == [2.0, MISSING_NUMBERS[MissingCode.UNKNOWN]]
    assert meta.variable_value_labels["smoking"][2.0] == STUDY.item("smoking").label_of("2")
    assert meta.variable_value_labels["height_cm"][-9999.0] == "refused"
    assert meta.column_names_to_labels["height_cm"] == STUDY.item("height_cm").label
    assert meta.missing_ranges["height_cm"] == [{"lo": -9999.0, "hi": -9994.0}]
    hidden, _ = _read(tmp_path, "spss")
    assert hidden["height_cm"].isna().tolist() == [False, True, True]


@pytest.mark.external_reference
def test_stata_has_values_labels_and_extended_missing_values(tmp_path: Path) -> None:
    frame, meta = _read(tmp_path, "stata", user_missing=True)
    assert frame["height_cm"].tolist()[:2] == [172.5, "d"]
    assert frame["smoking"].tolist()[:2] == [2, "b"]
    assert meta.variable_value_labels["smoking"]["b"] == "unknown"
    assert meta.variable_value_labels["smoking"][2] == STUDY.item("smoking").label_of("2")
    plain, _ = _read(tmp_path, "stata")
    assert plain["height_cm"].isna().tolist() == [False, True, True]


def test_csv_and_workbook_hold_what_a_typist_would_have_typed() -> None:
    name, content = export_bytes(TABLE, "csv")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert (name, rows[1]["height_cm"], rows[1]["smoking"]) == ("demographics.csv", "@refused", "@unknown")
    sheet = openpyxl.load_workbook(io.BytesIO(export_bytes(TABLE, "xlsx")[1])).worksheets[0]
    header = [cell.value for cell in sheet[1]]
    assert sheet.cell(2, header.index("height_cm") + 1).value == 172.5
    assert sheet.cell(3, header.index("height_cm") + 1).value == "@refused"


@pytest.mark.parametrize("format_", FORMATS)
def test_an_identifier_leaves_only_where_it_is_named(format_: str) -> None:
    from dataclasses import replace

    items = tuple(replace(item, identifier=item.name == "height_cm") for item in FORM.items)
    marked = replace(FORM, items=items)
    hidden = form_table(STUDY, marked, VALUES)
    assert hidden.left_out == ("height_cm",)
    assert b"172.5" not in export_bytes(hidden, format_)[1]
    assert "height_cm" in {column.name for column in form_table(STUDY, marked, VALUES, ["height_cm"]).columns}


def test_lines_of_a_repeating_form_are_in_order_of_their_number_and_dates_are_days(tmp_path: Path) -> None:
    form = STUDY.form("adverse_events")
    values = [value("A-001", "ae_line", str(n), form=form.name, row=str(n)) for n in (10, 2, 1)]
    table = form_table(STUDY, form, values)
    assert [key[2] for key, _ in table.rows] == ["1", "2", "10"]
    assert {column.name: column.kind for column in table.columns}["ae_start_date"] == "text", (
        "partial dates stay as typed"
    )


def test_long_names_are_cut_for_stata_each_once() -> None:
    names = stata_names(["a" * 40, "a" * 41, "b"])
    assert len(set(names.values())) == 3
    assert max(map(len, names.values())) <= 32


def test_what_stata_calls_otherwise_is_said(tmp_path: Path) -> None:
    import pyreadstat

    form = STUDY.form("mri")
    long, short = "mri_l1_erector_spinae_fat_percent", "mri_l1_erector_spinae_fat_percen"
    table = form_table(STUDY, form, [value("A-001", long, "12.5", form="mri")])
    (tmp_path / "mri.dta").write_bytes(export_bytes(table, "stata")[1])
    assert short in pyreadstat.read_dta(tmp_path / "mri.dta", metadataonly=True)[1].column_names
    assert f" are cut: {long} is {short}" in exported(tmp_path / "mri.dta", table, "stata")
    assert "cut" not in exported(tmp_path / "mri.sav", table, "spss")


def test_a_template_asks_for_codes_and_ranges_and_keeps_identifiers_as_typed() -> None:
    book = openpyxl.load_workbook(io.BytesIO(template_xlsx(STUDY, FORM)))
    sheet = book["demographics"]
    header = [cell.value for cell in sheet[1]]
    assert header == ["subject_id", "visit", *(item.name for item in FORM.items if item.type != "derived")]
    rules = {str(rule.sqref).split(":")[0]: rule for rule in sheet.data_validations.dataValidation}
    letter = openpyxl.utils.get_column_letter(header.index("height_cm") + 1)
    height = rules[f"{letter}2"]
    assert (height.type, height.errorStyle) == ("decimal", "warning")
    assert float(height.formula1) == STUDY.item("height_cm").minimum
    sex = rules[f"{openpyxl.utils.get_column_letter(header.index('sex') + 1)}2"]
    assert (sex.type, sex.formula1) == ("list", '"female,male"')
    assert sheet["A2"].number_format == "@"


def test_every_forms_template_opens_and_a_filled_one_is_read_back(tmp_path: Path) -> None:
    from trialkit.interchange import read_table

    for form in STUDY.forms:
        book = openpyxl.load_workbook(io.BytesIO(template_xlsx(STUDY, form)))
        sheet = book.worksheets[0]
        sheet["A2"], sheet["B2"] = "0041", form.visits[0]
        book.save(tmp_path / "filled.xlsx")
        table = read_table(tmp_path / "filled.xlsx", part=sheet.title)
        assert table.rows[0][:2] == ("0041", form.visits[0])
