"""A plan that contradicts the study of its snapshot runs, and says so above every number."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from trialkit.cli.root import root
from trialkit.plan import Plan
from trialkit.plan.model import Amendment
from trialkit.report.delivery import deliver
from trialkit.snapshot import Snapshot, SnapshotError
from trialkit.vocabulary import Better

WHOLE = re.compile(r"^\[\[analysis\]\]\n.*?(?=^\[|\Z)", re.DOTALL | re.MULTILINE)


def one_entry(plan: Plan) -> Plan:
    return replace(plan, analyses=(plan.analysis("D2"),))


def contradicting(plan: Plan, case: str) -> Plan:
    if case == "protocol":
        return replace(plan, protocol="9.9")
    change = {"direction": {"better": Better.HIGHER}, "mcid": {"mcid": 25.0}}[case]
    own = {**plan.endpoints, "odi_change": replace(plan.endpoints["odi_change"], **change)}
    return replace(plan, endpoints=own)


@pytest.mark.parametrize("case", ["protocol", "direction", "mcid"])
def test_what_contradicts_the_study_stands_above_the_results(
    plan: Plan, snapshot: Snapshot, tmp_path: Path, case: str
):
    made = deliver(
        contradicting(one_entry(plan), case), snapshot, tmp_path / "out", print_too=False, word_too=False
    )
    assert made.misfits
    page = made.page.read_text(encoding="utf-8")
    assert page.index("The plan contradicts the study") < page.index("<table")
    assert re.search({"protocol": "9.9", "direction": "higher", "mcid": "25"}[case], made.misfits[0].text)


def test_a_plan_that_fits_says_nothing_of_it(plan: Plan, snapshot: Snapshot, tmp_path: Path):
    made = deliver(one_entry(plan), snapshot, tmp_path / "out", print_too=False, word_too=False)
    assert not made.misfits
    assert "The plan contradicts" not in made.page.read_text(encoding="utf-8")


def test_the_command_says_it_and_does_not_end_with_0(plan: Plan, snapshot: Snapshot, tmp_path: Path):
    """With one descriptive entry, so that nothing else can fail."""
    kept = [block for block in WHOLE.findall(plan.text) if 'id = "D2"' in block]
    text = WHOLE.sub("", plan.text).replace('protocol = "', 'protocol = "9', 1) + "\n" + "".join(kept)
    (tmp_path / "plan.toml").write_text(text, encoding="utf-8")
    asked = ["sap", "run", str(tmp_path / "plan.toml"), str(snapshot.folder), "--into", str(tmp_path / "out")]
    done = CliRunner().invoke(root, asked)
    assert done.exit_code == 1, done.output
    assert "The plan contradicts the study" in done.output
    assert (tmp_path / "out" / "manifest.json").exists()


@pytest.mark.parametrize(("day", "told"), [("2099-01-01", 1), ("1999-01-01", 0)])
def test_the_log_of_amendments_is_held_against_the_signed_unblinding(
    plan: Plan, snapshot: Snapshot, tmp_path: Path, day: str, told: int
):
    log = (Amendment("1.1", day, before_unblinding=True, reason="A covariate was added"),)
    amended = replace(one_entry(plan), version="1.1", amendments=log)
    made = deliver(amended, snapshot, tmp_path / "out", print_too=False, word_too=False)
    assert len(made.misfits) == told
    if told:
        page = made.page.read_text(encoding="utf-8")
        assert f"an amendment of {day} that says otherwise" in page


def test_an_unblinding_without_a_day_is_an_altered_snapshot(plan: Plan, snapshot: Snapshot, tmp_path: Path):
    signed = snapshot.tables["unblinding"].assign(signed_at="}-11-30T10:08")
    altered = replace(snapshot, tables={**snapshot.tables, "unblinding": signed})
    with pytest.raises(
        SnapshotError, match="the day on which the unblinding was signed; found '}-11-30T10:08'"
    ):
        deliver(one_entry(plan), altered, tmp_path / "out", print_too=False, word_too=False)
