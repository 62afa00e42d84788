"""Every fault of a plan file is named at once, and nothing that only follows from one of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.plan.wrong_edits import PLAN, edited, told
from trialkit import resources
from trialkit.analysis import load_plan_text, plan_problems
from trialkit.cli.root import root
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
