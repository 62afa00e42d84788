"""How missing data enter an analysis of a continuous endpoint: one class a way, as the plan says."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from trialkit import permitted
from trialkit.analysis.context import Context
from trialkit.analysis.covariates import factors_of, mean_imputed
from trialkit.analysis.imputation_model import completed, imputation_model
from trialkit.analysis.linear import used_rows
from trialkit.analysis.one_design import OneDesign
from trialkit.analysis.repeated import (
    long_data,
    measured_at,
    visits_after_baseline,
)
from trialkit.analysis.triggers import first_affected, trigger_problems, trigger_words
from trialkit.analysis.within_arms import values_within_arms, within_arms
from trialkit.plan import Analysis, Key, Place, PlanError, keys
from trialkit.plan.references import unknown
from trialkit.strict_toml import Section
from trialkit.wording import said

if TYPE_CHECKING:
    import pandas as pd

    from trialkit.stats.distributions import FloatArray


Fitting = Callable[["pd.DataFrame"], Any]  # a completed data set to a fit with ls_means and contrasts
PATTERN = re.compile(r"[A-Za-z_]\w*@(\*|[A-Za-z_]\w*)")
COMPLETE = "complete cases"


@dataclass(frozen=True)
class Handled:
    """A fit (or what pools fits), the data it is described by, and who was observed or imputed."""

    fit: Any
    data: pd.DataFrame
    used: pd.Series  # enters the model, observed or imputed
    imputed: pd.Series
    notes: tuple[str, ...] = ()
    drawn: pd.DataFrame | None = None  # imputation, subject_id, visit, imputed: what was not observed
    drawn_from: tuple[tuple[str, str], ...] = ()  # parameter, visit

    def datasets(self, context: Context, parameter: str) -> dict[str, pd.DataFrame]:
        """What to hand over so that another program can analyse the same completed data."""
        return (
            {}
            if self.drawn is None
            else {"imputed": with_sources(context, self.drawn, parameter, self.drawn_from)}
        )


def with_sources(
    context: Context, drawn: pd.DataFrame, parameter: str, drawn_from: Collection[tuple[str, str]]
) -> pd.DataFrame:
    """Imputed values of a parameter with the rows they were drawn from: what was observed in the same subject
    of the parameters and visits that the imputation model has, and counts for them."""
    long = context.datasets.assessments
    observed = long[long["analysis_flag"].astype(bool) & long["value"].notna()]
    has = observed.set_index(["parameter", "visit"]).index.isin(list(drawn_from))
    sources = observed[has].groupby("subject_id")["source"].agg(lambda rows: " ".join(dict.fromkeys(rows)))
    return drawn.assign(parameter=parameter, source=drawn["subject_id"].map(sources))


class MissingData(Protocol):
    """One way in which missing data enter."""

    @property
    def words(self) -> str: ...

    @property
    def symmetric(self) -> bool:
        """Whether it treats the arms alike, so that masked groups can be analysed by it."""

    @property
    def imputes(self) -> bool:
        """Whether who was not observed is analysed too."""

    def problems(self, place: Place) -> Iterator[PlanError]: ...

    def handle(self, context: Context, entry: Analysis, fitting: Fitting) -> Handled: ...


@dataclass(frozen=True)
class CompleteCases:
    words: str = COMPLETE
    symmetric: bool = True
    imputes: bool = False

    def problems(self, place: Place) -> Iterator[PlanError]:
        yield from ()

    def handle(self, context: Context, entry: Analysis, fitting: Fitting) -> Handled:
        import pandas as pd

        data = context.assessments(entry)
        used = used_rows(keys.FORMULA.of(entry), data)
        return Handled(fitting(data), data, used, pd.Series(False, index=data.index))


@dataclass(frozen=True)
class MultipleImputation:
    """Draws under missing at random within arm, from all named in ``using``; pooled by Rubin's rules."""

    using: tuple[str, ...]
    m: int
    pool: str
    by: str = "arm"
    symmetric: bool = True
    imputes: bool = True
    pools: bool = True

    @property
    def words(self) -> str:
        return (
            f"multiple imputation under missing at random within {self.by}, {self.m} data sets, pooled by "
            "Rubin's rules with Barnard-Rubin degrees of freedom"
        )

    def problems(self, place: Place) -> Iterator[PlanError]:
        scores = {score.name for score in place.study.scores}
        scores |= {endpoint.parameter for endpoint in place.plan.endpoints.values() if endpoint.parameter}
        for pattern in self.using:
            parameter, _, visit = pattern.partition("@")
            if parameter not in scores:
                yield unknown(
                    "a score of the study, or an endpoint's parameter", parameter, place.where, scores
                )
            if visit != "*" and visit not in place.plan.visits:
                yield unknown("a visit of the plan", visit, place.where, place.plan.visits)

    def handle(self, context: Context, entry: Analysis, fitting: Fitting) -> Handled:
        from trialkit.stats import pool

        visit = keys.VISIT.of(entry)
        factors = factors_of(keys.FORMULA.of(entry))
        made = imputation_model(context, entry, context.endpoint(entry), visit, self.using, factors)
        wide, start, target = made.wide, made.start, made.target
        alike = not made.data[[start, *made.helpers]].isna().any(axis=None)
        complete = self._once if alike else self._each
        fits, values = complete(context, entry, made.data, made.model, start, target, fitting)
        fit = pool(fits, df="barnard-rubin")
        described = wide.drop(columns=["base", "value", "chg"], errors="ignore").assign(
            base=wide[start], value=wide[target], chg=wide[target] - wide[start]
        )
        used = wide[made.helpers].notna().all(axis=1)  # a missing level has no mean: who has one is left out
        told = made.told(values, visit)
        return Handled(fit, described, used, used & ~made.observed, made.notes, told, made.wanted)

    def _each(
        self, context: Context, entry: Analysis, data: pd.DataFrame, model: list[str], start: str,
        target: str, fitting: Fitting,
    ) -> tuple[list[Any], list[FloatArray]]:  # fmt: skip
        """A fit of every completed data set, and its outcomes."""
        frames = within_arms(data, model, self.m, context.plan.seed)
        fits = [fitting(completed(frame, start, target)) for frame in frames]
        return fits, [frame[target].to_numpy(dtype=float) for frame in frames]

    def _once(
        self, context: Context, entry: Analysis, data: pd.DataFrame, model: list[str], start: str,
        target: str, fitting: Fitting,
    ) -> tuple[list[Any], list[FloatArray]]:  # fmt: skip
        """The same where completed data differ in the outcome alone: the model is read once."""
        values = values_within_arms(data, model, target, self.m, context.plan.seed)
        first = fitting(completed(data.assign(**{target: values[0]}), start, target))
        if not hasattr(first, "with_outcomes"):
            return self._each(context, entry, data, model, start, target, fitting)
        changed = data[start].to_numpy(dtype=float) if context.endpoint(entry).column == "chg" else 0.0
        return [first, *first.with_outcomes(values[1:] - changed)], list(values)


@dataclass(frozen=True)
class Variance:
    """Errors of imputed data: the jackknife over subjects (slow), or Rubin's rules over ``m`` draws."""

    jackknife: bool
    m: int = 0

    @property
    def words(self) -> str:
        if self.jackknife:
            return "conditional means, errors by the jackknife over subjects"
        return f"{self.m} draws pooled by Rubin's rules"


@dataclass(frozen=True)
class ReferenceBased:
    """Each missing value under a course of its own from the first visit missed on; with ``trigger`` only of
    who has one of those records or events, the others' under missing at random within their arm."""

    strategy: str
    label: str
    variance: Variance
    trigger: tuple[str, ...] = ()
    symmetric: bool = False
    imputes: bool = True
    pools: bool = True

    @property
    def words(self) -> str:
        after = trigger_words(self.trigger)
        who = f" after {after}, else missing at random" if after else ""
        return f"{self.label}{who}: {self.variance.words}"

    def problems(self, place: Place) -> Iterator[PlanError]:
        yield from trigger_problems(self.trigger, place)

    def handle(self, context: Context, entry: Analysis, fitting: Fitting) -> Handled:
        grid, data, target, notes = reference_grid(context, entry, self.strategy, self.variance, self.trigger)
        parameter = context.endpoint(entry).parameter
        once = OneDesign(fitting)

        def at_visit(frame: pd.DataFrame) -> Any:
            chosen = frame[frame["visit"] == target]
            return once(chosen.assign(value=chosen["value"], chg=chosen["value"] - chosen["base"]))

        fit = grid.analyse(at_visit)
        here = data[data["visit"] == target].reset_index(drop=True)
        observed = here["value"].notna()
        drawn = drawn_values(grid, self.variance)
        used = observed | ~observed
        return Handled(fit, here, used, ~observed, notes, drawn, at_every_visit(context, parameter))


def at_every_visit(context: Context, parameter: str) -> tuple[tuple[str, str], ...]:
    """What a model over the visits of one parameter is fitted to."""
    return tuple((parameter, visit) for visit in measured_at(context, parameter))


def reference_grid(
    context: Context, entry: Analysis, strategy: str, variance: Variance, trigger: tuple[str, ...] = ()
) -> tuple[Any, pd.DataFrame, str, tuple[str, ...]]:
    """The imputation model over all visits, its data, the visit, and what was set to a mean.

    From the first visit on from which nothing was observed, the strategy holds; where ``trigger`` names
    records or dated events, of subjects who have one, as :mod:`trialkit.analysis.triggers` says.
    """
    from trialkit.stats import impute_reference_based

    endpoint = context.endpoint(entry)
    places = [v for v in measured_at(context, endpoint.parameter) if v in visits_after_baseline(context)]
    data = long_data(context, entry, endpoint.parameter, places, label_visits=False)
    covariates = [n for n in factors_of(keys.FORMULA.of(entry)) if n not in ("arm", "visit")]
    data, notes = mean_imputed(context, data, [*covariates, "base"])
    grid = impute_reference_based(
        data[["subject_id", "visit", "value", "arm", *dict.fromkeys([*covariates, "base"])]],
        subject="subject_id",
        visit="visit",
        outcome="value",
        arm="arm",
        reference=context.reference_arm,
        covariates=covariates,
        strategy=strategy,  # type: ignore[arg-type]
        ice=first_affected(context, entry, trigger, _first_missed(data, places), places, endpoint.parameter),
        method="conditional-mean" if variance.jackknife else "bayes",
        n=variance.m or 2,
        seed=None if variance.jackknife else context.plan.seed,
    )
    return grid, data, keys.VISIT.of(entry), notes


def drawn_values(grid: Any, variance: Variance) -> pd.DataFrame | None:
    """Every value drawn, numbered by data set; nothing where errors are the jackknife's and none is drawn."""
    import pandas as pd

    if variance.jackknife:
        return None
    drawn = [grid.imputed_values(i).assign(imputation=i + 1) for i in range(grid.n)]
    names = {"value": "imputed", "after_event": "shifted"}
    values: pd.DataFrame = pd.concat(drawn, ignore_index=True)
    return values.rename(columns=names).drop(columns="strategy")


def _first_missed(data: pd.DataFrame, places: list[str]) -> Mapping[Any, Any]:
    """Subject -> the first visit from which on nothing was observed."""

    wide = data.pivot(index="subject_id", columns="visit", values="value")[places].notna().to_numpy()
    last = np.where(wide.any(axis=1), wide.shape[1] - wide[:, ::-1].argmax(axis=1), 0)
    subjects = data.pivot(index="subject_id", columns="visit", values="value").index
    return {one: places[k] for one, k in zip(subjects, last, strict=True) if k < len(places)}


STRATEGIES = {
    "j2r": "jump to reference",
    "cr": "copy reference",
    "cir": "copy increments in reference",
}


def _read(section: Section, key: str) -> MissingData:
    if not section.is_table(key):
        said_word = section.text(key)
        if said_word != COMPLETE:
            section.refuse(
                key, said('"{complete}", or a table with a method', complete=COMPLETE), repr(said_word)
            )
        return CompleteCases()
    here = section.section(key)
    method = here.one_of("method", ["mi", *STRATEGIES])
    reader = read_imputation if method == "mi" else _read_reference
    result = reader(here, method)
    here.done()
    return result


def read_imputation(here: Section, _method: str) -> MultipleImputation:
    """``using``, ``m``, ``pool`` and ``by`` of a table whose method is ``mi``."""
    using = here.texts("using")
    for pattern in using:
        if not PATTERN.fullmatch(pattern):
            here.refuse("using", 'scores at visits, such as "odi@*"', repr(pattern))
    m = here.integer("m", within=permitted.IMPUTATIONS)
    return MultipleImputation(
        using=using, m=m, pool=here.one_of("pool", ["barnard-rubin"]), by=here.one_of("by", ["arm"])
    )


def _read_reference(here: Section, method: str) -> MissingData:
    trigger = here.texts("trigger", ())
    return ReferenceBased(method, STRATEGIES[method], read_variance(here), trigger)


def read_variance(here: Section) -> Variance:
    """``variance = "jackknife"``, or ``"rubin"`` with ``m``."""
    if here.one_of("variance", ["jackknife", "rubin"]) == "jackknife":
        return Variance(jackknife=True)
    m = here.integer("m", within=permitted.IMPUTATIONS)
    return Variance(jackknife=False, m=m)


def _check(value: MissingData, place: Place) -> Iterator[PlanError]:
    yield from value.problems(place)


MISSING: Key[MissingData] = Key(
    "missing",
    "how missing data enter the analysis",
    '"complete cases", or a table: `method = "mi"` with `by`, `using`, `m`, `pool`; or `method = "j2r"`, '
    '`"cr"`, `"cir"` with `variance = "jackknife"`, or `"rubin"` and `m`; `trigger`: [records], '
    "events of the estimand or FORM.DATE after which alone it holds, other values being missing at random",
    _read,
    _check,
)


def counts_of(context: Context, handled: Handled, reason: str | pd.Series) -> pd.DataFrame:
    """One row an arm: in the set, observed, imputed, excluded."""
    observed = handled.used & ~handled.imputed
    return context.counts(handled.data, observed, reason, imputed=handled.imputed)
