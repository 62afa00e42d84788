from __future__ import annotations

import json
import re
import sqlite3
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

from trialkit.demo.list_maker import PASSPHRASE
from trialkit.operations import open_trial, verify_audit
from trialkit.randomization import SeedFile, generate_schedule, unlock_seed
from trialkit.snapshot import read_snapshot


def test_the_demo_names_the_report_to_open(demo):
    report = demo.folder / "report" / "index.html"
    assert report.is_file()
    assert f"Done. Open {report}" in demo.output


def test_the_page_is_self_contained(demo):
    page = (demo.folder / "report" / "index.html").read_text(encoding="utf-8")
    for outside in ('src="http', "url(http", '<link rel="stylesheet"', "<script src"):
        assert outside not in page


def test_what_was_left_out_for_time_is_told(demo):
    told = demo.output.split("Left out for time, made with --full: ")[1]
    for left in ("plan of the prediction model", "scans as files", "Word, PDF and RTF"):
        assert left in told
    assert not (demo.folder / "imaging" / "scans").exists()
    assert {path.name for path in (demo.folder / "report").iterdir()} == {
        "index.html",
        "plan.html",
        "tables.xlsx",
    }


def test_every_page_of_the_prediction_model_says_that_its_people_are_simulated(demo):
    folder = demo.folder / "prediction"
    assert (demo.folder / "study" / "calculators" / "response.html").is_file()
    for name in ("report/index.html", "model_card.html", "pathway.html"):
        assert ", simulated people" in (folder / name).read_text(encoding="utf-8"), name
    assert 'data-word="simulated"' in (folder / "calculator.html").read_text(encoding="utf-8")


def test_a_reader_meets_no_code_words(demo):
    import lxml.html

    page = lxml.html.parse(str(demo.folder / "report" / "index.html")).getroot()
    for hidden in page.xpath("//script | //style | //*[local-name()='svg'] | //pre"):
        hidden.drop_tree()
    text = page.text_content()
    for code in (
        " ~ ",
        "month_12",
        "month_1:",
        "Site: B",
        "Level 1",
        "endpoints.",
        "open_outcomes_described",
    ):
        assert code not in text, code


def test_no_head_of_the_workbook_has_brackets_in_brackets(demo):
    import openpyxl

    book = openpyxl.load_workbook(demo.folder / "report" / "tables.xlsx", read_only=True)
    heads = [
        str(cell)
        for sheet in book
        if sheet.title != "Numbers"
        for row in sheet.iter_rows(min_row=5, max_row=6, values_only=True)
        for cell in row
        if cell is not None
    ]
    assert len(heads) > 500
    assert not [head for head in heads if re.search(r"\([^()]*\(", head)]


def test_everyone_randomized_has_the_arm_of_the_list(demo):
    """The list is made again from its seed; each stratum's subjects must have its arms in order."""
    seed_file = SeedFile.from_json((demo.folder / "list_maker" / "seed.json").read_text())
    reveal = unlock_seed(seed_file, PASSPHRASE)
    rows = generate_schedule(reveal.design, reveal.seed).rows()
    promised = {(row.stratum, row.sequence_number): row.arm for row in rows}
    with sqlite3.connect(demo.folder / "study" / "trial.sqlite") as database:
        taken = database.execute(
            "SELECT a.subject_id, t.label, s.sequence_number FROM allocation a "
            "JOIN slot s ON s.id = a.slot JOIN stratum t ON t.id = s.stratum"
        ).fetchall()
    assert len(taken) == 314
    assert len({label for _, label, _ in taken}) == 10
    snapshot = read_snapshot(demo.folder / "snapshots" / "unblinded")
    arms = snapshot.tables["allocations"].set_index("subject_id")["planned_arm"]
    for subject_id, label, number in taken:
        assert arms[subject_id] == promised[label, number]
    for label, count in Counter(label for _, label, _ in taken).items():
        numbers = sorted(number for _, other, number in taken if other == label)
        assert numbers == list(range(1, count + 1))


# The definition and the sealed list's public header name the arms there are; forms that tell the arm
# (a treatment stopped early) name what they must, and are withheld from blinded roles.
MAY_NAME_AN_ARM = {"study_version", "schedule", "pass_value", "final_value"}


def test_the_database_says_of_nobody_which_arm_was_allocated(demo):
    database = demo.folder / "study" / "trial.sqlite"
    with sqlite3.connect(database) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type='table'")]
        for table in tables:
            if table not in MAY_NAME_AN_ARM:
                for row in connection.execute(f'SELECT * FROM "{table}"'):
                    assert "exercise" not in {str(cell) for cell in row}, table


def test_the_blinded_snapshot_has_no_allocations_and_no_form_that_tells_the_arm(demo):
    blinded = read_snapshot(demo.folder / "snapshots" / "blinded")
    assert blinded.blinded
    assert "allocations" not in blinded.tables
    told = {"compliance", "treatment_stop", "deviations"}
    assert not told & set(blinded.tables["values"]["form"])
    assert not told & set(blinded.tables["forms"]["form"])


def test_the_discrepancies_found_are_those_planted(demo):
    assert "discrepancies found: exactly those planted" in demo.output


def test_what_stays_wrong_in_the_final_record_is_what_the_simulator_left_there(demo):
    assert "The simulator planted exactly these." in demo.output
    page = (demo.folder / "report" / "index.html").read_text(encoding="utf-8")
    assert "Wrong final values per 10,000 fields, held against paper" in page
    assert "Wrong final values per 10,000 fields, known to the simulator" in page


def test_a_clinical_write_after_the_lock_is_refused(demo):
    assert "afterwards was refused:" in demo.output
    refusal = demo.output.split("afterwards was refused:")[1].splitlines()[1]
    assert "lock" in refusal


def test_the_audit_trail_is_whole(demo):
    with open_trial(demo.folder / "study") as trial:
        verification = verify_audit(trial)
    assert verification.problems == ()
    assert f"{verification.records} records" in demo.output


def test_results_carry_where_they_came_from(demo):
    results = json.loads((demo.folder / "results.json").read_text(encoding="utf-8"))
    snapshot = read_snapshot(demo.folder / "snapshots" / "unblinded")
    assert results["provenance"]["snapshot_content_sha256"] == snapshot.manifest.content_sha256
    assert results["provenance"]["snapshot_state"] == "locked"
    assert [a["id"] for a in results["analyses"] if a["failure"]] == []


@pytest.mark.long
def test_the_same_seed_gives_the_same_results(demo, tmp_path: Path):
    """A second whole run. That a run gives an earlier one's numbers is what tour and tutorial hold."""
    from tests.e2e.conftest import SEED, run_trialkit

    again = run_trialkit("demo", "--into", str(tmp_path / "again"), "--seed", str(SEED))
    assert again.returncode == 0, again.stderr
    first, second = (f / "results.json" for f in (demo.folder, tmp_path / "again"))
    assert first.read_bytes() == second.read_bytes()


def test_a_folder_with_other_files_is_not_touched(tmp_path: Path):
    from trialkit.demo.folder import clear_earlier_demo
    from trialkit.errors import TrialkitError

    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(TrialkitError, match="Name another folder"):
        clear_earlier_demo(tmp_path)
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_the_fat_that_modifies_the_effect_is_what_both_readers_measured(demo):
    """From the readers' own tables to the final record, by arithmetic of this test's own."""
    values = read_snapshot(demo.folder / "snapshots" / "unblinded").tables["values"]
    item = "mri_l4_multifidus_fat_percent"
    final = values[values["item"] == item].set_index("subject_id")["value"].astype(float)
    assert len(final) == 314
    read = []
    for reader in ("reader_1", "reader_2"):
        table = pd.read_csv(demo.folder / "imaging" / f"{reader}.csv", dtype={"scan": str})
        fat = table[(table["metric"] == "fat_fraction") & (table["method"] == "ratio_of_sums")]
        here = fat[(fat["muscle"] == "multifidus") & (fat["level"] == "L4")]
        read.append(here.groupby("scan")["value"].mean())
    near = (read[0] - read[1]).abs() < 2.9  # beyond 3 points a third has read
    assert near.sum() > 250
    mean = (read[0] + read[1]) / 2
    assert ((final - mean)[near].abs() <= 0.1 + 1e-9).all()  # each reading and their mean have one decimal
    results = json.loads((demo.folder / "results.json").read_text(encoding="utf-8"))
    (entry,) = [one for one in results["analyses"] if one["kind"] == "effect_modification"]
    levels = values[values["item"].str.fullmatch(r"mri_l[1-5]_multifidus_fat_percent").fillna(False)]
    fat_of = levels.assign(value=levels["value"].astype(float)).groupby("subject_id")["value"].mean()
    shown = [row["value"] for row in entry["tables"]["effect_by_covariate"]]
    assert min(shown) == pytest.approx(fat_of.quantile(0.05), abs=1.0)  # of those analysed, not of all
    assert max(shown) == pytest.approx(fat_of.quantile(0.95), abs=1.0)
