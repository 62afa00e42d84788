"""Tables and figures declared once: one description prints the shell before the data and the result after."""

from trialkit.documents.declared.cells import (
    CellKind,
    Count,
    Estimate,
    Limits,
    MeanSD,
    Number,
    Of,
    Percent,
    Probability,
    PValue,
    Span,
    Statistic,
    Words,
)
from trialkit.documents.declared.listed import Col, Listed, Plain
from trialkit.documents.declared.listing import Listing
from trialkit.documents.declared.output import Chapter, DeclaredFigure, Output
from trialkit.documents.declared.rows import ResultRow, distinct
from trialkit.documents.declared.shown import Shown
from trialkit.documents.declared.stacked import ByArm, Each, Section, Spanning, Stacked

__all__ = [
    "ByArm",
    "CellKind",
    "Chapter",
    "Col",
    "Count",
    "DeclaredFigure",
    "Each",
    "Estimate",
    "Limits",
    "Listed",
    "Listing",
    "MeanSD",
    "Number",
    "Of",
    "Output",
    "PValue",
    "Percent",
    "Plain",
    "Probability",
    "ResultRow",
    "Section",
    "Shown",
    "Span",
    "Spanning",
    "Stacked",
    "Statistic",
    "Words",
    "distinct",
]
