"""Reference-based imputation of values missing after an intercurrent event."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from trialkit.stats.columns import require_columns
from trialkit.stats.distributions import FloatArray
from trialkit.stats.errors import DataError
from trialkit.stats.inference import check_choice
from trialkit.stats.missing.completed_grid import GridImputations
from trialkit.stats.missing.completion import Completion
from trialkit.stats.missing.conditional_means import ConditionalMeans
from trialkit.stats.missing.delta import Delta, Worse, shifts_by_arm
from trialkit.stats.missing.draws import PORTION, check_draws, portions
from trialkit.stats.missing.events import read_events
from trialkit.stats.missing.long_grid import Grid, read_grid, require_observed
from trialkit.stats.missing.normal_model import NormalModel
from trialkit.stats.missing.strategies import Strategy
from trialkit.stats.missing.visit_model import covariate_columns, make_visit_model, model_formula
from trialkit.stats.missing.wide_columns import require_list
from trialkit.wording import said, written

if TYPE_CHECKING:
    import pandas as pd

Method = Literal["conditional-mean", "bayes"]
METHODS: tuple[Method, ...] = get_args(Method)


def impute_reference_based(
    data: pd.DataFrame,
    subject: str,
    visit: str,
    outcome: str,
    arm: str,
    reference: Hashable,
    covariates: Sequence[str] = (),
    strategy: Strategy | Mapping[Hashable, Strategy] = "j2r",
    ice: Mapping[Hashable, Hashable] | None = None,
    n: int = 200,
    seed: int | None = None,
    method: Method = "conditional-mean",
    delta: Delta | None = None,
    worse: Worse | None = None,
    by_visit: bool = True,
) -> GridImputations:
    """Impute a repeated outcome, assuming a course of its own after each intercurrent event.

    Parameters
    ----------
    data
        One row a subject and visit. Visits without a row are added for every subject.
    subject, visit, outcome, arm
        Columns. Visits are numbers or ordered by a categorical; plain text is refused.
    reference
        The arm that the strategies refer to.
    covariates
        Baseline columns, or formula terms; complete and constant within a subject. The imputation model is
        ``outcome ~ arm * visit + ...`` with an unstructured covariance that all arms share.
    strategy
        ``"j2r"`` jump to reference, ``"cr"`` copy reference, ``"cir"`` copy increments in reference,
        ``"mar"`` missing at random, ``"lmcf"`` last mean carried forward; or a mapping of subject to one of
        them, where events of different kinds call for different ones.
    ice
        Subject -> first visit affected by the intercurrent event. Values missing from that visit on follow
        the strategy; those missing before it, and in subjects not named, are missing at random. Observed
        values are never replaced; those after an event are conditioned on, but the model does not learn
        from them (unless the strategy is ``"mar"``).
    n
        Number of imputations of ``"bayes"``; ``"conditional-mean"`` makes one.
    seed
        Of ``"bayes"``, which needs it; ``"conditional-mean"`` has no random numbers.
    method
        ``"conditional-mean"``: each missing value by its expectation, errors by the jackknife over subjects.
        ``"bayes"``: draws from the posterior by data augmentation, errors by Rubin's rules.
    delta
        Added to every value missing after an event, in units of the outcome. A number is for every arm but
        the reference; a mapping says it arm by arm.
    worse
        ``"higher"`` or ``"lower"``: the direction in which the outcome is worse, so that a positive delta
        always makes it worse (``"lower"`` subtracts it). None adds delta as it is, with the sign given.
    by_visit
        Whether covariates named by their column have an effect of their own at each visit.

    Returns
    -------
    GridImputations
        ``analyse(...)``, completed data sets by iteration, ``counts``, ``imputed_values``, ``with_delta``.

    Raises
    ------
    FormulaError
        An unknown column, or a covariate that cannot be read.
    DataError
        Plain-text visits, repeated rows, an event of an unknown subject or at an unknown visit, an unknown
        reference, an arm without usable outcomes at a visit, a covariate that is missing or changes, no
        seed for ``"bayes"``, last mean carried forward from the first visit.
    RankDeficiencyError
        Covariates that determine each other.
    ConvergenceError
        The model has no proved maximum.

    Degenerate cases: nothing missing gives the data back; the jackknife then is that of the analysis.

    Equivalent in R: ``rbmi::draws(method_condmean(type = "jackknife"))`` or ``method_bayes()``, ``impute``,
    ``analyse``, ``pool``. In SAS: the DIA working group's "five macros".

    References: Carpenter, Roger & Kenward (2013), Journal of Biopharmaceutical Statistics 23:1352-1371;
    Wolbers et al. (2022), Pharmaceutical Statistics 21:1246-1257 (conditional means with the jackknife).
    """
    check_choice("method", method, METHODS)
    require_columns(data, (subject, visit, outcome, arm), "impute_reference_based")
    require_list(covariates)
    formula = model_formula(data, outcome, arm, visit, covariates, by_visit)
    grid = read_grid(data, subject, visit, outcome, arm, covariate_columns(formula, outcome, arm, visit))
    _require_reference(grid, reference, arm)
    events = read_events(grid, ice, strategy)
    shifts = shifts_by_arm(delta, worse, grid.arms, reference)
    usable = np.where(events.not_at_random, np.nan, grid.outcome)
    require_observed(grid, ~np.isnan(usable))
    model = make_visit_model(grid, usable, formula, subject, visit, outcome, arm, reference)
    completion = Completion(grid.outcome, model.own, model.reference, events)
    if method == "bayes":
        check_draws(n, seed)
        assert seed is not None
        values = _draws(NormalModel(usable, model.own), completion, n, seed)
        means = None
    else:
        means = ConditionalMeans(model, completion)
        values = means.values
    return GridImputations(
        grid=grid,
        completion=completion,
        names=(subject, visit, outcome, arm),
        reference=reference,
        method=method,
        formula=formula,
        seed=seed if method == "bayes" else None,
        values=values,
        conditional_means=means,
        shifts=shifts,
    )


def _draws(model: NormalModel, completion: Completion, n: int, seed: int) -> FloatArray:
    """Completed outcomes (imputations, subjects, visits), each from its own draw of the parameters."""
    maximum = model.maximum("the imputation model")
    values = np.empty((n, *model.y.shape))
    for first, last, generator in portions(n, seed, 0):
        coefficients, covariance, _ = model.draw(maximum, PORTION, generator)
        values[first:last] = completion.complete(coefficients, covariance, generator)[: last - first]
    return values


def _require_reference(grid: Grid, reference: Hashable, arm: str) -> None:
    if reference not in grid.arms:
        raise DataError(
            expected=said("a reference among the values of {arm!r}", arm=arm),
            found=written(reference),
            where="reference",
            next_step="Check its spelling and its type (text or number).",
        )
