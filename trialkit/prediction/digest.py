"""Which data a model was made on: a hash of what the plan uses of them."""

from __future__ import annotations

import hashlib

import pandas as pd

from trialkit.prediction.plan import PredictionPlan


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
            ]
            + ([plan.arm.column] if plan.arm.role != "absent" else [])
        )
    )
    ordered = data[columns].sort_values(plan.subject, kind="stable")
    return hashlib.sha256(ordered.to_csv(index=False, lineterminator="\n").encode()).hexdigest()
