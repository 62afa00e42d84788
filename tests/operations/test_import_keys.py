"""Keys of ``[import]`` that contradict or need each other: found before founding, all at once, with steps."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.operations.test_outside_lines import ADMIN, LONG, UNA, data, definition
from trialkit import operations as op
from trialkit.errors import TrialkitError
from trialkit.snapshot import read_snapshot
from trialkit.study import check_study, load_study
from trialkit.study.findings import Finding, Severity

LINES = ("100,1,1,2019-03-31,0,47,10.75,8", "200,2,0,2019-04-02,0,52,9.5,4")
VISIT_CODES = 'visit_codes = { "0" = "baseline", "3" = "month_3", "12" = "month_12" }\n'
CODES = 'allocation_codes = { "1" = "acupuncture", "0" = "control" }\n'
SITES = 'site_column = "centre"\nsite_codes = { "1" = "UK", "2" = "FR" }\n'
DAY = 'randomization_date_column = "randomized"\n'
AGE_AT = 'item = "age_years"\nvisit = "baseline"\n'


def _found(folder: Path, *changes: tuple[str, str]) -> list[Finding]:
    mapping = LONG
    for old, new in changes:
        assert old in mapping, old
        mapping = mapping.replace(old, new, 1)
    return [one for one in check_study(load_study(definition(folder, mapping))) if "import" in one.code]


PAIRS = {
    "two sites": (('[import]\n', '[import]\nsite = "UK"\n'), "import.site", "Keep the one"),
    "no site": ((SITES, ""), "import", "Add site"),
    "site codes alone": (('site_column = "centre"', 'site = "UK"'), "import.site_codes", "Name the column"),
    "arms without codes": ((CODES, ""), "import.allocation_column", "Write allocation_codes"),
    "codes without arms": (
        ('allocation_column = "group"\n' + CODES + DAY, CODES), "import.allocation_codes", "Name the column"
    ),
    "a day without arms": (
        ('allocation_column = "group"\n' + CODES, ""), "import.randomization_date_column", "Name the column"
    ),
    "an arm without a code": ((', "0" = "control"', ""), "import.allocation_codes", "Add its code"),
    "a visit of one form": ((AGE_AT, 'item = "age_years"\n'), "import.columns.age", 'Add visit = "baseline"'),
    "two columns of one item": (
        ("[import.columns.days]", '[import.columns.more]\nitem = "headache_score"\nvisit = "month_3"\n\n'
         "[import.columns.days]"), "import.columns.more", "Keep one of them",
    ),
    "mapped and ignored": (
        ('"NA"]\n', '"NA"]\nignored_columns = ["days"]\n'), "import.ignored_columns", "Take it out"
    ),
    "a key that is mapped": (
        ("[import.columns.age]", "[import.columns.group]"), "import.columns.group", "Take the table out"
    ),
    "a column with two duties": (
        ('visit_column = "when"', 'visit_column = "centre"'), "import", "Name another column"
    ),
    "two codes of one visit": (('"12" = "month_12"', '"12" = "month_3"'), "import.visit_codes", "one code"),
}  # fmt: skip


@pytest.mark.parametrize("case", PAIRS)
def test_each_pair_is_found_at_its_key_with_what_to_do(tmp_path: Path, case: str) -> None:
    change, where, next_step = PAIRS[case]
    told = [one for one in _found(tmp_path / "wrong", change) if one.code == "import-cannot-be-made"]
    assert [(one.where, one.severity) for one in told] == [((where,), Severity.CONTRADICTION)]
    assert next_step in told[0].next_step


def test_all_of_them_are_found_at_once(tmp_path: Path) -> None:
    changes = [
        PAIRS[case][0]
        for case in ("site codes alone", "an arm without a code", "a visit of one form", "mapped and ignored")
    ]
    told = [one.where[0] for one in _found(tmp_path / "wrong", *changes)]
    assert {
        "import.site_codes",
        "import.allocation_codes",
        "import.columns.age",
        "import.ignored_columns",
    } <= set(told)


def test_what_the_mapping_as_it_should_be_says_is_nothing(tmp_path: Path) -> None:
    assert [one.code for one in _found(tmp_path / "right") if one.severity is Severity.CONTRADICTION] == []


@pytest.fixture
def by_names(tmp_path: Path) -> Iterator[op.Trial]:
    """Neither visits nor sites have codes; the number is of the centre and the patient."""
    mapping = LONG.replace(VISIT_CODES, "").replace('site_codes = { "1" = "UK", "2" = "FR" }\n', "")
    mapping = mapping.replace('subject_column = "id"', 'subject_column = ["centre", "id"]')
    folder = definition(tmp_path / "names", mapping)
    notes = {one.where: one for one in check_study(load_study(folder)) if one.code == "import-read-by-names"}
    assert set(notes) == {("import.visit_column",), ("import.site_column",)}
    assert "baseline, month_3, month_12" in notes[("import.visit_column",)].detail
    made = op.create_study(tmp_path / "study", definition=folder, administrator="ada", person_name="Ada")
    op.add_account(made, ADMIN, login="una", person_name="Una", role=UNA.role)
    yield made
    made.close()


def test_visits_and_sites_by_name_or_label_and_a_number_of_two_columns(
    by_names: op.Trial, tmp_path: Path
) -> None:
    labels = {visit.name: visit.label for visit in by_names.study.visits}
    lines = (
        "1,UK,1,2019-03-31,baseline,47,10.75,8",
        f"1,UK,1,2019-03-31,{labels['month_3'].upper()},47,8,3",
        "1,fr,0,2019-04-02,Baseline,52,9.5,4",
    )
    assert op.import_outside_data(by_names, ADMIN, path=data(tmp_path, *lines)).subjects == 2
    snapshot = op.write_snapshot(by_names, UNA, folder=tmp_path / "open", blinded=False)
    values = (
        read_snapshot(snapshot.folder).tables["values"].set_index(["subject_id", "visit", "item"])["value"]
    )
    assert values["UK-1", "month_3", "headache_score"] == "8"
    assert values["fr-1", "baseline", "age_years"] == "52"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("2,UK,1,2019-03-31,week 3,47,3,3", r"when: expected one of the visits baseline, month_3, month_12"),
        ("2,Spain,1,2019-03-31,baseline,47,3,3", r"centre: expected one of the sites UK, FR"),
        (",UK,1,2019-03-31,baseline,47,3,3", r"centre\+id: expected a number made of all these columns"),
        ("1,UK,1,2019-03-31,Baseline,47,3,3", r"found the visit of line 2 again"),
    ],
)
def test_names_that_are_none_and_numbers_with_a_hole_are_refused(
    by_names: op.Trial, tmp_path: Path, line: str, said: str
) -> None:
    with pytest.raises(TrialkitError, match=said):
        op.import_outside_data(
            by_names, ADMIN, path=data(tmp_path, "1,UK,1,2019-03-31,baseline,47,3,3", line)
        )


def test_a_value_at_a_visit_where_its_form_is_not_asked_is_not_lost(tmp_path: Path) -> None:
    """Where nobody mends what the check says, the import says it again, with the line."""
    mapping = LONG.replace(AGE_AT, 'item = "age_years"\n')
    with op.create_study(
        tmp_path / "study",
        definition=definition(tmp_path / "d", mapping),
        administrator="ada",
        person_name="Ada",
    ) as made:
        path = data(tmp_path, LINES[0], "100,1,1,2019-03-31,12,47,NA,3", LINES[1])
        with pytest.raises(TrialkitError, match=re.escape(":3:age: expected no value where form")):
            op.import_outside_data(made, ADMIN, path=path)
        path = data(tmp_path, LINES[0], "100,1,1,2019-03-31,12,NA,NA,3", LINES[1])
        assert op.import_outside_data(made, ADMIN, path=path).subjects == 2


@pytest.mark.parametrize("given", ["[]", '["id", ""]', "7"])
def test_a_list_of_columns_that_is_none_is_refused(tmp_path: Path, given: str) -> None:
    wrong = LONG.replace('subject_column = "id"', f"subject_column = {given}")
    with pytest.raises(TrialkitError, match="subject_column"):
        load_study(definition(tmp_path / "wrong", wrong))
