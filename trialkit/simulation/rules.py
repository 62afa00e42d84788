"""One value a person, drawn as a rule says: numbers, dates or codes, many people at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trialkit.simulation.errors import SimulationError
from trialkit.simulation.scenario import Rule
from trialkit.wording import said

Column = NDArray[Any]
"""Floats (NaN: none), dates as datetime64[D] (NaT: none), or texts (empty: none)."""


class Facts:
    """What is true of n people, visits or events, by name; numbers also on a standard scale."""

    def __init__(self, n: int, values: Mapping[str, Column] | None = None) -> None:
        self.n = n
        self.values: dict[str, Column] = dict(values or {})
        self.standard: dict[str, NDArray[np.float64]] = {}

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def __getitem__(self, name: str) -> Column:
        if name not in self.values:
            raise SimulationError(
                expected="a fact the scenario defines",
                found=repr(name),
                next_step=said("Known here: {values}.", values=", ".join(sorted(self.values))),
            )
        return self.values[name]

    def add(self, name: str, column: Column, mean: float | None = None, sd: float | None = None) -> None:
        """Add a fact; ``mean`` and ``sd`` put a number on the standard scale."""
        self.values[name] = column
        if mean is not None and sd:
            self.standard[name] = (column - mean) / sd

    def take(self, index: NDArray[np.int64]) -> Facts:
        """The facts of some of the people, in the order of ``index``."""
        taken = Facts(len(index), {name: column[index] for name, column in self.values.items()})
        taken.standard = {name: column[index] for name, column in self.standard.items()}
        return taken

    def combine(self, loads: Mapping[str, float]) -> NDArray[np.float64]:
        """Sum of load x standardized fact."""
        total = np.zeros(self.n)
        for name, load in loads.items():
            if name not in self.standard:
                raise SimulationError(
                    expected="a fact on a standard scale (one with mean and sd)",
                    found=repr(name),
                    next_step=said("Known here: {standard}.", standard=", ".join(sorted(self.standard))),
                )
            total += load * self.standard[name]
        return total


def draw(rule: Rule, random: np.random.Generator, facts: Facts) -> Column:
    """Values of one rule for all of ``facts``; nothing is rounded unless the rule says so."""
    if rule.constant is not None:
        return np.full(facts.n, rule.constant, dtype=object)
    if rule.trials is not None:
        chance = np.clip(facts[str(rule.fact)].astype(float), 0, 1)
        return np.asarray(random.binomial(rule.trials, chance), dtype=np.float64)
    if rule.fact is not None:
        return _from_fact(rule, random, facts)
    if rule.mean is not None:
        number = rule.mean + rule.sd * correlated(rule.loads, random, facts)
        return _bounded(rule, np.exp(number) if rule.exponentiate else number)
    uniform = random.random(facts.n)
    if rule.by is None:
        return pick(rule.weights, uniform)
    groups = facts[rule.by]
    out = np.full(facts.n, "", dtype=object)
    for value, weights in rule.weights_by.items():
        chosen = groups == value
        out[chosen] = pick(weights, uniform[chosen])
    return out


def correlated(loads: Mapping[str, float], random: np.random.Generator, facts: Facts) -> NDArray[np.float64]:
    """Standard normal, correlated with the facts by ``loads``."""
    rest = 1 - sum(load**2 for load in loads.values())
    own = np.sqrt(rest) * random.standard_normal(facts.n)
    return np.asarray(facts.combine(loads) + own, dtype=np.float64)


def _from_fact(rule: Rule, random: np.random.Generator, facts: Facts) -> Column:
    column = facts[str(rule.fact)]
    if np.issubdtype(column.dtype, np.datetime64):
        if rule.days is None:
            return column
        low, high = rule.days
        moved = random.integers(low, high + 1, size=facts.n).astype("timedelta64[D]")
        return np.asarray(column + moved, dtype="datetime64[D]")
    if rule.map:
        return np.array([rule.map.get(plain(value), "") for value in column], dtype=object)
    if column.dtype == object:
        return column
    number = column.astype(float) * rule.times + rule.plus
    if rule.noise_sd:
        number = number + rule.noise_sd * random.standard_normal(facts.n)
    if not rule.cuts:
        return _bounded(rule, number)
    codes = np.array(rule.codes, dtype=object)[np.searchsorted(np.array(rule.cuts), number, side="right")]
    codes[np.isnan(number)] = ""
    return codes


def _bounded(rule: Rule, number: NDArray[np.float64]) -> NDArray[np.float64]:
    if rule.minimum is not None or rule.maximum is not None:
        number = np.clip(number, rule.minimum, rule.maximum)
    return number if rule.decimals is None else np.round(number, rule.decimals)


def pick(weights: Mapping[str, float], uniform: NDArray[np.float64]) -> Column:
    """A code for each uniform number, by weight (weights need not sum to 1)."""
    cumulative = np.cumsum(list(weights.values()))
    index = np.searchsorted(cumulative / cumulative[-1], uniform, side="right")
    return np.array(list(weights), dtype=object)[np.minimum(index, len(weights) - 1)]


def plain(value: object) -> str:
    """A value as a code: whole numbers without a point."""
    if isinstance(value, float | np.floating):
        return (
            "" if np.isnan(value) else (str(int(value)) if float(value).is_integer() else str(float(value)))
        )
    return str(value)
