"""Simulated trials as an entry of the plan sees them: the datasets of a run, made straight from a scenario.

A light trial has every visit of the scores that the entry reads, missed visits and drop-out included, and
the facts that its formula and strata name. It has no forms: no death, no blank item, no visit out of its
window.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from trialkit.analysis.context import Context
from trialkit.analysis.errors import AnalysisError
from trialkit.datasets import Datasets
from trialkit.datasets.build import labels_of
from trialkit.plan import Analysis, Endpoint, Plan, keys
from trialkit.plan.intercurrent import composites
from trialkit.plan.model import Derivation
from trialkit.plan.references import MADE_BY_DATASETS
from trialkit.simulation import Scenario, simulated_visits
from trialkit.simulation.scenario import Measure, Rule
from trialkit.study.model import Study
from trialkit.wording import said

if TYPE_CHECKING:
    import pandas as pd

BLOCK_OF_EACH = 2  # of the ratio: blocks of 4 at 1:1
LIST_STREAM = 7
AT_VISITS = (Derivation.VALUE, Derivation.CHANGE, Derivation.RESPONSE)


@dataclass(frozen=True)
class LightTrials:
    """What trials are made from: the entry alone in its plan, the scenario, the arms and how many of each."""

    plan: Plan
    study: Study
    scenario: Scenario
    entry: Analysis
    subjects: int

    @property
    def arms(self) -> tuple[str, str]:
        return self.plan.arms[0], self.plan.arms[-1]

    def context(self, seed: int, *, null: bool) -> Context:
        """A trial; where ``null``, nobody's outcome depends on the arm."""
        data = self._drawn(seed, null)
        plan = replace(self.plan, seed=seed)
        return Context(plan, self.study, light_datasets(plan, self.study, self.scenario, data))

    def _drawn(self, seed: int, null: bool) -> pd.DataFrame:
        """Allocated by permuted blocks within strata."""
        import pandas as pd

        random = np.random.default_rng([seed, LIST_STREAM])
        ratio = [self.study.arm(arm).ratio for arm in self.arms]
        block = [arm for arm, n in zip(self.arms, ratio, strict=True) for _ in range(n * BLOCK_OF_EACH)]

        def listed(people: pd.DataFrame) -> list[str]:
            arms = pd.Series("", index=people.index, dtype=object)
            strata = [factor.name for factor in self.study.factors if factor.name in people]
            for _, stratum in people.groupby(strata or (lambda _: 0), sort=True):
                blocks = [random.permutation(block) for _ in range(len(stratum) // len(block) + 1)]
                arms.loc[stratum.index] = np.concatenate(blocks)[: len(stratum)]
            return list(arms)

        measures = measures_of(self.plan, self.scenario, self.entry)
        allocate = (lambda people: [self.arms[1]] * len(people)) if null else listed
        data = simulated_visits(self.scenario, self.subjects, seed, allocate, measures)
        return data.assign(arm=listed(data)) if null else data


def require_light(plan: Plan, study: Study, scenario: Scenario, entry: Analysis) -> None:
    """Refuse, before a trial is simulated, an entry that reads what light trials do not have.

    Raises
    ------
    AnalysisError
        With what the entry reads, and why there is none of it.
    """
    for problem in _problems(plan, study, scenario, entry):
        raise problem


def _problems(plan: Plan, study: Study, scenario: Scenario, entry: Analysis) -> Iterator[AnalysisError]:
    def refused(expected: str, found: str, next_step: str) -> AnalysisError:
        return AnalysisError(expected=expected, found=found, where=entry.where, next_step=next_step)

    one = plan.sets.get(entry.set)
    if one is None or one.rule != "randomized" or one.requires or one.without:
        yield refused(
            "a primary analysis of everybody randomized: simulated trials know no later exclusions",
            said("the set {set}", set=one.label if one else entry.set),
            "Simulate a plan whose primary analysis is of the randomized.",
        )
    for endpoint in endpoints_of(plan, entry):
        if endpoint.derive not in AT_VISITS:
            yield refused(
                "an endpoint measured at visits",
                said("{label}: {kind}", label=endpoint.label, kind=endpoint.derive.value.replace("_", " ")),
                "Power of a time to an event: trialkit.stats has closed forms.",
            )
        elif measure_named(scenario, endpoint.parameter) is None:
            yield refused(
                "a scenario that simulates the endpoint",
                said("no measure {name}", name=endpoint.parameter),
                "Add it to the scenario's [measures].",
            )
    if composites(plan, entry):
        yield refused(
            "an outcome that no intercurrent event replaces",
            "a composite strategy, and simulated trials without such events",
            "Simulate the plan with treatment policy, and say so.",
        )
    for name in sorted(columns_of(entry)):
        if _column(scenario, study, name) is None and measure_named(scenario, name) is None:
            yield refused(
                "columns that the scenario has of every subject",
                repr(name),
                "Add it to the scenario as a fact, with an item that is the fact as it stands.",
            )


def endpoints_of(plan: Plan, entry: Analysis) -> list[Endpoint]:
    names = entry.keys.get("endpoints") or (entry.keys["endpoint"],)
    return [plan.endpoints[name] for name in names]


def columns_of(entry: Analysis) -> set[str]:
    """The columns of the subject dataset that a formula or strata name."""
    named: set[str] = set()
    if "formula" in entry.keys:
        named |= set(keys.read_formula(keys.FORMULA.of(entry)).columns)
    strata = entry.keys.get("strata")
    named |= set(strata) if isinstance(strata, tuple) else set()
    return named - MADE_BY_DATASETS


def measure_named(scenario: Scenario, parameter: str) -> Measure | None:
    """The measure whose values a score or item of the study takes."""
    for measure in scenario.measures:
        if parameter in (measure.name, measure.score, measure.item):
            return measure
    return None


def measures_of(plan: Plan, scenario: Scenario, entry: Analysis) -> tuple[str, ...]:
    """The measures an entry reads: its endpoints', those it imputes from, and covariates."""
    wanted = [endpoint.parameter for endpoint in endpoints_of(plan, entry)]
    wanted += [pattern.partition("@")[0] for pattern in getattr(entry.keys.get("missing"), "using", ())]
    found = (measure_named(scenario, name) for name in (*wanted, *sorted(columns_of(entry))))
    return tuple(dict.fromkeys(measure.name for measure in found if measure is not None))


def _column(scenario: Scenario, study: Study, name: str) -> str | None:
    """The fact that a factor or item is, as it stands."""
    facts = {"site", *(fact.name for fact in scenario.facts)}
    if name in facts and any(factor.name == name for factor in study.factors):
        return name
    rule = scenario.items.get(name)
    return rule.fact if rule is not None and _is_plain(rule) and rule.fact in facts else None


def _is_plain(rule: Rule) -> bool:
    return rule == Rule(fact=rule.fact)


def light_datasets(plan: Plan, study: Study, scenario: Scenario, data: pd.DataFrame) -> Datasets:
    """A simulated trial as the datasets of a run."""
    import pandas as pd

    nothing = pd.DataFrame()
    subjects = data[[column for column in data if "@" not in str(column)]].drop(columns="arm")
    flags = {f"set_{name}": True for name in plan.sets}
    strata = {
        f"{factor.name}_{kind}": subjects[factor.name].astype(str)
        for factor in study.factors
        for kind in ("randomized", "true")
        if factor.name in subjects
    }
    items = {
        name: subjects[rule.fact]
        for name, rule in scenario.items.items()
        if _is_plain(rule) and rule.fact in subjects and name not in subjects
    }
    baseline = {
        parameter: data[f"{measure.name}@{measure.baseline_visit}"]
        for parameter, measure in _simulated(plan, scenario, data).items()
    }
    arm = data["arm"].astype(object)
    known = {**flags, **strata, **items, **baseline, "planned_arm": arm, "actual_arm": arm}
    return Datasets(
        study=study,
        subjects=subjects.assign(randomized=True, treated=True, **known),
        assessments=_assessments(plan, scenario, data),
        times=nothing, episodes=nothing, time_notes={}, records={}, quality=nothing, labels=labels_of(study),
        sets=plan.sets, visits=nothing, values=pd.DataFrame(columns=["subject_id", "item", "visit", "value"]),
    )  # fmt: skip


def _simulated(plan: Plan, scenario: Scenario, data: pd.DataFrame) -> Mapping[str, Measure]:
    """Parameters of the plan and measures by name, of which the trial has visits."""
    names = [endpoint.parameter for endpoint in plan.endpoints.values() if endpoint.parameter]
    found = {name: measure_named(scenario, name) for name in (*names, *(m.name for m in scenario.measures))}
    return {
        name: measure
        for name, measure in found.items()
        if measure is not None and f"{measure.name}@{measure.baseline_visit}" in data
    }


def _assessments(plan: Plan, scenario: Scenario, data: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    parts: list[dict[str, Any]] = []
    for parameter, measure in _simulated(plan, scenario, data).items():
        base = data[f"{measure.name}@{measure.baseline_visit}"].to_numpy(dtype=float)
        for visit in (measure.baseline_visit, *measure.visits):
            if visit not in plan.visits:
                continue
            value = data[f"{measure.name}@{visit}"].to_numpy(dtype=float)
            seen = ~np.isnan(value)
            parts.append(
                {
                    "subject_id": data["subject_id"].to_numpy()[seen], "base": base[seen],
                    "value": value[seen], "parameter": np.full(int(seen.sum()), parameter, dtype=object),
                    "visit": np.full(int(seen.sum()), visit, dtype=object),
                }
            )  # fmt: skip
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    change = columns["value"] - columns["base"]
    return pd.DataFrame(columns).assign(chg=change, analysis_flag=True, source="simulated", day=np.nan)
