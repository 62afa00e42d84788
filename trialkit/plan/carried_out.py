"""What a plan may say because it is done: another word would stand beside numbers that do not obey it."""

from __future__ import annotations

from collections.abc import Iterable

from trialkit.plan.model import Alternative, Analysis, Strategy
from trialkit.strict_toml import Section

MISSING_BY_METHOD: dict[str, str] = {
    "ancova": "complete cases",
    "effect_modification": "complete cases",
    "responders": "observed cases",
    "time_to_event": "censored at the last assessment",
}
STRATA_SOURCES = ("as randomized", "true")
TIES = ("efron", "breslow")
TIME_ORIGIN = "randomization"
PARTIAL_DATES = "midpoint of the feasible interval"
CARRIED_OUT = (Strategy.TREATMENT_POLICY, Strategy.HYPOTHETICAL)

# Methods whose tests are two-sided against this value; an ancova takes what the plan says.
NULL_BY_METHOD = {"effect_modification": 0.0, "time_to_event": 1.0}


def word(section: Section, key: str, *permitted: str) -> str:
    """A text that must be one of what is carried out."""
    said = section.text(key)
    if said not in permitted:
        section.refuse(key, any_of(permitted), repr(said))
    return said


def any_of(words: Iterable[str]) -> str:
    return " or ".join(f'"{word}"' for word in words)


def refuse_what_is_not_done(entry: Analysis, section: Section) -> None:
    """A one-sided test or interval of a method that has only the two-sided one.

    Raises
    ------
    DefinitionError
        With the line of the key that asks for it.
    """
    null = NULL_BY_METHOD.get(entry.method)
    if null is not None and entry.test is not None:
        test = section.section("test")
        if entry.test.alternative is not Alternative.TWO_SIDED:
            test.refuse("alternative", '"two-sided"', repr(entry.test.alternative.value))
        if entry.test.null_value != null:
            test.refuse("null_value", f"{null:g}", f"{entry.test.null_value:g}")
    if entry.method != "ancova" and entry.interval is not None and entry.interval.sides != 2:
        section.section("interval").refuse("sides", "2", str(entry.interval.sides))
