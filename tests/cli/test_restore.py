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
    names = ("Subject", "Allocated to", "Time", "Code", "Audit record", "Audit hash")
    lines = {name: line for line in out.splitlines() for name in names if line.startswith(name)}
    return {
        "subject": lines["Subject"].split()[-1],
        "arm": lines["Allocated to"].rpartition("[")[2].rstrip("]"),
        "time": lines["Time"].split()[-1],
        "code": lines["Code"].split()[-1],
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
        "--value", "sex=female", "--at", paper["time"], "--arm-file", file, "--code", paper["code"],
        "--reason", "paper, restored",
    )  # fmt: skip


def test_a_database_behind_its_anchors_randomizes_nobody(restored: tuple[Any, list[dict[str, str]]]) -> None:
    bench, papers = restored
    records = bench.records()
    said = _ask(bench, "A-003")
    assert said.status == 2
    assert f"hash begins {papers[-1]['hash'][:16]}" in said.err
    assert "SUSPENDED" in bench.run("randomize show", "cara").out
    assert bench.records() == records


def test_papers_go_back_to_their_slots_and_randomization_goes_on(
    restored: tuple[Any, list[dict[str, str]]],
) -> None:
    bench, papers = restored
    for paper in papers:
        said = _reenter(bench, paper)
        assert said.status == 0, said.err
    said = bench.run("randomize resume", "keeper", "--reason", "both papers of site A")
    assert "Entered again: 2. Attempts that did not fit: 0." in said.out
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


OTHER = {"exercise": "control", "control": "exercise"}


def test_an_administrator_who_guesses_is_told_the_same_whatever_the_arm_and_is_counted(
    restored: tuple[Any, list[dict[str, str]]],
) -> None:
    """Without a paper's code neither arm is taken, and both refusals read alike."""
    bench, papers = restored
    records = bench.records()
    answers = []
    for arm in OTHER:
        said = _reenter(bench, papers[0] | {"code": "0123-4567-89ab-cdef"}, arm)
        assert (said.status, len(said.err.splitlines())) == (2, 1)
        answers.append(said.err.rpartition("audit record")[0])
    assert answers[0] == answers[1]
    assert "exercise" not in answers[0] and "control" not in answers[0]
    assert bench.records() == records + 2
    trail = bench.run("audit show", "boss", "--json", "--operation", "reenter_allocation").out.splitlines()
    assert ["refused" in json.loads(line)["facts"] for line in trail] == [True, True]
    assert not any("exercise" in line or "control" in line for line in trail)
    said = bench.run("randomize resume", "keeper", "--reason", "gave up", "--papers-missing")
    assert "Entered again: 0. Attempts that did not fit: 2." in said.out


def test_randomization_is_not_resumed_while_a_paper_is_missing_unless_that_is_said(
    restored: tuple[Any, list[dict[str, str]]],
) -> None:
    bench, papers = restored
    assert _reenter(bench, papers[0]).status == 0
    records = bench.records()
    said = bench.run("randomize resume", "keeper", "--reason", "all I have")
    assert (said.status, len(said.err.splitlines())) == (2, 1)
    assert "at least 2 paper(s)" in said.err
    assert bench.records() == records
    assert _ask(bench, "A-003").status == 2
    said = bench.run("randomize resume", "keeper", "--reason", "the other burnt", "--papers-missing")
    assert said.status == 0, said.err
    last = json.loads(bench.run("audit show", "boss", "--json", "--last", "1").out)
    assert (last["facts"]["reentered"], last["facts"]["papers_missing"]) == (1, True)


@pytest.mark.parametrize("changed", ["arm", "subject", "time", "code"])
def test_a_paper_that_says_something_else_than_was_told_is_refused(
    restored: tuple[Any, list[dict[str, str]]], changed: str
) -> None:
    bench, papers = restored
    genuine, other = papers
    forged = genuine | {changed: OTHER[genuine["arm"]] if changed == "arm" else other[changed]}
    said = _reenter(bench, forged)
    assert (said.status, len(said.err.splitlines())) == (2, 1)
    assert "Compare every line with the paper" in said.err
    typed = genuine | {"code": genuine["code"].upper().replace("-", " ")}
    assert _reenter(bench, typed).status == 0


def test_a_paper_goes_to_its_own_slot_even_where_the_arms_are_the_same(
    restored: tuple[Any, list[dict[str, str]]],
) -> None:
    """The second paper of the stratum is not that of its first slot, whatever both say."""
    bench, papers = restored
    assert _reenter(bench, papers[1]).status == 2
    assert [_reenter(bench, paper).status for paper in papers] == [0, 0]


def test_without_the_audit_key_the_arm_alone_must_fit_and_attempts_are_still_counted(
    restored: tuple[Any, list[dict[str, str]]],
) -> None:
    bench, papers = restored
    (bench.study / "keys" / "audit.key").unlink()
    said = _reenter(bench, papers[0] | {"code": ""}, OTHER[papers[0]["arm"]])
    assert said.status == 2
    assert _reenter(bench, papers[0] | {"code": ""}).status == 0
    said = bench.run("randomize resume", "keeper", "--reason", "first paper only", "--papers-missing")
    assert "Entered again: 1. Attempts that did not fit: 1." in said.out


def test_an_act_without_the_audit_key_says_each_time_that_it_has_no_code(
    restored: tuple[Any, list[dict[str, str]]],
) -> None:
    bench, papers = restored
    key = bench.study / "keys" / "audit.key"
    kept = key.read_text(encoding="utf-8")
    key.unlink()
    assert "audit.key is not there: what was recorded now has no code" in _reenter(bench, papers[0]).err
    key.write_text(kept, encoding="utf-8")
    key.chmod(0o600)
    assert "audit.key" not in _reenter(bench, papers[1]).err


def test_papers_of_one_stratum_go_in_order_of_time(restored: tuple[Any, list[dict[str, str]]]) -> None:
    bench, papers = restored
    _reenter(bench, papers[0])
    said = _reenter(bench, papers[1] | {"time": "2020-01-01T00:00:00+00:00"})
    assert said.status == 2
    assert "order of time" in said.err


def test_no_new_number_is_given_until_the_papers_are_in(
    restored: tuple[Any, list[dict[str, str]]],
) -> None:
    bench, _ = restored
    records = bench.records()
    said = bench.run("enrol", "cara", "--consent-date", "2024-03-05")
    assert (said.status, len(said.err.splitlines())) == (2, 1)
    assert bench.records() == records
    assert bench.run("enrol", "cara", "--consent-date", "2024-03-05", "--subject", "A-009").status == 0


def test_nobody_chooses_an_arm_while_nothing_is_suspended(bench: Any) -> None:
    subject = bench.screened()
    paper = {"subject": subject, "arm": "exercise", "time": "2024-03-01T10:00:00+08:00", "code": "0"}
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
    record = ["--record", papers[1]["number"], papers[1]["hash"], "--reason", "paper of 4 March"]
    said = bench.run("randomize suspend", "keeper", *record)
    assert (said.status, said.out.split(":")[0]) == (0, "SUSPENDED")
    assert _ask(bench, "A-003").status == 2
    last = json.loads(bench.run("audit show", "boss", "--json", "--last", "1").out)
    assert (last["operation"], last["account"]) == ("suspend_randomization", "keeper")
    assert papers[1]["hash"] in last["facts"]["anchor"]


def test_nobody_suspends_without_a_right_a_password_and_a_reason(
    restored: tuple[Any, list[dict[str, str]]],
) -> None:
    bench, papers = restored
    shutil.rmtree(bench.study / "keys" / "anchors")
    records = bench.records()
    record = ["--record", papers[1]["number"], papers[1]["hash"], "--reason"]
    for login, reason in (("cara", "paper"), ("ivan", "paper"), ("dm", "paper"), ("keeper", " ")):
        said = bench.run("randomize suspend", login, *record, reason)
        assert (said.status, len(said.err.splitlines())) == (2, 1)
    assert bench.records() == records
    assert _ask(bench, "A-003").status == 0


def test_an_anchor_that_the_trail_holds_suspends_nothing(bench: Any, tmp_path: Path) -> None:
    bench.randomized(1)
    bench.run("audit anchor", None, "--out", tmp_path / "anchor.json")
    records = bench.records()
    said = bench.run("randomize suspend", "boss", "--anchor", tmp_path / "anchor.json", "--reason", "monthly")
    assert "Nothing to do" in said.out
    assert bench.records() == records
    bench.randomized(2)


def test_an_anchor_of_another_study_is_refused(bench: Any, tmp_path: Path) -> None:
    content = {"kind": "audit-anchor", "study_id": "B", "number": 3, "hash": "0" * 64, "at": "2024"}
    (tmp_path / "anchor.json").write_text(json.dumps(content))
    said = bench.run("randomize suspend", "boss", "--anchor", tmp_path / "anchor.json", "--reason", "monthly")
    assert (said.status, len(said.err.splitlines())) == (2, 1)
    bench.randomized()


def test_a_desk_that_was_cut_off_before_its_anchor_leaves_it_when_it_asks_again(bench: Any) -> None:
    subject = bench.screened()
    _ask(bench, subject)
    anchors = bench.study / "keys" / "anchors"
    (left,) = anchors.iterdir()
    shutil.rmtree(anchors)
    assert _ask(bench, subject).status == 0
    assert [path.name for path in anchors.iterdir()] == [left.name]


def test_only_the_newest_anchors_are_kept_beside_the_keys(bench: Any) -> None:
    with op.open_trial(bench.study) as trial:
        for number in range(100, 150):
            trial.anchors.keep(number, "0" * 64)
        names = sorted(path.name for path in (trial.keys.path / "anchors").iterdir())
    assert [int(name[:12]) for name in names] == list(range(130, 150))


@pytest.fixture
def two_servers(bench: Any) -> tuple[Any, Any]:
    """Two machines with the same database and keys of their own, and one folder for the anchors of both."""
    shared = bench.folder / "share" / "anchors"
    shared.mkdir(parents=True)
    second = type(bench)(bench.folder / "second")
    shutil.copytree(bench.study, second.study)
    shutil.copyfile(bench.password, second.password)
    for one in (bench, second):
        settings = one.study / "trialkit.toml"
        text = settings.read_text(encoding="utf-8")
        text = text.replace("trial.sqlite", str(bench.study / "trial.sqlite"))
        settings.write_text(text + f'\n[anchors]\nfolder = "{shared}"\n', encoding="utf-8")
    return bench, second


def test_two_servers_with_one_folder_of_anchors_both_see_that_the_database_was_restored(
    two_servers: tuple[Any, Any],
) -> None:
    one, other = two_servers
    subjects = [one.screened(day) for day in (1, 2, 3)]
    database = one.study / "trial.sqlite"
    shutil.copyfile(database, one.folder / "backup")
    paper = _paper(_ask(one, subjects[0]).out)
    assert not (one.study / "keys" / "anchors").exists()
    for left in one.study.glob("trial.sqlite*"):
        left.unlink()
    shutil.copyfile(one.folder / "backup", database)
    for server in (one, other):
        said = _ask(server, subjects[1])
        assert (said.status, paper["hash"][:16] in said.err) == (2, True)
    assert _reenter(other, paper).status == 0
    assert other.run("randomize resume", "keeper", "--reason", "the one paper").status == 0
    for server, subject in ((one, subjects[1]), (other, subjects[2])):
        assert _ask(server, subject).status == 0


def test_a_shared_folder_that_is_not_mounted_stops_randomization(two_servers: tuple[Any, Any]) -> None:
    one, _ = two_servers
    subject = one.screened()
    shutil.rmtree(one.folder / "share")
    records = one.records()
    said = _ask(one, subject)
    assert (said.status, len(said.err.splitlines())) == (2, 1)
    assert "the folder of anchors" in said.err
    assert one.records() == records
    assert not (one.folder / "share").exists()


def test_a_study_is_not_founded_on_a_shared_folder_that_is_not_there(
    trialkit: Any, definition: Path, tmp_path: Path
) -> None:
    words = ["--definition", definition, "--administrator", "root", "--name", "R", "--no-password"]
    absent = tmp_path / "share"
    said = trialkit("init", tmp_path / "study", *words, "--anchors", absent)
    assert (said.status, len(said.err.splitlines())) == (2, 1)
    assert not (tmp_path / "study").exists()
    absent.mkdir()
    another = absent / ("0" * 12 + "-" + "a" * 64)
    another.touch()
    said = trialkit("init", tmp_path / "study", *words, "--anchors", absent)
    assert (said.status, "for this study alone" in said.err) == (2, True)
    assert another.exists()
    another.unlink()
    assert trialkit("init", tmp_path / "study", *words, "--anchors", absent).status == 0
