"""Whether predicted probabilities mean what they say: calibration intercept and slope, Hosmer-Lemeshow."""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import dataclass
from functools import cached_property
from numbers import Integral
from typing import TYPE_CHECKING

import numpy as np

from trialkit.stats import display
from trialkit.stats.binary.wilson import wilson_interval
from trialkit.stats.columns import BoolArray, IntArray
from trialkit.stats.diagnostic.roc_picture import calibration_figure
from trialkit.stats.diagnostic.scores import read_scores
from trialkit.stats.distributions import FloatArray, chi_square_p_value, normal_quantile, t_two_sided_p
from trialkit.stats.errors import DataError, SeparationError
from trialkit.stats.inference import check_confidence_level
from trialkit.stats.rows import Rows
from trialkit.stats.showing import Printed
from trialkit.wording import said, written

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


@dataclass(frozen=True, repr=False, eq=False)
class Calibration(Printed):
    """``coefficients``: rows "intercept" (calibration in the large, tested against 0) and "slope" (tested
    against 1, its column ``null_value``), estimate to ci_upper; ``hosmer_lemeshow``: one row, statistic df
    p_value; ``groups``: n, mean prediction, observed share with Wilson's interval, observed and expected
    events by tenths of prediction; ``brier_score``: mean squared difference of outcome and prediction.
    """

    coefficients: pd.DataFrame
    brier_score: float
    rows: Rows
    predicted: FloatArray
    happened: BoolArray
    position: IntArray  # of each prediction's group, from 0
    external: bool
    confidence_level: float

    @cached_property
    def groups(self) -> pd.DataFrame:
        return _groups(self.predicted, self.happened, self.position, self.confidence_level)

    @cached_property
    def hosmer_lemeshow(self) -> pd.DataFrame:
        return _hosmer_lemeshow(self.groups, self.external)

    def plot(self) -> Figure:
        """Observed share with its interval against mean prediction, by group; on the diagonal is right."""
        return calibration_figure(self)

    def _shown(self) -> display.Shown:
        tables = (
            ("Calibration", self.coefficients),
            ("Hosmer-Lemeshow", self.hosmer_lemeshow),
            ("Observed and expected", self.groups),
        )
        lines = (f"Brier score {display.number(self.brier_score)}", self.rows.sentence())
        return display.Shown("Calibration of predicted probabilities", tables, lines)


def calibration(
    data: pd.DataFrame,
    outcome: str,
    probability: str,
    positive: Hashable = 1,
    groups: int = 10,
    external: bool = False,
    confidence_level: float = 0.95,
) -> Calibration:
    """Calibration of predicted probabilities of a binary outcome.

    Parameters
    ----------
    data
        One row a subject; rows with a gap are left out and counted.
    outcome, positive
        Column of two values, and which of them means that the outcome happened.
    probability
        Column of predictions, strictly between 0 and 1.
    groups
        Number of groups of equal size for the Hosmer-Lemeshow test, at least 3; cut at the quantiles of the
        predictions, a tie staying in one group.
    external
        Whether the predictions come from other data: the Hosmer-Lemeshow test has then as many degrees of
        freedom as groups, else two fewer.
    confidence_level
        Of the two-sided intervals.

    Returns
    -------
    Calibration

    Raises
    ------
    DataError
        Predictions of 0 or 1 or beyond, or so few different ones that fewer than three groups are left.
    SeparationError
        The predictions tell the outcome without fault: the slope has no finite estimate.

    Degenerate cases
    ----------------
    Predictions by a logistic model in the data it was fitted to have intercept 0 and slope 1 by
    construction: they say nothing.

    Equivalent in R: ``glm(y ~ offset(qlogis(p)), binomial)``, ``glm(y ~ qlogis(p), binomial)``;
    ``ResourceSelection::hoslem.test``. In SAS: ``PROC LOGISTIC; MODEL y = / OFFSET=lp; MODEL y = lp /
    LACKFIT;``.

    References
    ----------
    Cox (1958), Biometrika 45:562-565. Hosmer & Lemeshow (1980), Communications in Statistics A 9:1043-1069.
    """
    check_confidence_level(confidence_level)
    read = read_scores(data, outcome, (probability,), positive, "calibration")
    predicted = read.values[probability]
    if predicted.min() <= 0 or predicted.max() >= 1:
        raise DataError(
            expected="probabilities strictly between 0 and 1",
            found=said(
                "values from {lowest:g} to {highest:g}",
                lowest=predicted.min(),
                highest=predicted.max(),
            ),
            where=said("column {probability!r}", probability=probability),
            next_step="Percentages are divided by 100; a prediction of exactly 0 or 1 has no logit.",
        )
    if not isinstance(groups, Integral) or groups < 3:
        raise DataError(expected="three groups or more", found=written(groups), where="groups")
    position = _positions(predicted, groups)
    return Calibration(
        coefficients=_coefficients(predicted, read.is_positive, confidence_level),
        brier_score=float(np.mean((predicted - read.is_positive) ** 2)),
        rows=read.rows,
        predicted=predicted,
        happened=read.is_positive,
        position=position,
        external=external,
        confidence_level=confidence_level,
    )


def _coefficients(predicted: FloatArray, happened: BoolArray, level: float) -> pd.DataFrame:
    import pandas as pd

    from trialkit.stats.generalized.logistic import logistic

    logit = np.log(predicted) - np.log1p(-predicted)
    data = pd.DataFrame({"happened": happened.astype(int), "logit": logit})
    try:
        slope = logistic("happened ~ logit", data).coefficients.iloc[1]
    except SeparationError as error:
        raise SeparationError(
            expected="predictions of those with the outcome that overlap with those of the others",
            found="predictions that tell the outcome without fault",
            next_step="The slope has no finite estimate: describe the predictions with roc instead.",
        ) from error
    rows = [
        ("intercept", *_in_the_large(logit, happened), 0.0),
        ("slope", float(slope["estimate"]), float(slope["standard_error"]), 1.0),
    ]
    estimate, spread, null = (np.array(column) for column in zip(*(row[1:] for row in rows), strict=True))
    z = normal_quantile(level)
    statistic = (estimate - null) / spread
    columns = {
        "term": [row[0] for row in rows],
        "estimate": estimate,
        "standard_error": spread,
        "null_value": null,
        "df": np.full(len(rows), math.inf),
        "statistic": statistic,
        "p_value": t_two_sided_p(statistic, np.array(np.inf)),
        "ci_lower": estimate - z * spread,
        "ci_upper": estimate + z * spread,
    }
    return pd.DataFrame(columns)


def _in_the_large(logit: FloatArray, happened: BoolArray) -> tuple[float, float]:
    """The constant that, added to the logits, makes expected events equal to observed; and its error."""
    from scipy.optimize import brentq
    from scipy.special import expit

    events = int(happened.sum())
    share = math.log(events / (len(logit) - events))
    # At these ends every probability is below, or above, the observed share.
    low, high = share - float(logit.max()) - 1e-9, share - float(logit.min()) + 1e-9
    shift = float(brentq(lambda a: expit(logit + a).sum() - events, low, high, xtol=1e-14, rtol=1e-14))
    fitted = expit(logit + shift)
    return shift, 1.0 / math.sqrt(float((fitted * (1 - fitted)).sum()))


def _positions(predicted: FloatArray, groups: int) -> IntArray:
    """The group of each prediction."""
    edges = np.unique(np.quantile(predicted, np.linspace(0, 1, groups + 1)))
    position = np.maximum(np.searchsorted(edges, predicted, side="left") - 1, 0)
    left = len(np.unique(position))
    if left < 3:
        raise DataError(
            expected="at least three groups of predictions",
            found=said("{n_table} of {groups} asked for", n_table=left, groups=groups),
            next_step="The predictions take too few different values for a Hosmer-Lemeshow test.",
        )
    return np.asarray(position, dtype=np.intp)


def _groups(predicted: FloatArray, happened: BoolArray, position: IntArray, level: float) -> pd.DataFrame:
    import pandas as pd

    frame = pd.DataFrame({"group": position + 1, "p": predicted, "y": happened.astype(float)})
    table = frame.groupby("group").agg(
        n=("p", "size"),
        predicted=("p", "mean"),
        observed=("y", "mean"),
        events=("y", "sum"),
        expected=("p", "sum"),
    )
    z = normal_quantile(level)
    counts = zip(table["events"], table["n"], strict=True)
    limits = [wilson_interval(int(events), int(n), z) for events, n in counts]
    table[["ci_lower", "ci_upper"]] = np.array(limits)
    return table.reset_index()


def _hosmer_lemeshow(groups: pd.DataFrame, external: bool) -> pd.DataFrame:
    import pandas as pd

    expected, n = groups["expected"], groups["n"]
    statistic = float(((groups["events"] - expected) ** 2 / (expected * (1 - expected / n))).sum())
    df = len(groups) if external else len(groups) - 2
    return pd.DataFrame([{"statistic": statistic, "df": df, "p_value": chi_square_p_value(statistic, df)}])
