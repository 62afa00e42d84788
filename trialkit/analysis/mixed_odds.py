"""What the methods on a mixed logistic model share: their keys, the fit, and ratios between two settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from trialkit import permitted
from trialkit.analysis.context import Context
from trialkit.analysis.errors import AnalysisError
from trialkit.analysis.left_out import left_out
from trialkit.analysis.linear import used_rows
from trialkit.analysis.methods.group_comparison import column_key
from trialkit.analysis.odds import term_in_words
from trialkit.plan import Analysis, Key, Place, PlanError, keys
from trialkit.plan.references import subject_columns, unknown
from trialkit.strict_toml import Section
from trialkit.wording import said

if TYPE_CHECKING:
    import pandas as pd

Setting = Mapping[str, float | str]
Pairs = Mapping[str, tuple[float, float]]


def read_setting(section: Section, key: str) -> dict[str, float | str]:
    return section.mapping(key, (int, float, str), "a number or a label")


def read_pairs(section: Section, key: str) -> dict[str, tuple[float, float]]:
    here = section.section(key)
    pairs = {}
    for name in here.names():
        found = here.numbers(name, within=permitted.ANY)
        if len(found) != 2 or found[0] == found[1]:
            here.refuse(name, "two different numbers: to, from", str(list(found)))
        pairs[name] = (found[0], found[1])
    here.done()
    return pairs


def are_columns(value: Mapping[str, Any], place: Place) -> Iterator[PlanError]:
    known = subject_columns(place.study)
    for name in value:
        if name not in known:
            yield unknown("a column of the subject dataset", name, place.where, known)


CLUSTER = column_key("cluster", "whose random intercept the model has")
AT = Key("at", "the setting that ratios are taken at", "a value for every column", read_setting, are_columns)
CONTRASTS = Key(
    "contrasts", "which changes of a column are printed", "column = [to, from]", read_pairs, are_columns
)


def fit_of(context: Context, entry: Analysis, formula: str, data: pd.DataFrame, level: float) -> Any:
    """The model by Laplace's approximation: with hundreds of subjects a site it is enough."""
    from trialkit.stats import mixed_logistic

    return mixed_logistic(
        formula, data, random=f"1 | {CLUSTER.of(entry)}", quadrature_points=1, confidence_level=level
    )


def counts_of(context: Context, entry: Analysis, formula: str, data: pd.DataFrame) -> pd.DataFrame:
    used = used_rows(formula, data) & data[CLUSTER.of(entry)].notna()
    return context.counts(data, used, left_out(context, data, formula, (CLUSTER.of(entry),)))


def setting_of(entry: Analysis, formula: str) -> dict[str, float | str]:
    """The plan's setting, complete: a model without a value for a column has no ratio."""
    at = dict(AT.of(entry))
    parsed = keys.read_formula(formula)
    needed = {variable.column for term in parsed.terms for variable in term}
    absent = sorted(needed - set(at))
    if absent:
        raise AnalysisError(
            expected=said("a value of {absent} under at", absent=", ".join(absent)),
            found="none",
            where=entry.where,
            next_step="Say at which setting the ratios are taken.",
        )
    return {name: value for name, value in at.items() if name in needed}


def contrast_words(context: Context, column: str, to: float, start: float) -> str:
    """``InterMAT, Z: +2 against 0``."""
    signed = f"{to:+g}" if start == 0 else f"{to:g}"
    return f"{term_in_words(context, column)}: {signed} against {start:g}".replace("-", "−")


def contrast_rows(
    context: Context, fit: Any, contrasts: Pairs, at: Setting, **labels: object
) -> pd.DataFrame:
    """One odds ratio a contrast at a setting, with ``labels`` beside it."""
    import pandas as pd

    rows = []
    for column, (to, start) in contrasts.items():
        ahead, behind = ({**at, column: value} for value in (to, start))
        found = fit.compare(pd.DataFrame([ahead]), pd.DataFrame([behind])).reset_index(drop=True)
        words = contrast_words(context, column, to, start)
        rows.append(found.assign(column=column, contrast=words, **labels))
    table: pd.DataFrame = pd.concat(rows, ignore_index=True)
    return table
