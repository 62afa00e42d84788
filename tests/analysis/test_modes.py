"""What a run may know of the arms."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from trialkit.analysis import Mode, Results, run_plan
from trialkit.analysis.errors import AnalysisError
from trialkit.analysis.modes import drawn_anew, prepare
from trialkit.analysis.results_csv import results_csv_text
from trialkit.documents.table import Table
from trialkit.plan import Plan
from trialkit.report.page import report_page
from trialkit.snapshot import Snapshot
from trialkit.study.model import Study

ONE_WAY = {"A": "exercise", "B": "control"}
OTHER_WAY = {"A": "control", "B": "exercise"}
RATIOS = {"hazard_ratios"}


@pytest.fixture(scope="module")
def masked(plan: Plan, snapshot: Snapshot) -> tuple[Results, Results]:
    one, other = (
        run_plan(plan, snapshot, mode=Mode.MASKED, masking=masking) for masking in (ONE_WAY, OTHER_WAY)
    )
    return one, other


def without_direction(results: Results) -> Iterator[tuple[str, tuple[float | str, ...]]]:
    """What a reader has who knows everything of the trial but which way its outcomes went: each row with its
    numbers as both draws would show them, the smaller reading first."""
    for analysis in results.analyses:
        for name, table in {"counts": analysis.counts, **analysis.tables}.items():
            for row in table.to_dict("records"):
                yield f"{analysis.id}/{name}", _both_readings(name, row)


def _both_readings(table: str, row: dict[str, object]) -> tuple[float | str, ...]:
    numbers = {k: float(v) for k, v in row.items() if isinstance(v, (int, float)) and not math.isnan(v)}
    turned = dict(numbers)
    for name, mirror in (("estimate", "estimate"), ("ci_lower", "ci_upper"), ("ci_upper", "ci_lower")):
        if name in numbers:
            turned[name] = 1 / numbers[mirror] if table in RATIOS else -numbers[mirror]
    if (
        "df_num" not in numbers
        and table not in {"log_rank", "proportional_hazards"}
        and "statistic" in numbers
    ):
        turned["statistic"] = -numbers["statistic"]
    texts = tuple(str(v) for v in row.values() if isinstance(v, str))
    readings = sorted(tuple(v + 0.0 for v in reading.values()) for reading in (numbers, turned))
    return (*texts, *readings[0], *readings[1])


def test_the_two_draws_of_a_masked_run_look_alike_to_whoever_does_not_know_the_direction(
    masked: tuple[Results, Results],
):
    """So no such reader labels the groups better than a coin: both draws give the same to read."""
    one, other = masked
    shown = [name for name, _ in without_direction(one)]
    assert {"P1/contrasts", "R1/hazard_ratios"} <= set(shown)
    for first, second in zip(without_direction(one), without_direction(other), strict=True):
        assert first[0] == second[0]
        for one_value, other_value in zip(first[1], second[1], strict=True):
            expected = (
                other_value
                if isinstance(other_value, str)
                else pytest.approx(other_value, rel=1e-5, abs=1e-6)
            )
            assert one_value == expected, first[0]


def test_a_masked_run_names_no_arm_and_favours_none(masked: tuple[Results, Results]):
    for results in masked:
        text = results_csv_text(results).lower()
        assert "exercise" not in text.replace("exercised", "")
        assert "control" not in text
        assert "favour" not in text
        for analysis in results.analyses:
            for table in analysis.tables.values():
                assert "arm" not in table.columns
                if "alternative" in table:
                    assert set(table["alternative"]) == {"two-sided"}


def test_what_a_masked_run_withholds_says_so(masked: tuple[Results, Results]):
    withheld = {analysis.id for analysis in masked[0].analyses if analysis.withheld}
    assert {"D1", "D2", "A1", "S1", "S2", "S3", "N2"} <= withheld
    assert all(not a.tables and a.failure is None for a in masked[0].analyses if a.withheld)


def test_a_masked_or_unblinded_run_needs_allocations_and_a_masked_one_the_lock(
    plan: Plan, study: Study, snapshot: Snapshot
):
    from dataclasses import replace

    from trialkit.analysis.modes import without_what_reveals

    blinded = without_what_reveals(snapshot, study)
    for mode in (Mode.UNBLINDED, Mode.MASKED):
        with pytest.raises(AnalysisError, match="with allocations"):
            prepare(mode, plan, study, blinded, ONE_WAY)
    draft = replace(snapshot, manifest=replace(snapshot.manifest, state="draft"))
    with pytest.raises(AnalysisError, match="a locked snapshot"):
        prepare(Mode.MASKED, plan, study, draft, ONE_WAY)


def test_an_unblinded_run_needs_the_signed_unblinding_on_record(plan: Plan, study: Study, snapshot: Snapshot):
    """That arms are in the file is no leave to see them: without the record a plain run pools everybody."""
    from dataclasses import replace

    few = replace(plan, analyses=(plan.analysis("D2"), plan.analysis("P2")))
    without = replace(snapshot, tables={n: t for n, t in snapshot.tables.items() if n != "unblinding"})
    empty = replace(
        snapshot, tables={**snapshot.tables, "unblinding": snapshot.tables["unblinding"].iloc[:0]}
    )
    for unsigned in (without, empty):
        with pytest.raises(AnalysisError, match="the signed unblinding on record"):
            run_plan(few, unsigned, mode=Mode.UNBLINDED)
        pooled = run_plan(few, unsigned)
        assert pooled.mode is Mode.BLINDED
        assert pooled["P2"].withheld
    assert run_plan(few, snapshot).mode is Mode.UNBLINDED


def test_a_dry_run_never_looks_at_the_true_arms(plan: Plan, study: Study, snapshot: Snapshot):
    """The same arms come of a snapshot in which the true ones are swapped: nothing of them enters."""
    from dataclasses import replace

    swapped = snapshot.tables["allocations"].replace({"exercise": "control", "control": "exercise"})
    other = replace(snapshot, tables={**snapshot.tables, "allocations": swapped})
    first, second = (prepare(Mode.DRY_RUN, plan, study, one) for one in (snapshot, other))
    pd.testing.assert_frame_equal(first.datasets.subjects, second.datasets.subjects)


def test_a_dry_run_draws_the_design_s_ratio_in_every_stratum(plan: Plan, study: Study, snapshot: Snapshot):
    subjects = prepare(Mode.DRY_RUN, plan, study, snapshot).datasets.subjects
    chosen = subjects[subjects["randomized"]]
    arms = drawn_anew(subjects, plan, study)
    assert set(arms) == set(chosen["subject_id"])
    for _, stratum in chosen.groupby("stratum_randomized"):
        n_test = sum(arms[one] == "exercise" for one in stratum["subject_id"])
        assert abs(2 * n_test - len(stratum)) <= 1


def test_a_run_without_arms_has_one_column_and_compares_nothing(plan: Plan, study: Study, snapshot: Snapshot):
    results = run_plan(plan, snapshot, mode=Mode.BLINDED)
    assert dict(results.arm_labels) == {"all": "All"}
    assert results["P1"].withheld
    assert results["R1"].withheld
    assert set(results["D2"].tables["baseline"]["arm"]) == {"all", "total"}
    assert set(results["D1"].tables["flow"]["stage"]) == {
        "assessed", "excluded", "randomized", "lost", "analysed", "not_analysed",
    }  # fmt: skip
    assert not {"arm", "differences"} & set(results["A1"].method.split())
    printed = {entry.anchor: entry for part in report_page(results).sections for entry in part.entries}
    (listing,) = (block for block in printed["entry-l1"].blocks if isinstance(block, Table))
    assert [column.label for column in listing.columns][:2] == ["Subject", "Visit"]


def test_a_masked_run_that_is_refused_leaves_nothing_behind(plan: Plan, snapshot: Snapshot, tmp_path: Path):
    """Not even the draw of who is A: it would be read by the next run as if it were of one that was made."""
    from trialkit.report.delivery import deliver

    draft = replace(snapshot, manifest=replace(snapshot.manifest, state="draft"))
    with pytest.raises(AnalysisError, match="a locked snapshot"):
        deliver(plan, draft, tmp_path / "out", mode=Mode.MASKED)
    assert list(tmp_path.iterdir()) == []


def test_a_decision_on_a_set_that_the_plan_does_not_have_is_said(plan: Plan, snapshot: Snapshot):
    someone = snapshot.tables["allocations"]["subject_id"].iloc[0]
    decision = pd.DataFrame(
        [
            {
                "subject_id": someone, "analysis_set": name, "decision": "exclude", "reason": "none",
                "decided_by": "statistician", "decided_at": "2026-01-01",
            }
            for name in ("bogus", "per_protocol")
        ]
    )  # fmt: skip
    reviewed = replace(snapshot, tables={**snapshot.tables, "review": decision})
    results = run_plan(replace(plan, analyses=(plan.analysis("D2"),)), reviewed)
    (note,) = [note for note in results.notes if "which the plan does not have" in note]
    assert "1 subject in the set 'bogus'" in note
