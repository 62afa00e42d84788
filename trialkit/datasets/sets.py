"""Analysis sets: the plan's rule on each subject's row, kept as a flag beside the data."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from trialkit.expressions import Lookup, Name, Value, evaluate, parse
from trialkit.plan.model import AnalysisSet

if TYPE_CHECKING:
    import pandas as pd

LEFT_OUT = "left_out_"  # and the set's name: the column that says why somebody is left out of it


def with_reasons(
    subjects: pd.DataFrame,
    sets: Mapping[str, AnalysisSet],
    records: Mapping[str, pd.DataFrame],
    decided: Mapping[str, Mapping[str, str]],
) -> pd.DataFrame:
    """The same subjects with a column ``left_out_<name>`` a set: why a record or a decision of the blind
    review leaves somebody out of it; empty where nothing does.

    ``decided`` is, by set, the reason for each subject that the review left out.
    """
    columns = {}
    for name, one in sets.items():
        reasons: dict[str, list[str]] = {}
        for source, flag in one.without:
            rows = records[source]
            words = f"{source.replace('_', ' ')}: {flag}" if flag else source.replace("_", " ")
            for subject_id in (rows[rows[flag]] if flag else rows)["subject_id"].unique():
                reasons.setdefault(str(subject_id), []).append(words)
        for subject_id, why in decided.get(name, {}).items():
            reasons.setdefault(subject_id, []).append(why)
        columns[f"{LEFT_OUT}{name}"] = ["; ".join(reasons.get(one, ())) for one in subjects["subject_id"]]
    return subjects.assign(**columns)


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


def reasons_against(subjects: pd.DataFrame, analysis_set: AnalysisSet) -> Iterator[tuple[str, str]]:
    """Of everybody randomized who is not in a set, why not: which rule is not met, and what a record or a
    decision says."""
    rules = [(f"not {analysis_set.rule}", parse(analysis_set.rule, syntax="rule"))]
    rules += [(words, parse(rule, syntax="rule")) for rule, words in analysis_set.requires]
    for row in subjects[subjects["randomized"] & ~subjects[f"set_{analysis_set.name}"]].to_dict("records"):
        reasons = [words for words, rule in rules if evaluate(rule, _look_up(row)) is not True]
        left_out = str(row.get(f"{LEFT_OUT}{analysis_set.name}") or "")
        yield str(row["subject_id"]), "; ".join([*reasons, *([left_out] if left_out else [])])


def _members(subjects: pd.DataFrame, analysis_set: AnalysisSet) -> list[bool]:
    texts = [analysis_set.rule, *(rule for rule, _ in analysis_set.requires)]
    rules = [parse(text, syntax="rule") for text in texts]
    left_out = f"{LEFT_OUT}{analysis_set.name}"
    named = {name.item for rule in rules for name in rule.names}
    rows = subjects[sorted(named | ({left_out} & set(subjects.columns)))].to_dict("records")
    return [
        all(evaluate(rule, _look_up(row)) is True for rule in rules) and not row.get(left_out) for row in rows
    ]


def _look_up(row: Mapping[Hashable, Any]) -> Lookup:
    import pandas as pd

    def value(name: Name) -> Value | None:
        found: Value = row[name.item]
        return None if pd.isna(found) else found

    return value
