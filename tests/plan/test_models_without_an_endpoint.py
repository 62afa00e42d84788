"""A model about no endpoint has a line a subject: what datasets make of visits is not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from trialkit.analysis import load_plan_text, plan_problems
from trialkit.study.observational import load_observational

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@pytest.mark.parametrize("example", ["cohort", "kyphoplasty"])
@pytest.mark.parametrize("term", ["base", "log(base)", "value"])
def test_a_measured_column_is_named_before_the_run(example: str, term: str) -> None:
    study = load_observational(EXAMPLES / example).study
    text = (EXAMPLES / example / "plan.toml").read_text(encoding="utf-8")
    before = [str(one) for one in plan_problems(load_plan_text(text), study)]
    assert not [one for one in before if "without an endpoint" in one]
    lines = text.splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith("formula = "))
    lines[at] = lines[at].rstrip().rstrip('"') + f' + {term}"'
    after = [str(one) for one in plan_problems(load_plan_text("\n".join(lines)), study)]
    column = term.removeprefix("log(").removesuffix(")")
    said = [one for one in after if "columns of the subjects in a model without an endpoint" in one]
    assert len(said) == 1
    assert f"found {column}." in said[0]
