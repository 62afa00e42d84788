"""Completing the outcomes of a grid under given parameters and assumptions."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from trialkit.stats.columns import BoolArray
from trialkit.stats.distributions import FloatArray
from trialkit.stats.missing.conditional import fill, patterns_of
from trialkit.stats.missing.events import Events
from trialkit.stats.missing.strategies import assumed_means


@dataclass(frozen=True, eq=False)
class Completion:
    """Observed outcomes (subjects, visits; NaN where missing), designs, and each subject's event."""

    outcome: FloatArray
    own: FloatArray
    reference: FloatArray
    events: Events

    @cached_property
    def missing(self) -> BoolArray:
        return np.isnan(self.outcome)

    @cached_property
    def after_event(self) -> BoolArray:
        """Missing values at or after the subject's event; the others are missing at random."""
        return self.missing & self.events.affected

    def complete(
        self,
        coefficients: FloatArray,
        covariance: FloatArray,
        generator: np.random.Generator | None = None,
    ) -> FloatArray:
        """Outcomes (draws, subjects, visits): conditional means, or draws with a generator.

        Every observed value is conditioned on, those after the event too. Under copy reference the
        reference mean would reach back before the event; values missing there are first imputed at random
        from those observed before it.
        """
        own, reference = (_means(design, coefficients) for design in (self.own, self.reference))
        values = np.repeat(np.where(self.missing, 0.0, self.outcome)[None], len(coefficients), axis=0)
        known = ~self.missing
        early = self._early
        if early.any():
            before = values.copy()
            rows = np.asarray(early.any(axis=1))
            fill(before, own, covariance, patterns_of(rows[:, None] & ~self._seen_before), generator)
            values = np.where(early, before, values)
            known = known | early
        means = assumed_means(own, reference, self.events.first, self.events.strategies)
        fill(values, means, covariance, patterns_of(~known), generator)
        return values

    @cached_property
    def _early(self) -> BoolArray:
        """Missing before the event of a subject whose strategy changes the mean there."""
        copied = np.array([name == "cr" for name in self.events.strategies])
        return np.asarray(self.missing & ~self.events.affected & copied[:, None])

    @cached_property
    def _seen_before(self) -> BoolArray:
        return np.asarray(~self.missing & ~self.events.affected)


def _means(design: FloatArray, coefficients: FloatArray) -> FloatArray:
    flat = design.reshape(-1, design.shape[2])
    return (coefficients @ flat.T).reshape(-1, *design.shape[:2])
