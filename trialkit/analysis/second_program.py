"""The same models by a second program, as double programming asks: lifelines, told to go to the maximum."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from trialkit.analysis import libraries
from trialkit.analysis.errors import AnalysisError
from trialkit.plan import Analysis
from trialkit.wording import said

if TYPE_CHECKING:
    import pandas as pd

LIFELINES = "lifelines"
FITTERS = {
    "weibull": ("WeibullAFTFitter", "lambda_"),
    "lognormal": ("LogNormalAFTFitter", "mu_"),
    "loglogistic": ("LogLogisticAFTFitter", "alpha_"),
}
# By its own limits it stops three digits early (a log-logistic model: 0.0028 off survreg); so told, 3e-8 off.
TO_THE_MAXIMUM = {"ftol": 1e-16, "gtol": 1e-8, "maxiter": 2000}
AGREES = 1e-6  # of an estimate, relative to it or to its standard error, whichever is larger


def parametric_again(entry: Analysis, fit: Any, data: pd.DataFrame, model: str) -> pd.DataFrame:
    """One row: how far lifelines is from a fitted accelerated failure time model.

    Columns ``model``, ``program``, ``estimates`` and ``errors`` (largest differences, relative), and
    ``log_likelihood`` and ``concordance`` (differences).

    Raises
    ------
    AnalysisError
        lifelines is not installed or does not converge.
    """
    import numpy as np
    import pandas as pd

    library = libraries.lifelines(entry)
    name, place = FITTERS[fit.distribution]
    columns = [f"x{i}" for i in range(1, len(fit.design.column_names))]
    table = pd.DataFrame(fit.design.X[:, 1:], columns=columns, dtype=float)
    table["time"], table["event"] = np.exp(fit.log_time), fit.happened
    theirs = getattr(library, name)()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what it would warn of shows in the difference
            theirs.fit(table, "time", "event", fit_options=TO_THE_MAXIMUM)
    except library.exceptions.ConvergenceError as error:
        raise AnalysisError(
            expected="a second program that converges",
            found=said("lifelines does not, for the {model} model", model=model.lower()),
            where=entry.where,
            next_step="Read the model with caution: the likelihood may be flat.",
        ) from error
    terms = ["Intercept", *columns]
    ours, spread = fit.inference.coefficients, fit.coefficients["standard_error"].to_numpy()
    estimates = theirs.params_[place][terms].to_numpy()
    errors = theirs.standard_errors_[place][terms].to_numpy()
    made = {
        "model": model,
        "program": f"lifelines {library.__version__}",
        "estimates": float(np.max(np.abs(estimates - ours) / np.maximum(np.abs(ours), spread))),
        "errors": float(np.max(np.abs(errors - spread) / spread)),
        "log_likelihood": float(theirs.log_likelihood_ - fit.log_likelihood),
        "concordance": float(theirs.concordance_index_ - fit.concordance),
    }
    return pd.DataFrame([made])


def disagreement(table: pd.DataFrame) -> tuple[str, ...]:
    """A sentence a model that the second program finds otherwise."""
    apart = table[table[["estimates", "errors"]].max(axis=1) > AGREES]
    return tuple(
        f"{row['program']} finds another {str(row['model']).lower()} model: estimates differ by up to "
        f"{row['estimates']:.1e}, standard errors by {row['errors']:.1e}, relative to their size"
        for row in apart.to_dict("records")
    )
