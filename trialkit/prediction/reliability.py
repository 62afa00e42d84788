"""Two readers' agreement on each feature, found anew on the subjects at hand: the filter is a fitted step.

The lower 95 % limit of ICC(2,1), absolute agreement of readers drawn at random (Shrout & Fleiss 1979). A
subject that a bootstrap sample holds twice counts once: copies would make the interval too narrow.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from trialkit.prediction.arrays import Ints, Matrix
from trialkit.prediction.errors import PredictionError
from trialkit.prediction.plan import PredictionPlan
from trialkit.stats.agreement.icc import lower_limit_of_icc2
from trialkit.wording import said

COLUMNS = ("subject_id", "feature", "reader", "value")
_FEWEST = 3


def readings_of(readings: pd.DataFrame, subjects: Sequence[str], plan: PredictionPlan) -> dict[str, Matrix]:
    """Feature -> one row a subject, one column a reader, NaN where a reader did not read.

    Raises
    ------
    PredictionError
        A column absent, a reading that is no number or stands twice, one reader only, or none of the
        plan's features.
    """
    absent = [name for name in COLUMNS if name not in readings.columns]
    if absent:
        raise _refused(
            said("columns {columns}", columns=", ".join(COLUMNS)), said("no {name}", name=absent[0])
        )
    known = readings[readings["feature"].isin(plan.names)].assign(
        subject_id=lambda table: table["subject_id"].astype(str).str.strip(),
        value=lambda table: pd.to_numeric(table["value"], errors="coerce"),
    )
    if known["value"].isna().any() or known.duplicated(list(COLUMNS[:3])).any():
        raise _refused("one number a subject, feature and reader", "a gap, a text or two of them")
    if known["reader"].nunique() < 2:
        raise _refused("two readers of the plan's features", said("{n}", n=known["reader"].nunique()))
    by_feature = known.pivot(index="subject_id", columns=["feature", "reader"], values="value")
    by_feature = by_feature.reindex(list(subjects))
    return {
        str(name): by_feature[name].to_numpy(dtype=float)
        for name in by_feature.columns.get_level_values("feature").unique()
    }


def lower_limits(readings: Mapping[str, Matrix], groups: Ints) -> dict[str, float]:
    """Feature -> lower limit of its ICC on the subjects of ``groups``; -1 with fewer than three."""
    _, once = np.unique(groups, return_index=True)
    return {name: _lower(both[once]) for name, both in readings.items()}


def _lower(both: Matrix) -> float:
    complete = both[~np.isnan(both).any(axis=1)]
    if len(complete) < _FEWEST or np.ptp(complete) == 0:
        return -1.0
    limit = lower_limit_of_icc2(complete)
    return limit if np.isfinite(limit) else -1.0


def _refused(expected: str, found: str) -> PredictionError:
    return PredictionError(
        expected=expected,
        found=found,
        where="the readings",
        next_step="Write one line a subject, feature and reader.",
    )
