"""Contrasts of two arms or of several: which are made, in which order, and what their number costs.

With two arms there is one, test minus reference, and nothing here changes it. With more an entry says which;
their p values stand beside those adjusted over the entry's contrasts of one visit (or one definition).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from trialkit.analysis.context import Context
from trialkit.analysis.modes import Mode
from trialkit.analysis.tables import ADJUSTED, SIMULTANEOUS, estimates
from trialkit.documents.declared import Col, Estimate, Listed, Number, Plain, PValue, Statistic, Words
from trialkit.documents.declared.cells import Custom
from trialkit.documents.declared.rows import ResultRow
from trialkit.documents.declared.stacked import Spanning
from trialkit.documents.declared.wording import alternative_words
from trialkit.documents.table import Cell
from trialkit.plan import Analysis
from trialkit.plan.comparisons import (
    ADJUSTMENTS,
    ALL_PAIRS,
    BY_P_VALUE,
    MINUS,
    UNADJUSTED,
    Pair,
    pairs_of,
)
from trialkit.plan.model import Contrasts, Test

if TYPE_CHECKING:
    import pandas as pd

ARM = "arm"
JOINT = "joint"
TESTED = ("df_num", "df_den", "statistic", "distribution", "p_value")
CODED = Contrasts(ALL_PAIRS, (), UNADJUSTED, "a contrast with one group alone would tell which it is")


def stated(context: Context, entry: Analysis) -> Contrasts | None:
    """What the entry says; of groups A, B, C all pairs, since one reference would tell which group it is."""
    lettered = context.mode in (Mode.CODED, Mode.MASKED)
    return CODED if lettered and context.several else entry.contrasts


def pairs(context: Context, entry: Analysis) -> tuple[Pair, ...]:
    """(test, reference) of every contrast, in the order of the plan."""
    return pairs_of(stated(context, entry), context.arms)


def contrasts(
    context: Context,
    entry: Analysis,
    fit: Any,
    *,
    by: str | None = None,
    kind: str = "contrasts",
    **options: Any,
) -> pd.DataFrame:
    """The entry's contrasts of a fit's arms.

    ``kind`` is the method of the fit that makes them, and ``options`` are its arguments; ``by`` a factor
    within whose levels they are made.
    """
    import pandas as pd

    make = getattr(fit, kind)
    if by is not None:
        options["by"] = by
    if not context.several:
        one: pd.DataFrame = make(ARM, reference=context.reference_arm, **options)
        return one
    made = []
    for test, reference in pairs(context, entry):
        found = make(ARM, reference=reference, **options)
        made.append(found[found["contrast"] == f"{test}{MINUS}{reference}"])
    table = pd.concat(made, ignore_index=True)
    if by is not None:
        order = {level: i for i, level in enumerate(dict.fromkeys(made[0][by]))}
        table = table.sort_values(by, kind="stable", key=lambda levels: levels.map(order)).reset_index(
            drop=True
        )
    return adjusted(context, entry, table, fit=fit, by=by, weights=options.get("weights", "equal"))


def over_pairs(
    context: Context,
    entry: Analysis,
    data: pd.DataFrame,
    compare: Callable[[pd.DataFrame, str], pd.DataFrame],
) -> list[pd.DataFrame]:
    """What ``compare`` makes of the data of each pair and its reference, for what knows two groups only."""
    if not context.several:
        return [compare(data, context.reference_arm)]
    found = []
    for pair in pairs(context, entry):
        here = data[data[ARM].isin(pair)]
        found.append(compare(here.assign(arm=here[ARM].cat.remove_unused_categories()), pair[1]))
    return found


def adjusted(
    context: Context,
    entry: Analysis,
    table: pd.DataFrame,
    *,
    by: str | None = None,
    fit: Any = None,
    weights: str = "equal",
) -> pd.DataFrame:
    """The contrasts with p values adjusted over those of one level of ``by``; unchanged with two arms.

    Adds ``adjusted_p_value`` and, of Dunnett's and Tukey's methods, ``simultaneous_lower`` and
    ``simultaneous_upper``. Rows without a p value are not tests and do not count.
    """
    said = stated(context, entry)
    if not context.several or said is None or said.adjust == UNADJUSTED or table.empty:
        return table
    table = table.assign(adjustment=ADJUSTMENTS[said.adjust])
    if said.adjust in BY_P_VALUE:
        groups = table.groupby(by, sort=False, observed=True) if by else [("", table)]
        for _, here in groups:
            table.loc[here.index, "adjusted_p_value"] = _by_p_value(here, said.adjust, _alpha(entry))
        return table
    simultaneous = fit.pairwise(
        ARM,
        by=by,
        adjust=said.adjust,
        reference=context.reference_arm if said.adjust == "dunnett" else None,
        weights=weights,
    )
    found = {(row["contrast"], row[by] if by else ""): row for row in simultaneous.to_dict("records")}
    rows = [_simultaneous(found, row["contrast"], row[by] if by else "") for row in table.to_dict("records")]
    for name in rows[0]:
        table[name] = [row[name] for row in rows]
    return table


def _alpha(entry: Analysis) -> float:
    test = entry.keys.get("test")
    return test.alpha if isinstance(test, Test) else 0.05


def _by_p_value(here: pd.DataFrame, adjust: str, alpha: float) -> pd.Series:
    from trialkit.stats import adjust_p_values

    tested = here["p_value"].dropna()
    result = adjust_p_values({str(i): float(p) for i, p in tested.items()}, adjust, alpha)  # type: ignore[arg-type]
    by_row = result.table.set_index("hypothesis")["adjusted_p_value"]
    return here.index.to_series().astype(str).map(by_row)


def _simultaneous(found: dict[Any, Any], contrast: str, level: Any) -> dict[str, float]:
    """Of all pairs stats has each once; the other way round the limits change sign and place."""
    row = found.get((contrast, level))
    if row is not None:
        lower, upper = row["ci_lower"], row["ci_upper"]
    else:
        row = found[MINUS.join(reversed(contrast.split(MINUS))), level]
        lower, upper = -row["ci_upper"], -row["ci_lower"]
    return {"adjusted_p_value": row["p_value"], "simultaneous_lower": lower, "simultaneous_upper": upper}


def joint(context: Context, fit: Any) -> dict[str, pd.DataFrame]:
    """The test that no arm differs from another, out of a fit's tests by term; nothing with two arms, and
    nothing of a fit by the jackknife, which has none."""
    if not context.several or not hasattr(fit, "terms"):
        return {}
    terms = fit.terms
    return {JOINT: terms.loc[terms["term"] == ARM, list(TESTED)].reset_index(drop=True)}


def words(context: Context, entry: Analysis) -> tuple[str, ...]:
    """How several contrasts were dealt with, for the foot of a table."""
    said = stated(context, entry)
    if not context.several or said is None:
        return ()
    number = len(pairs(context, entry))
    if said.adjust == UNADJUSTED:
        return (f"{number} contrasts, p values not adjusted for their number: {said.because}.",)
    if said.adjust in BY_P_VALUE:
        name = {"fixed-sequence": "in fixed order, as the plan lists them"}.get(
            said.adjust, f"by {ADJUSTMENTS[said.adjust]}'s method"
        )
        return (f"{number} contrasts, p values adjusted {name}; the intervals are of each contrast alone.",)
    name = ADJUSTMENTS[said.adjust]
    return (f"{number} contrasts, p values adjusted and simultaneous intervals by {name}'s method.",)


def _joint_label(row: ResultRow) -> str:
    return "Test that the arms do not differ"


def _joint_text(row: ResultRow) -> Cell:
    from trialkit import numbers

    df = [
        numbers.fixed(row[c], 0 if float(row[c]).is_integer() else 1)
        for c in ("df_num", "df_den")
        if row.has(c)
    ]
    name = "F" if str(row["distribution"]).upper() == "F" else "χ²"
    text = f"{name}({', '.join(df[: 2 if name == 'F' else 1])}) = {numbers.fixed(row['statistic'], 2)}"
    columns = ("statistic", "df_num", "p_value")
    return Cell(f"{text}, {numbers.p_statement(row['p_value'])}", tuple(row.reference(c) for c in columns))


JOINT_KIND = Custom(("statistic",), "F(xx, xx) = xx.xx, p = x.xxx", _joint_text)
JOINT_LINE = Spanning(JOINT, _joint_label, JOINT_KIND, shell="Test that the arms do not differ", several=True)


def joint_table(title: str, label: str, head: str) -> Listed:
    """Tests of all arms together, a line each; printed where there are more than two."""
    return Listed(
        source=JOINT,
        title=title,
        label=Plain(label),
        head=head,
        columns=(
            Col("Test", Words("test"), align="left"),
            Col("Statistic", Number("statistic")),
            Col("df", Number("df_num", 0)),
            Col("p", PValue()),
        ),
        several=True,
    )


def contrast_lines() -> Listed:
    """A line a contrast of a fit's LS means, with its test and the price of its number."""
    return Listed(
        source="contrasts",
        title="{title}: differences of LS means",
        label=Plain("contrast"),
        head="Contrast",
        columns=(
            Col("Difference", Estimate(), note="({interval})"),
            Col("SE", Number("standard_error")),
            Col("Test", Statistic()),
            Col("p", PValue(), note_of=alternative_words),
            ADJUSTED,
            SIMULTANEOUS,
        ),
        several=True,
    )


def term_test(title: str) -> Listed:
    """The test that no arm differs from another, of a model whose contrasts stand in a table beside."""
    return Listed(
        source=JOINT,
        title=title,
        label=Plain("distribution"),
        head="Distribution",
        columns=(
            Col("Statistic", Number("statistic")),
            Col("df", Number("df_num", 0)),
            Col("p", PValue()),
        ),
        several=True,
    )


def contrast_table(title: str, head: str, error: str) -> Listed:
    """Contrasts of a model whose other tables list its terms; printed where there are more than two arms."""
    return estimates(
        "contrasts", title, "contrast", "Contrast", estimate_head=head, error=error, several=True
    )
