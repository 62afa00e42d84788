"""Groups compared variable by variable; tests as the plan says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal, get_args

from trialkit.analysis.context import Context
from trialkit.analysis.method import Answer, Method
from trialkit.analysis.planned_lines import grouped_lines
from trialkit.analysis.spreads import differ_widely, sds_words
from trialkit.documents.declared.grouped import Grouped
from trialkit.plan import Analysis, Key, Place, Plan, PlanError, keys
from trialkit.plan.method import Several
from trialkit.plan.references import subject_columns, unknown
from trialkit.study.model import Study

if TYPE_CHECKING:
    import pandas as pd

METHODS_IN_WORDS = {
    "none": "Described by group; nothing is tested",
    "by-normality": "Shapiro-Wilk in each group (5 %), then Student's t or Mann-Whitney U; chi-square, or "
    "Fisher's exact test where an expected count is below 5. Tests chosen by the data are not confirmatory",
}


def _is_column(value: str, place: Place) -> Iterator[PlanError]:
    known = subject_columns(place.study)
    if value not in known:
        yield unknown("a column of the subject dataset", value, place.where, known)


def column_key(name: str, says: str) -> Key[str]:
    return Key(name, says, "an item", lambda section, key: section.text(key), _is_column)


POOLED = ("t", "anova")
BY = column_key("by", "the column of the groups")
Chosen = Literal["none", "by-normality"]
TESTS: Key[Chosen] = keys.word("tests", "how the test of a variable is chosen", *get_args(Chosen))


def compute(context: Context, entry: Analysis) -> Answer:
    from trialkit.stats import compare_groups

    by, tests = BY.of(entry), TESTS.of(entry)
    data = context.subjects(entry)
    compared = compare_groups(data, by=by, variables=keys.VARIABLES.of(entry), tests=tests)
    summaries = compared.summaries.rename(columns={by: "group"})
    summaries["group"] = summaries["group"].astype(str)
    summaries["percent"] = 100 * summaries["share"]
    of_variables = _first_rows(context, compared.table)
    return Answer(
        tables={
            "summaries": _labelled(context, summaries),
            "tests": _with_separate_variances(data, by, of_variables, summaries),
        },
        counts=context.counts(data, data[by].notna(), "group unknown"),
        method=METHODS_IN_WORDS[tests],
    )


def _labelled(context: Context, table: pd.DataFrame) -> pd.DataFrame:
    labels = [context.label_and_unit(str(name)) for name in table["variable"]]
    named = table.copy()
    named.insert(1, "label", [label for label, _ in labels])
    named.insert(2, "unit", [unit for _, unit in labels])
    return named


def _with_separate_variances(
    data: pd.DataFrame, by: str, tests: pd.DataFrame, summaries: pd.DataFrame
) -> pd.DataFrame:
    """Beside a test that pools the groups' variances, where their SDs differ widely: the SDs, and of two
    groups Welch's test, which does not pool them."""
    from trialkit.stats import compare_groups

    sds = {name: list(rows["sd"]) for name, rows in summaries.groupby("variable", sort=False)}
    apart = [
        name
        for name, test in zip(tests["variable"], tests["test"], strict=True)
        if test in POOLED and differ_widely(sds[name])
    ]
    if not apart:
        return tests
    found = tests.assign(sds=[sds_words(sds[n]) if n in apart else "" for n in tests["variable"]])
    two = [name for name in apart if len(sds[name]) == 2]
    if two:
        separate = compare_groups(data, by=by, variables=two, tests=dict.fromkeys(two, "welch")).table
        found["welch_p_value"] = found["variable"].map(separate.set_index("variable")["p_value"])
    return found


def _first_rows(context: Context, table: pd.DataFrame) -> pd.DataFrame:
    """What concerns a whole variable stands in its first row."""
    return _labelled(context, table.drop_duplicates("variable").drop(columns="level").reset_index(drop=True))


def expected(entry: Analysis, _plan: Plan, study: Study) -> dict[str, list[dict[str, Any]]]:
    tested = {"p_value": 1.0} if TESTS.of(entry) != "none" else {}
    return {
        "summaries": grouped_lines(study, BY.of(entry), keys.VARIABLES.of(entry)),
        "tests": [{"variable": name, **tested} for name in keys.VARIABLES.of(entry)],
    }


METHOD = Method(
    name="group_comparison",
    says="Variables described by group, with the test and why it was chosen.",
    keys=(BY, keys.VARIABLES, TESTS),
    outputs=(Grouped(),),
    page="participants",
    expected=expected,
    compute=compute,
    several=Several.DESCRIBED,
)
