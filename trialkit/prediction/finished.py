"""A development with its frozen model and its card."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from trialkit.prediction.card import model_card
from trialkit.prediction.developed import Development
from trialkit.prediction.development import develop_model
from trialkit.prediction.model_file import model_document
from trialkit.prediction.plan import PredictionPlan


def developed(
    data: pd.DataFrame,
    plan: PredictionPlan,
    reliability: Mapping[str, float] | None = None,
    *how: Any,
    simulated: bool = False,
    **more: Any,
) -> Development:
    """As :func:`develop_model`, with ``.model`` and ``.card``.

    ``simulated`` where nobody in the data exists: every page then says so.
    """
    development = develop_model(data, plan, reliability, *how, **more)
    development = replace(development, model=model_document(development, data), simulated=simulated)
    return replace(development, card=model_card(development))
