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
    """Of everybody randomized who is not in a set, why not: the parts of its rule that are not true, and what
    a record or a decision says."""
    parts = [part.strip() for part in _conjuncts(analysis_set.rule)]
    rules = [(part, parse(part, syntax="rule")) for part in parts]
    for row in subjects[subjects["randomized"] & ~subjects[f"set_{analysis_set.name}"]].to_dict("records"):
        reasons = [f"not {part}" for part, rule in rules if evaluate(rule, _look_up(row)) is not True]
        left_out = str(row.get(f"{LEFT_OUT}{analysis_set.name}") or "")
        yield str(row["subject_id"]), "; ".join([*reasons, *([left_out] if left_out else [])])


def _conjuncts(rule: str) -> list[str]:
    """A rule at its outermost ``and``s."""
    parts, depth, start, words = [], 0, 0, rule
    for i, char in enumerate(words):
        depth += (char == "(") - (char == ")")
        if depth == 0 and words[i : i + 5].lower() == " and ":
            parts.append(words[start:i])
            start = i + 5
    parts.append(words[start:])
    # An outermost "or" binds looser than "and": such a rule is one part.
    return [rule] if any(" or " in _outside(part) for part in parts) else parts


def _outside(part: str) -> str:
    depth, kept = 0, []
    for char in part:
        depth += (char == "(") - (char == ")")
        kept.append(char if depth == 0 else "_")
    return "".join(kept).lower()


def _members(subjects: pd.DataFrame, analysis_set: AnalysisSet) -> list[bool]:
    rule = parse(analysis_set.rule, syntax="rule")
    left_out = f"{LEFT_OUT}{analysis_set.name}"
    columns = sorted({name.item for name in rule.names} | ({left_out} & set(subjects.columns)))
    rows = subjects[columns].to_dict("records")
    return [evaluate(rule, _look_up(row)) is True and not row.get(left_out) for row in rows]


def _look_up(row: Mapping[Hashable, Any]) -> Lookup:
    import pandas as pd

    def value(name: Name) -> Value | None:
        found: Value = row[name.item]
        return None if pd.isna(found) else found

    return value
