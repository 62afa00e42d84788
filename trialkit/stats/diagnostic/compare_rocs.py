"""Two scores of the same subjects: do their ROC curves have the same area?"""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from trialkit.stats import display
from trialkit.stats.diagnostic.delong import auc_covariance, placements
from trialkit.stats.diagnostic.scores import (
    DIRECTIONS,
    DirectionChoice,
    read_scores,
    require_spread,
    settle_direction,
)
from trialkit.stats.distributions import FloatArray, normal_quantile, normal_two_sided_p
from trialkit.stats.errors import DataError
from trialkit.stats.inference import check_choice, check_confidence_level
from trialkit.stats.rows import Rows
from trialkit.stats.showing import Printed
from trialkit.stats.width import seen
from trialkit.wording import written

if TYPE_CHECKING:
    import pandas as pd

_NO_VARIANCE = 1e-14


@dataclass(frozen=True, repr=False, eq=False)
class RocComparison(Printed):
    """``areas`` one row a score (score direction estimate standard_error ci_lower ci_upper); ``contrast`` one
    row, the first minus the second (estimate to ci_upper; df inf); ``correlation`` of the two areas.
    """

    areas: pd.DataFrame
    contrast: pd.DataFrame
    correlation: float
    rows: Rows

    def _shown(self) -> display.Shown:
        tables = (("Areas", self.areas), ("Difference (DeLong)", self.contrast))
        return display.Shown("Two ROC curves of the same subjects", tables, (self.rows.sentence(),))


def compare_rocs(
    data: pd.DataFrame,
    outcome: str,
    first: str,
    second: str,
    positive: Hashable = 1,
    direction: DirectionChoice | tuple[DirectionChoice, DirectionChoice] = "higher",
    confidence_level: float = 0.95,
) -> RocComparison:
    """Paired DeLong test of two scores measured in the same subjects.

    Parameters
    ----------
    data
        One row a subject; only rows with the outcome and both scores are used, the others counted.
    outcome, positive
        Column of two values, and which of them means that the outcome happened.
    first, second
        Columns of the two scores; the difference is the area of the first minus that of the second.
    direction
        As in ``roc``; one for both, or one for each.
    confidence_level
        Of the two-sided intervals.

    Returns
    -------
    RocComparison

    Raises
    ------
    DataError
        As ``roc``; also two scores that order every subject alike, whose difference has no variance.

    Equivalent in R: ``pROC::roc.test(roc1, roc2, method = "delong", paired = TRUE)``. In SAS: ``PROC
    LOGISTIC; ROC ...; ROCCONTRAST;``.

    References: DeLong, DeLong & Clarke-Pearson (1988), Biometrics 44:837-845.
    """
    import pandas as pd

    check_confidence_level(confidence_level)
    read = read_scores(data, outcome, (first, second), positive, "compare_rocs")
    choices = (direction, direction) if isinstance(direction, str) else direction
    if not isinstance(choices, tuple | list) or len(choices) != 2:
        raise DataError(
            expected="one direction, or one for each score", found=written(direction), where="direction"
        )
    placed, settled = [], []
    for score, choice in zip((first, second), choices, strict=True):
        check_choice("direction", choice, DIRECTIONS)
        require_spread(read.positives(score), read.negatives(score), score)
        settled.append(settle_direction(choice, read.positives(score), read.negatives(score)))
        sign = 1.0 if settled[-1] == "higher" else -1.0
        placed.append(placements(sign * read.positives(score), sign * read.negatives(score)))
    covariance = auc_covariance(placed)
    areas, errors = (
        np.array([score.auc for score in placed]),
        np.array([seen(math.sqrt(one)) for one in np.diag(covariance)]),
    )
    z = normal_quantile(confidence_level)
    return RocComparison(
        areas=pd.DataFrame(
            {
                "score": [first, second],
                "direction": settled,
                "estimate": areas,
                "standard_error": errors,
                "ci_lower": np.maximum(0.0, areas - z * errors),
                "ci_upper": np.minimum(1.0, areas + z * errors),
            }
        ),
        contrast=_contrast(first, second, areas, covariance, z),
        correlation=float(covariance[0, 1] / (errors[0] * errors[1]))
        if np.isfinite(errors).all()
        else math.nan,
        rows=read.rows,
    )


def _contrast(first: str, second: str, areas: FloatArray, covariance: FloatArray, z: float) -> pd.DataFrame:
    import pandas as pd

    variance = float(covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1])
    if variance <= _NO_VARIANCE:
        raise DataError(
            expected="two scores that order the subjects differently",
            found="a difference of areas without variance",
            where=f"{first}, {second}",
            next_step="The two scores say the same about these subjects: there is nothing to test.",
        )
    difference, error = float(areas[0] - areas[1]), math.sqrt(variance)
    statistic = difference / error
    row = {
        "contrast": f"{first} - {second}",
        "estimate": difference,
        "standard_error": error,
        "df": math.inf,
        "statistic": statistic,
        "p_value": normal_two_sided_p(statistic),
        "ci_lower": difference - z * error,
        "ci_upper": difference + z * error,
    }
    return pd.DataFrame([row])
