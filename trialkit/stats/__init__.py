"""Statistical methods: data frames in, frozen results out. Knows no trial.

Names are handed out when asked for, so that importing the package costs nothing.
"""

from __future__ import annotations

import importlib
from typing import Any

HOME_OF_NAME: dict[str, str] = {
    "ConvergenceError": "errors",
    "CountsRow": "tables.summary_rows",
    "DataError": "errors",
    "FormulaError": "errors",
    "MeansRow": "tables.summary_rows",
    "NonEstimableError": "errors",
    "PercentRow": "tables.summary_rows",
    "RankDeficiencyError": "errors",
    "RatioRow": "tables.summary_rows",
    "SeparationError": "errors",
    "adjust_p_values": "multiplicity.adjust_p_values",
    "ancova": "linear.ancova",
    "ancova_power": "power.two_means",
    "ancova_sample_size": "power.two_means",
    "bland_altman": "agreement.bland_altman",
    "calibration": "diagnostic.calibration",
    "compare_groups": "tables.compare_groups",
    "compare_rocs": "diagnostic.compare_rocs",
    "compare_summaries": "tables.compare_summaries",
    "correlation_power": "power.correlation",
    "correlation_sample_size": "power.correlation",
    "cox": "survival.cox",
    "cumulative_incidence": "survival.cumulative_incidence",
    "exact_test": "binary.exact_test",
    "forest_plot": "pictures",
    "g_computation": "binary.g_computation",
    "icc": "agreement.icc",
    "impute": "missing.impute",
    "impute_reference_based": "missing.reference_based",
    "interval_cloglog": "survival.interval_cloglog",
    "kaplan_meier": "survival.kaplan_meier",
    "lmm": "mixed.lmm",
    "log_rank": "survival.log_rank",
    "log_rank_events": "power.events",
    "log_rank_power": "power.events",
    "log_rank_sample_size": "power.events",
    "logistic": "generalized.logistic",
    "mantel_haenszel": "binary.mantel_haenszel",
    "mean_cumulative_count": "survival.mean_cumulative_count",
    "missingness": "missing.missingness",
    "mixed_logistic": "mixed.mixed_logistic",
    "mmrm": "mixed.mmrm",
    "number_needed_to_treat": "binary.number_needed_to_treat",
    "ordinal": "generalized.ordinal",
    "paired_t_power": "power.paired",
    "paired_t_sample_size": "power.paired",
    "pool": "missing.pool",
    "pool_tables": "missing.pool",
    "restricted_mean": "survival.restricted_mean",
    "risk_difference": "binary.risk_contrasts",
    "risk_ratio": "binary.risk_contrasts",
    "roc": "diagnostic.roc",
    "t_test_detectable_difference": "power.two_means",
    "t_test_power": "power.two_means",
    "t_test_sample_size": "power.two_means",
    "tipping_point": "missing.tipping_point",
    "two_proportions": "binary.two_proportions",
    "two_proportions_power": "power.proportions",
    "two_proportions_sample_size": "power.proportions",
    "van_elteren": "binary.van_elteren",
    "weighted_kappa": "agreement.weighted_kappa",
}
"""Public name -> submodule of trialkit.stats that defines it; one line a name, sorted."""

ON_THE_PAGE_OF: dict[str, str] = {
    "calibration": "roc",
    "compare_rocs": "roc",
    "forest_plot": "cox",
    "missingness": "impute",
    "number_needed_to_treat": "risk_difference",
    "pool_tables": "pool",
    "risk_ratio": "risk_difference",
    "tipping_point": "impute_reference_based",
    **{name: "power" for name, home in HOME_OF_NAME.items() if home.startswith("power.")},
}
"""Function -> the method it belongs to, where that is not a method of its own name."""

METHODS = frozenset(ON_THE_PAGE_OF.get(name, name) for name in HOME_OF_NAME if name.islower())
"""A method is a page of docs/methods, a folder of tests/reference and a file of benchmarks/methods."""

__all__ = sorted(HOME_OF_NAME)


def __getattr__(name: str) -> Any:
    home = HOME_OF_NAME.get(name)
    if home is None:
        raise AttributeError(f"trialkit.stats has no {name!r}")
    return getattr(importlib.import_module(f"trialkit.stats.{home}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *HOME_OF_NAME])
