"""Power by running the plan: its primary analysis on many trials simulated under the scenario."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from trialkit.analysis.errors import AnalysisError
from trialkit.analysis.light_trials import LightTrials, endpoints_of, measure_named, require_light
from trialkit.analysis.methods import all_methods
from trialkit.plan import Analysis, Endpoint, Plan
from trialkit.plan.model import AnalysisRole, Derivation, Test
from trialkit.simulation import Scenario, true_effect
from trialkit.simulation.scenario import Estimand
from trialkit.study.model import Study
from trialkit.wording import said

if TYPE_CHECKING:
    from numpy.typing import NDArray

FEWEST_TRIALS = 2
FEWEST_SUBJECTS = 8
TRUTH_FROM = 200_000  # people simulated under both arms to know the true effect
NAN = math.nan


@dataclass(frozen=True)
class Task:
    """One simulated trial: everything a worker needs."""

    trials: LightTrials
    seed: int
    null: bool  # nobody's outcome depends on the arm


@dataclass(frozen=True)
class Trial:
    estimate: float
    standard_error: float
    ci_lower: float
    ci_upper: float
    p_value: float
    failure: str = ""


@dataclass(frozen=True)
class Measured:
    """A quantity over trials, with its Monte Carlo standard error; a share with exact 95 % limits too, since
    at 0 and 1 its standard error is 0 however few the trials."""

    estimate: float
    monte_carlo_se: float
    ci_lower: float | None = None
    ci_upper: float | None = None


@dataclass(frozen=True)
class Simulated:
    """What came of it; None whatever needs an estimate, where a method gives none, as a rank test."""

    analysis: str
    method: str
    trials: int
    subjects: int
    seed: int
    alpha: float
    true_effect: float | None
    power: Measured
    type_1_error: Measured
    bias: Measured | None
    coverage: Measured | None
    empirical_se: Measured | None
    mean_model_se: float | None
    failed: int
    notes: tuple[str, ...]


def simulate(
    plan: Plan,
    study: Study,
    scenario: Scenario,
    *,
    trials: int,
    seed: int,
    subjects: int | None = None,
    run: Callable[[Callable[[Task], Trial], list[Task]], list[Trial]] | None = None,
) -> Simulated:
    """Run the plan's primary analysis on simulated trials.

    Parameters
    ----------
    trials
        Under the scenario, and as many again in which the arm changes nothing (for the type I error).
    subjects
        A trial's size; None: the study's.
    run
        Carries out the tasks; None: one after the other. Results do not depend on who does.

    Raises
    ------
    AnalysisError
        No primary analysis in the plan, one of a method without a single test, or one that reads what
        simulated trials do not have.
    """
    if trials < FEWEST_TRIALS:
        raise AnalysisError(
            expected=said("{n} trials or more", n=FEWEST_TRIALS),
            found=str(trials),
            next_step="Ask for 1,000.",
        )
    if len(plan.arms) > 2:
        raise AnalysisError(
            expected="a plan of two arms to simulate, since the scenario tells one effect",
            found=said("{n_arms} arms", n_arms=len(plan.arms)),
            where="plan/roles",
            next_step="Power of one contrast: trialkit.stats has closed forms.",
        )
    entry = primary(plan)
    require_light(plan, study, scenario, entry)
    size = subjects or (study.sample_size.total if study.sample_size else 0)
    if size < FEWEST_SUBJECTS:
        raise AnalysisError(
            expected="a number of subjects", found=str(size), next_step="Give --subjects, or a sample size."
        )
    of_all = LightTrials(replace(plan, analyses=(entry,)), study, scenario, entry, size)
    tasks = [Task(of_all, seed + number, null) for null in (False, True) for number in range(trials)]
    done = (run or _one_after_the_other)(one_trial, tasks)
    return _summary(of_all, done[:trials], done[trials:], seed)


def _one_after_the_other(work: Callable[[Task], Trial], tasks: list[Task]) -> list[Trial]:
    return [work(task) for task in tasks]


def primary(plan: Plan) -> Analysis:
    """The plan's primary entry, of a method that has one test."""
    can = sorted(name for name, method in all_methods().items() if method.tested)
    found = "no primary analysis"
    for entry in plan.analyses:
        if entry.role is AnalysisRole.PRIMARY and entry.fault is None:
            if all_methods()[entry.method].tested:
                return entry
            found = said("a primary analysis by {method}", method=entry.method)
    raise AnalysisError(
        expected=said("a primary analysis that can be simulated: {can}", can=", ".join(can)),
        found=found,
        where="analysis",
        next_step="Power of other methods: trialkit.stats has closed forms.",
    )


def one_trial(task: Task) -> Trial:
    """Simulate one trial and answer the entry as a run would."""
    from trialkit.errors import TrialkitError

    trials = task.trials
    method = all_methods()[trials.entry.method]
    assert method.tested is not None
    try:
        context = trials.context(task.seed, null=task.null)
        row = method.tested(context, trials.entry, _visit_label(trials))
    except TrialkitError as error:
        return Trial(NAN, NAN, NAN, NAN, NAN, str(error))
    columns = ("estimate", "standard_error", "ci_lower", "ci_upper", "p_value")
    estimate, spread, lower, upper, p_value = (float(row.get(column, NAN)) for column in columns)
    return Trial(estimate, spread, lower, upper, p_value)


def visit_of(plan: Plan, entry: Analysis) -> str:
    """The visit an entry's test is of: its own, its estimand's, or the last of several."""
    if "visit" in entry.keys:
        return str(entry.keys["visit"])
    visits: tuple[str, ...] = entry.keys["visits"]
    estimand = plan.estimands.get(entry.estimand)
    named = estimand.variable.rpartition(" at ")[2].strip() if estimand else ""
    return named if named in visits else visits[-1]


def _visit_label(trials: LightTrials) -> str:
    return trials.study.visit(visit_of(trials.plan, trials.entry)).label


def _truth(trials: LightTrials) -> float:
    """The true effect of the entry's endpoint at its visit, had everybody been seen."""
    endpoint, visit = endpoints_of(trials.plan, trials.entry)[0], visit_of(trials.plan, trials.entry)
    measure = measure_named(trials.scenario, endpoint.parameter)
    assert measure is not None
    wanted = Estimand(endpoint.name, measure.name, visit, *trials.arms)
    derive = partial(_responses, endpoint) if endpoint.derive is Derivation.RESPONSE else None
    return true_effect(trials.study, trials.scenario, wanted, n=TRUTH_FROM, derive=derive).estimate


def _responses(
    endpoint: Endpoint, base: NDArray[np.float64], value: NDArray[np.float64]
) -> NDArray[np.float64]:
    """1 where the endpoint's rule holds; each pair of scores is asked once."""
    import pandas as pd

    from trialkit.analysis.response_rule import responses

    pairs, places = np.unique(np.column_stack([base, value]), axis=0, return_inverse=True)
    people = pd.DataFrame({"base": pairs[:, 0], "value": pairs[:, 1], "chg": pairs[:, 1] - pairs[:, 0]})
    return np.asarray(responses(endpoint, people).to_numpy(dtype=float)[places.reshape(-1)])


def _alpha(entry: Analysis) -> float:
    test: Test | None = entry.keys.get("test")
    return test.alpha if test is not None else 1 - float(entry.keys["interval"].level)


def _summary(trials: LightTrials, under: list[Trial], null: list[Trial], seed: int) -> Simulated:
    good = [trial for trial in under if not trial.failure]
    good_null = [trial for trial in null if not trial.failure]
    if len(good) < FEWEST_TRIALS or len(good_null) < FEWEST_TRIALS:
        raise AnalysisError(
            expected="trials that can be analysed",
            found=next((one.failure for one in (*under, *null) if one.failure), "none"),
            next_step="Check the plan's primary analysis against the scenario.",
        )
    alpha = _alpha(trials.entry)
    return Simulated(
        analysis=trials.entry.id,
        method=trials.entry.method,
        trials=len(under),
        subjects=trials.subjects,
        seed=seed,
        alpha=alpha,
        power=_share([trial.p_value < alpha for trial in good]),
        type_1_error=_share([trial.p_value < alpha for trial in good_null]),
        **_of_estimates(trials, good),
        failed=len(under) + len(null) - len(good) - len(good_null),
        notes=(
            "Simulated trials have every visit of the scores that the analysis reads, with missed visits and "
            "drop-out; no death, no blank item, no visit out of its window.",
        ),
    )


def _of_estimates(trials: LightTrials, good: list[Trial]) -> dict[str, Any]:
    """Bias, coverage and spread against the truth; nothing of a method that estimates nothing."""
    estimates = np.array([trial.estimate for trial in good])
    if np.isnan(estimates).any():
        names = ("true_effect", "bias", "coverage", "empirical_se", "mean_model_se")
        return dict.fromkeys(names)
    truth, n, sd = _truth(trials), len(good), float(estimates.std(ddof=1))
    errors = np.array([trial.standard_error for trial in good])
    return {
        "true_effect": truth,
        "bias": Measured(float(estimates.mean()) - truth, sd / math.sqrt(n)),
        "coverage": _share([trial.ci_lower <= truth <= trial.ci_upper for trial in good]),
        "empirical_se": Measured(sd, sd / math.sqrt(2 * (n - 1))),
        "mean_model_se": None if np.isnan(errors).any() else float(errors.mean()),
    }


def _share(hits: list[bool]) -> Measured:
    """A share of trials; its limits are Clopper and Pearson's."""
    from scipy import stats

    n, k = len(hits), sum(hits)
    share = k / n
    lower = float(stats.beta.ppf(0.025, k, n - k + 1)) if k else 0.0
    upper = float(stats.beta.ppf(0.975, k + 1, n - k)) if k < n else 1.0
    return Measured(share, math.sqrt(share * (1 - share) / n), lower, upper)
