"""What no clerk could ever type right, and what REDCap would have typed for her, is said by the check."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from trialkit.study import Severity, StudyError, check_study, load_study
from trialkit.study.annotations import REDCAP_TAGS, STEERS_VALUES
from trialkit.study.dictionary_header import COLUMNS

DEFINITION = Path(__file__).parents[2] / "sample_data"


def findings(folder: Path, *fields: dict[str, str]) -> dict[str, str]:
    """Codes of what the check says of the reference study with these fields more, each with its detail."""
    (folder / "study.toml").write_bytes((DEFINITION / "study.toml").read_bytes())
    rows = list(csv.DictReader(io.StringIO((DEFINITION / "dictionary.csv").read_text("utf-8"))))
    form = rows[1]["Form Name"]
    base = dict.fromkeys(COLUMNS, "") | {"Form Name": form, "Field Type": "text", "Field Label": "More"}
    with (folder / "dictionary.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, COLUMNS)
        writer.writeheader()
        writer.writerows([*rows, *(base | field for field in fields)])
    return {found.code: found.detail for found in check_study(load_study(folder))}


@pytest.mark.parametrize(
    ("kind", "low", "high", "empty"),
    [
        ("number", "10", "1", True),
        ("integer", "5", "5", False),
        ("number_1dp_comma_decimal", "1,5", "0,5", True),
        ("date_dmy", "2025-01-01", "2020-01-01", True),
        ("datetime_ymd", "2020-01-01 08:00", "2020-01-01 07:59", True),
        ("time", "18:00", "08:00", True),
        ("time", "08:00", "18:00", False),
        ("number", "10", "", False),
    ],
)
def test_a_range_without_a_value_is_a_contradiction(
    tmp_path: Path, kind: str, low: str, high: str, empty: bool
) -> None:
    field = {
        "Variable / Field Name": "more",
        "Text Validation Type OR Show Slider Number": kind,
        "Text Validation Min": low,
        "Text Validation Max": high,
    }
    found = findings(tmp_path, field)
    assert ("range-without-a-value" in found) == empty
    if empty:
        assert found["range-without-a-value"].startswith("more: ")


@pytest.mark.parametrize(
    ("branching", "circle"),
    [
        ({"a1": "[a1]='1'"}, "a1"),
        ({"a1": "[b1]='1'", "b1": "[a1]='1'"}, "a1, b1"),
        ({"a1": "[b1]='1'", "b1": "[c1]='1'", "c1": "[a1]<>''"}, "a1, b1, c1"),
        ({"a1": "[b1]='1'", "b1": ""}, ""),
    ],
)
def test_branching_that_waits_for_itself_is_a_contradiction(
    tmp_path: Path, branching: dict[str, str], circle: str
) -> None:
    fields = [
        {"Variable / Field Name": name, "Branching Logic (Show field only if...)": text}
        for name, text in branching.items()
    ]
    found = findings(tmp_path, *fields)
    assert found.get("item-never-asked", "") == (
        f"The branching of {circle} leads back to where it starts." if circle else ""
    )


@pytest.mark.parametrize("tag", sorted(STEERS_VALUES))
def test_a_tag_that_steers_values_in_redcap_is_listed(tmp_path: Path, tag: str) -> None:
    assert tag in REDCAP_TAGS
    found = findings(tmp_path, {"Variable / Field Name": "more", "Field Annotation": f"@{tag.lower()}='1'"})
    assert f"more: passed over @{tag}, which REDCap obeys" in found["dictionary-read-otherwise"]


def test_a_tag_of_the_screen_alone_is_passed_over_in_silence(tmp_path: Path) -> None:
    found = findings(tmp_path, {"Variable / Field Name": "more", "Field Annotation": "@PLACEHOLDER='mm'"})
    assert "more" not in found.get("dictionary-read-otherwise", "")


def test_one_tag_with_two_values_is_refused(tmp_path: Path) -> None:
    field = {"Variable / Field Name": "more", "Field Annotation": "@UNIT='mm' @unit='cm'"}
    with pytest.raises(StudyError, match="@UNIT twice, as 'mm' and 'cm'"):
        findings(tmp_path, field)


def test_a_checkbox_named_alone_is_shown_with_a_code(tmp_path: Path) -> None:
    boxes = {
        "Variable / Field Name": "more",
        "Field Type": "checkbox",
        "Choices, Calculations, OR Slider Labels": "1, a | 2, b",
    }
    after = {"Variable / Field Name": "after", "Branching Logic (Show field only if...)": "[more]='1'"}
    with pytest.raises(StudyError, match=r"\[more\(1\)\]"):
        findings(tmp_path, boxes, after)


def test_severity_of_both_is_contradiction(tmp_path: Path) -> None:
    findings(tmp_path, {"Variable / Field Name": "a1", "Branching Logic (Show field only if...)": "[a1]='1'"})
    kinds = {found.code: found.severity for found in check_study(load_study(tmp_path))}
    assert kinds["item-never-asked"] is Severity.CONTRADICTION
