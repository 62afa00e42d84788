"""Whoever mends a definition is told everything that is wrong with it, each with its place, in one run."""

from __future__ import annotations

import re

import pytest

from trialkit.study import StudyError, load_study

SEVEN = {
    ("ratio = 1\n", "ratio = 0\n"): "arms.exercise.ratio: expected a number from 1 to 100; found 0",
    ('time_zone = "Asia/Shanghai"', 'time_zone = "Asia/Shangai"'): "Did you mean 'Asia/Shanghai'?",
    ("target = 64", "target = -3"): "found -3",
    ("[335, 425]", "[425, 335]"): "the first not after the second",
    ('visit = "week_6"\n', 'visit = "week_9"\n'): "Did you mean 'week_6'?",
    ('entry = "single"', 'entry = "singel"'): "Did you mean 'single'?",
    ('"outcome_assessor"', '"outcome_assesor"'): "Did you mean 'outcome_assessor'?",
}
BROTHERS = {
    ("ratio = 1\n", 'ratio = "one"\n'): "arms.exercise.ratio: expected a whole number",
    ("power = 0.80", "power = 8"): "a number between 0 and 1",
    ('label = "Baseline"', 'label = ""'): "a text that says something",
    ("sd = 15", "sdd = 15"): "Did you mean 'sd'?",
    ('kind = "inclusion"', 'kind = "inclusoin"'): "Did you mean 'inclusion'?",
    ('item = "sex"', 'item = "sexx"'): "Did you mean 'sex'?",
    ('instrument = "ODI"', 'instrument = "OID"'): "Did you mean 'ODI'?",
    ('"education"]', '"educaton", "nsiad"]'): "Did you mean 'nsaid'?",
}


def _told(folder) -> list[str]:
    with pytest.raises(StudyError) as caught:
        load_study(folder)
    return [str(error) for error in (caught.value, *caught.value.also)]


@pytest.mark.parametrize("faults", [SEVEN, BROTHERS], ids=["seven", "brothers"])
def test_every_fault_of_a_value_is_said_in_one_run_and_nothing_else(definition, faults) -> None:
    for old, new in faults:
        definition.replace("study.toml", old, new)
    told = _told(definition.folder)
    for wanted in faults.values():
        assert any(wanted in error for error in told), (wanted, told)
    extra = [error for error in told if not any(wanted in error for wanted in faults.values())]
    assert len(extra) == ("educaton" in str(faults)), extra
    assert all(re.match(r"study\.toml:\d+:", error) for error in told)
    lines = [int(error.split(":")[1]) for error in told]
    assert lines == sorted(lines), "in the order of the file"


def test_faults_of_both_files_are_said_together(definition) -> None:
    definition.replace("study.toml", "ratio = 1\n", "ratio = 0\n")
    definition.replace("study.toml", "power = 0.80", "power = 8")
    definition.replace("dictionary.csv", "height_cm,demographics,,text", "height_cm,demographics,,txet")
    told = _told(definition.folder)
    assert [error.split(":")[0] for error in told] == ["study.toml", "study.toml", "dictionary.csv"]


def test_absent_keys_and_wrong_values_are_said_together_and_each_once(definition) -> None:
    definition.replace("study.toml", "ratio = 1\n", "")
    definition.replace("study.toml", 'role = "test"\n', "")
    definition.replace("study.toml", "target = 64", "target = -3")
    told = _told(definition.folder)
    assert len(told) == 2
    assert "[arms.exercise] role, [arms.exercise] ratio" in " ".join(told) and "found -3" in " ".join(told)


def test_wrong_rules_are_said_together(definition) -> None:
    definition.replace("study.toml", "[elig_age_years] >= 60", "[elig_age] >= 60")
    definition.replace("study.toml", "[elig_odi_percent] >= 20", "[elig_oid_percent] >= 20")
    assert len(_told(definition.folder)) == 2
