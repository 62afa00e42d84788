"""``trialkit randomize`` at the list maker's desk, away from the server."""

from __future__ import annotations

import json
import shutil
import stat
from pathlib import Path
from typing import Any

import pytest

PASSPHRASE = "four words make one"


@pytest.fixture
def desk(tmp_path: Path, definition: Path) -> Path:
    """A folder with a study definition that is no demonstration, a restriction and a passphrase."""
    for name in ("study.toml", "dictionary.csv", "randomization.toml"):
        shutil.copyfile(definition / name, tmp_path / name)
    text = (tmp_path / "study.toml").read_text(encoding="utf-8")
    text = text.replace("demonstration = true", "demonstration = false")
    text = text.replace('concealment = "demonstration"', 'concealment = "central"')
    (tmp_path / "study.toml").write_text(text, encoding="utf-8")
    (tmp_path / "passphrase").write_text(PASSPHRASE + "\n")
    return tmp_path


def _generate(trialkit: Any, desk: Path, *rest: object) -> Any:
    words = ["--restriction", desk / "randomization.toml", "--passphrase-file", desk / "passphrase"]
    return trialkit("randomize", "generate", desk, *words, "--subjects", 12, *rest)


def test_a_list_has_four_files_and_the_secrets_are_for_their_owner_alone(trialkit: Any, desk: Path) -> None:
    said = _generate(trialkit, desk, "--out", desk / "list")
    assert said.status == 0, said.err
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (desk / "list").iterdir()}
    assert set(modes) == {"bundle.json", "commitment.json", "allocation-key.json", "seed.json"}
    assert modes["seed.json"] == modes["allocation-key.json"] == 0o600


def test_neither_the_answer_nor_a_file_that_travels_tells_seed_arm_or_block(
    trialkit: Any, desk: Path
) -> None:
    from trialkit.randomization import SeedFile, unlock_seed

    said = _generate(trialkit, desk, "--out", desk / "list")
    seed = unlock_seed(SeedFile.from_json((desk / "list" / "seed.json").read_text()), PASSPHRASE).seed.hex()
    bundle = (desk / "list" / "bundle.json").read_text()
    for text in (said.out, bundle, (desk / "list" / "commitment.json").read_text()):
        assert seed not in text
        assert "block" not in text
    slots = json.loads(bundle)["slots"]
    assert len({len(sealed) for *_, sealed in slots}) == 1


def test_a_study_without_a_total_is_told_the_option(trialkit: Any, desk: Path) -> None:
    text = (desk / "study.toml").read_text(encoding="utf-8")
    head, _, rest = text.partition("[sample_size]")
    (desk / "study.toml").write_text(head + rest[rest.index("\n[") :], encoding="utf-8")
    said = trialkit("randomize", "restriction", desk, "--block-length", 4, "--out", desk / "new.toml")
    assert said.status == 2 and "Give --per-stratum N, the slots of each stratum" in said.err
    assert not (desk / "new.toml").exists()


def test_two_lists_of_one_study_are_two_lists(trialkit: Any, desk: Path) -> None:
    for name in ("one", "two"):
        assert _generate(trialkit, desk, "--out", desk / name).status == 0
    promises = [json.loads((desk / name / "commitment.json").read_text()) for name in ("one", "two")]
    assert promises[0]["commitment"] != promises[1]["commitment"]
    assert promises[0]["schedule_id"] != promises[1]["schedule_id"]


def test_a_chosen_seed_is_only_for_a_demonstration(trialkit: Any, desk: Path) -> None:
    said = _generate(trialkit, desk, "--out", desk / "list", "--seed", 5)
    assert (said.status, len(said.err.splitlines())) == (2, 1)
    assert not (desk / "list").exists()


def test_an_extension_names_the_list_before_it(trialkit: Any, desk: Path) -> None:
    _generate(trialkit, desk, "--out", desk / "one")
    before = desk / "one" / "commitment.json"
    assert _generate(trialkit, desk, "--out", desk / "two", "--previous", before).status == 0
    after = json.loads((desk / "two" / "commitment.json").read_text())
    assert after["previous_commitment"] == json.loads(before.read_text())["commitment"]


@pytest.mark.parametrize(
    ("restriction", "told"),
    [
        ('block_lengths = [4, 5]\nsalt = "{salt}"\n', "5"),
        ('block_lengths = [4, 6]\nsalt = "{salt}"\n', "digest"),
        ('block_lengths = [4, 6]\nsalt = "short"\n', "salt"),
        ('block_length = [4]\nsalt = "{salt}"\n', "block_length"),
        ("block_lengths = [4, 6\n", "TOML"),
    ],
)
def test_a_wrong_restriction_is_one_clear_line_and_no_file(
    trialkit: Any, desk: Path, restriction: str, told: str
) -> None:
    if "5]" in restriction:
        _without_digest(desk, demonstration=True)
    (desk / "randomization.toml").write_text(restriction.replace("{salt}", "0" * 32))
    said = _generate(trialkit, desk, "--out", desk / "list")
    assert (said.status, len(said.err.splitlines())) == (2, 1)
    assert told in said.err
    assert not (desk / "list").exists()


def _without_digest(desk: Path, *, demonstration: bool = False) -> None:
    lines = (desk / "study.toml").read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if not line.startswith("restriction_sha256")]
    text = "\n".join(kept)
    if demonstration:
        text = text.replace("demonstration = false", "demonstration = true")
    (desk / "study.toml").write_text(text, encoding="utf-8")


def test_a_short_passphrase_is_refused_and_nothing_is_written(trialkit: Any, desk: Path) -> None:
    (desk / "passphrase").write_text("short\n")
    said = _generate(trialkit, desk, "--out", desk / "list")
    assert (said.status, len(said.err.splitlines())) == (2, 1)
    assert not (desk / "list").exists()


def test_a_list_is_never_written_over(trialkit: Any, desk: Path) -> None:
    _generate(trialkit, desk, "--out", desk / "list")
    before = (desk / "list" / "seed.json").read_bytes()
    assert _generate(trialkit, desk, "--out", desk / "list").status == 2
    assert (desk / "list" / "seed.json").read_bytes() == before


def test_a_new_restriction_fits_the_study_that_states_its_digest(trialkit: Any, desk: Path) -> None:
    (desk / "randomization.toml").unlink()
    lengths = ["--block-length", 2, "--block-length", 4]
    said = trialkit("randomize", "restriction", *lengths, "--out", desk / "randomization.toml")
    stated = next(line for line in said.out.splitlines() if line.startswith("restriction_sha256"))
    _without_digest(desk)
    text = (desk / "study.toml").read_text(encoding="utf-8")
    (desk / "study.toml").write_text(
        text.replace('concealment = "central"', f'concealment = "central"\n{stated}')
    )
    assert _generate(trialkit, desk, "--out", desk / "list").status == 0


def test_a_restriction_without_blocks_is_called_simple_randomization(trialkit: Any, desk: Path) -> None:
    told = "simple randomization"
    assert told in trialkit("randomize", "restriction", "--out", desk / "none.toml").out
    assert told not in trialkit("randomize", "restriction", "--block-length", 4, "--out", desk / "4.toml").out


@pytest.mark.analytic
def test_properties_give_the_closed_form_and_a_picture(trialkit: Any, desk: Path) -> None:
    lengths = ["--block-length", 4]
    (desk / "randomization.toml").unlink()
    trialkit("randomize", "restriction", *lengths, "--out", desk / "randomization.toml")
    words = ["--restriction", desk / "randomization.toml", "--simulations", 50]
    said = trialkit("randomize", "properties", desk, *words, "--json", "--picture", desk / "p.png")
    assert said.status == 0, said.err
    found = json.loads(said.out)
    assert found["correct_guess_probability"] == pytest.approx(17 / 24)
    assert found["deterministic_share"] == pytest.approx(1 / 3)
    assert found["subjects"] == 314
    assert (desk / "p.png").read_bytes().startswith(b"\x89PNG")


def test_what_the_arms_differ_by_is_not_rounded_where_the_ratio_is_not_one_to_one(
    trialkit: Any, desk: Path
) -> None:
    text = (desk / "study.toml").read_text(encoding="utf-8")
    before, exercise, after = text.partition("[arms.exercise]")
    (desk / "study.toml").write_text(before + exercise + after.replace("ratio = 1", "ratio = 2", 1))
    (desk / "randomization.toml").unlink()
    lengths = ["--block-length", 3, "--block-length", 6]
    trialkit("randomize", "restriction", desk, *lengths, "--out", desk / "randomization.toml")
    words = ["--restriction", desk / "randomization.toml", "--simulations", 200, "--by-target"]
    said = trialkit("randomize", "properties", desk, *words)
    assert said.status == 0, said.err
    cells = [line.split()[-4:] for line in said.out.splitlines() if line.startswith("  sex=")]
    assert len(cells) == 10
    assert all(0.4 < float(mean) < 0.7 for mean, *_ in cells)
    assert all(float(q95) in (1, 1.5) for _, q95, *_ in cells)
    assert any(float(q95) == 1.5 for _, q95, *_ in cells)
    assert {bound for *_, bound in cells} == {"2"}
    assert "per unit of ratio" in said.out
    assert "not for whoever enrols or assesses" in said.out


@pytest.mark.parametrize(
    ("lengths", "told"), [((4, 4), "twice"), ((4, 5), "divisible by the ratio's sum, 2"), ((1001,), "1000")]
)
def test_a_restriction_that_no_list_could_be_made_with_is_not_written(
    trialkit: Any, desk: Path, lengths: tuple[int, ...], told: str
) -> None:
    out = desk / "new.toml"
    stated = [word for length in lengths for word in ("--block-length", length)]
    said = trialkit("randomize", "restriction", desk, *stated, "--out", out)
    assert (said.status, said.out, len(said.err.splitlines())) == (2, "", 1)
    assert told in said.err
    assert not out.exists()


def test_a_real_trial_binds_the_list_to_the_file_of_the_list_maker(trialkit: Any, desk: Path) -> None:
    _without_digest(desk)
    said = _generate(trialkit, desk, "--out", desk / "list")
    assert (said.status, len(said.err.splitlines())) == (2, 1)
    assert "restriction_sha256" in said.err
    assert not (desk / "list").exists()


def test_properties_can_follow_unequal_targets(trialkit: Any, desk: Path) -> None:
    words = ["--restriction", desk / "randomization.toml", "--simulations", 200, "--json", "--by-target"]
    found = json.loads(trialkit("randomize", "properties", desk, *words).out)
    site = {row["level"]: row["subjects_mean"] for row in found["imbalance"] if row["factor"] == "site"}
    assert site["A"] > site["E"]


THIRD_ARM = """
[arms.booklet]
label = "Booklet alone"
role = "test"
ratio = 2
components = ["education"]

[sites.A]"""


def test_a_list_is_made_for_three_arms(trialkit: Any, desk: Path) -> None:
    text = (desk / "study.toml").read_text(encoding="utf-8")
    (desk / "study.toml").write_text(text.replace("[sites.A]", THIRD_ARM.lstrip(), 1), encoding="utf-8")
    _without_digest(desk, demonstration=True)
    (desk / "randomization.toml").unlink()
    wrong = trialkit("randomize", "restriction", desk, "--block-length", 6, "--out", desk / "six.toml")
    assert "divisible by the ratio's sum, 4" in wrong.err
    lengths = ["--block-length", 4, "--block-length", 8]
    trialkit("randomize", "restriction", desk, *lengths, "--out", desk / "randomization.toml")
    said = _generate(trialkit, desk, "--out", desk / "list")
    assert said.status == 0, said.err
    assert json.loads((desk / "list" / "bundle.json").read_text())["arms"] == [
        "booklet",
        "control",
        "exercise",
    ]
