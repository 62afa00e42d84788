"""Likelihood ratio tests of the terms that no other term contains."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from trialkit.stats.columns import BoolArray
from trialkit.stats.design import Design
from trialkit.stats.distributions import chi_square_p_value

if TYPE_CHECKING:
    import pandas as pd


def droppable_terms(design: Design) -> tuple[str, ...]:
    """Terms whose variables are not all in a larger term (marginality, as R's drop1 keeps it)."""
    members = {":".join(v.label for v in term): {v.label for v in term} for term in design.formula.terms}
    return tuple(
        term
        for term in design.terms
        if not any(members[term] < members[other] for other in design.terms if other != term)
    )


def likelihood_ratio_table(
    design: Design, maximum: float, without: Callable[[BoolArray], float], shift: int = 0
) -> pd.DataFrame:
    """term df statistic p_value, one row a droppable term.

    ``without`` takes a mask of the parameters held at zero and returns the maximum under that; ``shift``
    is how many parameters come before the columns of the design.

    Equivalent in R: ``drop1(fit, test = "Chisq")``.
    """
    import pandas as pd

    rows = []
    for term in droppable_terms(design):
        held = np.zeros(shift + design.X.shape[1], dtype=bool)
        held[[shift + position for position in design.term_columns[term]]] = True
        statistic = max(0.0, 2.0 * (maximum - without(held)))
        df = float(held.sum())
        rows.append((term, df, statistic, chi_square_p_value(statistic, df)))
    return pd.DataFrame(rows, columns=["term", "df", "statistic", "p_value"])
