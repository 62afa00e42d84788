"""Which data a model was made on: a hash of what the plan uses of them."""

from __future__ import annotations

import hashlib

import pandas as pd

from trialkit.prediction.plan import PredictionPlan
from trialkit.prediction.table import as_level


def data_digest(data: pd.DataFrame, plan: PredictionPlan) -> str:
    """SHA-256 of the columns the plan uses, in its order, subjects sorted."""
    columns = list(
        dict.fromkeys(
            [
                plan.subject,
                *([plan.site] if plan.site else []),
                *plan.outcome.columns,
                *plan.names,
                *plan.subgroups,
                *(f.name for f in plan.beside),
            ]
            + ([plan.arm.column] if plan.arm.role != "absent" else [])
        )
    )
    return _digest(data[columns], plan)


def people_digest(data: pd.DataFrame, plan: PredictionPlan) -> str:
    """SHA-256 of who had which outcome: the same for a renamed or resorted file and for other candidates."""
    return _digest(data[[plan.subject, *plan.outcome.columns]], plan, header=False)


def _digest(data: pd.DataFrame, plan: PredictionPlan, header: bool = True) -> str:
    ordered = data.sort_values(plan.subject, kind="stable", key=lambda names: names.map(as_level))
    text = ordered.to_csv(index=False, header=header, lineterminator="\n")
    return hashlib.sha256(text.encode()).hexdigest()
