"""The list in use: extended when exhausted, proved to be the committed one, refused when touched."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.randomizing import ask, exported, refused, verified
from trialkit import operations as op
from trialkit.randomization import RandomizationDesign, make_list, write_list


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
        said = ask(bench, "cara", subject, "site=A", "sex=female")
        if said.status:
            break
    assert "exhausted" in refused(said)
    for login, told in (("cara", "low"), ("open", "exhausted")):
        strata = json.loads(bench.run("randomize show", login, "--json").out)["strata"]
        assert next(s["supply"] for s in strata if s["label"] == "sex=female;site=A") == told
    assert bench.run("randomize load", "root", *_extension(bench, "first")).status == 0
    assert ask(bench, "cara", subject, "site=A", "sex=female").status == 0
    rows = exported(bench)
    assert {(row["stratum"]) for row in rows} == {"sex=female;site=A"}
    assert [row["sequence_number"] for row in rows if row["subject_id"] == subject] == ["1"]
    assert len({row["schedule_id"] for row in rows}) == 2
    words = bench.folder / "words"
    words.write_text("four words make one")
    extension = bench.folder / "extension"
    first_alone = verified(bench, bench.list_maker, bench.password)
    assert (first_alone.status, f"PROVED FOR {day - 1} OF {day}" in first_alone.out) == (1, True)
    extension_alone = verified(bench, extension, words)
    assert (extension_alone.status, f"PROVED FOR 1 OF {day}" in extension_alone.out) == (1, True)
    more = ["--reveal", extension / "seed.json", "--commitment", extension / "commitment.json"]
    both = verified(bench, bench.list_maker, bench.password, *more, "--passphrase-file", words)
    assert (both.status, f"PROVED for every allocation of the export ({day})" in both.out) == (0, True)
    more = ["--reveal", bench.list_maker / "seed.json", "--commitment", bench.list_maker / "commitment.json"]
    reversed_order = verified(bench, extension, words, *more, "--passphrase-file", bench.password)
    assert (reversed_order.status, "names another list" in reversed_order.out) == (1, True)
    assert bench.run("audit verify").status == 0


def test_an_extension_must_name_the_list_before_it(bench: Any) -> None:
    records = bench.records()
    assert "follows" in refused(bench.run("randomize load", "root", *_extension(bench, None)))
    assert bench.records() == records


def test_the_list_used_is_proved_without_the_database_and_its_limits_are_said(bench: Any) -> None:
    for day in (1, 2, 3):
        bench.randomized(day)
    exported(bench)
    certificate = bench.folder / "certificate.txt"
    said = verified(bench, bench.list_maker, bench.password, "--certificate", certificate)
    assert said.status == 0, said.out
    text = certificate.read_text()
    assert "3 allocations" in text
    assert "only one seed" in text.partition("This does not prove")[2]


@pytest.mark.parametrize("tampering", ["arm", "gap", "slot twice", "commitment"])
def test_what_is_not_the_committed_list_is_not_proved_and_no_arm_is_named(bench: Any, tampering: str) -> None:
    for day in (1, 2, 3):
        bench.randomized(day)
    rows = exported(bench)
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
    said = verified(bench, bench.list_maker, bench.password)
    assert said.status == 1
    assert "NOT PROVED" in said.out
    found = [line for line in said.out.splitlines() if not line.startswith("Design")]
    assert not any(arm in line for line in found for arm in ("exercise", "control"))


def test_a_file_that_is_no_export_proves_nothing(bench: Any) -> None:
    export = bench.folder / "export.csv"
    for text in ("", "hello\n", "subject_id,stratum,sequence_number\n"):
        export.write_text(text)
        assert "export.csv" in refused(verified(bench, bench.list_maker, bench.password))
    export.write_text("subject_id,stratum,sequence_number,arm\n")
    said = verified(bench, bench.list_maker, bench.password)
    assert said.status == 0
    assert "the export holds no allocation" in said.out


def test_allocations_under_the_name_of_another_list_are_not_covered(bench: Any) -> None:
    for day in (1, 2, 3):
        bench.randomized(day)
    export = exported(bench)
    file = bench.folder / "export.csv"
    tail = file.read_text().replace(export[2]["schedule_id"] + ",A-003", "0123456789abcdef,A-003")
    file.write_text(tail)
    said = verified(bench, bench.list_maker, bench.password)
    assert said.status == 1
    assert "PROVED FOR 2 OF 3 ALLOCATIONS ONLY" in said.out
    assert "0123456789abcdef" in said.out


def test_a_wrong_file_of_the_proof_is_named(bench: Any) -> None:
    bench.randomized()
    exported(bench)
    (bench.list_maker / "commitment.json").write_text((bench.list_maker / "seed.json").read_text())
    assert "commitment.json" in refused(verified(bench, bench.list_maker, bench.password))


def test_a_wrong_passphrase_is_one_clear_line(bench: Any) -> None:
    bench.randomized()
    exported(bench)
    wrong = bench.folder / "wrong"
    wrong.write_text("not the passphrase at all")
    assert "passphrase" in refused(verified(bench, bench.list_maker, wrong))


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
    refused(said)
    assert not list((study / "keys").glob("allocation-*"))


def test_a_second_list_is_refused(bench: Any) -> None:
    folder = bench.list_maker
    files = ["--bundle", folder / "bundle.json", "--commitment", folder / "commitment.json"]
    refused(bench.run("randomize load", "root", *files, "--key", folder / "allocation-key.json"))
