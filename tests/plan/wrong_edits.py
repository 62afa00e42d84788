"""The plan of study A with one wrong edit, and what is said of it."""

from __future__ import annotations

import re

from trialkit import resources
from trialkit.analysis import load_plan_text, plan_problems
from trialkit.errors import TrialkitError
from trialkit.study.model import Study

PLAN = (resources.folder("sap") / "study_a.toml").read_text(encoding="utf-8")


def edited(*edit: str) -> str:
    """The plan after an edit: old and new text; before them, for one inside an entry, the entry's id."""
    *entry, old, new = edit
    start = PLAN.index(f'id = "{entry[0]}"') if entry else 0
    assert old in PLAN[start:]
    return PLAN[:start] + PLAN[start:].replace(old, new, 1)


def told(text: str, study: Study) -> list[str]:
    try:
        return [str(problem) for problem in plan_problems(load_plan_text(text), study)]
    except TrialkitError as error:
        return [str(error)]


def require_told(edit: tuple[str, ...], study: Study) -> None:
    """The last of an edit is a pattern of what must be said."""
    *change, message = edit
    problems = told(edited(*change), study)
    assert any(re.search(message, problem, re.DOTALL) for problem in problems), problems
