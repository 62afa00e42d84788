"""The rules of an analysis set, joined into one, mean what they mean one by one."""

from __future__ import annotations

from itertools import product

import pytest

from trialkit.expressions import evaluate, parse
from trialkit.plan.model import AnalysisSet, ArmColumn


@pytest.mark.parametrize(
    "rules",
    [
        ("a = 1 or b = 1", "c = 1"),
        ("a = 1 OR b = 1", "c = 1"),
        ("a = 1 or\nb = 1", "c = 1"),
        ("a = 1", "b = 1\tor c = 1"),
        ("a = 1", "b = 1", "c = 1"),
    ],
)
def test_joined_rules_hold_where_each_holds(rules: tuple[str, ...]) -> None:
    first, *more = rules
    requires = tuple((rule, "") for rule in more)
    whole = AnalysisSet("s", "S", first, ArmColumn.PLANNED, "", requires).whole_rule
    for values in product((0.0, 1.0), repeat=3):
        given = dict(zip("abc", values, strict=True))

        def holds(rule: str, known: dict[str, float] = given) -> object:
            return evaluate(parse(rule, syntax="rule"), lambda name: known[name.item])

        assert holds(whole) is all(holds(rule) is True for rule in rules), (whole, given)
