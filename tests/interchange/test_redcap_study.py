"""A REDCap project becomes a study with one command, and says line by line what did not come along."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings, strategies as st

from trialkit.cli.study import command
from trialkit.errors import TrialkitError
from trialkit.interchange import read_table
from trialkit.interchange.redcap_study import study_from_redcap
from trialkit.study import check_study, load_study, study_from_texts
from trialkit.study.dictionary import open_dictionary
from trialkit.study.dictionary_file import dictionary_text
from trialkit.study.dictionary_header import COLUMNS, NAME, VALIDATION
from trialkit.study.validations import todays_name
from trialkit.vocabulary import ItemType

PROJECTS = ("checkboxes-1", "clinical-trial-1", "longitudinal", "simple", "vignette-repeating")


def dictionary(*rows: dict[str, str]) -> str:
    import io

    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({"Form Name": "f", "Field Type": "text", "Field Label": "L"} | row)
    return out.getvalue()


def field(name: str, **cells: str) -> dict[str, str]:
    known = {
        "form": "Form Name", "type": "Field Type", "choices": COLUMNS[5], "validation": COLUMNS[7],
        "branching": COLUMNS[11], "tags": COLUMNS[17],
    }  # fmt: skip
    return {COLUMNS[0]: name} | {known[key]: text for key, text in cells.items()}


@pytest.mark.external_reference
@pytest.mark.parametrize("project", PROJECTS)
@pytest.mark.parametrize("with_records", [True, False])
def test_a_real_project_becomes_a_definition_that_can_be_checked(
    shared: Path, tmp_path: Path, project: str, with_records: bool
) -> None:
    folder = shared / "interchange" / "redcap" / project
    into = tmp_path / "study"
    words = ["from-redcap", str(folder / "dictionary.csv"), "--into", str(into)]
    run = CliRunner().invoke(
        command, words + (["--records", str(folder / "data.csv")] if with_records else [])
    )
    assert run.exit_code == 0, run.output
    study = load_study(into)
    check_study(study)
    with (folder / "data.csv").open(encoding="utf-8-sig", newline="") as handle:
        exported = next(csv.reader(handle))
    with (into / "not_carried_over.csv").open(encoding="utf-8", newline="") as handle:
        lost = list(csv.DictReader(handle))
    assert list(lost[0]) == ["line", "what", "why"]
    assert all(row["what"] and row["why"] for row in lost)
    items = {item.name for form in study.forms for item in form.items}
    of_redcap = {n for n in exported if n.startswith("redcap_") or n.endswith("_complete")}
    files = {row["what"] for row in lost if "'file'" in row["why"]}
    added = {form.row_key for form in study.forms if form.repeating}
    assert items - added == set(exported) - of_redcap - files - {study.record_id}


@pytest.mark.external_reference
def test_events_become_visits_with_the_forms_that_each_has(shared: Path) -> None:
    """The project's own XML says which forms an event has; the records alone must say the same."""
    from lxml import etree

    folder = shared / "interchange" / "redcap" / "longitudinal"
    made = study_from_redcap(
        dictionary_text(folder / "dictionary.csv"), records=read_table(folder / "data.csv")
    )
    redcap = "{https://projectredcap.org}"
    of_xml: dict[str, set[str]] = {}
    for event in etree.parse(folder / "project.xml").iter("{*}StudyEventDef"):
        visit = event.get(f"{redcap}UniqueEventName").rpartition("_arm_")[0]
        for ref in event.iterfind("{*}FormRef"):
            of_xml.setdefault(visit, set()).add(ref.get(f"{redcap}FormName"))
    ours: dict[str, set[str]] = {}
    for form in made.study.forms:
        for visit in form.visits:
            ours.setdefault(visit, set()).add(form.name)
    assert {v: forms for v, forms in of_xml.items() if v in ours} == ours
    assert [arm.name for arm in made.study.arms] == ["arm_1", "arm_2"]


def test_a_repeating_instrument_repeats_by_the_instance(shared: Path) -> None:
    folder = shared / "interchange" / "redcap" / "vignette-repeating"
    made = study_from_redcap(
        dictionary_text(folder / "dictionary.csv"), records=read_table(folder / "data.csv")
    )
    repeating = {form.name: form.row_key for form in made.study.forms if form.repeating}
    assert repeating == {"blood_pressure": "blood_pressure_instance", "laboratory": "laboratory_instance"}
    assert any(lost.what == "form image" for lost in made.not_carried_over)


CANNOT = {
    "a file": (field("x", type="file"), "x", "file"),
    "a query": (field("x", type="sql"), "x", "sql"),
    "a picture": (field("x", type="descriptive"), "x", "no value"),
    "a smart variable in branching": (field("x", branching="[user-name] = 'a'"), "branching", "always asked"),
    "today in a calculation": (
        field("x", type="calc", choices="datediff([w],'today','y')"),
        "calc",
        "typed here",
    ),
    "an unknown function": (field("x", type="calc", choices="frobnicate([w])"), "calculation", "typed here"),
    "an unknown field": (field("x", branching="[nowhere] > 1"), "branching", "always asked"),
    "a calculation from itself": (field("x", type="calc", choices="[x]+1"), "calculation", "itself"),
    "a default": (field("x", tags="@DEFAULT='5'"), "@DEFAULT", "no value"),
    "a hidden field": (field("x", tags="@hidden @READONLY"), "@HIDDEN", "asked here"),
    "a conditional tag": (field("x", tags="@IF([w]>1, @HIDDEN, '')"), "@IF", "not steered"),
    "a module's tag": (field("x", tags="@IMAGEMAP=PAINMAP"), "x", "@IMAGEMAP"),
    "a bound that moves": (field("x", validation="date_ymd") | {COLUMNS[9]: "today"}, "x", "moves"),
    "a validation of theirs": (field("x", validation="jhmrn_jh8d"), "x", "kept as text"),
    "choices that are none": (field("x", type="radio", choices="yes, no or so"), "", ""),
    "a tag of ours by accident": (field("x", tags="@UNITS='mm'"), "Field Annotation", "UNITS"),
    "a name twice": (field("w"), "w", "stands twice"),
    "a name in capitals": (field("Xy Z"), "Xy Z", "named 'xy_z'"),
}


@pytest.mark.parametrize("case", CANNOT)
def test_what_cannot_be_carried_over_is_listed_with_its_line_and_the_rest_is_there(case: str) -> None:
    row, what, why = CANNOT[case]
    made = study_from_redcap(dictionary(field("rec"), field("w", validation="number"), row, field("z")))
    names = [item.name for item in made.study.forms[0].items]
    assert names[0] == "w"
    assert names[-1] == "z"
    assert study_from_texts(made.definition_text, made.dictionary_text) == made.study
    if what:
        found = [
            lost for lost in made.not_carried_over if what in lost.what and why in f"{lost.what} {lost.why}"
        ]
        assert [lost.line for lost in found] == [4]


def test_calculations_in_a_circle_are_typed_from_the_first_on() -> None:
    made = study_from_redcap(
        dictionary(
            field("rec"), field("a", type="calc", choices="[b]+1"), field("b", type="calc", choices="[a]*2")
        )
    )
    assert [item.type for item in made.study.forms[0].items] == [ItemType.NUMBER, ItemType.DERIVED]


def test_redcaps_functions_come_along() -> None:
    texts = [
        "left([t],2)",
        "concat([t],'x')",
        "if(contains([t],'a'),1,0)",
        "mod([w],2)",
        "log([w])",
        "year([d])",
    ]
    rows = [field(f"c{n}", type="calc", choices=text) for n, text in enumerate(texts)]
    made = study_from_redcap(
        dictionary(
            field("rec"),
            field("t"),
            field("w", validation="number"),
            field("d", validation="date_ymd"),
            *rows,
        )
    )
    assert [item.type for item in made.study.forms[0].items[3:]] == [ItemType.DERIVED] * len(texts)


def test_study_init_drafts_every_required_table(tmp_path: Path) -> None:
    (tmp_path / "MyTrial_DataDictionary_2026-01-31.csv").write_text(
        dictionary(field("rec"), field("w")), "utf-8"
    )
    words = ["init", str(tmp_path / "MyTrial_DataDictionary_2026-01-31.csv"), "--into", str(tmp_path / "s")]
    run = CliRunner().invoke(command, words)
    assert run.exit_code == 0, run.output
    assert load_study(tmp_path / "s").id == "MYTRIAL"
    again = CliRunner().invoke(command, words)
    assert isinstance(again.exception, TrialkitError), "nothing is written over"


@settings(derandomize=True, deadline=None, max_examples=80)
@given(
    st.lists(
        st.fixed_dictionaries(
            {},
            optional={
                column: st.text(alphabet="abx1_ ,|[]()'@=<-.é\n", max_size=10)
                for column in (
                    COLUMNS[0],
                    COLUMNS[5],
                    COLUMNS[7],
                    COLUMNS[8],
                    COLUMNS[11],
                    COLUMNS[12],
                    COLUMNS[17],
                )
            }
            | {
                "Field Type": st.sampled_from(["text", "radio", "calc", "checkbox", "yesno", "slider", "zzz"])
            },
        ),
        max_size=5,
    )
)
def test_any_dictionary_becomes_a_study_or_one_line(rows: list[dict[str, str]]) -> None:
    text = dictionary(field("rec"), *rows, field("last_one"))
    made = study_from_redcap(text)
    assert made.study.forms[0].items[-1].name == "last_one"
    assert study_from_texts(made.definition_text, made.dictionary_text) == made.study


@pytest.mark.external_reference
@pytest.mark.parametrize("project", PROJECTS)
def test_dictionary_records_and_project_xml_agree(shared: Path, project: str) -> None:
    """REDCap's own XML of the project: each field with its form and its number of choices."""
    from lxml import etree

    folder = shared / "interchange" / "redcap" / project
    redcap = "{https://projectredcap.org}"
    root = etree.parse(folder / "project.xml")
    lists = {
        node.get("OID"): [item.get("CodedValue") for item in node.iterfind("{*}CodeListItem")]
        for node in root.iter("{*}CodeList")
    }
    made = study_from_redcap(
        dictionary_text(folder / "dictionary.csv"), records=read_table(folder / "data.csv")
    )
    items = {item.name: item for form in made.study.forms for item in form.items}
    seen = 0
    for node in root.iter("{*}ItemDef"):
        kind, name = node.get(f"{redcap}FieldType"), node.get("OID")
        if kind is not None and kind not in ("checkbox", "file") and name in items:
            seen += 1
            ref = node.find("{*}CodeListRef")
            if kind in ("radio", "select") and ref is not None:
                assert [choice.code for choice in items[name].choices] == lists[ref.get("CodeListOID")]
            if kind == "calc":
                assert items[name].type is ItemType.DERIVED
    boxes = sum("___" in name for name in items)
    added = sum(form.repeating for form in made.study.forms)
    assert seen == len(items) - boxes - added


@pytest.mark.external_reference
@pytest.mark.parametrize("project", PROJECTS)
def test_a_validation_is_the_same_by_its_name_in_the_projects_xml(shared: Path, project: str) -> None:
    """REDCap's own XML has ``int`` and ``float`` where its dictionary has ``integer`` and ``number``."""
    from lxml import etree

    folder = shared / "interchange" / "redcap" / project
    _, rows = open_dictionary(dictionary_text(folder / "dictionary.csv"), "dictionary.csv")
    named = {cells[NAME]: cells[VALIDATION] for _, cells in rows}
    root = etree.parse(folder / "project.xml")
    in_xml = {
        node.get("OID"): name
        for node in root.iter("{*}ItemDef")
        if (name := node.get("{https://projectredcap.org}TextValidationType"))
    }
    assert {item: todays_name(name) for item, name in in_xml.items()} == {
        item: named[item] for item in in_xml
    }


def test_values_that_an_import_would_refuse_are_listed_with_their_line(shared: Path, tmp_path: Path) -> None:
    """Codes 0 and 1 that a statistics program wrote as logicals are read, and said once."""
    folder = shared / "interchange" / "redcap" / "simple"
    records = (folder / "data.csv").read_text("utf-8")
    assert records.count(",FALSE,") + records.count(",TRUE,") == 5
    (tmp_path / "data.csv").write_text(records.replace(",FALSE,", ",MAYBE,", 1), "utf-8")
    made = study_from_redcap(
        dictionary_text(folder / "dictionary.csv"), records=read_table(tmp_path / "data.csv")
    )
    wrong = {lost.what: lost.why for lost in made.not_carried_over if "data.csv:" in lost.what}
    assert list(wrong) == ["data.csv:2: sex 'MAYBE'", "data.csv: sex TRUE or FALSE, 4 times"]
    assert "TRUE as 1 (Male) and FALSE as 0 (Female)" in wrong["data.csv: sex TRUE or FALSE, 4 times"]


def test_branching_on_the_event_comes_along_and_is_asked_by_visit() -> None:
    from trialkit.entry.rules import StudyRules
    from trialkit.vocabulary import ValueState

    text = dictionary(
        field("rec"), field("w"), field("why", branching="[event-name] = 'visit_arm_1' and [w] <> ''")
    )
    study = study_from_redcap(text).study
    assert study.item("why").branching == "[event-name] = 'visit' and [w] <> ''"
    rules = StudyRules(study)
    states = {
        visit: rules.read_row("f", {"w": "5", "why": ""}, visit)["why"].value.state
        for visit in ("visit", "other", None)
    }
    assert states == {
        "visit": ValueState.BLANK, "other": ValueState.NOT_APPLICABLE, None: ValueState.BLANK,
    }  # fmt: skip
