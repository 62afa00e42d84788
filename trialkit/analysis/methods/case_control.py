"""Controls matched to cases one to one, and the differences within the pairs."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from trialkit import permitted
from trialkit.analysis.context import Context
from trialkit.analysis.errors import AnalysisError
from trialkit.analysis.formula_words import name_words
from trialkit.analysis.method import Answer, Method
from trialkit.analysis.methods.group_comparison import column_key
from trialkit.analysis.mixed_odds import are_columns
from trialkit.analysis.planned_lines import columns_as
from trialkit.documents.declared import Chapter, Col, Count, Estimate, Listed, Number, Plain, PValue, Words
from trialkit.documents.declared.wording import lower_first, with_unit
from trialkit.plan import Analysis, Key, Plan, keys
from trialkit.plan.method import Several
from trialkit.strict_toml import Section
from trialkit.study.model import Study
from trialkit.wording import said

if TYPE_CHECKING:
    import pandas as pd

COMPLETE_PAIRS = "complete pairs"
FORBIDDEN = 1e9  # the cost of a pair outside the calipers: taken only where there is no other, then dropped


def _read_caliper(section: Section, key: str) -> dict[str, float]:
    here = section.section(key)
    found = {name: here.number(name, within=permitted.FROM_0) for name in here.names()}
    if not found:
        section.refuse(key, "a column with the largest difference of a pair", "none")
    here.done()
    return found


GROUP = column_key("group", "the column that tells cases from controls")
CASES = Key("cases", "which of its labels are the cases", "a label", lambda s, key: s.text(key))
EXACT = Key("exact", "in which columns a pair must be equal", "items", keys.STRATA.read, keys.VARIABLES.check)
CALIPER = Key("caliper", "how far a pair may differ", "column = number", _read_caliper, are_columns)
Adjust = Literal["benjamini-hochberg", "holm", "none"]
ADJUSTED_WORDS: dict[str, str] = {
    "benjamini-hochberg": "p adjusted by Benjamini and Hochberg's method",
    "holm": "p adjusted by Holm's method",
    "none": "p not adjusted",
}
ADJUST: Key[Adjust] = keys.word("adjust", "how p values are adjusted for their number", *get_args(Adjust))


def compute(context: Context, entry: Analysis) -> Answer:
    import pandas as pd

    data = context.subjects(entry)
    is_case = data[GROUP.of(entry)].astype(str) == CASES.of(entry)
    if not is_case.any() or is_case.all():
        raise AnalysisError(
            expected=said("cases labelled {cases!r} and others", cases=CASES.of(entry)),
            found=said("{count} of {total}", count=int(is_case.sum()), total=len(data)),
            where=entry.where,
            next_step="Write the label of the dictionary.",
        )
    cases, controls = (data[chosen].reset_index(drop=True) for chosen in (is_case, ~is_case))
    pairs = matched_pairs(cases, controls, EXACT.of(entry), CALIPER.of(entry))
    if len(pairs) < 3:
        raise AnalysisError(
            expected="three pairs or more within the calipers",
            found=str(len(pairs)),
            where=entry.where,
            next_step="Widen a caliper.",
        )
    first, second = cases.iloc[pairs[:, 0]], controls.iloc[pairs[:, 1]]
    level = keys.TWO_SIDED_INTERVAL.of(entry).level
    matched = data["subject_id"].isin([*first["subject_id"], *second["subject_id"]])
    exact = ", ".join(name_words(context, name) for name in EXACT.of(entry))
    caliper = ", ".join(
        f"{lower_first(with_unit(*context.label_and_unit(name)))} within {width:g}"
        for name, width in CALIPER.of(entry).items()
    )
    return Answer(
        tables={
            "differences": _differences(context, entry, first, second, level),
            "balance": _balance(context, entry, (cases, controls), (first, second)),
            "pairs": _pairs(context, entry, first, second),
            "scales": pd.DataFrame([{"endpoint": entry.title, "unit": "", "confidence_level": level}]),
        },
        counts=context.counts(data, matched, "a control no case needed, or a case without one"),
        method=f"One control a case, equal in {exact or 'nothing'}, {caliper}: the "
        "assignment with the least total distance (calipers as units); paired t tests, "
        f"{ADJUSTED_WORDS[ADJUST.of(entry)]}; missing data: {COMPLETE_PAIRS}",
        notes=(f"{len(pairs)} of {len(cases)} cases have a control.",),
    )


def matched_pairs(
    cases: pd.DataFrame, controls: pd.DataFrame, exact: Any, caliper: Any
) -> np.ndarray[tuple[int, int], np.dtype[np.intp]]:
    """Positions of cases and their controls: as many pairs as there can be, then the least total distance."""
    from scipy.optimize import linear_sum_assignment

    cost = np.zeros((len(cases), len(controls)))
    for name, width in caliper.items():
        apart = np.abs(cases[name].to_numpy()[:, None] - controls[name].to_numpy()[None, :])
        cost += apart / (width or 1.0)
        cost[~(apart <= width)] += FORBIDDEN
    for name in exact:
        different = (
            cases[name].astype(str).to_numpy()[:, None] != controls[name].astype(str).to_numpy()[None, :]
        )
        cost[different] += FORBIDDEN
    rows, columns = linear_sum_assignment(cost)
    allowed = cost[rows, columns] < FORBIDDEN
    return np.column_stack([rows[allowed], columns[allowed]])


def _differences(
    context: Context, entry: Analysis, first: pd.DataFrame, second: pd.DataFrame, level: float
) -> pd.DataFrame:
    import pandas as pd
    from scipy import stats

    from trialkit.stats import adjust_p_values

    rows = []
    for name in keys.VARIABLES.of(entry):
        apart = first[name].to_numpy(dtype=float) - second[name].to_numpy(dtype=float)
        apart = apart[np.isfinite(apart)]
        n, mean = len(apart), float(apart.mean())
        error = float(apart.std(ddof=1)) / math.sqrt(n)
        half = float(stats.t.ppf((1 + level) / 2, n - 1)) * error
        rows.append(
            {
                "variable": with_unit(*context.label_and_unit(name)),
                "n": n,
                "case_mean": float(first[name].mean()),
                "control_mean": float(second[name].mean()),
                "estimate": mean,
                "standard_error": error,
                "df": n - 1,
                "statistic": mean / error,
                "p_value": 2 * float(stats.t.sf(abs(mean / error), n - 1)),
                "ci_lower": mean - half,
                "ci_upper": mean + half,
            }
        )
    table = pd.DataFrame(rows)
    method = ADJUST.of(entry)
    if method == "none":
        return table.assign(adjusted_p_value=table["p_value"])
    p = dict(zip(table["variable"], table["p_value"], strict=True))
    adjusted = adjust_p_values(p, method=method).table["adjusted_p_value"]
    return table.assign(adjusted_p_value=adjusted.to_numpy())


def _balance(context: Context, entry: Analysis, before: Any, after: Any) -> pd.DataFrame:
    """Standardized differences of what was matched on, before and after; of categories, whose order is no
    direction, without a sign."""
    import pandas as pd

    rows = []
    for name in (*CALIPER.of(entry), *EXACT.of(entry)):
        row: dict[str, Any] = {"variable": with_unit(*context.label_and_unit(name))}
        for when, (one, two) in (("before", before), ("after", after)):
            found = _standardized(_as_numbers(one[name]), _as_numbers(two[name]))
            row[when] = abs(found) if hasattr(one[name], "cat") else found
        rows.append(row)
    return pd.DataFrame(rows)


def _as_numbers(column: pd.Series) -> Any:
    numeric = column.cat.codes if hasattr(column, "cat") else column
    return numeric.to_numpy(dtype=float)


def _standardized(one: Any, two: Any) -> float:
    spread = math.sqrt((float(one.var(ddof=1)) + float(two.var(ddof=1))) / 2)
    return float(one.mean() - two.mean()) / spread if spread else 0.0


def _pairs(context: Context, entry: Analysis, first: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    table = {"pair": [f"Pair {k}" for k in range(1, len(first) + 1)]}
    table["case"], table["control"] = list(first["subject_id"]), list(second["subject_id"])
    names = list(CALIPER.of(entry))
    table["matched_on"] = [
        ", ".join(f"{context.label_and_unit(n)[0]} {one[n]:g} and {two[n]:g}" for n in names)
        for one, two in zip(first.to_dict("records"), second.to_dict("records"), strict=True)
    ]
    return pd.DataFrame(table)


def expected(entry: Analysis, _plan: Plan, study: Study) -> dict[str, list[dict[str, Any]]]:
    return {
        "balance": columns_as(study, "variable", (*EXACT.of(entry), *CALIPER.of(entry))),
        "differences": columns_as(study, "variable", keys.VARIABLES.of(entry)),
    }


METHOD = Method(
    name="case_control",
    says="Controls matched to cases, and the differences within pairs.",
    keys=(GROUP, CASES, EXACT, CALIPER, keys.VARIABLES, ADJUST, keys.TWO_SIDED_INTERVAL),
    confirmatory=(keys.missing(COMPLETE_PAIRS),),
    outputs=(
        Listed(
            source="balance",
            title="{title}: standardized differences before and after",
            label=Plain("variable"),
            head="Matched on",
            columns=(Col("Before", Number("before", 2)), Col("After", Number("after", 2))),
            chapter=Chapter.SUBJECTS,
        ),
        Listed(
            source="differences",
            title="{title}: differences within pairs",
            label=Plain("variable"),
            head="Variable",
            columns=(
                Col("Pairs", Count("n")),
                Col("Cases", Number("case_mean", None), note="mean"),
                Col("Controls", Number("control_mean", None), note="mean"),
                Col("Difference", Estimate(decimals=None), note="({interval})"),
                Col("p", PValue(), note="two-sided"),
                Col("Adjusted p", PValue("adjusted_p_value")),
            ),
        ),
        Listed(
            source="pairs",
            title="{title}: pairs",
            label=Plain("pair"),
            head="Pair",
            columns=(
                Col("Case", Words("case")),
                Col("Control", Words("control")),
                Col("Matched on", Words("matched_on"), align="left"),
            ),
            chapter=Chapter.LISTINGS,
        ),
    ),
    expected=expected,
    compute=compute,
    several=Several.DESCRIBED,
)
