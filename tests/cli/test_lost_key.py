"""The allocation key is lost: its maker seals the list again, and the trial goes on with the same list."""

from __future__ import annotations

import csv
import json
import shutil
import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.cli.randomizing import arm_file
from trialkit import operations as op
from trialkit.randomization import (
    AllocationKey,
    Commitment,
    RandomizationDesign,
    Restriction,
    SealedBundle,
    generate_schedule,
    load_restriction,
    make_list,
    seal_schedule,
    write_list,
)


def _ask(bench: Any, subject: str) -> Any:
    values = ["--value", "site=A", "--value", "sex=female"]
    return bench.run("randomize enrol", "cara", "--subject", subject, *values, "--confirm", subject)


def _told(said: Any) -> str:
    return str(next(line for line in said.out.splitlines() if line.startswith("Allocated to")))


def _lose_the_key(bench: Any) -> None:
    for file in (bench.study / "keys").glob("allocation-*.json"):
        file.unlink()


def _reseal(bench: Any, definition: Path, name: str = "again", **changed: Path) -> Any:
    words = {
        "reveal": bench.list_maker / "seed.json",
        "commitment": bench.list_maker / "commitment.json",
        "restriction": definition / "randomization.toml",
        "passphrase-file": bench.password,
        "out": bench.folder / name,
    } | {option.replace("_", "-"): path for option, path in changed.items()}
    return bench.call("randomize", "reseal", *(w for option, v in words.items() for w in (f"--{option}", v)))


def _load(bench: Any, login: str = "keeper", folder: str = "again", reason: str = "disk failed") -> Any:
    files = bench.folder / folder
    words = ["--bundle", files / "bundle.json", "--key", files / "allocation-key.json", "--reason", reason]
    return bench.run("randomize load-resealed", login, *words)


def _refused(said: Any) -> str:
    assert (said.status, len(said.err.splitlines())) == (2, 1), said.err
    assert "exercise" not in said.err and "control" not in said.err
    return str(said.err)


def test_a_trial_that_lost_its_key_goes_on_with_the_same_list(crowd: Any, definition: Path) -> None:
    first, second, third = (crowd.screened(day) for day in (1, 2, 3))
    told = {subject: _told(_ask(crowd, subject)) for subject in (first, second)}
    _lose_the_key(crowd)
    assert "the list maker seals the list again" in _refused(_ask(crowd, third))
    said = _reseal(crowd, definition)
    assert said.status == 0, said.err
    records = crowd.records()
    said = _load(crowd)
    assert said.status == 0, said.err
    assert crowd.records() == records + 1
    for subject in (first, second):
        assert _told(_ask(crowd, subject)) == told[subject]
    assert _ask(crowd, third).status == 0
    emergency = crowd.run("randomize unblind", "ivan", "--subject", first, "--reason", "severe reaction")
    assert told[first].partition("to  ")[2] in emergency.out
    assert crowd.run("audit verify").status == 0
    export = crowd.folder / "export.csv"
    assert crowd.run("randomize export", "open", "--out", export).status == 0
    proof = crowd.call(
        "randomize", "verify", "--reveal", crowd.list_maker / "seed.json", "--allocations", export,
        "--commitment", crowd.list_maker / "commitment.json", "--passphrase-file", crowd.password,
        "--bundle", crowd.list_maker / "bundle.json", "--bundle", crowd.folder / "again" / "bundle.json",
    )  # fmt: skip
    assert proof.status == 0, proof.out
    assert "each sealed bundle given bears the mark of this list" in proof.out


def test_the_reseal_is_on_record_and_on_the_certificate(bench: Any, definition: Path, tmp_path: Path) -> None:
    _lose_the_key(bench)
    _reseal(bench, definition)
    _load(bench, reason="the disk of the key folder failed")
    last = json.loads(bench.run("audit show", "boss", "--json", "--last", "1").out)
    assert (last["operation"], last["account"], last["reason"]) == (
        "load_resealed", "keeper", "the disk of the key folder failed",
    )  # fmt: skip
    again = SealedBundle.from_json((bench.folder / "again" / "bundle.json").read_text())
    assert last["facts"]["bundle_digest"] == again.digest
    assert "sealed again 1 time(s)" in bench.run("randomize show", "cara").out
    bench.run("randomize report", "cara", "--out", tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text()
    first = SealedBundle.from_json((bench.list_maker / "bundle.json").read_text())
    assert first.digest in page and again.digest in page


def test_a_key_can_be_lost_twice_and_a_locked_study_can_still_be_opened(bench: Any, definition: Path) -> None:
    subject = bench.screened()
    told = _told(_ask(bench, subject))
    for name in ("again", "once more"):
        _lose_the_key(bench)
        assert _reseal(bench, definition, name).status == 0
        assert _load(bench, folder=name).status == 0
        assert _told(_ask(bench, subject)) == told
    assert bench.run("audit verify").status == 0


def test_a_locked_study_loads_a_resealed_list(bench: Any, definition: Path) -> None:
    assert bench.run("lock", "boss", "--reason", "nobody came").status == 0
    _lose_the_key(bench)
    _reseal(bench, definition)
    assert _load(bench).status == 0


def test_the_keys_and_nonces_of_two_sealings_have_nothing_in_common(bench: Any, definition: Path) -> None:
    _reseal(bench, definition, "one")
    _reseal(bench, definition, "two")
    bundles = [
        SealedBundle.from_json((folder / "bundle.json").read_text())
        for folder in (bench.list_maker, bench.folder / "one", bench.folder / "two")
    ]
    assert len({bundle.header.key_id for bundle in bundles}) == 3
    assert len({bundle.header.list_mark for bundle in bundles}) == 1
    nonces = [{slot.nonce for slot in bundle.slots} for bundle in bundles]
    assert not nonces[0] & nonces[1] and not nonces[1] & nonces[2]


def _design(bench: Any, restriction: Restriction) -> RandomizationDesign:
    """As the list of the bench was made, from seed 7."""
    with op.open_trial(bench.study) as trial:
        return RandomizationDesign(
            arms={arm.name: arm.ratio for arm in trial.study.arms},
            factors={factor.name: factor.levels for factor in trial.study.factors},
            block_lengths=restriction.block_lengths,
            subjects_per_stratum=4,
        )


def _another_list(bench: Any, definition: Path, folder: Path) -> None:
    restriction = load_restriction(definition / "randomization.toml")
    made = make_list(_design(bench, restriction), seed=8, restriction_digest=restriction.digest)
    write_list(made, folder, "four words make one", cost=14)


def test_a_list_maker_who_changes_arms_under_the_same_schedule_is_refused(
    bench: Any, definition: Path
) -> None:
    restriction = load_restriction(definition / "randomization.toml")
    schedule = generate_schedule(_design(bench, restriction), 7)
    other = {"exercise": "control", "control": "exercise"}
    swapped = tuple(
        tuple(tuple(other[arm] for arm in block) for block in blocks) for blocks in schedule.blocks
    )
    key = AllocationKey.draw()
    bundle = seal_schedule(
        replace(schedule, blocks=swapped), key, seed=7, restriction_digest=restriction.digest
    )
    folder = bench.folder / "again"
    folder.mkdir()
    (folder / "bundle.json").write_text(bundle.to_json())
    (folder / "allocation-key.json").write_text(key.to_json())
    _lose_the_key(bench)
    assert "another list" in _refused(_load(bench))
    same = seal_schedule(schedule, key, seed=7, restriction_digest=restriction.digest)
    (folder / "bundle.json").write_text(same.to_json())
    assert _load(bench).status == 0


def test_another_list_is_not_loaded_as_the_one_that_lost_its_key(bench: Any, definition: Path) -> None:
    _lose_the_key(bench)
    _another_list(bench, definition, bench.folder / "again")
    records = bench.records()
    assert "the schedule of a list that is loaded" in _refused(_load(bench))
    assert bench.records() == records
    assert not list((bench.study / "keys").glob("allocation-*.json"))


@pytest.mark.parametrize("damage", ["mark", "slot", "other arms", "old bundle", "key of another"])
def test_a_bundle_that_is_not_the_list_committed_to_is_refused(
    bench: Any, definition: Path, damage: str
) -> None:
    _lose_the_key(bench)
    _reseal(bench, definition)
    _reseal(bench, definition, "other")
    file = bench.folder / "again" / "bundle.json"
    content = json.loads(file.read_text())
    if damage == "mark":
        content["list_mark"] = "0" * 64
    elif damage == "slot":
        content["slots"][0][3] = content["slots"][1][3]
    elif damage == "other arms":
        content["arms"] = ["control", "placebo"]
    elif damage == "old bundle":
        content = json.loads((bench.list_maker / "bundle.json").read_text())
    file.write_text(json.dumps(content))
    if damage == "key of another":
        shutil.copyfile(bench.folder / "other" / "allocation-key.json", file.parent / "allocation-key.json")
    records = bench.records()
    _refused(_load(bench))
    assert bench.records() == records
    assert not list((bench.study / "keys").glob("allocation-*.json"))


def test_the_list_that_is_loaded_already_needs_its_key_file_not_a_new_sealing(bench: Any) -> None:
    files = bench.list_maker
    words = ["--bundle", files / "bundle.json", "--key", files / "allocation-key.json", "--reason", "lost"]
    assert "loaded already" in _refused(bench.run("randomize load-resealed", "keeper", *words))


def test_only_an_administrator_with_password_and_reason_loads_a_resealed_list(
    bench: Any, definition: Path
) -> None:
    _reseal(bench, definition)
    records = bench.records()
    for login in ("cara", "ivan", "boss", "open"):
        assert "one of the roles administrator" in _refused(_load(bench, login))
    assert "set a password for the account" in _refused(_load(bench, "root"))
    assert "a reason" in _refused(_load(bench, reason=" "))
    assert bench.records() == records


def test_a_replaced_slot_of_the_new_sealing_is_found_and_nobody_is_randomized(
    bench: Any, definition: Path
) -> None:
    subject = bench.screened()
    _lose_the_key(bench)
    _reseal(bench, definition)
    _load(bench)
    with sqlite3.connect(bench.study / "trial.sqlite") as connection:
        connection.execute("DROP TRIGGER trialkit_resealed_slot_update")
        connection.execute("UPDATE resealed_slot SET nonce = randomblob(12) WHERE slot = 3")
    assert "find out who changed the database" in _refused(_ask(bench, subject))
    said = bench.run("audit verify")
    assert said.status == 1
    assert "its slots are not those sealed again" in said.out


def test_the_list_maker_is_told_what_does_not_belong_together(
    bench: Any, definition: Path, tmp_path: Path
) -> None:
    _another_list(bench, definition, bench.folder / "other")
    wrong = tmp_path / "wrong"
    wrong.write_text("not the passphrase at all\n")
    lengths = tmp_path / "randomization.toml"
    lengths.write_text('block_lengths = [2]\nsalt = "' + "0" * 32 + '"\n')
    tries = [
        ({"commitment": bench.folder / "other" / "commitment.json"}, "another list"),
        ({"passphrase_file": wrong}, "passphrase"),
        ({"restriction": lengths}, "other block lengths"),
        ({"reveal": tmp_path / "absent.json"}, "absent.json"),
        ({"out": bench.list_maker}, "never written over"),
    ]
    for changed, said in tries:
        assert said in _refused(_reseal(bench, definition, **changed))
        assert not (bench.folder / "again").exists()
    salt = tmp_path / "salt.toml"
    text = (definition / "randomization.toml").read_text()
    salt.write_text(text.replace(load_restriction(definition / "randomization.toml").salt, "0" * 32))
    assert _reseal(bench, definition, restriction=salt).status == 0
    _lose_the_key(bench)
    assert "randomization.toml" in _refused(_load(bench))


def test_the_proof_names_a_bundle_that_is_not_the_list(bench: Any, definition: Path) -> None:
    _ask(bench, bench.screened())
    _reseal(bench, definition)
    file = bench.folder / "again" / "bundle.json"
    content = json.loads(file.read_text())
    export = bench.folder / "export.csv"
    bench.run("randomize export", "open", "--out", export)
    words = [
        "--reveal", bench.list_maker / "seed.json", "--allocations", export, "--commitment",
        bench.list_maker / "commitment.json", "--passphrase-file", bench.password, "--bundle", file,
    ]  # fmt: skip
    resealed = bench.call("randomize", "verify", *words)
    assert resealed.status == 0
    assert "only its mark was read" in resealed.out
    committed = bench.call("randomize", "verify", *words[:-1], bench.list_maker / "bundle.json")
    assert committed.status == 0
    assert "only its mark was read" not in committed.out
    for changed in ({"list_mark": "0" * 64}, {"schedule_id": "0" * 16}):
        file.write_text(json.dumps(content | changed))
        said = bench.call("randomize", "verify", *words)
        assert said.status == 1
        assert "NO   each sealed bundle given bears the mark of this list" in said.out


def test_each_list_of_a_trial_with_an_extension_is_resealed_from_its_own_seed(
    bench: Any, definition: Path
) -> None:
    restriction = load_restriction(definition / "randomization.toml")
    before = Commitment.from_json((bench.list_maker / "commitment.json").read_text())
    made = make_list(
        _design(bench, restriction), seed=8, restriction_digest=restriction.digest, previous=before
    )
    second = bench.folder / "second"
    files = write_list(made, second, bench.password.read_text().strip(), cost=14)
    words = ["--bundle", files.bundle, "--commitment", files.commitment, "--key", files.key, "--extension"]
    assert bench.run("randomize load", "keeper", *words).status == 0
    subjects = bench.screen_many(["female"] * 8)
    told = {subject: _told(_ask(bench, subject)) for subject in subjects[:7]}  # more than the first list has
    _lose_the_key(bench)
    assert _reseal(bench, definition).status == 0
    other = {"reveal": files.seed, "commitment": files.commitment}
    assert _reseal(bench, definition, "second again", **other).status == 0
    assert [_load(bench, folder=name).status for name in ("again", "second again")] == [0, 0]
    assert {subject: _told(_ask(bench, subject)) for subject in told} == told
    assert _ask(bench, subjects[7]).status == 0
    assert bench.run("audit verify").status == 0


def test_in_an_emergency_a_lost_key_of_a_mistake_does_not_keep_back_the_arm(
    bench: Any, definition: Path
) -> None:
    subject = bench.screened()
    told = _told(_ask(bench, subject)).partition("to  ")[2]
    other = "control" if "[exercise]" in told else "exercise"
    given = [
        "--kind",
        "wrong_treatment",
        "--received-file",
        arm_file(bench, other),
        "--reason",
        "the wrong sheet",
    ]
    assert bench.run("randomize mistake", "cara", "--subject", subject, *given).status == 0
    ask = ["--subject", subject, "--reason", "severe reaction"]
    said = bench.run("randomize unblind", "ivan", *ask)
    assert told in said.out and "INSTEAD: " in said.out and f"[{other}]" in said.out
    _lose_the_key(bench)
    _reseal(bench, definition)
    _load(bench)
    said = bench.run("randomize unblind", "ivan", *ask)
    assert said.status == 0, said.err
    assert told in said.out and "ask whoever treated the subject" in said.out
    assert f"[{other}]" not in said.out
    assert bench.run("randomize mistake", "cara", "--subject", subject, *given).status == 0
    assert f"[{other}]" in bench.run("randomize unblind", "ivan", *ask).out
    assert "recorded for the subject yet" in _refused(
        bench.run("randomize mistake", "cara", "--subject", subject, *given)
    )
    assert bench.run("snapshot", "open", "--unblinded", "--out", bench.folder / "snapshot").status == 0
    with (bench.folder / "snapshot" / "allocations.csv").open(newline="") as file:
        assert [row["actual_arm"] for row in csv.DictReader(file)] == [other]
    assert bench.run("audit verify").status == 0
