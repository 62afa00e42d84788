"""What the levels of a coded variable are called: readers of a report meet no codes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trialkit.vocabulary import GRADE_UNITS

if TYPE_CHECKING:
    from trialkit.study.model import Study


def level_names(study: Study, variable: str) -> dict[str, str]:
    """The name of each level by its code: sites, and scores that are a grade and not a measurement."""
    if variable == "site":
        return {site.code: site.name for site in study.sites}
    score = next((score for score in study.scores if score.name == variable), None)
    return choice_names(study, variable) if score is not None and score.unit in GRADE_UNITS else {}


def every_level_name(study: Study) -> dict[str, dict[str, str]]:
    """Of every variable whose levels have names: those, by code."""
    named = {name: level_names(study, name) for name in ("site", *(score.name for score in study.scores))}
    return {name: names for name, names in named.items() if names}


def choice_names(study: Study, variable: str) -> dict[str, str]:
    """The choices of an item, or of the one that a score takes over, by code; none where there are none."""
    items = {item.name: item for form in study.forms for item in form.items}
    score = next((score for score in study.scores if score.name == variable and score.items), None)
    item = items.get(score.items[0] if score else variable)
    return {choice.code: choice.label for choice in item.choices} if item else {}


def code_of(value: Any) -> str:
    """A level as the definition writes its code: 2.0 is "2"."""
    return f"{value:g}" if isinstance(value, (int, float)) else str(value)
