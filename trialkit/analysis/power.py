"""Power by running the plan: its primary analysis on many trials simulated under the scenario."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trialkit.analysis.errors import AnalysisError
from trialkit.plan import Analysis, Plan, keys
from trialkit.plan.model import AnalysisRole, Test
from trialkit.simulation import Scenario, simulated_analysis_data, true_effect
from trialkit.study.model import Study
from trialkit.wording import said

if TYPE_CHECKING:
    import pandas as pd

    from trialkit.analysis.missing_data import MissingData

FEWEST_TRIALS = 2
TRUTH_FROM = 200_000  # people simulated under both arms to know the true effect
BLOCK_OF_EACH = 2  # of the ratio: blocks of 4 at 1:1


@dataclass(frozen=True)
class Task:
    """One simulated trial: everything a worker needs."""

    scenario: Scenario
    entry: Analysis
    arms: tuple[str, str]  # test, reference
    ratio: tuple[int, int]
    factors: tuple[str, ...]
    subjects: int
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
    trials: int
    subjects: int
    seed: int
    alpha: float
    true_effect: float
    power: Measured
    type_1_error: Measured
    bias: Measured
    coverage: Measured
    empirical_se: Measured
    mean_model_se: float
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
        No primary ANCOVA in the plan, or a way of missing data that needs visits which light trials have not.
    """
    if trials < FEWEST_TRIALS:
        raise AnalysisError(
            expected=said("{n} trials or more", n=FEWEST_TRIALS),
            found=str(trials),
            next_step="Ask for 1,000.",
        )
    entry = _primary(plan)
    _require_light(entry)
    size = subjects or (study.sample_size.total if study.sample_size else 0)
    if size < 8:
        raise AnalysisError(
            expected="a number of subjects", found=str(size), next_step="Give --subjects, or a sample size."
        )
    if len(plan.arms) > 2:
        raise AnalysisError(
            expected="a plan of two arms to simulate, since the scenario tells one effect",
            found=said("{n_arms} arms", n_arms=len(plan.arms)),
            where="plan/roles",
            next_step="Power of one contrast: trialkit.stats has closed forms.",
        )
    arms = (plan.arms[0], plan.arms[1])
    ratio = (study.arm(arms[0]).ratio, study.arm(arms[1]).ratio)
    factors = tuple(factor.name for factor in study.factors)
    tasks = [
        Task(scenario, entry, arms, ratio, factors, size, seed + number, null)
        for null in (False, True)
        for number in range(trials)
    ]
    done = (run or _one_after_the_other)(one_trial, tasks)
    truth = true_effect(study, scenario, n=TRUTH_FROM).estimate
    return _summary(entry, done[:trials], done[trials:], truth, size, seed)


def _require_light(entry: Analysis) -> None:
    """Told before a trial is simulated: a light one has not the visits between."""
    from trialkit.analysis.missing_data import ReferenceBased

    missing = entry.keys["missing"]
    if isinstance(missing, ReferenceBased):
        raise AnalysisError(
            expected="a way of missing data that needs one visit alone",
            found=missing.label,
            where=entry.where,
            next_step="Simulate a plan whose primary analysis imputes under missing at random.",
        )


def _one_after_the_other(work: Callable[[Task], Trial], tasks: list[Task]) -> list[Trial]:
    return [work(task) for task in tasks]


def _primary(plan: Plan) -> Analysis:
    for entry in plan.analyses:
        if entry.role is AnalysisRole.PRIMARY and entry.method == "ancova":
            return entry
    raise AnalysisError(
        expected="a primary ancova to run",
        found="none",
        where="analysis",
        next_step="Power of other methods: trialkit.stats has closed forms.",
    )


def one_trial(task: Task) -> Trial:
    """Simulate and analyse one trial."""
    from trialkit.errors import TrialkitError
    from trialkit.stats import ancova

    entry = task.entry
    data = _data(task)
    formula, level, test = keys.FORMULA.of(entry), keys.INTERVAL.of(entry).level, keys.TEST.of(entry)

    def fitting(frame: pd.DataFrame) -> Any:
        return ancova(formula, frame, treatment="arm", reference=task.arms[1], confidence_level=level)

    missing: MissingData = entry.keys["missing"]
    try:
        fit = missing.fit_light(data, formula, fitting, task.seed)
        row = fit.contrasts(
            "arm",
            reference=task.arms[1],
            null_value=test.null_value,
            alternative=test.alternative.value,
            weights=keys.LS_MEANS.of(entry),
        ).iloc[0]
    except TrialkitError as error:
        nan = math.nan
        return Trial(nan, nan, nan, nan, nan, str(error))
    estimate, spread, lower, upper, p_value = (
        float(row[c]) for c in ("estimate", "standard_error", "ci_lower", "ci_upper", "p_value")
    )
    return Trial(estimate, spread, lower, upper, p_value)


def _data(task: Task) -> pd.DataFrame:
    import numpy as np
    import pandas as pd

    random = np.random.default_rng([task.seed, 7])
    block = [arm for arm, n in zip(task.arms, task.ratio, strict=True) for _ in range(n * BLOCK_OF_EACH)]

    def listed(people: pd.DataFrame) -> list[str]:
        arms = pd.Series("", index=people.index, dtype=object)
        strata = [name for name in task.factors if name in people]
        for _, stratum in people.groupby(strata or (lambda _: 0), sort=True):
            blocks = [random.permutation(block) for _ in range(len(stratum) // len(block) + 1)]
            arms.loc[stratum.index] = np.concatenate(blocks)[: len(stratum)]
        return list(arms)

    allocate = (lambda people: [task.arms[1]] * len(people)) if task.null else listed
    data = simulated_analysis_data(task.scenario, task.subjects, task.seed, allocate)
    if task.null:
        data["arm"] = listed(data)
    data["arm"] = pd.Categorical(data["arm"], categories=list(reversed(task.arms)))
    return data.assign(value=data["base"] + data["chg"])


def _summary(
    entry: Analysis, under: list[Trial], null: list[Trial], truth: float, size: int, seed: int
) -> Simulated:
    import numpy as np

    test: Test = keys.TEST.of(entry)
    good = [trial for trial in under if not trial.failure]
    good_null = [trial for trial in null if not trial.failure]
    if len(good) < FEWEST_TRIALS or len(good_null) < FEWEST_TRIALS:
        raise AnalysisError(
            expected="trials that can be analysed",
            found=next((one.failure for one in (*under, *null) if one.failure), "none"),
            next_step="Check the plan's primary analysis against the scenario.",
        )
    estimates = np.array([trial.estimate for trial in good])
    n = len(good)
    sd = float(estimates.std(ddof=1))
    covered = [trial.ci_lower <= truth <= trial.ci_upper for trial in good]
    return Simulated(
        trials=len(under),
        subjects=size,
        seed=seed,
        alpha=test.alpha,
        true_effect=truth,
        power=_share([trial.p_value < test.alpha for trial in good]),
        type_1_error=_share([trial.p_value < test.alpha for trial in good_null]),
        bias=Measured(float(estimates.mean()) - truth, sd / math.sqrt(n)),
        coverage=_share(covered),
        empirical_se=Measured(sd, sd / math.sqrt(2 * (n - 1))),
        mean_model_se=float(np.mean([trial.standard_error for trial in good])),
        failed=len(under) + len(null) - n - len(good_null),
        notes=(
            "Simulated trials hold baseline and the visit of the primary endpoint: imputation uses those two "
            "and the covariates, not the visits between.",
        ),
    )


def _share(hits: list[bool]) -> Measured:
    """A share of trials; its limits are Clopper and Pearson's."""
    from scipy import stats

    n, k = len(hits), sum(hits)
    share = k / n
    lower = float(stats.beta.ppf(0.025, k, n - k + 1)) if k else 0.0
    upper = float(stats.beta.ppf(0.975, k + 1, n - k)) if k < n else 1.0
    return Measured(share, math.sqrt(share * (1 - share) / n), lower, upper)
