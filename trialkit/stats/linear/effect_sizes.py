"""Standardized differences between arms: Cohen's d, Hedges' g, and the adjusted difference over the baseline
SD.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import special

from trialkit.stats.distributions import FloatArray
from trialkit.stats.errors import DataError
from trialkit.wording import said, written

if TYPE_CHECKING:
    import pandas as pd

    from trialkit.stats.linear.ancova import AncovaFit


def table(fit: AncovaFit, baseline: str | None = None) -> pd.DataFrame:
    """Effect sizes of the treatment: measure contrast estimate ci_lower ci_upper standardizer.

    ``cohens_d`` is the difference of the raw means of the outcome over the SD pooled within the two arms;
    ``hedges_g`` is d times the exact small-sample factor; both with intervals from the noncentral t
    distribution. ``baseline_sd`` is the adjusted difference over the SD of the baseline covariate in all rows
    used, its interval that of the difference over the same SD. ``standardizer`` is the SD divided by.

    Equivalent in R: ``effectsize::cohens_d``, ``effectsize::hedges_g``. References: Hedges (1981),
    Journal of Educational Statistics 6:107-128, equation 6e; Steiger & Fouladi (1997), Noncentrality
    interval estimation.
    """
    import pandas as pd

    if fit.default_factor is None:
        raise DataError(
            expected="a fit with a treatment",
            found="none named",
            next_step="Say treatment='...' when fitting.",
        )
    contrasts = fit.contrasts()
    rows: list[dict[str, Any]] = []
    for text, outcomes in _pairs(fit).items():
        rows += _raw_differences(text, *outcomes, fit.confidence_level)
    if baseline is not None:
        spread = _baseline_sd(fit, baseline)
        for line in contrasts.to_dict("records"):
            rows.append(
                {
                    "measure": "baseline_sd",
                    "contrast": line["contrast"],
                    "estimate": line["estimate"] / spread,
                    "ci_lower": line["ci_lower"] / spread,
                    "ci_upper": line["ci_upper"] / spread,
                    "standardizer": spread,
                }
            )
    return pd.DataFrame(rows)


def hedges_factor(df: float) -> float:
    """J(df), the exact factor that removes the bias of d (Hedges 1981)."""
    return float(np.exp(special.gammaln(df / 2.0) - special.gammaln((df - 1.0) / 2.0)) / np.sqrt(df / 2.0))


def noncentrality_interval(statistic: float, df: float, confidence_level: float) -> tuple[float, float]:
    """The noncentralities for which the t statistic observed sits at either tail of its distribution."""
    from scipy import optimize, stats

    if statistic < 0:
        lower, upper = noncentrality_interval(-statistic, df, confidence_level)
        return -upper, -lower
    tail = (1.0 - confidence_level) / 2.0
    reach = 8.0 + statistic / np.sqrt(df) * 8.0

    def limit(probability: float) -> float:
        return float(
            optimize.brentq(
                lambda shift: stats.nct.cdf(statistic, df, shift) - probability,
                statistic - reach,
                statistic + reach,
                xtol=1e-12,
                rtol=1e-14,
            )
        )

    return limit(1.0 - tail), limit(tail)


def _pairs(fit: AncovaFit) -> dict[str, tuple[FloatArray, FloatArray]]:
    """Contrast text -> raw outcomes of the level and of the reference."""
    name = fit.default_factor
    assert name is not None
    assert fit.design.y is not None
    factor, codes, y = fit.design.factors[name], fit.design.settings[name], fit.design.y
    base = y[codes == factor.reference_position]
    return {
        f"{level} - {factor.reference}": (y[codes == i], base)
        for i, level in enumerate(factor.levels)
        if level != factor.reference
    }


def _raw_differences(text: str, test: FloatArray, base: FloatArray, level: float) -> list[dict[str, Any]]:
    n_test, n_base = len(test), len(base)
    df = n_test + n_base - 2
    squares = float(np.sum((test - test.mean()) ** 2) + np.sum((base - base.mean()) ** 2))
    if df < 2 or squares <= 0:
        raise DataError(
            expected="outcomes that vary within arms, in at least four subjects",
            found=said(
                "{n_test} subjects with a within-arm sum of squares of {squares:g}",
                n_test=n_test + n_base,
                squares=squares,
            ),
            next_step="Effect sizes are not defined here.",
        )
    pooled = float(np.sqrt(squares / df))
    d = float(test.mean() - base.mean()) / pooled
    root = float(np.sqrt(n_test * n_base / (n_test + n_base)))
    lower, upper = noncentrality_interval(d * root, df, level)
    factors = {"cohens_d": 1.0, "hedges_g": hedges_factor(df)}
    return [
        {
            "measure": measure,
            "contrast": text,
            "estimate": factor * d,
            "ci_lower": factor * lower / root,
            "ci_upper": factor * upper / root,
            "standardizer": pooled,
        }
        for measure, factor in factors.items()
    ]


def _baseline_sd(fit: AncovaFit, baseline: str) -> float:
    if baseline not in fit.design.covariate_means:
        known = ", ".join(fit.design.covariate_means) or "none"
        raise DataError(
            expected=said("a numeric covariate of the model ({known})", known=known),
            found=written(baseline),
            next_step="Name the baseline value of the outcome.",
        )
    spread = float(np.std(fit.design.settings[baseline], ddof=1))
    if spread == 0.0:
        raise DataError(
            expected="a baseline that varies",
            found="one value",
            where=said("column {baseline!r}", baseline=baseline),
        )
    return spread
