"""After a restore from backup: what was told to a clinic is not given to somebody else."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from trialkit import operations as op


def _ask(bench: Any, subject: str) -> Any:
    values = ["--value", "site=A", "--value", "sex=female"]
    return bench.run("randomize enrol", "cara", "--subject", subject, *values, "--confirm", subject)


def _paper(out: str) -> dict[str, str]:
    names = ("Subject", "Allocated to", "Time", "Audit record", "Audit hash")
    lines = {name: line for line in out.splitlines() for name in names if line.startswith(name)}
    return {
        "subject": lines["Subject"].split()[-1],
        "arm": lines["Allocated to"].rpartition("[")[2].rstrip("]"),
        "time": lines["Time"].split()[-1],
        "number": lines["Audit record"].split()[-1],
        "hash": lines["Audit hash"].split()[-1],
    }


@pytest.fixture
def restored(bench: Any) -> tuple[Any, list[dict[str, str]]]:
    """Four screened, two randomized on paper; then the database of before is put back."""
    subjects = [bench.screened(day) for day in (1, 2, 3, 4)]
    shutil.copyfile(bench.study / "trial.sqlite", bench.folder / "backup")
    papers = [_paper(_ask(bench, subject).out) for subject in subjects[:2]]
    for left in bench.study.glob("trial.sqlite*"):
        left.unlink()
    shutil.copyfile(bench.folder / "backup", bench.study / "trial.sqlite")
    return bench, papers


def _reenter(bench: Any, paper: dict[str, str], arm: str | None = None) -> Any:
    file = bench.folder / "arm"
    file.write_text(arm or paper["arm"])
    return bench.run(
        "randomize reenter", "keeper", "--subject", paper["subject"], "--value", "site=A",
        "--value", "sex=female", "--at", paper["time"], "--arm-file", file, "--reason", "paper, restored",
    )  # fmt: skip


def test_a_database_behind_its_anchors_randomizes_nobody(restored: tuple[Any, list[dict[str, str]]]) -> None:
    bench, papers = restored
    records = bench.records()
    said = _ask(bench, "A-003")
    assert said.status == 2
    assert f"audit record {papers[-1]['number']}" in said.err
    assert "SUSPENDED" in bench.run("randomize show", "cara").out
    assert bench.records() == records


def test_papers_go_back_to_their_slots_and_randomization_goes_on(
    restored: tuple[Any, list[dict[str, str]]],
) -> None:
    bench, papers = restored
    for paper in papers:
        said = _reenter(bench, paper)
        assert said.status == 0, said.err
    assert bench.run("randomize resume", "keeper", "--reason", "both papers of site A").status == 0
    for paper in papers:
        assert _paper(_ask(bench, paper["subject"]).out)["arm"] == paper["arm"]
    assert _ask(bench, "A-003").status == 0
    out = bench.folder / "export.csv"
    bench.run("randomize export", "open", "--out", out)
    said = bench.call(
        "randomize", "verify", "--reveal", bench.list_maker / "seed.json", "--allocations", out,
        "--commitment", bench.list_maker / "commitment.json", "--passphrase-file", bench.password,
    )  # fmt: skip
    assert said.status == 0, said.out
    assert bench.run("audit verify").status == 0


def test_a_paper_whose_arm_is_not_the_next_slots_is_refused(
    restored: tuple[Any, list[dict[str, str]]],
) -> None:
    bench, papers = restored
    records = bench.records()
    other = {"exercise": "control", "control": "exercise"}[papers[0]["arm"]]
    said = _reenter(bench, papers[0], other)
    assert (said.status, len(said.err.splitlines())) == (2, 1)
    assert papers[0]["arm"] not in said.err and other not in said.err
    assert bench.records() == records


def test_papers_of_one_stratum_go_in_order_of_time(restored: tuple[Any, list[dict[str, str]]]) -> None:
    bench, papers = restored
    _reenter(bench, papers[0] | {"time": papers[1]["time"]})
    said = _reenter(bench, papers[1] | {"time": papers[0]["time"]})
    assert said.status == 2
    assert "order of time" in said.err


def test_nobody_chooses_an_arm_while_nothing_is_suspended(bench: Any) -> None:
    subject = bench.screened()
    paper = {"subject": subject, "arm": "exercise", "time": "2024-03-01T10:00:00+08:00"}
    said = _reenter(bench, paper)
    assert said.status == 2
    assert "nobody chooses an arm" in said.err
    assert bench.run("randomize resume", "keeper", "--reason", "nothing").status == 2


def test_only_an_administrator_with_a_password_puts_papers_back(
    restored: tuple[Any, list[dict[str, str]]],
) -> None:
    bench, _ = restored
    for login in ("cara", "ivan", "boss", "root"):
        assert bench.run("randomize resume", login, "--reason", "all in").status == 2


def test_an_anchor_kept_elsewhere_suspends_where_the_keys_were_restored_too(
    restored: tuple[Any, list[dict[str, str]]],
) -> None:
    bench, papers = restored
    shutil.rmtree(bench.study / "keys" / "anchors")
    assert "SUSPENDED" not in bench.run("randomize show", "cara").out
    said = bench.run("randomize suspend", None, "--record", papers[1]["number"], papers[1]["hash"])
    assert (said.status, said.out.split(":")[0]) == (0, "SUSPENDED")
    assert _ask(bench, "A-003").status == 2


def test_an_anchor_that_the_trail_holds_suspends_nothing(bench: Any, tmp_path: Path) -> None:
    bench.randomized(1)
    bench.run("audit anchor", None, "--out", tmp_path / "anchor.json")
    said = bench.run("randomize suspend", None, "--anchor", tmp_path / "anchor.json")
    assert "Nothing to do" in said.out
    bench.randomized(2)


def test_an_anchor_of_another_study_is_refused(bench: Any, tmp_path: Path) -> None:
    content = {"kind": "audit-anchor", "study_id": "B", "number": 3, "hash": "0" * 64, "at": "2024"}
    (tmp_path / "anchor.json").write_text(json.dumps(content))
    said = bench.run("randomize suspend", None, "--anchor", tmp_path / "anchor.json")
    assert (said.status, len(said.err.splitlines())) == (2, 1)
    bench.randomized()


def test_only_the_newest_anchors_are_kept_beside_the_keys(bench: Any) -> None:
    from trialkit.operations.anchoring import keep_anchor

    with op.open_trial(bench.study) as trial:
        for number in range(100, 150):
            keep_anchor(trial, number, "0" * 64)
        names = sorted(path.name for path in (trial.keys.path / "anchors").iterdir())
    assert [int(name[:12]) for name in names] == list(range(130, 150))
