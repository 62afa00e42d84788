"""How far a person's risk would move had the model been made on another sample of the same people.

The risks of the bootstrap models lie round the final model's, person by person, on the log-odds scale. Their
2.5 and 97.5 % points, as a function of the final risk, are the interval that the calculator shows: of models,
not of what happens to one person. Source of the idea: Riley & Collins, Biometrical J 2023;65:2200302.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from trialkit.prediction.arrays import Floats
from trialkit.prediction.calibration import logit

_BANDS = 8


@dataclass(frozen=True)
class RiskSpread:
    """At each final risk ``at`` (rising), how much lower and higher the log-odds of 95 % of models lie."""

    at: tuple[float, ...]
    lower: tuple[float, ...]
    upper: tuple[float, ...]

    def interval(self, risk: Floats) -> tuple[Floats, Floats]:
        """Straight lines between the points, level beyond the first and the last."""
        score = logit(risk)
        down, up = np.interp(risk, self.at, self.lower), np.interp(risk, self.at, self.upper)
        return 1 / (1 + np.exp(-(score + down))), 1 / (1 + np.exp(-(score + up)))


def risk_spread(final: Floats, of_samples: Sequence[Floats]) -> RiskSpread:
    """From each subject's final risk and its risk under every bootstrap model; eight bands of equal size."""
    moved = np.array([logit(risk) - logit(final) for risk in of_samples])
    order = np.argsort(final, kind="stable")
    at, lower, upper = [], [], []
    for band in np.array_split(order, min(_BANDS, len(final))):
        at.append(float(final[band].mean()))
        low, high = np.percentile(moved[:, band], [2.5, 97.5])
        lower.append(float(min(low, 0.0)))
        upper.append(float(max(high, 0.0)))
    return RiskSpread(tuple(at), tuple(lower), tuple(upper))
