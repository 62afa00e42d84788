"""What every analysis is given: plan, study and datasets, and what all of them count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from trialkit.analysis.composite import with_composite
from trialkit.analysis.errors import AnalysisError
from trialkit.analysis.modes import Mode
from trialkit.datasets import Datasets
from trialkit.expressions import parse
from trialkit.plan import Analysis, Endpoint, Plan, keys
from trialkit.plan.model import Alternative, AnalysisSet, ArmColumn, Derivation, Interval, Test
from trialkit.study.model import Study
from trialkit.wording import said

if TYPE_CHECKING:
    import pandas as pd

    from trialkit.analysis.results import AnalysisResult


@dataclass(frozen=True)
class Context:
    plan: Plan
    study: Study
    datasets: Datasets
    mode: Mode = Mode.UNBLINDED
    answered: dict[str, AnalysisResult] = field(default_factory=dict)
    made: list[Mapping[str, pd.DataFrame]] = field(default_factory=list)  # datasets that entries made

    @property
    def test_arm(self) -> str:
        assert not self.several, "a method with one test arm asks its entries for a pair"
        return self.plan.arms[0]

    @property
    def reference_arm(self) -> str:
        return self.plan.arms[-1]

    @property
    def arms(self) -> tuple[str, ...]:
        """Test arms first: the order of every table; one where the arms are not known."""
        return self.plan.arms

    @property
    def several(self) -> bool:
        """Whether there are more arms than one comparison has sides."""
        return len(self.arms) > 2

    def of_pair(self, entry: Analysis) -> Context:
        """As a study of the two arms that an entry names: without the subjects of any other."""
        if not entry.arms or self.mode is Mode.BLINDED:
            return self
        subjects = self.datasets.subjects
        arm = subjects[self.plan.sets[entry.set].arm.value] if entry.set in self.plan.sets else None
        kept = subjects if arm is None else subjects[arm.isna() | arm.isin(entry.arms)]
        return replace(
            self, plan=replace(self.plan, arms=entry.arms), datasets=replace(self.datasets, subjects=kept)
        )

    def endpoint(self, entry: Analysis) -> Endpoint:
        return self.plan.endpoints[keys.ENDPOINT.of(entry)]

    def subjects(self, entry: Analysis) -> pd.DataFrame:
        """The subjects of the entry's set, with ``arm`` as the set says, reference level first."""
        import pandas as pd

        analysis_set = self.plan.sets[entry.set]
        subjects = self.datasets.subjects
        chosen = subjects[subjects[f"set_{entry.set}"]].copy()
        if chosen.empty:
            raise AnalysisError(
                expected=said("subjects in the analysis set {set!r}", set=entry.set),
                found="none",
                where=entry.where,
                next_step="Check the set's rule in the plan.",
            )
        levels = list(reversed(self.arms))
        chosen["arm"] = pd.Categorical(chosen[analysis_set.arm.value], categories=levels)
        return self._with_factors(chosen, entry)

    def _with_factors(self, subjects: pd.DataFrame, entry: Analysis) -> pd.DataFrame:
        """Stratification factors under their own names: as randomized unless the true ones are asked for."""
        import pandas as pd

        asked = (entry.keys.get("strata"), entry.keys.get(keys.STRATA_AS.name))
        suffix = "true" if "true" in asked else "randomized"
        for factor in self.study.factors:
            item = self.study.item(factor.item) if factor.item else None
            labels = {level: item.label_of(level) if item else level for level in factor.levels}
            subjects[factor.name] = pd.Categorical(
                subjects[f"{factor.name}_{suffix}"].map(labels), categories=list(labels.values())
            ).remove_unused_categories()
        if all(factor.name != "site" for factor in self.study.factors):
            codes = [site.code for site in self.study.sites]
            subjects["site"] = pd.Categorical(subjects["site"], codes).remove_unused_categories()
        return subjects

    def assessments(self, entry: Analysis) -> pd.DataFrame:
        """Subjects of the set with ``base``, ``value`` and ``chg`` of the endpoint at the entry's visit."""
        return self.at_visit(entry, self.endpoint(entry), keys.VISIT.of(entry))

    def at_visit(self, entry: Analysis, endpoint: Endpoint, visit: str) -> pd.DataFrame:
        subjects = self.subjects(entry)
        long = self.datasets.assessments
        chosen = long[
            (long["parameter"] == endpoint.parameter) & (long["visit"] == visit) & long["analysis_flag"]
        ]
        columns = ["subject_id", "base", "value", "chg"]
        # The endpoint's own baseline column of the subject dataset gives way to `base`.
        found = subjects.drop(columns=[c for c in columns[1:] if c in subjects]).merge(
            chosen[columns], on="subject_id", how="left", validate="one_to_one"
        )
        return with_composite(self, entry, found, visit)

    def counts(
        self,
        data: pd.DataFrame,
        observed: pd.Series,
        reason: str | pd.Series,
        of: str = "",
        imputed: pd.Series | None = None,
    ) -> pd.DataFrame:
        """One row an arm: in the set, observed, imputed, excluded and why, with the number of each of several
        reasons; ``of`` names what was observed where an entry looks at several things."""
        import pandas as pd

        rows = []
        for arm in self.arms:
            here = data["arm"] == arm
            n_set, n_observed = int(here.sum()), int((here & observed).sum())
            n_imputed = 0 if imputed is None else int((here & imputed & ~observed).sum())
            n_excluded = n_set - n_observed - n_imputed
            out = here & ~observed if imputed is None else here & ~observed & ~imputed
            rows.append(
                {
                    "arm": arm,
                    "n_set": n_set,
                    "n_observed": n_observed,
                    "n_imputed": n_imputed,
                    "n_excluded": n_excluded,
                    "reason": reasons_words(reason, out) if n_excluded else "",
                    "of": of,
                }
            )
        return pd.DataFrame(rows)

    def counts_of_parts(
        self, data: pd.DataFrame, parts: Mapping[str, tuple[pd.Series, str | pd.Series]]
    ) -> pd.DataFrame:
        """As ``counts`` for an answer in parts, each with whom it used and why not others: a row an arm and
        part, or a row an arm where all parts used the same subjects (the last part's reason says why)."""
        import pandas as pd

        used = list(parts.values())
        if all(mask.equals(used[0][0]) for mask, _ in used):
            return self.counts(data, *used[-1])
        each = [self.counts(data, mask, reason, of=name) for name, (mask, reason) in parts.items()]
        return pd.concat(each, ignore_index=True)

    def by_arm_words(self, entry: Analysis) -> str:
        """Which arm the subjects of the entry's set are counted in; masked and coded groups are those
        allocated, whatever the set says."""
        if self.mode in (Mode.MASKED, Mode.CODED):
            return "by the group allocated"
        received = self.plan.sets[entry.set].arm is ArmColumn.ACTUAL and self.mode is Mode.UNBLINDED
        return "by the arm received" if received else "by the arm allocated"

    def estimand(self, entry: Analysis) -> str:
        """The estimand in words; empty where the entry estimates none."""
        estimand = self.plan.estimands.get(entry.estimand)
        return estimand.label if estimand else entry.estimand

    def set_label(self, entry: Analysis) -> str:
        """The set's label; where nobody may know who received what, how it is read instead."""
        one = self.plan.sets.get(entry.set)
        if one is None:
            return entry.set
        if self.mode is Mode.UNBLINDED or not _by_what_was_received(one):
            return one.label
        as_allocated = "" if self.mode is Mode.BLINDED else ", in the group allocated"
        return f"{one.label} (everybody randomized taken as treated{as_allocated})"

    def scales(self, entry: Analysis) -> pd.DataFrame:
        """One row on how the entry's numbers are to be read."""
        import pandas as pd

        endpoint = self.endpoint(entry)
        interval: Interval | None = entry.keys.get("interval")
        test: Test | None = entry.keys.get("test")
        return pd.DataFrame(
            [
                {
                    "endpoint": endpoint.label,
                    "unit": unit_of(endpoint),
                    "better": endpoint.better.value if endpoint.better and self.knows_sides else "",
                    "mcid": endpoint.mcid if self.knows_sides else None,
                    "confidence_level": interval.level if interval else None,
                    "alpha": test.alpha if test else None,
                }
            ]
        )

    def alternative(self, test: Test) -> Alternative:
        """The side of the test; masked groups have no side."""
        return Alternative.TWO_SIDED if self.mode is Mode.MASKED else test.alternative

    @property
    def knows_sides(self) -> bool:
        """Whether it may be said which arm something favours."""
        return self.mode is not Mode.MASKED

    def visit_label(self, name: str) -> str:
        """A visit of the plan as the study calls it."""
        return self.plan.visits[name].label or self.study.visit(name).label

    def label_and_unit(self, name: str) -> tuple[str, str]:
        """How a column of the subject dataset is called, and its unit."""
        return self.datasets.labels[name]

    @property
    def strata_words(self) -> str:
        return " and ".join(self.datasets.labels[f.item or f.name][0].lower() for f in self.study.factors)


def reasons_words(reason: str | pd.Series, out: pd.Series) -> str:
    """The reason; of several the number of each, the most frequent first."""
    if isinstance(reason, str):
        return reason
    found = reason[out].value_counts()
    if len(found) == 1:
        return str(found.index[0])
    ordered = sorted(found.items(), key=lambda one: (-one[1], str(one[0])))
    return ", ".join(f"{n} {words}" for words, n in ordered)


def unit_of(endpoint: Endpoint) -> str:
    """A change of a percentage is in points: "%" would be read as relative to baseline."""
    return "points" if endpoint.derive is Derivation.CHANGE and endpoint.unit == "percent" else endpoint.unit


def in_arm_order(table: pd.DataFrame, arms: tuple[str, ...], column: str = "arm") -> pd.DataFrame:
    """The same rows, test arm first; everything else keeps its order."""
    order: Mapping[str, int] = {arm: i for i, arm in enumerate(arms)}
    rank = table[column].astype(str).map(order)
    result = table.assign(**{column: table[column].astype(str)})
    return result.loc[rank.sort_values(kind="stable").index].reset_index(drop=True)


def _by_what_was_received(one: AnalysisSet) -> bool:
    """Whether who is in a set, or in which arm, hangs on what was received."""
    return one.arm is ArmColumn.ACTUAL or any(
        n.item == "treated" for n in parse(one.rule, syntax="rule").names
    )
