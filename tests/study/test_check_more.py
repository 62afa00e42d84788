"""Arithmetic at any ratio, the import's mapping, and every required key at once."""

from __future__ import annotations

import re
import shutil
import tomllib
from pathlib import Path

import pytest

from trialkit.study import StudyError, check_study, load_study, study_from_texts
from trialkit.study.required import EACH, REQUIRED, WHERE_THERE

ROOT = Path(__file__).resolve().parents[2]


def found(study) -> dict[str, str]:
    details: dict[str, str] = {}
    for finding in check_study(study):
        details[finding.code] = "\n".join(filter(None, (details.get(finding.code), finding.detail)))
    return details


def spoiled(folder: Path, *changes: tuple[str, str]):
    toml = (folder / "study.toml").read_text(encoding="utf-8")
    for old, new in changes:
        assert old in toml, old
        toml = toml.replace(old, new, 1)
    return study_from_texts(toml, (folder / "dictionary.csv").read_text(encoding="utf-8"))


SIZE = re.compile(r"\[sample_size\][^\[]*")


def with_size(folder: Path, test: int, reference: int, **size: float):
    toml = (folder / "study.toml").read_text(encoding="utf-8")
    lines = {"sides": 2, "alpha": 0.05, "attrition": 0.0} | size
    block = "[sample_size]\n" + "".join(f"{key} = {value}\n" for key, value in lines.items()) + "\n"
    toml = SIZE.sub(block, toml, count=1)
    ratios = iter(
        [test, reference]
        if toml.index('role = "test"') < toml.index('role = "reference"')
        else [reference, test]
    )
    toml = re.sub(r"ratio = 1", lambda _: f"ratio = {next(ratios)}", toml, count=2)
    return study_from_texts(toml, (folder / "dictionary.csv").read_text(encoding="utf-8"))


@pytest.mark.external_reference
def test_the_sample_size_of_unequal_arms_is_checked(sample_folder: Path) -> None:
    """5,514 + 2,757 for a difference of 1, SD 10, power 0.99 at 2:1 (R: power.t.test searched by ratio)."""
    wrong = with_size(sample_folder, 2, 1, total=192, per_arm=64, difference=1, sd=10, power=0.99)
    detail = found(wrong)["sample-size-arithmetic"]
    assert "5514 + 2757" in detail
    assert "128 + 64" in detail
    right = with_size(sample_folder, 2, 1, total=8271, per_arm=2757, difference=1, sd=10, power=0.99)
    assert "sample-size-arithmetic" not in found(right)
    mirrored = with_size(sample_folder, 1, 2, total=8271, per_arm=2757, difference=1, sd=10, power=0.99)
    assert "sample-size-arithmetic" not in found(mirrored)


def test_no_covariate_at_all_is_said_where_the_randomization_was_balanced(sample_folder: Path) -> None:
    toml = (sample_folder / "study.toml").read_text(encoding="utf-8")
    covariates = re.search(r"covariates = \[[^\]]*\]\n", toml)
    assert covariates
    assert "not stated" in found(spoiled(sample_folder, (covariates[0], "")))["factor-left-out"]


EXAMPLE = ROOT / "examples" / "acupuncture"
IMPORTS = {
    "a form entered twice": ('entry = "single"', 'entry = "double"', "entered twice"),
    "no site": ("site = ", "# site = ", "no site"),
}


@pytest.mark.parametrize("case", IMPORTS)
def test_what_an_import_would_refuse_is_found_before_founding(case: str) -> None:
    old, new, said = IMPORTS[case]
    toml = (EXAMPLE / "study.toml").read_text(encoding="utf-8")
    head, mark, tail = toml.partition("[import]")
    changed = (
        (head.replace(old, new), tail)
        if "entry" in old
        else (head, re.sub(rf"^{old}", new, tail, count=1, flags=re.M))
    )
    study = study_from_texts(
        f"{changed[0]}{mark}{changed[1]}", (EXAMPLE / "dictionary.csv").read_text("utf-8")
    )
    assert said in found(study)["import-cannot-be-made"]


def test_every_unknown_name_and_every_pair_of_an_import_is_told_at_once() -> None:
    """A fault of one column hides none of another: all are mended in one go."""
    folder = ROOT / "examples" / "doses"
    with pytest.raises(StudyError) as refused:
        spoiled(
            folder,
            ('"1" = "N", "2" = "E"', '"1" = "X", "2" = "Y"'),
            ('"0" = "baseline"', '"0" = "basis"'),
            ('"1" = "high"', '"1" = "tall"'),
            ('item = "age_years"', 'item = "agreed_years"'),
            ('item = "sleep"', 'item = "pain_mm"\nmissing_with = "nowhere"'),
            ('codes = { "1" = "M"', 'codes = { "1" = "Q"'),
        )
    told = "\n".join(map(str, (refused.value, *refused.value.also)))
    for name in ("'X'", "'Y'", "'basis'", "'tall'", "'agreed_years'", "'nowhere'", "'Q'", "pain_mm at"):
        assert name in told
    assert "columns.sleep.item: " in told


def test_the_import_of_the_example_can_be_made() -> None:
    assert "import-cannot-be-made" not in found(load_study(EXAMPLE))


def _keys(data: dict, tables) -> list[tuple[str, ...]]:
    paths: list[tuple[str, ...]] = []
    for table, (times, keys) in tables.items():
        for name in [next(iter(data[table]))] if times == EACH and table in data else [None]:
            paths += [(table, key) if name is None else (table, name, key) for key in keys if table in data]
    return paths


def test_every_key_that_is_called_required_is_and_no_other(sample_folder: Path) -> None:
    """Each key alone is removed from study A; the reader must miss exactly those that are listed."""
    toml = (sample_folder / "study.toml").read_text(encoding="utf-8")
    dictionary = (sample_folder / "dictionary.csv").read_text(encoding="utf-8")
    data = tomllib.loads(toml)
    for *table, key in _keys(data, REQUIRED) + _keys(data, WHERE_THERE):
        header = f"[{'.'.join(table)}]"
        start = toml.index(header)
        end = toml.find("\n[", start + 1)
        block = toml[start : end if end > 0 else None]
        without = re.sub(rf"^{key} = (\[[^\]]*\]|[^\n]*)\n", "", block, count=1, flags=re.M)
        assert without != block, (header, key)
        with pytest.raises(StudyError, match=re.escape(repr(key))):
            study_from_texts(toml.replace(block, without), dictionary)


def test_all_absent_keys_are_named_at_once(sample_folder: Path) -> None:
    dictionary = (sample_folder / "dictionary.csv").read_text(encoding="utf-8")
    with pytest.raises(StudyError) as refused:
        study_from_texts('[study]\nid = "X"\n[arms.a]\nlabel = "A"\n', dictionary)
    message = str(refused.value)
    for key in (
        "[study] title",
        "[study] version",
        "[arms.a] role",
        "[sites.NAME] name",
        "[forms.NAME] visits",
    ):
        assert key in message
    assert "\n" not in message


def test_the_required_keys_are_documented() -> None:
    page = (ROOT / "docs" / "study-definition.md").read_text(encoding="utf-8")
    chapter = page.partition("### What must be there")[2].partition("\n#")[0]
    for table, (_, keys) in {**REQUIRED, **WHERE_THERE}.items():
        line = next(line for line in chapter.splitlines() if line.startswith(f"| `[{table}"))
        assert set(re.findall(r"`(\w+)`", line.split("|")[2])) == set(keys)


def test_calculations_in_a_circle_are_refused(definition) -> None:
    text = (definition.folder / "dictionary.csv").read_text(encoding="utf-8")
    last = text.strip().splitlines()[-1].split(",")[1]
    definition.append("dictionary.csv", f"loop_a,{last},,calc,A,[loop_b]+1" + "," * 12 + "\n")
    definition.append("dictionary.csv", f"loop_b,{last},,calc,B,[loop_a]+1" + "," * 12 + "\n")
    with pytest.raises(StudyError, match="circle of loop_a, loop_b"):
        load_study(definition.folder)


def test_what_a_draft_leaves_open_is_named_key_by_key(sample_folder: Path, tmp_path: Path) -> None:
    """As `study init` writes it: no study is founded on arms called "to be stated" without a word."""
    from trialkit.study.scaffold import TO_BE_STATED

    assert "to-be-stated" not in found(load_study(sample_folder))
    shutil.copytree(sample_folder, tmp_path / "draft")
    path = tmp_path / "draft" / "study.toml"
    text = path.read_text("utf-8")
    site, arm = tomllib.loads(text)["sites"]["A"]["name"], tomllib.loads(text)["arms"]["exercise"]["label"]
    path.write_text(
        text.replace(f'"{site}"', f'"{TO_BE_STATED}"').replace(f'"{arm}"', '"To be stated"'), "utf-8"
    )
    detail = found(load_study(tmp_path / "draft"))["to-be-stated"]
    assert "sites.A.name" in detail
    assert "arms.exercise.label" in detail
