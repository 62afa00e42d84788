"""Statistical methods: data frames in, frozen results out. Knows no trial.

Names are handed out when asked for, so that importing the package costs nothing.
"""

from __future__ import annotations

from trialkit.faces import face, homes

__getattr__, __dir__, __all__ = face(__name__, __file__)

HOME_OF_NAME = {name: home.removeprefix("trialkit.stats.") for name, home in homes(__file__).items()}
"""Public name -> submodule of trialkit.stats that defines it."""

ON_THE_PAGE_OF: dict[str, str] = {
    "calibration": "roc",
    "compare_rocs": "roc",
    "forest_plot": "cox",
    "log_binomial": "poisson",
    "missingness": "impute",
    "negative_binomial": "poisson",
    "number_needed_to_treat": "risk_difference",
    "pool_proportions": "pool",
    "pool_tables": "pool",
    "risk_ratio": "risk_difference",
    "tipping_point": "impute_reference_based",
    **{name: "power" for name, home in HOME_OF_NAME.items() if home.startswith("power.")},
}
"""Function -> the method it belongs to, where that is not a method of its own name."""

METHODS = frozenset(ON_THE_PAGE_OF.get(name, name) for name in HOME_OF_NAME if name.islower())
"""A method is a page of docs/methods, a folder of tests/reference and a file of benchmarks/methods."""
