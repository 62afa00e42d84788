"""``define.html`` of study A: every column has a label, a type, an origin and a rule that are its own."""

from __future__ import annotations

from pathlib import Path

import lxml.html
import pandas as pd
import pytest

from trialkit.analysis.run import prepared_run
from trialkit.datasets.definitions import HEADS, Definitions
from trialkit.datasets.files import dataset_tables, write_datasets
from trialkit.plan import Plan
from trialkit.snapshot import Snapshot
from trialkit.study.model import Study

Told = dict[tuple[str, str], dict[str, str]]


@pytest.fixture(scope="module")
def written(
    plan: Plan, snapshot: Snapshot, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, dict[str, pd.DataFrame]]:
    from dataclasses import replace

    chosen = replace(plan, analyses=tuple(map(plan.analysis, ("D1", "D10", "A1", "R1"))))
    _, prepared = prepared_run(chosen, snapshot)
    folder = tmp_path_factory.mktemp("datasets")
    write_datasets(prepared.datasets, folder, plan)
    return folder, dataset_tables(prepared.datasets)


@pytest.fixture(scope="module")
def told(written: tuple[Path, dict[str, pd.DataFrame]]) -> Told:
    page = lxml.html.parse(str(written[0] / "define.html")).getroot()
    found = {}
    for head in page.xpath("//h2"):
        (table,) = head.xpath("following-sibling::table[1]")
        for row in table.xpath(".//tr[td]"):
            cells = [cell.text_content() for cell in row.xpath("td")]
            found[head.text_content(), cells[0]] = dict(zip(HEADS, cells, strict=False))
    return found


def test_every_column_of_every_dataset_is_defined(
    written: tuple[Path, dict[str, pd.DataFrame]], told: Told, plan: Plan, study: Study
):
    known = Definitions(study, plan)
    for table, frame in written[1].items():
        for column in frame.columns:
            one = told[table, column]
            assert all(one[head] for head in ("Label", "Type", "Origin", "Rule")), (table, one)
            assert one["Rule"] != "the plan's rule on the row", (table, column)
            assert known.of(table, column).rule == one["Rule"]
            if one["Type"] in ("category", "true or false"):
                assert one["Codes"], (table, one)


def test_items_keep_their_unit_and_the_codes_of_their_choices(
    written: tuple[Path, dict[str, pd.DataFrame]], told: Told, study: Study
):
    items = {item.name: item for form in study.forms for item in form.items}
    for table, frame in written[1].items():
        for column in set(frame.columns) & set(items) - {"consent_date"}:  # that of subjects.csv
            item, one = items[column], told[table, column]
            assert one["Unit"] == (item.unit or "")
            assert one["Codes"] == ", ".join(f"{choice.label} ({choice.code})" for choice in item.choices)
            assert f"form {item.form}" in one["Origin"]


@pytest.mark.parametrize(
    ("column", "head", "words"),
    [
        (("subjects", "randomization_date"), "Origin", "subjects.csv"),
        (("subjects", "sex_randomized"), "Rule", "as captured"),
        (("subjects", "sex_randomized"), "Origin", "subjects.csv"),
        (("subjects", "planned_arm"), "Codes", "exercise = "),
        (("subjects", "set_full"), "Rule", "randomized"),
        (("subjects", "set_per_protocol"), "Rule", "compliance >= 75"),
        (("subjects", "odi"), "Rule", "odi_pain, odi_care"),
        (("subjects", "odi"), "Rule", "at baseline"),
        (("subjects", "compliance"), "Rule", "at week_6"),
        (("subjects", "bmi"), "Rule", "computed: "),
        (("subjects", "age_years"), "Origin", "form demographics at baseline"),
        (("assessments", "chg"), "Unit", "of the parameter"),
        (("assessments", "day"), "Unit", "days"),
        (("times", "time_days"), "Unit", "days"),
        (("adverse_events", "Serious"), "Rule", "ae_serious = 1"),
        (("subjects", "set_per_protocol"), "Rule", "and (actual_arm = 'control' or compliance >= 75) and"),
        (("subjects", "consent_date"), "Type", "date"),
        (("times", "end_date"), "Type", "date"),
        (("times", "parameter"), "Type", "text"),
        (("exposure", "analysis"), "Codes", "D10 = Treatment as delivered"),
        (("Parameters", "odi"), "Unit", "percent"),
        (("Scoring", "COMPLIANCE"), "Type", "weighted mean of done / planned"),
        (("Endpoints", "odi_response_30"), "Origin", "chg <= -0.3 * base"),
        (("Endpoints", "recurrence"), "Origin", "rec_lbp_hours >= 24 and rec_vas_mm > 20"),
        (("Endpoints", "recurrence"), "Codes", "ended by Spinal surgery: form spinal_interventions"),
        (("Visits of the plan", "month_1"), "Unit", "42 days after randomization"),
        (("Visits of the plan", "month_12"), "Codes", "305 to 425"),
        (("Parameters", "recurrence"), "Rule", ""),
    ],
)
def test_a_column_says_what_it_is(told: Told, column: tuple[str, str], head: str, words: str):
    assert words in told[column].get(head, "")


def test_a_column_of_entries_names_those_that_the_dataset_has(told: Told):
    assert told["exposure", "analysis"]["Codes"] == "D10 = Treatment as delivered"


@pytest.mark.independent_reimplementation
def test_the_exposure_can_be_made_again_as_its_rows_say(
    written: tuple[Path, dict[str, pd.DataFrame]], snapshot: Snapshot
):
    """Every amount from its items in the snapshot by the arithmetic the row itself tells."""
    values = snapshot.tables["values"]
    asked = values[values["form"].isin(["compliance", "nsaid"])]
    of = asked.set_index(["subject_id", "item"])["value"].to_dict()
    seen = set()
    for row in written[1]["exposure"].to_dict("records"):
        who, told_as = row["subject_id"], row["derivation"]
        if told_as == "compliance":  # a score: tests of the instruments
            continue
        if " where " in told_as:
            name, _, rule = told_as.partition(" where ")
            item, _, code = rule.partition(" = ")
            assert of[who, item] == code
            mine = float(of[who, name])
        elif told_as.endswith(" + 1 day"):
            last, first = told_as.removesuffix(" + 1 day").split(" - ")
            mine = (pd.Timestamp(of[who, last]) - pd.Timestamp(of[who, first])).days + 1
        elif " - " in told_as:
            mine = float.__sub__(*(float(of[who, name]) for name in told_as.split(" - ")))
        else:
            mine = float(of[who, told_as])
        assert row["value"] == pytest.approx(mine)
        seen.add(told_as)
    assert len(seen) >= 8, seen
