"""Declared tables that several methods print: estimates of a model with interval, error and p."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trialkit.documents.declared import Chapter, Col, Estimate, Listed, Number, Plain, PValue
from trialkit.documents.declared.cells import Custom, error_decimals
from trialkit.documents.declared.rows import ResultRow, span_cell
from trialkit.documents.declared.wording import alternative_words
from trialkit.documents.table import Cell

if TYPE_CHECKING:
    import pandas as pd


def _simultaneous(row: ResultRow) -> Cell:
    return span_cell(row, "simultaneous_lower", "simultaneous_upper", error_decimals(row, "standard_error"))


SIMULTANEOUS = Col(
    "Simultaneous",
    Custom(("simultaneous_lower",), "xx.xx to xx.xx", _simultaneous),
    note="{interval}",
    optional=True,
    several=True,
)
ADJUSTED = Col("Adjusted p", PValue("adjusted_p_value"), optional=True, several=True)
ALL_TERMS = "GLOBAL"


def estimates(
    source: str,
    title: str,
    label: str,
    head: str,
    *,
    estimate_head: str = "Estimate",
    error: str = "standard_error",
    by_contrast: str = "",
    **more: Any,
) -> Listed:
    """One line an estimate: interval, standard error where there is one, p where it was tested.

    ``by_contrast`` names the column of contrasts, which head the lines where there is more than one of them.
    """
    of_the_log = "of the log" if error.startswith("log") else ""
    return Listed(
        source=source,
        title=title,
        label=Plain(label),
        head=head,
        columns=(
            Col(
                estimate_head,
                Estimate(decimals=None, error=error, ratio=bool(of_the_log)),
                note="({interval})",
            ),
            Col("SE", Number(error, None, error=error), note=of_the_log, optional=True),
            Col("p", PValue(), note="two-sided", note_of=alternative_words, optional=True),
            ADJUSTED,
            SIMULTANEOUS,
        ),
        also_by=by_contrast,
        chapter=more.pop("chapter", Chapter.EFFICACY),
        **more,
    )


def hazard_ratios(source: str = "hazard_ratios", title: str = "{title}: Cox model") -> Listed:
    return estimates(source, title, "term", "Term", estimate_head="Hazard ratio", error="log_standard_error")


def without_lone_total(tests: pd.DataFrame) -> pd.DataFrame:
    """The tests term by term; that of all terms together only where it is not one term's again."""
    alone = tests.loc[tests["term"] != ALL_TERMS, "term"].nunique() == 1
    return tests[tests["term"] != ALL_TERMS].reset_index(drop=True) if alone else tests
