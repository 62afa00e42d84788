"""What this many subjects can support, and where the plan asks for more."""

from __future__ import annotations

import numpy as np

from trialkit.numbers import plain
from trialkit.prediction.plan import PredictionPlan
from trialkit.prediction.preparation import columns_of
from trialkit.prediction.sample_size import SampleSize, riley_sample_size
from trialkit.prediction.table import ModelTable


def sample_sizes(table: ModelTable, plan: PredictionPlan) -> tuple[SampleSize, SampleSize]:
    known = table.weights > 0
    prevalence = float(np.average(table.outcome[known], weights=table.weights[known]))
    parameters = len(columns_of(plan))
    n = table.known()
    return (
        riley_sample_size(parameters, prevalence, plan.anticipated_auc, n),
        riley_sample_size(
            parameters, prevalence, plan.anticipated_auc, round(n * plan.resampling.train_share)
        ),
    )


def size_line(whole: SampleSize, split: SampleSize) -> str:
    return (
        f"Sample size (Riley): {whole.parameters} candidate parameters at prevalence "
        f"{plain(whole.prevalence, 2)} "
        f"and an anticipated AUC of {plain(whole.auc, 2)} need {whole.needed:,} subjects; "
        f"{whole.n} are there and "
        f"support {whole.supported}; the {split.n} of the split's training part support {split.supported}."
    )


def contradictions(plan: PredictionPlan, whole: SampleSize, split: SampleSize) -> tuple[str, ...]:
    """What the plan asks for and the data cannot give, said and not papered over."""
    found = []
    if whole.needed > whole.n:
        found.append(
            f"{whole.parameters} candidate parameters need {whole.needed:,} subjects; there are {whole.n}, "
            f"enough for {whole.supported}."
        )
    found.append(
        f"The {plain(100 * plan.resampling.train_share, 0)}% split leaves {split.n} subjects to "
        f"learn from, enough for "
        f"{split.supported} parameters, and judges on {whole.n - split.n}: the corrected estimate on "
        "everybody is the primary one."
    )
    return tuple(found)
