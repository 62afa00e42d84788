"""``trialkit randomize`` at the clinic desk and at the machine that holds the study."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from trialkit import operations as op
from trialkit.randomization import RandomizationDesign, make_list, write_list


def arm_file(bench: Any, arm: str) -> str:
    """An arm's name where no list of processes shows it."""
    path = bench.folder / f"arm-{arm}"
    path.write_text(f"{arm}\n")
    return str(path)


def _ask(bench: Any, login: str, subject: str, *values: str, confirm: str | None = None) -> Any:
    stated = [word for value in values for word in ("--value", value)]
    return bench.run("randomize enrol", login, "--subject", subject, *stated, "--confirm", confirm or subject)


def _arm(out: str) -> str:
    line = next(line for line in out.splitlines() if line.startswith("Allocated to"))
    return line.rpartition("[")[2].rstrip("]")


def _refused(said: Any) -> str:
    assert said.status == 2, said
    assert said.out == ""
    assert len(said.err.splitlines()) == 1
    assert "unexpected" not in said.err
    for arm in ("exercise", "control", "NSAID"):
        assert arm not in said.err
    return str(said.err)


def test_a_confirmation_carries_the_audit_record_that_the_trail_holds(bench: Any) -> None:
    subject = bench.screened()
    said = _ask(bench, "cara", subject, "site=A", "sex=female")
    assert said.status == 0, said.err
    facts = dict(line.split(None, 2)[0::2] for line in said.out.splitlines() if line.startswith("Audit"))
    number, link = [line.split()[-1] for line in said.out.splitlines() if line.startswith("Audit")]
    trail = [json.loads(line) for line in bench.run("audit show", "dm", "--json").out.splitlines()]
    assert (trail[-1]["number"], trail[-1]["hash"]) == (int(number), link)
    assert facts


def test_asked_again_the_answer_is_the_same_allocation_and_takes_no_slot(bench: Any) -> None:
    subject = bench.screened()
    first = _ask(bench, "cara", subject, "site=A", "sex=female")
    records = bench.records()
    again = _ask(bench, "cara", subject, "site=A", "sex=female")
    assert _arm(again.out) == _arm(first.out)
    assert "the same allocation" in again.out
    assert bench.records() == records


def test_a_confirmation_printed_again_names_who_randomized_and_who_asked(bench: Any) -> None:
    subject = bench.screened()
    paper = bench.folder / "confirmation.txt"
    values = ["--value", "site=A", "--value", "sex=female", "--confirm", subject]
    first = bench.run("randomize enrol", "cara", "--subject", subject, *values, "--paper", paper)
    assert (
        paper.read_text().rstrip() == first.out.rstrip()
    )  # but for the blanks that make all papers one size
    again = _ask(bench, "ivan", subject, "site=A", "sex=female").out.splitlines()
    assert "By            cara" in again
    assert "Asked again   by ivan, investigator" in again
    taken = bench.run("randomize enrol", "cara", "--subject", subject, *values, "--paper", paper)
    assert "confirmation.txt" in _refused(taken)


def test_a_confirmation_shows_the_time_at_the_site(bench: Any) -> None:
    subject = bench.screened()
    lines = _ask(bench, "cara", subject, "site=A", "sex=female").out.splitlines()
    said = dict(line.split(None, 1) for line in lines if line.startswith("Time"))
    local = next(line for line in lines if line.startswith("At the site"))
    with op.open_trial(bench.study) as trial:
        zone = ZoneInfo(trial.study.site("A").time_zone)
    at = datetime.fromisoformat(said["Time"]).astimezone(zone)
    assert at.utcoffset() != timedelta(0)
    assert local == f"At the site   {at:%Y-%m-%d %H:%M} ({zone.key})"


def test_values_left_out_are_asked_for_and_the_number_is_typed_once_more(bench: Any) -> None:
    subject = bench.screened()
    said = bench.run("randomize enrol", "cara", "--subject", subject, typed=f"A\nfemale\n{subject}\n")
    assert said.status == 0, said.err
    assert _arm(said.out) in ("exercise", "control")


def test_a_slip_at_a_question_is_asked_again(bench: Any) -> None:
    subject = bench.screened()
    typed = f"A\nwoman\nfemale\n{subject}\n"
    said = bench.run("randomize enrol", "cara", "--subject", subject, typed=typed)
    assert said.status == 0, said.err
    assert "'woman' is not one of 'female', 'male'" in said.err
    assert "Stratum       site A, sex female" in said.out


@pytest.mark.parametrize(
    ("login", "subject", "values", "confirm", "told"),
    [
        ("cara", "A-001", ("site=A", "sex=male"), None, "sex"),
        ("cara", "A-001", ("site=A", "sex=other"), None, "sex"),
        ("cara", "A-001", ("site=A", "sex=female", "age=old"), None, "age"),
        ("cara", "A-001", ("site=A", "sex=female"), "A-002", "once more"),
        ("cara", "A-999", ("site=A", "sex=female"), None, "A-999"),
        ("bert", "A-001", ("site=A", "sex=female"), None, "site A"),
        ("first", "A-001", ("site=A", "sex=female"), None, "coordinator"),
        ("assessor", "A-001", ("site=A", "sex=female"), None, "coordinator"),
        ("nobody", "A-001", ("site=A", "sex=female"), None, "password"),
    ],
)
def test_a_wrong_request_is_one_clear_line_and_takes_no_slot(
    bench: Any, login: str, subject: str, values: tuple[str, ...], confirm: str | None, told: str
) -> None:
    bench.screened()
    records = bench.records()
    assert told in _refused(_ask(bench, login, subject, *values, confirm=confirm))
    assert bench.records() == records


def test_another_value_than_the_allocation_was_made_with_is_refused(bench: Any) -> None:
    subject = bench.randomized()
    assert "mistake" in _refused(_ask(bench, "cara", subject, "site=A", "sex=male"))


def test_recruitment_pauses_by_study_site_and_stratum_and_opens_again(bench: Any) -> None:
    here, there = bench.screened(1, "A"), bench.screened(2, "B")
    why = ["--reason", "visit of the monitor"]
    for scope in ([], ["--at-site", "A"], ["--stratum", "sex=female;site=A"]):
        assert bench.run("randomize pause", "dm", *why, *scope).status == 0
        assert "paused" in _refused(_ask(bench, "cara", here, "site=A", "sex=female"))
        assert "paused" in bench.run("randomize show", "cara").out
        assert bench.run("randomize pause", "dm", "--state", "open", *why, *scope).status == 0
    bench.run("randomize pause", "dm", "--state", "closed", "--at-site", "A", *why)
    assert "closed" in _refused(_ask(bench, "cara", here, "site=A", "sex=female"))
    assert _ask(bench, "bert", there, "site=B", "sex=female").status == 0


@pytest.mark.parametrize(
    "scope", [("--at-site", "Z"), ("--stratum", "sex=x"), ("--at-site", "A", "--stratum", "s")]
)
def test_an_unknown_site_or_stratum_cannot_be_paused(bench: Any, scope: tuple[str, ...]) -> None:
    records = bench.records()
    _refused(bench.run("randomize pause", "dm", "--reason", "why", *scope))
    assert bench.records() == records


def test_who_enrols_or_assesses_is_told_enough_or_low_and_no_number(bench: Any) -> None:
    bench.randomized()
    for login, strata in (("cara", 2), ("assessor", 10), ("stat", 10), ("dm", 10)):
        supply = json.loads(bench.run("randomize show", login, "--json").out)["strata"]
        assert len(supply) == strata
        assert {stratum["supply"] for stratum in supply} == {"low"}
        assert {stratum["used"] for stratum in supply} == {stratum["left"] for stratum in supply} == {None}
    counted = json.loads(bench.run("randomize show", "open", "--json").out)["strata"]
    assert Counter(stratum["used"] for stratum in counted) == {0: 9, 1: 1}


def _extension(bench: Any, previous: str | None) -> list[object]:
    """Files of a list with the same factors and a seed of its own."""
    from trialkit import resources
    from trialkit.randomization import Commitment, load_restriction, read_custody_file

    restriction = load_restriction(resources.folder("sample_data") / "randomization.toml")
    with op.open_trial(bench.study) as trial:
        study = trial.study
    design = RandomizationDesign(
        arms={arm.name: arm.ratio for arm in study.arms},
        factors={factor.name: factor.levels for factor in study.factors},
        block_lengths=restriction.block_lengths,
        subjects_per_stratum=4,
    )
    before = None
    if previous:
        before = Commitment.from_json(read_custody_file(bench.list_maker / "commitment.json"))
    made = make_list(design, seed=8, restriction_digest=restriction.digest, previous=before)
    files = write_list(made, bench.folder / "extension", "four words make one", cost=14)
    return ["--bundle", files.bundle, "--commitment", files.commitment, "--key", files.key, "--extension"]


def test_an_exhausted_stratum_is_refused_until_an_extension_is_loaded(bench: Any) -> None:
    day = 0
    while day < 7:
        day += 1
        subject = bench.screened(day)
        said = _ask(bench, "cara", subject, "site=A", "sex=female")
        if said.status:
            break
    assert "exhausted" in _refused(said)
    for login, told in (("cara", "low"), ("open", "exhausted")):
        strata = json.loads(bench.run("randomize show", login, "--json").out)["strata"]
        assert next(s["supply"] for s in strata if s["label"] == "sex=female;site=A") == told
    assert bench.run("randomize load", "root", *_extension(bench, "first")).status == 0
    assert _ask(bench, "cara", subject, "site=A", "sex=female").status == 0
    rows = _exported(bench)
    assert {(row["stratum"]) for row in rows} == {"sex=female;site=A"}
    assert [row["sequence_number"] for row in rows if row["subject_id"] == subject] == ["1"]
    assert len({row["schedule_id"] for row in rows}) == 2
    words = bench.folder / "words"
    words.write_text("four words make one")
    extension = bench.folder / "extension"
    first_alone = _verified(bench, bench.list_maker, bench.password)
    assert (first_alone.status, f"PROVED FOR {day - 1} OF {day}" in first_alone.out) == (1, True)
    extension_alone = _verified(bench, extension, words)
    assert (extension_alone.status, f"PROVED FOR 1 OF {day}" in extension_alone.out) == (1, True)
    more = ["--reveal", extension / "seed.json", "--commitment", extension / "commitment.json"]
    both = _verified(bench, bench.list_maker, bench.password, *more, "--passphrase-file", words)
    assert (both.status, f"PROVED for every allocation of the export ({day})" in both.out) == (0, True)
    more = ["--reveal", bench.list_maker / "seed.json", "--commitment", bench.list_maker / "commitment.json"]
    reversed_order = _verified(bench, extension, words, *more, "--passphrase-file", bench.password)
    assert (reversed_order.status, "names another list" in reversed_order.out) == (1, True)
    assert bench.run("audit verify").status == 0


def test_an_extension_must_name_the_list_before_it(bench: Any) -> None:
    records = bench.records()
    assert "follows" in _refused(bench.run("randomize load", "root", *_extension(bench, None)))
    assert bench.records() == records


def _exported(bench: Any) -> list[dict[str, str]]:
    out = bench.folder / "export.csv"
    assert bench.run("randomize export", "open", "--out", out).status == 0
    with out.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _verified(bench: Any, folder: Path, passphrase: Path, *rest: object) -> Any:
    return bench.call(
        "randomize", "verify", "--reveal", folder / "seed.json", "--commitment", folder / "commitment.json",
        "--allocations", bench.folder / "export.csv", "--passphrase-file", passphrase, *rest,
    )  # fmt: skip


def test_the_list_used_is_proved_without_the_database_and_its_limits_are_said(bench: Any) -> None:
    for day in (1, 2, 3):
        bench.randomized(day)
    _exported(bench)
    certificate = bench.folder / "certificate.txt"
    said = _verified(bench, bench.list_maker, bench.password, "--certificate", certificate)
    assert said.status == 0, said.out
    text = certificate.read_text()
    assert "3 allocations" in text
    assert "only one seed" in text.partition("This does not prove")[2]


@pytest.mark.parametrize("tampering", ["arm", "gap", "slot twice", "commitment"])
def test_what_is_not_the_committed_list_is_not_proved_and_no_arm_is_named(bench: Any, tampering: str) -> None:
    for day in (1, 2, 3):
        bench.randomized(day)
    rows = _exported(bench)
    if tampering == "arm":
        rows[0]["arm"] = {"exercise": "control", "control": "exercise"}[rows[0]["arm"]]
    elif tampering == "gap":
        rows = [row for row in rows if row["sequence_number"] != "2"]
    elif tampering == "slot twice":
        rows[1]["sequence_number"] = rows[0]["sequence_number"]
    else:
        file = bench.list_maker / "commitment.json"
        content = json.loads(file.read_text())
        file.write_text(json.dumps(content | {"commitment": "0" * 64}))
    with (bench.folder / "export.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    said = _verified(bench, bench.list_maker, bench.password)
    assert said.status == 1
    assert "NOT PROVED" in said.out
    found = [line for line in said.out.splitlines() if not line.startswith("Design")]
    assert not any(arm in line for line in found for arm in ("exercise", "control"))


def test_a_file_that_is_no_export_proves_nothing(bench: Any) -> None:
    export = bench.folder / "export.csv"
    for text in ("", "hello\n", "subject_id,stratum,sequence_number\n"):
        export.write_text(text)
        assert "export.csv" in _refused(_verified(bench, bench.list_maker, bench.password))
    export.write_text("subject_id,stratum,sequence_number,arm\n")
    said = _verified(bench, bench.list_maker, bench.password)
    assert said.status == 0
    assert "the export holds no allocation" in said.out


def test_allocations_under_the_name_of_another_list_are_not_covered(bench: Any) -> None:
    for day in (1, 2, 3):
        bench.randomized(day)
    export = _exported(bench)
    file = bench.folder / "export.csv"
    tail = file.read_text().replace(export[2]["schedule_id"] + ",A-003", "0123456789abcdef,A-003")
    file.write_text(tail)
    said = _verified(bench, bench.list_maker, bench.password)
    assert said.status == 1
    assert "PROVED FOR 2 OF 3 ALLOCATIONS ONLY" in said.out
    assert "0123456789abcdef" in said.out


def test_a_wrong_file_of_the_proof_is_named(bench: Any) -> None:
    bench.randomized()
    _exported(bench)
    (bench.list_maker / "commitment.json").write_text((bench.list_maker / "seed.json").read_text())
    assert "commitment.json" in _refused(_verified(bench, bench.list_maker, bench.password))


def test_a_wrong_passphrase_is_one_clear_line(bench: Any) -> None:
    bench.randomized()
    _exported(bench)
    wrong = bench.folder / "wrong"
    wrong.write_text("not the passphrase at all")
    assert "passphrase" in _refused(_verified(bench, bench.list_maker, wrong))


def test_what_tells_arms_is_for_the_eyes_of_its_owner(bench: Any) -> None:
    bench.randomized()
    export, report = bench.folder / "export.csv", bench.folder / "arms.html"
    assert bench.run("randomize export", "open", "--out", export).status == 0
    assert bench.run("randomize report", "open", "--with-arms", "--out", report).status == 0
    assert bench.run("snapshot", "open", "--unblinded", "--out", bench.folder / "arms").status == 0
    for told in (export, report, bench.folder / "arms"):
        assert told.stat().st_mode & 0o077 == 0, told


def test_nobody_blinded_exports_the_arms(bench: Any) -> None:
    bench.randomized()
    for login in ("stat", "cara", "dm", "assessor", "root"):
        _refused(bench.run("randomize export", login, "--out", bench.folder / "arms.csv"))
    assert not (bench.folder / "arms.csv").exists()


def test_an_emergency_opens_one_arm_with_reason_and_password(bench: Any) -> None:
    one, other = bench.randomized(1), bench.randomized(2)
    said = bench.run("randomize unblind", "ivan", "--subject", one, "--reason", "severe reaction")
    arm = next(row["arm"] for row in _exported(bench) if row["subject_id"] == one)
    assert f"[{arm}]" in said.out
    assert other not in said.out
    last = json.loads(
        bench.run("audit show", "dm", "--json", "--operation", "emergency_unblind").out.splitlines()[-1]
    )
    assert (last["account"], last["authentication"], last["reason"]) == (
        "ivan",
        "password",
        "severe reaction",
    )
    assert arm not in json.dumps(last)


def test_an_emergency_opens_one_arm_to_an_investigator_who_is_blinded(double_blind: Any) -> None:
    one, other = double_blind.randomized(1), double_blind.randomized(2)
    said = double_blind.run("randomize unblind", "ivan", "--subject", one, "--reason", "severe reaction")
    arms = {row["subject_id"]: row["arm"] for row in _exported(double_blind)}
    assert f"[{arms[one]}]" in said.out
    assert other not in said.out
    _refused(double_blind.run("randomize export", "ivan", "--out", double_blind.folder / "arms.csv"))


def test_unblinding_is_refused_without_password_right_reason_or_subject(bench: Any) -> None:
    subject = bench.randomized()
    records = bench.records()
    wrong = bench.folder / "wrong"
    wrong.write_text("not the password at all")
    ask = ["--subject", subject, "--reason", "emergency"]
    assert "one of the roles" in _refused(bench.run("randomize unblind", "cara", *ask))
    assert "one of the roles" in _refused(bench.run("randomize unblind", "boss", *ask))
    assert "set a password for the account" in _refused(bench.run("randomize unblind", "open", *ask))
    _refused(bench.run("randomize unblind", None, "--as", "ivan", "--password-file", wrong, *ask))
    _refused(bench.run("randomize unblind", "root", *ask))
    _refused(bench.run("randomize unblind", "ivan", "--subject", subject, "--reason", " "))
    _refused(bench.run("randomize unblind", "ivan", "--subject", "A-999", "--reason", "emergency"))
    assert bench.records() == records


def test_a_wrong_stratum_is_kept_beside_the_true_one(bench: Any, tmp_path: Path) -> None:
    subject = bench.randomized()
    said = bench.run(
        "randomize mistake", "cara", "--subject", subject, "--kind", "wrong_stratum", "--reason", "misread"
    )
    assert said.status == 0, said.err
    field = ["--subject", subject, "--visit", "baseline", "--form", "demographics", "--item", "sex"]
    change = ["--value", "male", "--reason", "passport seen"]
    second = ["--confirmed-by", "ivan", "--confirmed-by-password-file", bench.password]
    assert bench.run("correct", "cara", *field, *change, *second).status == 0
    assert bench.run("snapshot", "dm", "--out", tmp_path / "snapshot").status == 0
    with (tmp_path / "snapshot" / "subjects.csv").open(newline="") as file:
        row = next(csv.DictReader(file))
    assert (row["stratum_randomized"], row["stratum_true"]) == ("sex=female;site=A", "sex=male;site=A")
    with (tmp_path / "snapshot" / "mistakes.csv").open(newline="") as file:
        assert [entry["kind"] for entry in csv.DictReader(file)] == ["wrong_stratum"]


def test_the_size_of_a_confirmation_tells_no_arm(bench: Any) -> None:
    sizes: dict[str, set[int]] = {}
    for day in range(1, 5):
        subject = bench.screened(day)
        paper = bench.folder / f"paper-{day}"
        values = ["--value", "site=A", "--value", "sex=female", "--confirm", subject]
        said = bench.run("randomize enrol", "cara", "--subject", subject, *values, "--paper", paper)
        assert said.status == 0, said.err
        text = paper.read_text(encoding="utf-8")
        number = next(line.split()[-1] for line in text.splitlines() if line.startswith("Audit record"))
        arm = "exercise" if "[exercise]" in text else "control"
        sizes.setdefault(arm, set()).add(paper.stat().st_size - len(number))
    assert set(sizes) == {"exercise", "control"}
    assert len(set.union(*sizes.values())) == 1


def test_every_mistake_is_kept_and_no_slot_is_used_again(bench: Any) -> None:
    subjects = [bench.randomized(day) for day in (1, 2, 3)]
    before = _exported(bench)
    (bench.folder / "export.csv").unlink()
    kinds: list[list[str]] = [
        ["ineligible"],
        ["duplicate", "--duplicate-of", subjects[0]],
        ["wrong_treatment", "--received-file", arm_file(bench, "control")],
    ]
    for subject, kind in zip(subjects, kinds, strict=True):
        said = bench.run(
            "randomize mistake", "cara", "--subject", subject, "--reason", "found at a visit", "--kind", *kind
        )
        assert said.status == 0, said.err
    assert _exported(bench) == before
    assert bench.run("audit verify").status == 0


@pytest.mark.parametrize("damage", ["slot", "key", "commitment", "not json", "absent"])
def test_a_list_that_was_touched_is_not_loaded(
    bench: Any, damage: str, tmp_path: Path, definition: Path
) -> None:
    study = tmp_path / "other"
    bench.call(
        "init", study, "--definition", definition, "--administrator", "root", "--name", "R",
        "--password-file", bench.password,
    )  # fmt: skip
    folder = bench.list_maker
    content = json.loads((folder / "bundle.json").read_text())
    key = json.loads((folder / "allocation-key.json").read_text())
    if damage == "slot":
        content["slots"][0][3] = content["slots"][1][3]
    elif damage == "key":
        key["key"] = "0" * 64
    elif damage == "commitment":
        promise = json.loads((folder / "commitment.json").read_text())
        (folder / "commitment.json").write_text(json.dumps(promise | {"bundle_digest": "0" * 64}))
    (folder / "bundle.json").write_text("nothing" if damage == "not json" else json.dumps(content))
    (folder / "allocation-key.json").write_text(json.dumps(key))
    if damage == "absent":
        (folder / "bundle.json").unlink()
    said = bench.call(
        "randomize", "load", study, "--as", "root", "--password-file", bench.password,
        "--bundle", folder / "bundle.json", "--commitment", folder / "commitment.json",
        "--key", folder / "allocation-key.json",
    )  # fmt: skip
    _refused(said)
    assert not list((study / "keys").glob("allocation-*"))


def test_a_second_list_is_refused(bench: Any) -> None:
    folder = bench.list_maker
    files = ["--bundle", folder / "bundle.json", "--commitment", folder / "commitment.json"]
    _refused(bench.run("randomize load", "root", *files, "--key", folder / "allocation-key.json"))


def test_the_report_of_a_site_says_of_what_it_counts(bench: Any, tmp_path: Path) -> None:
    bench.randomized(1)
    site, whole = tmp_path / "site.html", tmp_path / "all.html"
    assert bench.run("randomize report", "cara", "--out", site).status == 0
    assert bench.run("randomize report", "open", "--out", whole).status == 0
    said = [" ".join(re.sub(r"<[^>]+>", " ", page.read_text("utf-8")).split()) for page in (site, whole)]
    assert "Randomized at A 1 of 64 " in said[0]
    assert "Subjects randomized at A 1 " in said[0]
    assert "Randomized 1 of 314 " in said[1]
    assert "Subjects randomized 1 " in said[1]


def test_the_report_shows_arms_only_to_those_who_may_see_them(bench: Any, tmp_path: Path) -> None:
    for day in (1, 2, 3):
        bench.randomized(day)
    assert bench.run("randomize report", "cara", "--out", tmp_path / "site.html").status == 0
    assert bench.run("randomize report", "open", "--with-arms", "--out", tmp_path / "all.html").status == 0
    for login in ("cara", "stat", "dm"):
        _refused(bench.run("randomize report", login, "--with-arms", "--out", tmp_path / "no.html"))
    blinded, unblinded = (tmp_path / "site.html").read_text(), (tmp_path / "all.html").read_text()
    assert "Balance of the arms" not in blinded
    assert "Balance of the arms" in unblinded
    assert "Tertiary hospital 2" not in blinded
    commitment = json.loads((bench.list_maker / "commitment.json").read_text())["commitment"]
    assert commitment in blinded and commitment in unblinded
    assert "Nobody: this is a demonstration." in blinded
