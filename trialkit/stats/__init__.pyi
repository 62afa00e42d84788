from trialkit.stats.agreement.bland_altman import (
    bland_altman as bland_altman,
)
from trialkit.stats.agreement.blinding_index import blinding_index as blinding_index
from trialkit.stats.agreement.icc import (
    icc as icc,
)
from trialkit.stats.agreement.weighted_kappa import (
    weighted_kappa as weighted_kappa,
)
from trialkit.stats.association.correlations import correlations as correlations
from trialkit.stats.binary.cochran_mantel_haenszel import cochran_mantel_haenszel as cochran_mantel_haenszel
from trialkit.stats.binary.exact_test import (
    exact_test as exact_test,
)
from trialkit.stats.binary.g_computation import (
    g_computation as g_computation,
)
from trialkit.stats.binary.mantel_haenszel import (
    mantel_haenszel as mantel_haenszel,
)
from trialkit.stats.binary.number_needed_to_treat import (
    number_needed_to_treat as number_needed_to_treat,
)
from trialkit.stats.binary.risk_contrasts import (
    risk_difference as risk_difference,
    risk_ratio as risk_ratio,
)
from trialkit.stats.binary.two_proportions import (
    two_proportions as two_proportions,
)
from trialkit.stats.binary.van_elteren import (
    van_elteren as van_elteren,
)
from trialkit.stats.diagnostic.calibration import (
    calibration as calibration,
)
from trialkit.stats.diagnostic.compare_rocs import (
    compare_rocs as compare_rocs,
)
from trialkit.stats.diagnostic.roc import (
    roc as roc,
)
from trialkit.stats.errors import (
    ConvergenceError as ConvergenceError,
    DataError as DataError,
    FormulaError as FormulaError,
    NonEstimableError as NonEstimableError,
    RankDeficiencyError as RankDeficiencyError,
    SeparationError as SeparationError,
)
from trialkit.stats.generalized.counts import negative_binomial as negative_binomial, poisson as poisson
from trialkit.stats.generalized.gee import gee as gee
from trialkit.stats.generalized.log_binomial import log_binomial as log_binomial
from trialkit.stats.generalized.logistic import (
    logistic as logistic,
)
from trialkit.stats.generalized.ordinal import (
    ordinal as ordinal,
)
from trialkit.stats.linear.ancova import (
    ancova as ancova,
)
from trialkit.stats.linear.complier_effect import complier_effect as complier_effect
from trialkit.stats.missing.impute import (
    impute as impute,
)
from trialkit.stats.missing.missingness import (
    missingness as missingness,
)
from trialkit.stats.missing.pool import (
    pool as pool,
    pool_tables as pool_tables,
)
from trialkit.stats.missing.proportions import (
    pool_proportions as pool_proportions,
)
from trialkit.stats.missing.reference_based import (
    impute_reference_based as impute_reference_based,
)
from trialkit.stats.missing.tipping_point import (
    tipping_point as tipping_point,
)
from trialkit.stats.mixed.lmm import (
    lmm as lmm,
)
from trialkit.stats.mixed.mixed_logistic import (
    mixed_logistic as mixed_logistic,
)
from trialkit.stats.mixed.mmrm import (
    mmrm as mmrm,
)
from trialkit.stats.multiplicity.adjust_p_values import (
    adjust_p_values as adjust_p_values,
)
from trialkit.stats.pictures import (
    forest_plot as forest_plot,
)
from trialkit.stats.power.correlation import (
    correlation_power as correlation_power,
    correlation_sample_size as correlation_sample_size,
)
from trialkit.stats.power.events import (
    log_rank_events as log_rank_events,
    log_rank_power as log_rank_power,
    log_rank_sample_size as log_rank_sample_size,
)
from trialkit.stats.power.paired import (
    paired_t_power as paired_t_power,
    paired_t_sample_size as paired_t_sample_size,
)
from trialkit.stats.power.proportions import (
    two_proportions_power as two_proportions_power,
    two_proportions_sample_size as two_proportions_sample_size,
)
from trialkit.stats.power.two_means import (
    ancova_power as ancova_power,
    ancova_sample_size as ancova_sample_size,
    t_test_detectable_difference as t_test_detectable_difference,
    t_test_power as t_test_power,
    t_test_sample_size as t_test_sample_size,
)
from trialkit.stats.survival.cox import (
    cox as cox,
)
from trialkit.stats.survival.cumulative_incidence import (
    cumulative_incidence as cumulative_incidence,
)
from trialkit.stats.survival.interval_cloglog import (
    interval_cloglog as interval_cloglog,
)
from trialkit.stats.survival.kaplan_meier import (
    kaplan_meier as kaplan_meier,
)
from trialkit.stats.survival.log_rank import (
    log_rank as log_rank,
)
from trialkit.stats.survival.mean_cumulative_count import (
    mean_cumulative_count as mean_cumulative_count,
)
from trialkit.stats.survival.parametric import parametric_survival as parametric_survival
from trialkit.stats.survival.restricted_mean import (
    restricted_mean as restricted_mean,
)
from trialkit.stats.tables.compare_groups import (
    compare_groups as compare_groups,
)
from trialkit.stats.tables.compare_summaries import (
    compare_summaries as compare_summaries,
)
from trialkit.stats.tables.summary_rows import (
    CountsRow as CountsRow,
    MeansRow as MeansRow,
    PercentRow as PercentRow,
    RatioRow as RatioRow,
)

HOME_OF_NAME: dict[str, str]
ON_THE_PAGE_OF: dict[str, str]
METHODS: frozenset[str]
