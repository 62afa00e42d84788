"""The data a model is developed on: one line a subject, checked, weighted where follow-up ended early."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from trialkit.prediction.arrays import Booleans, Floats, Matrix
from trialkit.prediction.censoring import censoring_weights, seen_to_the_horizon
from trialkit.prediction.errors import PredictionError
from trialkit.prediction.plan import Feature, PredictionPlan
from trialkit.prediction.reliability import readings_of
from trialkit.prediction.unfit_features import refuse_people_twice, refuse_unfit, refused, warnings_of
from trialkit.wording import said


@dataclass(frozen=True)
class ModelTable:
    """``values``: one column a feature, numbers as float, categories as level index, NaN where missing.

    ``outcome`` 0/1; ``weights`` 1 or the inverse probability of being uncensored (0: outcome unknown).
    """

    subjects: tuple[str, ...]
    values: pd.DataFrame
    outcome: Floats
    weights: Floats
    site: tuple[str, ...]
    subgroups: pd.DataFrame
    arm: tuple[str, ...] | None
    notes: tuple[str, ...]
    without_outcome: pd.DataFrame
    """Features of people whose outcome is not known: no part of the development, but the pathway has them."""
    arm_without_outcome: tuple[str, ...] | None = None
    reference_arm: str = ""
    readings: Mapping[str, Matrix] = field(default_factory=dict)
    """Feature -> what each reader measured, one row a subject; empty where nothing was read twice."""
    beside: pd.DataFrame = field(default_factory=pd.DataFrame)
    """Features of comparators alone."""

    @property
    def n(self) -> int:
        return len(self.subjects)

    @property
    def events(self) -> int:
        return int(((self.outcome == 1) & (self.weights > 0)).sum())

    def known(self) -> int:
        """Subjects whose outcome is known: those with a weight."""
        return int((self.weights > 0).sum())


def model_table(data: pd.DataFrame, plan: PredictionPlan, readings: pd.DataFrame | None = None) -> ModelTable:
    """Check ``data`` against ``plan`` and take what the model may see, subjects in the order of their names:
    the order of the lines decides nothing.

    Raises
    ------
    PredictionError
        A column absent, an identifier or date among the features, a feature that is the outcome, a constant
        or duplicate column, a subject twice, one class, fewer events than folds, infinite values, more
        missing than the plan allows, other arms than two (see
        :mod:`trialkit.prediction.unfit_features`): each by name.
    """
    _check_columns(data, plan)
    _check_subjects(data, plan)
    _check_arms(data, plan)
    data = _by_subject(data, plan)
    outcome, weights, kept, notes = _outcome(data, plan)
    others, data = data.loc[~kept], data.loc[kept]
    _check_known(weights, len(others), plan)
    values = _features(data, plan.features)
    subjects = tuple(data[plan.subject].astype(str))
    beside = _features(data, plan.beside)
    refuse_unfit(values, outcome, weights, plan)
    refuse_unfit(beside, outcome, weights, replace(plan, features=plan.beside))
    _check_classes(outcome, weights, plan)
    refuse_people_twice(list(subjects), values, outcome)
    notes += _missing(values, plan) + warnings_of(values, outcome, weights, plan)
    return ModelTable(
        subjects=subjects,
        values=values,
        outcome=outcome,
        weights=weights,
        site=tuple(data[plan.site].astype(str)) if plan.site else ("",) * len(data),
        subgroups=data[list(plan.subgroups)].reset_index(drop=True),
        arm=_arms(data, plan),
        notes=notes,
        without_outcome=_features(others, plan.features),
        arm_without_outcome=_arms(others, plan),
        reference_arm=plan.arm.reference,
        readings={} if readings is None else readings_of(readings, subjects, plan),
        beside=beside,
    )


def _by_subject(data: pd.DataFrame, plan: PredictionPlan) -> pd.DataFrame:
    """Sorted by the subject's name; the index keeps the line."""
    return data.reset_index(drop=True).sort_values(
        plan.subject, kind="stable", key=lambda names: names.map(as_level)
    )


def _features(data: pd.DataFrame, features: Sequence[Feature]) -> pd.DataFrame:
    return pd.DataFrame({f.name: feature_values(data, f) for f in features}).reset_index(drop=True)


def _missing(values: pd.DataFrame, plan: PredictionPlan) -> tuple[str, ...]:
    counts = {feature.label: int(values[feature.name].isna().sum()) for feature in plan.features}
    return tuple(f"{label}: {count} of {len(values)} missing" for label, count in counts.items() if count)


def _arms(data: pd.DataFrame, plan: PredictionPlan) -> tuple[str, ...] | None:
    return None if plan.arm.role == "absent" else tuple(data[plan.arm.column].map(as_level))


def _check_arms(data: pd.DataFrame, plan: PredictionPlan) -> None:
    """Two arms, one of them the plan's reference, on every line; an error names no arm."""
    if plan.arm.role == "absent":
        return
    column = data[plan.arm.column]
    known = set(column.dropna().map(as_level))
    if column.isna().any() or len(known) != 2 or plan.arm.reference not in known:
        raise PredictionError(
            expected=said("one of two arms on every line, one of the two the plan's reference"),
            found=said(
                "{n} arms, {missing} lines without one", n=len(known), missing=int(column.isna().sum())
            )
            if plan.arm.reference in known
            else said("{n} arms, none of them the reference", n=len(known)),
            where=plan.arm.column,
            next_step="Mend the column, or the plan's [arm].",
        )


def feature_values(data: pd.DataFrame, feature: Feature) -> pd.Series[float]:
    """One feature as numbers: itself, or the index of its level; what is no level or number is refused."""
    column = data[feature.name]
    if feature.kind == "category":
        texts = column.map(as_level, na_action="ignore")  # a gap makes whole codes 2.0, and they stay 2
        unknown = sorted(set(texts.dropna()) - set(feature.levels))
        if unknown:
            raise PredictionError(
                expected=said(
                    "a level of {name} ({levels})", name=feature.name, levels=", ".join(feature.levels)
                ),
                found=repr(unknown[0]),
                where=feature.name,
                next_step="Name the level in the plan, or mend the data.",
            )
        index = {level: float(i) for i, level in enumerate(feature.levels)}
        return texts.map(index).astype(float)
    numbers = pd.to_numeric(column, errors="coerce").astype(float)
    wrong = column[numbers.isna() & column.notna() & (column.astype(str).str.strip() != "")].sort_index()
    if len(wrong):
        raise PredictionError(
            expected=said("numbers in {name}", name=feature.name),
            found=repr(wrong.iloc[0]),
            where=said("line {index}", index=int(wrong.index[0]) + 2),
            next_step="Mend the value, or declare the feature a category with its levels.",
        )
    if np.isinf(numbers).any():
        raise PredictionError(
            expected=said("finite numbers in {name}", name=feature.name),
            found="an infinite one",
            where=said("line {line}", line=int(numbers[np.isinf(numbers)].index.min()) + 2),
            next_step="Mend the value, or leave it empty and let the plan say how it is filled.",
        )
    return numbers


def _check_columns(data: pd.DataFrame, plan: PredictionPlan) -> None:
    from trialkit.nearest import advice

    beside = [f.name for f in plan.beside]
    wanted = [plan.subject, *plan.outcome.columns, *plan.names, *plan.subgroups, *beside]
    wanted += [plan.site] if plan.site else []
    wanted += [plan.arm.column] if plan.arm.role != "absent" else []
    for name in wanted:
        if name not in data.columns:
            raise PredictionError(
                expected=said("a column {name!r}", name=name),
                found=said("{n_columns} others", n_columns=len(data.columns)),
                where="the data",
                next_step=advice(name, map(str, data.columns), otherwise="Add it, or mend the plan."),
            )
    for name in (*plan.names, *beside):
        if name in plan.outcome.columns:
            raise refused(name, "a feature", "the outcome itself")
        if name in (plan.subject, plan.site) and name:
            raise refused(name, "a feature", "an identifier")
        column = data[name]
        if pd.api.types.is_datetime64_any_dtype(column) or _looks_like_dates(column):
            raise refused(name, "a feature", "dates", "Use a time since an origin instead, in days.")


def _looks_like_dates(column: pd.Series[Any]) -> bool:
    if pd.api.types.is_numeric_dtype(column):
        return False
    texts = column.dropna().astype(str)
    return bool(len(texts)) and bool(texts.str.fullmatch(r"\d{4}-\d{2}-\d{2}([T ].*)?").all())


def _check_subjects(data: pd.DataFrame, plan: PredictionPlan) -> None:
    subjects = data[plan.subject]
    if subjects.isna().any():
        raise PredictionError(
            expected=said("a {subject} on every line", subject=plan.subject),
            found="none",
            where=said("line {flatnonzero}", flatnonzero=int(np.flatnonzero(subjects.isna())[0]) + 2),
            next_step="Name the subject.",
        )
    if plan.site and data[plan.site].isna().any():
        raise PredictionError(
            expected=said("a {site} on every line", site=plan.site),
            found="none",
            where=said("line {line}", line=int(np.flatnonzero(data[plan.site].isna())[0]) + 2),
            next_step="Name the site: the split is stratified by it.",
        )
    subjects = subjects.astype(str).str.strip()
    twice = subjects[subjects.duplicated()]
    if len(twice):
        raise PredictionError(
            expected="one line a subject, so that nobody stands on both sides of a split",
            found=said("{iloc} twice, and {twice} others", iloc=twice.iloc[0], twice=twice.nunique() - 1)
            if twice.nunique() > 1
            else said("{iloc} twice", iloc=twice.iloc[0]),
            where=plan.subject,
            next_step="Bring levels, sides and scans of a subject onto one line.",
        )
    _check_alike(subjects, plan)


def _check_alike(subjects: pd.Series[str], plan: PredictionPlan) -> None:
    """PD-01, pd-01 and its full-width form are one name to whoever reads them."""
    plain = subjects.map(_plain_name)
    twice = subjects[plain.duplicated(keep=False)]
    if len(twice):
        first = plain[twice.index[0]]
        raise PredictionError(
            expected="names of subjects that differ in more than their case, width or spaces",
            found=", ".join(subjects[plain == first].head(3)),
            where=plan.subject,
            next_step="Bring a subject's lines onto one, or give each its own name.",
        )


def _plain_name(name: str) -> str:
    """With single blanks ("1 11" is not "11 1"), and without what nobody sees, which pasting brings along."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return " ".join("".join(c for c in folded if unicodedata.category(c) != "Cf").split())


def _outcome(data: pd.DataFrame, plan: PredictionPlan) -> tuple[Floats, Floats, Booleans, tuple[str, ...]]:
    if plan.outcome.kind == "binary":
        column = data[plan.outcome.column]
        known = np.asarray(column.notna(), dtype=bool)
        texts = column[known].map(as_level)
        levels = sorted(set(texts))
        if len(levels) > 2 or (levels and plan.outcome.positive not in levels and len(levels) == 2):
            raise PredictionError(
                expected=said("two outcomes, one of them {positive!r}", positive=plan.outcome.positive),
                found=", ".join(levels[:5]),
                where=plan.outcome.column,
                next_step="Say in the plan which value is positive.",
            )
        outcome = np.asarray(texts == plan.outcome.positive, dtype=float)
        left_out = int((~known).sum())
        notes: tuple[str, ...] = (f"{left_out} subjects without outcome left out",) if left_out else ()
        return outcome, np.ones(len(outcome)), known, notes
    return _by_horizon(data, plan)


def _by_horizon(data: pd.DataFrame, plan: PredictionPlan) -> tuple[Floats, Floats, Booleans, tuple[str, ...]]:
    time, event = data[plan.outcome.time_days].astype(float), data[plan.outcome.event].astype(float)
    known = (time.notna() & event.notna()).to_numpy(dtype=bool)
    if ((time < 0) & known).any() or not set(event[known].unique()) <= {0.0, 1.0}:
        raise PredictionError(
            expected="times of at least 0 days and events 0 or 1",
            found="others",
            where=f"{plan.outcome.time_days}, {plan.outcome.event}",
            next_step="Mend the data.",
        )
    days, happened = (np.asarray(column[known], dtype=np.float64) for column in (time, event))
    horizon = plan.outcome.horizon_days
    days = seen_to_the_horizon(days, happened, plan.outcome.followed_from_days or horizon, horizon)
    outcome, weights = censoring_weights(days, happened, horizon)
    censored, seen_from = int((weights == 0).sum()), plan.outcome.followed_from_days or horizon
    without = int((~known).sum())
    left_out = (f"{without} subjects without outcome left out",) if without else ()
    notes = (
        f"{censored} subjects censored before {seen_from:g} days: weight 0; the others carry "
        "the inverse probability of being followed so long (IPCW)",
    )
    return outcome, weights, known, (*left_out, *(notes if censored else ()))


def as_level(value: object) -> str:
    """A code as the plan writes it: 2 for 2.0."""
    if isinstance(value, (bool, np.bool_)):
        return str(int(value))
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        return str(int(value))
    return str(value)


def _check_known(weights: Floats, without: int, plan: PredictionPlan) -> None:
    """Before the features: of nobody every feature is constant, and that would be said instead."""
    if not (weights > 0).any():
        raise PredictionError(
            expected="subjects with a known outcome",
            found=said("{n} subjects, all without one", n=len(weights) + without),
            where=", ".join(plan.outcome.columns),
            next_step="Bring the outcome into the data, or name its column in the plan.",
        )


def _check_classes(outcome: Floats, weights: Floats, plan: PredictionPlan) -> None:
    folds = max(plan.resampling.folds, plan.selection.folds, plan.threshold.folds)
    for value, word in ((1, "with"), (0, "without")):
        count = int(((outcome == value) & (weights > 0)).sum())
        if count < 2 * folds:
            raise PredictionError(
                expected=said(
                    "at least {folds} subjects {word} the outcome, for {folds_2} folds",
                    folds=2 * folds,
                    word=word,
                    folds_2=folds,
                ),
                found=str(count),
                where=", ".join(plan.outcome.columns),
                next_step="Fewer folds, or no model: too few events to say anything.",
            )
