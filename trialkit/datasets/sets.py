"""Analysis sets: the plan's rule on each subject's row, kept as a flag beside the data."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Any

from trialkit.expressions import Lookup, Name, Value, evaluate, parse
from trialkit.plan.model import AnalysisSet

if TYPE_CHECKING:
    import pandas as pd


def with_analysis_sets(subjects: pd.DataFrame, sets: Mapping[str, AnalysisSet]) -> pd.DataFrame:
    """The same subjects with a column ``set_<name>``: true where the rule is, false where undecided.

    Somebody's second number is in no set, whatever the rule: a person is analysed once.
    """
    once = subjects["duplicate_of"].isna()
    return subjects.assign(
        **{
            f"set_{name}": [
                one and inside for one, inside in zip(once, _members(subjects, rule), strict=True)
            ]
            for name, rule in sets.items()
        }
    )


def _members(subjects: pd.DataFrame, analysis_set: AnalysisSet) -> list[bool]:
    rule = parse(analysis_set.rule, syntax="rule")
    rows = subjects[sorted(name.item for name in rule.names)].to_dict("records")
    return [evaluate(rule, _look_up(row)) is True for row in rows]


def _look_up(row: Mapping[Hashable, Any]) -> Lookup:
    import pandas as pd

    def value(name: Name) -> Value | None:
        found: Value = row[name.item]
        return None if pd.isna(found) else found

    return value
