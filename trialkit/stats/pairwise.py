"""The table of several differences of LS means whose level holds for all together."""

from __future__ import annotations

from collections.abc import Hashable
from itertools import combinations
from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from trialkit.stats.columns import require_free_names
from trialkit.stats.errors import DataError
from trialkit.stats.inference import check_choice
from trialkit.stats.ls_means import Weights, contrast_rows, mean_rows
from trialkit.stats.simultaneous import Adjustment, dunnett, tukey
from trialkit.wording import written

if TYPE_CHECKING:
    import pandas as pd

    from trialkit.stats.fit import ModelFit

ADJUSTMENTS: tuple[Adjustment, ...] = get_args(Adjustment)
_OWN = (
    "contrast",
    "estimate",
    "standard_error",
    "df",
    "statistic",
    "p_value",
    "ci_lower",
    "ci_upper",
    "adjustment",
)


def pairwise_table(
    fit: ModelFit,
    factor: tuple[str, ...],
    by: tuple[str, ...],
    adjust: Adjustment,
    reference: Hashable | None,
    weights: Weights,
) -> pd.DataFrame:
    """See ``ModelFit.pairwise``."""
    import pandas as pd

    check_choice("adjust", adjust, ADJUSTMENTS)
    if len(factor) != 1:
        raise DataError(
            expected="one factor to compare the levels of", found=", ".join(factor), next_step="Use by."
        )
    if reference is not None and adjust != "dunnett":
        raise DataError(
            expected="a reference only with adjust='dunnett': the other choices compare all pairs",
            found=written(reference),
            next_step="Leave it out, or say adjust='dunnett'.",
        )
    require_free_names(by, _OWN)
    texts, labels, rows = _rows(fit, factor[0], by, adjust, reference, weights)
    in_parameters = fit.in_parameters(rows)
    table = fit.inference.estimates(in_parameters, confidence_level=fit.confidence_level)
    size = len(set(texts))
    for start in range(0, len(rows), size):
        here = slice(start, start + size)
        _adjust(table, here, in_parameters[here], fit, adjust, len(fit.design.factors[factor[0]].levels))
    named = pd.DataFrame(labels, columns=list(by), index=range(len(rows)))
    named.insert(0, "contrast", texts)
    return pd.concat([named, table.assign(adjustment=adjust)], axis=1)


def _rows(
    fit: ModelFit,
    factor: str,
    by: tuple[str, ...],
    adjust: Adjustment,
    reference: Hashable | None,
    weights: Weights,
) -> tuple[list[str], list[Any], Any]:
    if adjust == "dunnett":
        found = contrast_rows(fit.design, factor, by, reference, weights)
        return list(found.texts), list(found.by_labels), found.rows
    means = mean_rows(fit.design, (factor,), by, weights)
    levels = fit.design.factors[factor].levels
    texts, labels, rows = [], [], []
    for start in range(0, len(means.rows), len(levels)):
        for first, second in combinations(range(len(levels)), 2):
            texts.append(f"{levels[second]} - {levels[first]}")
            labels.append(means.labels[start][1:])
            rows.append(means.rows[start + second] - means.rows[start + first])
    return texts, labels, np.vstack(rows)


def _adjust(
    table: pd.DataFrame, here: slice, rows: Any, fit: ModelFit, adjust: Adjustment, levels: int
) -> None:
    """Put adjusted p values and limits into one family of the table."""
    if adjust == "none":
        return
    part = table.iloc[here]
    statistic, df = part["statistic"].to_numpy(), part["df"].to_numpy()
    if adjust == "tukey":
        p, multiple = tukey(statistic, df, levels, fit.confidence_level)
    else:
        covariance = rows @ fit.inference.covariance @ rows.T
        scale = np.sqrt(np.diag(covariance))
        p, multiple = dunnett(statistic, df, covariance / np.outer(scale, scale), fit.confidence_level)
    half = multiple * part["standard_error"].to_numpy()
    estimate = part["estimate"].to_numpy()
    for name, values in (("p_value", p), ("ci_lower", estimate - half), ("ci_upper", estimate + half)):
        table.loc[table.index[here], name] = values
