"""Every fault of a plan file is named at once, and nothing that only follows from one of them."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.plan.wrong_edits import PLAN, edited, told
from trialkit import resources
from trialkit.analysis import load_plan_text, plan_problems
from trialkit.cli.root import root
from trialkit.errors import TrialkitError
from trialkit.study import load_study
from trialkit.study.model import Study

LOW = """
[endpoints.vas_low]
label = "{label}"
parameter = "vas"
derive = "response"
rule = "value <= {bound}"
unit = "mm"
missing = "observed cases"
"""


@pytest.fixture(scope="module")
def study() -> Study:
    return load_study(resources.folder("sample_data"))


def _checked(text: str, study: Study) -> list[str]:
    return [str(one) for one in plan_problems(load_plan_text(text, tolerant=True, checking=True), study)]


def _three_wrong() -> str:
    """A wrong word of an endpoint, one of an entry whose set is not there, a visit of another."""
    start = PLAN.index("[endpoints.vas_change]")
    text = PLAN[:start] + PLAN[start:].replace('better = "lower"', 'better = "smaller"', 1)
    at = text.index('id = "R1"')
    text = text[:at] + text[at:].replace('set = "full"', 'set = "ful"', 1).replace("efron", "efrom", 1)
    at = text.index('id = "P2"')
    return text[:at] + text[at:].replace('visit = "month_12"', 'visit = "month_21"', 1)


def test_a_wrong_word_does_not_hide_what_is_wrong_elsewhere(study: Study):
    before = _checked(PLAN, study)
    found = [one for one in _checked(_three_wrong(), study) if one not in before]
    for wrong in ("'smaller'", "'efrom'", "'ful'", "'month_21'"):
        assert sum(wrong in one for one in found) == 1, (wrong, found)
    assert len(found) == 4, found


def test_the_command_names_them_too(tmp_path: Path):
    path = tmp_path / "plan.toml"
    path.write_text(_three_wrong(), encoding="utf-8")
    made = CliRunner().invoke(root, ["sap", "check", str(path), str(resources.folder("sample_data"))])
    assert made.exit_code == 1
    assert all(wrong in made.output for wrong in ("'smaller'", "'efrom'", "'ful'", "'month_21'"))


HEAD = {
    'study = "': 'study = 3 # "',
    "seed = ": "seeed = ",
    'test = "exercise"': "test = 4",
    'choose = "last"': 'choose = "lst"\nchooses = 1',
}
AFTER = """
[[amendment]]
version = "1.1"
date = 3
before_unblinding = "yes"
reasn = "A covariate was added"

[[amendment]]
version = "1.2"
date = "2026-02-30"
before_unblinding = true
reason = "Another"

[[published]]
label = "A trial"
estimate = "a"
ci_lower = 1.0
sign = 5

[[amendmet]]
version = "1.3"
"""
EACH_ONCE = (
    "plan.study: expected a text in quotes",
    "plan.seeed: expected a key 'seed'",
    "plan.roles.test: expected a list of texts",
    "visits.baseline.choose: ",
    "visits.baseline.chooses: ",
    "amendment[0].date: expected a text in quotes",
    "amendment[0].before_unblinding: expected true or false",
    "amendment[0].reasn: expected a key 'reason'",
    "amendment[1].date: expected a day that is there",
    "published[0]: expected a key 'analysis'",
    "published[0]: expected a key 'source'",
    "published[0]: expected a key 'ci_upper'",
    "published[0].estimate: expected a number",
    "published[0].sign: expected -1 or 1",
    "unknown key 'amendmet'. Did you mean 'amendment'?",
    "test.alternative: expected one of two-sided, less, greater",
    "test.alpha: expected a significance level",
    "'ful'. Did you mean 'full'?",
)


def _all_wrong() -> str:
    """Several things wrong in the head, in the log, in what was published, and in one entry."""
    text = PLAN
    for old, new in HEAD.items():
        assert old in text
        text = text.replace(old, new, 1)
    at = text.index('id = "P1"')
    wrong = {'"less"': '"les"', "alpha = 0.025": "alpha = 2.5", 'set = "full"': 'set = "ful"'}
    entry = text[at:]
    for old, new in wrong.items():
        entry = entry.replace(old, new, 1)
    return text[:at] + entry + AFTER


def test_head_amendments_and_published_results_are_told_with_all_else(study: Study):
    before = _checked(PLAN, study)
    found = [one for one in _checked(_all_wrong(), study) if one not in before]
    for words in EACH_ONCE:
        assert sum(words in one for one in found) == 1, (words, found)
    assert len(found) == len(EACH_ONCE), found
    assert all(re.match(r"plan:\d+:", one) for one in found), found


def test_a_run_refuses_the_frame_with_all_its_faults_and_keeps_an_entry_s(study: Study):
    with pytest.raises(TrialkitError) as told_at_once:
        load_plan_text(_all_wrong(), tolerant=True)
    outside = [told_at_once.value, *told_at_once.value.also]
    assert len(outside) == len(EACH_ONCE) - 4  # three of the entry; the day is read by the check
    at = PLAN.index('id = "P1"')
    entry = PLAN[at:].replace('"less"', '"les"', 1).replace("alpha = 0.025", "alpha = 2.5", 1)
    fault = load_plan_text(PLAN[:at] + entry, tolerant=True).analysis("P1").fault
    assert fault is not None and len((fault, *fault.also)) == 2


KEY = re.compile(r"(\w+)( = )(.*[^\[])")
WRONG = ("{key} = 3", '{key} = "zzz"', "", "x{key} = {value}", "{key} = []", "{key} = {{}}", '{key} = ""')


@pytest.mark.parametrize("wrong", WRONG)
def test_whatever_line_is_wrong_the_check_goes_on_and_names_a_line(study: Study, wrong: str):
    """Lines from all over the plan; what follows from one wrong line is a handful at most."""
    before = _checked(PLAN, study)
    lines = PLAN.split("\n")
    places = [place for place, line in enumerate(lines) if KEY.fullmatch(line)]
    for place in random.Random(wrong).sample(places, 12):
        key, _, value = KEY.fullmatch(lines[place]).groups()
        text = "\n".join([*lines[:place], wrong.format(key=key, value=value), *lines[place + 1 :]])
        found = [one for one in _checked(text, study) if one not in before]
        assert all(re.match(r"plan:\d+:", one) for one in found), (place, found)


@pytest.mark.parametrize(
    ("label", "bound", "warned"),
    [
        ("Pain at most 3.5 cm", "3.5", True),
        ("Pain at most 3.5 cm", "35", False),
        ("Pain at most 35 mm", "35", False),
        ("Pain at most 35", "35", False),
        ("Pain at most 35 mm", "3.5", True),
    ],
)
def test_label_and_rule_are_held_together_in_one_unit(study: Study, label: str, bound: str, warned: bool):
    text = edited("[endpoints.vas_change]", LOW.format(label=label, bound=bound) + "\n[endpoints.vas_change]")
    found = [one for one in told(text, study) if "endpoints/vas_low/rule" in one]
    assert bool(found) is warned, found


@pytest.mark.parametrize(
    ("entry", "old", "new"),
    [
        ("P8", 'method = "van_elteren"', 'method = "van_eltern"'),
        ("P10", 'missing = "mar-likelihood"', ""),
        ("R3", 'missing = "censored at the last assessment"', ""),
        ("P8", 'role = "sensitivity"', 'role = "sensitive"'),
    ],
)
def test_no_caution_follows_from_an_entry_that_cannot_be_read(study: Study, entry: str, old: str, new: str):
    """What it says of the entry that it belongs to stands there, and no other entry has nothing to vary."""
    at = PLAN.index(f'id = "{entry}"')
    start = PLAN.rindex("[[analysis]]", 0, at)
    text = PLAN[:start] + PLAN[start:].replace(old, new, 1)
    assert text != PLAN
    before = _checked(PLAN, study)
    found = [one for one in _checked(text, study) if one not in before]
    assert len(found) == 1, found


@pytest.mark.parametrize(("method", "wrong"), [("flwo", 4), ("zzz", 2)])
def test_an_unknown_method_hides_nothing_that_its_entry_names(study: Study, method: str, wrong: int):
    """The keys are those of the method that its name is most like; of one like none nobody knows them."""
    at = PLAN.index('id = "D1"')
    entry = PLAN[at:].replace('"flow"', f'"{method}"', 1).replace('"full"', '"fulll"', 1)
    entry = entry.replace('"odi_change"', '"odi_chang"', 1).replace('"month_12"', '"month_122"', 1)
    before = _checked(PLAN, study)
    found = [one for one in _checked(PLAN[:at] + entry, study) if one not in before]
    assert len(found) == wrong, found


def test_what_an_entry_leaves_unsaid_is_told_with_its_name_and_what_to_write(study: Study):
    at = PLAN.index('id = "P10"')
    text = PLAN[:at] + PLAN[at:].replace('missing = "mar-likelihood"', "", 1)
    (said,) = [one for one in _checked(text, study) if "to say missing" in one]
    assert "(P10)" in said
    assert 'missing = "mar-likelihood"' in said


def test_a_name_twice_in_a_family_is_told_once(study: Study):
    text = PLAN.replace('family = ["V1", ', 'family = ["V1", "V1", ', 1)
    before = _checked(PLAN, study)
    (found,) = [one for one in _checked(text, study) if one not in before]
    assert "V1 twice" in found


def _changed(table: str, lines: dict[str, str]) -> str:
    """The plan with the lines of some keys of a table replaced."""
    at = PLAN.index(table)
    text = PLAN[at:]
    for key, line in lines.items():
        text, n = re.subn(rf"^{key} = .*", line, text, count=1, flags=re.MULTILINE)
        assert n == 1, key
    return PLAN[:at] + text


@pytest.mark.parametrize(
    ("table", "lines", "wrong"),
    [
        (
            "[sets.safety]",
            {"rule": 'rule = "randomised and treated"', "arm": 'arm = "actual"'},
            ("sets/safety/rule: ", "sets.safety.arm: "),
        ),
        (
            "[endpoints.vas_change]",
            {"parameter": 'parameter = "vaz"', "better": 'better = "lowr"', "mcid": 'mcid = "15"'},
            ("'vaz'", "'lowr'", "'15'"),
        ),
        (
            "[endpoints.recurrence]",
            {"date": 'date = "nodate"', "unit": "unit = 3"},
            ("'nodate'", "recurrence.unit: "),
        ),
        (
            "[estimands.recurrence]",
            {
                "population": "population = 3",
                "treatment": 'treatment = ["test", "referense"]',
                "variable": 'variable = "recurence"',
            },
            ("population: ", "'referense'", "'recurence'"),
        ),
    ],
)
def test_what_cannot_be_read_does_not_hide_a_name_beside_it(
    study: Study, table: str, lines: dict[str, str], wrong: tuple[str, ...]
):
    before = _checked(PLAN, study)
    found = [one for one in _checked(_changed(table, lines), study) if one not in before]
    for words in wrong:
        assert sum(words in one for one in found) == 1, (words, found)
    assert len(found) == len(wrong), found


def test_a_day_that_is_not_there_is_told_beside_a_word_that_cannot_be_read(study: Study):
    log = AFTER.split("[[amendment]]")[2].replace("true", '"yes"').split("[[")[0]
    before = _checked(PLAN, study)
    found = [one for one in _checked(f"{PLAN}\n[[amendment]]{log}", study) if one not in before]
    assert sum("'2026-02-30'" in one for one in found) == 1
    assert sum("before_unblinding: " in one for one in found) == 1
    assert not any("after the unblinding" in one for one in found)


@pytest.mark.parametrize(
    ("old", "new"), [("[plan]", "[plann]"), ("[plan]", "[[plan]]"), ("\nroles = ", "\nrole = ")]
)
def test_arms_that_cannot_be_read_say_nothing_of_sets(study: Study, old: str, new: str):
    assert old in PLAN
    before = _checked(PLAN, study)
    found = [one for one in _checked(PLAN.replace(old, new, 1), study) if one not in before]
    assert len(found) == 1, found


def test_a_misspelt_key_is_none_of_those_expected(study: Study):
    text = _changed("[visits.baseline]", {"choose": 'chose = "last"\nchooze = 1'})
    (found,) = [one for one in _checked(text, study) if "expected one of the keys" in one]
    assert "chose," not in found
    assert "choose" in found


@pytest.mark.parametrize("entry", ["R1", "R7"])
def test_nothing_follows_from_an_endpoint_that_nobody_knows(study: Study, entry: str):
    before = _checked(PLAN, study)
    text = _changed(f'id = "{entry}"', {"endpoint": 'endpoint = "recurence"'})
    (found,) = [one for one in _checked(text, study) if one not in before]
    assert "'recurence'" in found
