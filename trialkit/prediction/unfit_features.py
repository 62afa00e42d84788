"""Features that are none: refused by name, or warned of where chance could have made them so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from trialkit.numbers import plain
from trialkit.prediction import metrics
from trialkit.prediction.arrays import Floats
from trialkit.prediction.errors import PredictionError
from trialkit.prediction.plan import Feature, PredictionPlan
from trialkit.wording import said

_LARGEST = 1e100  # squares of larger numbers overflow
_ALL_BUT_CHANCE = 0.01
_FEWEST_FOR_A_PATTERN = 20
_FAR_QUARTILE_RANGES = 20
_NEARLY_TOLD = 0.98
_SERIAL = (
    (30_000, 60_000, "as a spreadsheet counts days"),  # 1982 to 2064
    (3e8, 3e9, "as a computer counts seconds"),  # 1979 to 2065
    (3e11, 3e12, "as a computer counts milliseconds"),
    (2_440_000, 2_476_000, "as astronomers count days"),  # 1968 to 2066
)
_NEARLY_ALL = 0.98
_MOST_LEVELS = 10  # of more, each with few people, chance may give every one of them one outcome
_YEARS = (1900, 2100)


def refuse_unfit(values: pd.DataFrame, outcome: Floats, weights: Floats, plan: PredictionPlan) -> None:
    """Refuse the first feature that is no feature.

    Raises
    ------
    PredictionError
        More missing than the plan allows, a number outside the feature's own limits or too large to compute
        with, a constant, a copy, dates as numbers, a running number, the outcome in whatever coding or
        telling it without an error.
    """
    seen: dict[bytes, Feature] = {}
    parted: dict[bytes, Feature] = {}
    for feature in plan.features:
        column = values[feature.name].to_numpy(dtype=float)
        _refuse_missing(feature, column, plan)
        present = column[~np.isnan(column)]
        _refuse_values(feature, column)
        if len(np.unique(present)) < 2:
            raise refused(feature.name, "a feature that varies", "a constant column")
        copied = seen.setdefault(column.tobytes(), feature)
        if copied is not feature:
            raise refused(feature.name, "different columns", said("a copy of {seen}", seen=copied.name))
        _refuse_the_same_parts(feature, column, parted)
        if feature.kind == "number":
            _refuse_numbers_that_count_nothing(feature, present)
        _refuse_the_outcome(feature, column, outcome, weights)


def refused(
    name: str, expected: str, found: str, next_step: str = "Take it out of the features."
) -> PredictionError:
    return PredictionError(expected=expected, found=found, where=name, next_step=next_step)


def _refuse_the_same_parts(feature: Feature, column: Floats, parted: dict[bytes, Feature]) -> None:
    """Refuse a category that parts the people as another feature does, its levels under other names."""
    levels = len(np.unique(column[~np.isnan(column)]))
    if levels > _MOST_LEVELS:
        return
    parts, _ = pd.factorize(column)
    other = parted.setdefault(parts.tobytes(), feature)
    if other is not feature and (levels == 2 or "category" in (feature.kind, other.kind)):
        raise refused(
            feature.name,
            "different columns",
            said("{other} with other names of its levels", other=other.name),
        )


def _refuse_missing(feature: Feature, column: Floats, plan: PredictionPlan) -> None:
    limit, share = plan.preparation.most_missing, float(np.isnan(column).mean())
    if share > limit:
        raise refused(
            feature.name,
            said("at most {limit}% missing, as the plan allows", limit=plain(100 * limit, 0)),
            f"{plain(100 * share, 0)}%",
            "Take the feature out, or amend the plan before the outcome is opened.",
        )


def _refuse_values(feature: Feature, column: Floats) -> None:
    lower = -_LARGEST if feature.lower is None else feature.lower
    upper = _LARGEST if feature.upper is None else feature.upper
    wrong = np.flatnonzero((column < lower) | (column > upper))
    if len(wrong) and feature.kind == "number":
        raise refused(
            feature.name,
            said("numbers from {lower:g} to {upper:g}", lower=lower, upper=upper),
            said("{value:g}, and {n} others", value=column[wrong[0]], n=len(wrong) - 1)
            if len(wrong) > 1
            else said("{value:g}", value=column[wrong[0]]),
            "Mend the value, or leave it empty and let the plan say how it is filled.",
        )


def _refuse_numbers_that_count_nothing(feature: Feature, present: Floats) -> None:
    whole = bool((present == np.round(present)).all()) and len(present) >= _FEWEST_FOR_A_PATTERN
    if whole and _are_dates(present):
        raise refused(feature.name, "a feature", "dates", "Use a time since an origin instead, in days.")
    every_other = len(np.unique(present)) == len(present)
    if whole and every_other and np.ptp(present) == len(present) - 1:
        raise refused(feature.name, "a feature", "an identifier: a running number")


def _are_dates(present: Floats) -> bool:
    """Written as 20240305, 202403, 5032024 or 3052024; also with a time behind, as 202403051330."""
    for behind in (1_000_000, 10_000):
        if present.min() > 10**7 * behind:
            return _are_dates(np.floor(present / behind))
    first, last = np.divmod(present, 10_000)  # year and month with day, or what stands before a year
    years, months = np.divmod(present, 100)
    front, back = np.divmod(first, 100)
    written = (
        ((first, *_YEARS), (np.floor(last / 100), 1, 12), (last % 100, 1, 31)),
        ((years, *_YEARS), (months, 1, 12)),
        ((front, 1, 31), (back, 1, 12), (last, *_YEARS)),
        ((front, 1, 12), (back, 1, 31), (last, *_YEARS)),
    )
    return any(
        all(bool(((part >= low) & (part <= high)).all()) for part, low, high in parts) for parts in written
    )


def _refuse_the_outcome(feature: Feature, column: Floats, outcome: Floats, weights: Floats) -> None:
    """In any coding, with gaps or without; or told without an error by a number that is not one of two."""
    at = ~np.isnan(column) & (weights > 0)
    x, y = column[at], outcome[at]
    if len(np.unique(y)) < 2:
        return
    levels = len(np.unique(x))
    if levels <= _MOST_LEVELS and len(np.unique(x + 1j * y)) == levels:
        raise refused(feature.name, "a feature", "the outcome under another name")
    if feature.kind == "number" and metrics.auc(y, x, np.ones(len(y))) in (0.0, 1.0):
        raise refused(
            feature.name,
            "a feature",
            "one that alone tells the outcome without an error",
            "A consequence of the outcome? Take it out of the features.",
        )


def warnings_of(
    values: pd.DataFrame, outcome: Floats, weights: Floats, plan: PredictionPlan
) -> tuple[str, ...]:
    """What is permitted and worth a second look, in words, with the features' labels."""
    numbers = [f for f in plan.features if f.kind == "number"]
    told = [f for f in plan.features if _tells_nearly_all(values[f.name].to_numpy(float), outcome, weights)]
    found = [text for f in numbers for text in _of_one(f, values[f.name].to_numpy(float), outcome, weights)]
    found += [f"{f.label} alone tells nearly all outcomes: a consequence of the outcome?" for f in told]
    return tuple(dict.fromkeys((*found, *_repeated(numbers, values), *_parted_alike(plan.features, values))))


def _tells_nearly_all(column: Floats, outcome: Floats, weights: Floats) -> bool:
    """Whether nearly everybody has the commoner outcome of its level; more than telling all one outcome."""
    at = ~np.isnan(column) & (weights > 0)
    levels, place = np.unique(column[at], return_inverse=True)
    if len(levels) > _MOST_LEVELS:
        return False
    cases = np.bincount(place, outcome[at])
    commoner = np.maximum(cases, np.bincount(place) - cases).sum() / at.sum()
    share = max(outcome[at].mean(), 1 - outcome[at].mean())
    return bool(commoner > _NEARLY_TOLD and (1 - commoner) < (1 - share) / 2)


def _of_one(feature: Feature, column: Floats, outcome: Floats, weights: Floats) -> Iterator[str]:
    at = ~np.isnan(column) & (weights > 0)
    present = column[~np.isnan(column)]
    area = metrics.auc(outcome[at], column[at], np.ones(int(at.sum())))
    if max(area, 1 - area) > _NEARLY_TOLD:
        yield f"{feature.label} alone tells nearly all outcomes: a consequence of the outcome?"
    if "date" in feature.name.lower().split("_"):
        yield f"{feature.label} is named a date: a time since an origin is what a model can use."
    whole = bool((present == np.round(present)).all())
    different, counts = np.unique(present, return_counts=True)
    for low, high, how in _SERIAL:
        if whole and _are_serial(different, len(present), low, high):
            yield f"{feature.label} may be dates, {how}: use a time since an origin."
    if len(present) >= 5 * _FEWEST_FOR_A_PATTERN and counts.max() >= _NEARLY_ALL * len(present):
        other = len(present) - counts.max()
        yield f"{feature.label} is {different[counts.argmax()]:g} for all but {other} of {len(present)}."
    if whole and len(different) == len(present) >= 5 * _FEWEST_FOR_A_PATTERN:
        yield f"{feature.label} is another whole number for everybody: an identifier or a date?"
    low, middle, high = np.percentile(present, [25, 50, 75])
    far = present[np.abs(present - middle) > _FAR_QUARTILE_RANGES * (high - low)]
    if high > low and len(far):
        yield f"{feature.label} of {far[0]:g} lies far from all others: a code for missing, another unit?"


def _are_serial(different: Floats, n: int, low: float, high: float) -> bool:
    inside = low <= different[0] and different[-1] <= high
    return inside and n >= _FEWEST_FOR_A_PATTERN and len(different) > n / 2


def _repeated(numbers: list[Feature], values: pd.DataFrame) -> Iterator[str]:
    """Straight-line copies: the same in another unit. The correlation filter lets one of them through."""
    together = values[[feature.name for feature in numbers]].corr(min_periods=3).abs().to_numpy()
    for place, second in enumerate(numbers):
        same = np.flatnonzero(together[place, :place] > 1 - 1e-9)
        if len(same):
            yield f"{second.label} repeats {numbers[same[0]].label}, in another unit perhaps."


def _parted_alike(features: Sequence[Feature], values: pd.DataFrame) -> Iterator[str]:
    """Categories that part the people alike where both are known; without gaps they are refused."""
    for first, second in combinations(features, 2):
        one, other = (values[feature.name].to_numpy(float) for feature in (first, second))
        at = ~np.isnan(one) & ~np.isnan(other)
        if "category" not in (first.kind, second.kind) or at.sum() < _FEWEST_FOR_A_PATTERN:
            continue
        levels = len(np.unique(one[at]))
        parts = len(np.unique(one[at] + 1j * other[at]))
        if 1 < levels <= _MOST_LEVELS and levels == parts == len(np.unique(other[at])):
            yield f"{second.label} repeats {first.label} where both are known, its levels named otherwise."


def refuse_people_twice(subjects: list[str], values: pd.DataFrame, outcome: Floats) -> None:
    """The same values of everything under two identifiers, where chance cannot have done it.

    Raises
    ------
    PredictionError
        Two such subjects: one person would stand on both sides of a split.
    """
    everything = values.assign(outcome_=outcome)
    twice = everything.duplicated(keep=False).to_numpy()
    if not twice.any() or _pairs_by_chance(everything) > _ALL_BUT_CHANCE:
        return
    first = int(np.flatnonzero(twice)[0])
    same = (everything.eq(everything.iloc[first]) | everything.isna() & everything.iloc[first].isna()).all(
        axis=1
    )
    second = int(np.flatnonzero(same.to_numpy())[1])
    raise PredictionError(
        expected=said("each person once, so that nobody stands on both sides of a split"),
        found=said("{n} subjects with another's values of every feature", n=int(twice.sum())),
        where=said("{first}, {second}", first=subjects[first], second=subjects[second]),
        next_step="Keep one line a person.",
    )


def _pairs_by_chance(everything: pd.DataFrame) -> float:
    """Expected pairs of people alike in every column, were the columns independent."""
    n, alike = len(everything), 1.0
    for name in everything.columns:
        counts = everything[name].value_counts(dropna=False).to_numpy(float)
        alike *= float((counts * (counts - 1)).sum()) / (n * (n - 1)) if (counts > 1).any() else 1 / n
    return n * (n - 1) / 2 * alike
