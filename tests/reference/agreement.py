"""How close is close enough, fixed before anything is compared; and a record of how close it was.

Usage in a test of any statistical method::

    from tests.reference.agreement import agree, own_data, own_reference

    agree("ancova", "car::Anova", "statistic", ours, theirs)          # numbers or arrays of them

Set TRIALKIT_AGREEMENT_LOG=FILE to append one JSON line for every comparison: method, reference, quantity,
digits of agreement, how many numbers.
"""

from __future__ import annotations

import json
import math
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

HERE = Path(__file__).parent

RELATIVE_TOLERANCE = {
    "estimate": 1e-6,
    "standard_error": 1e-6,
    "statistic": 1e-6,
    "interval": 1e-6,
    "log_likelihood": 1e-8,
    "covariance_parameter": 1e-5,
    "df": 1e-4,
    "count": 0.0,
    # Limits found by interpolation in the reference program: R splines the profile likelihood.
    "interpolated_interval": 2e-3,
}
LOG_P_TOLERANCE = 1e-5
"""Of the natural logarithm of a p value, times that logarithm where it is larger than one."""


EARLY_STOP_FACTOR = 100.0
"""Wider tolerance where the reference stopped before the maximum, and ours is proved to be there."""
LARGEST_GRADIENT = 1e-8


@dataclass(frozen=True)
class ReferenceStoppedEarly:
    """Leave for a looser match: both log-likelihoods, each at its own parameters, and our gradient's norm."""

    our_log_likelihood: float
    their_log_likelihood: float
    our_gradient_norm: float

    @property
    def holds(self) -> bool:
        rounding = 1e-12 * abs(self.their_log_likelihood)
        higher = self.our_log_likelihood >= self.their_log_likelihood - rounding
        return higher and self.our_gradient_norm < LARGEST_GRADIENT


def agree(
    method: str,
    reference: str,
    quantity: str,
    ours: object,
    theirs: object,
    *,
    leave: ReferenceStoppedEarly | None = None,
    scale: object = 0.0,
) -> None:
    """Assert that our numbers are theirs to the tolerance of their kind, and record the digits.

    ``quantity`` is a key of RELATIVE_TOLERANCE or "p_value". A NaN agrees with nothing. ``leave`` widens the
    tolerance where the reference is known to stop early and our maximum is the better one. ``scale``
    (standard errors, say) takes the place of numbers that are smaller than it: a limit may lie near zero.
    """
    factor = EARLY_STOP_FACTOR if leave is not None and leave.holds else 1.0
    ours_array = np.atleast_1d(np.asarray(ours, dtype=float))
    theirs_array = np.atleast_1d(np.asarray(theirs, dtype=float))
    assert ours_array.shape == theirs_array.shape, (
        f"{method}: {ours_array.shape} against {theirs_array.shape}"
    )
    assert ours_array.size > 0, f"{method}: nothing to compare"
    if quantity == "p_value":
        ours_array, theirs_array = np.log(ours_array), np.log(theirs_array)
        error = np.abs(ours_array - theirs_array) / np.maximum(1.0, np.abs(theirs_array))
        tolerance = factor * LOG_P_TOLERANCE
    else:
        size = np.maximum(np.abs(theirs_array), np.asarray(scale, dtype=float))
        size = np.where(size == 0, 1.0, size)
        both_infinite = np.isinf(theirs_array) & (ours_array == theirs_array)
        with np.errstate(invalid="ignore"):
            error = np.where(both_infinite, 0.0, np.abs(ours_array - theirs_array) / size)
        tolerance = factor * RELATIVE_TOLERANCE[quantity]
    _record(method, reference, quantity, float(np.max(error)), int(error.size))
    assert np.all(error <= tolerance), (
        f"{method} against {reference}, {quantity}: relative error {np.max(error):.3g} > {tolerance:g}\n"
        f"ours   {ours_array}\ntheirs {theirs_array}"
    )


def own_reference(method: str, name: str) -> dict:
    """A result file of tests/reference/METHOD, written by the R program beside it."""
    return json.loads((HERE / method / f"{name}.json").read_text(encoding="utf-8"))


def own_data(method: str, name: str) -> pd.DataFrame:
    """A data file of tests/reference/METHOD, the input of the R program beside it."""
    return pd.read_csv(HERE / method / f"{name}.csv")


def column(rows: list[dict], name: str) -> np.ndarray:
    """One column of a table stored as a list of rows."""
    return np.array([row[name] for row in rows], dtype=float)


def _record(method: str, reference: str, quantity: str, error: float, size: int) -> None:
    target = os.environ.get("TRIALKIT_AGREEMENT_LOG")
    if target:
        digits = 16.0 if error == 0 else max(0.0, min(16.0, -math.log10(error)))
        line = {"method": method, "reference": reference, "quantity": quantity, "digits": digits, "n": size}
        with open(target, "a", encoding="utf-8") as stream:
            stream.write(json.dumps(line) + "\n")
