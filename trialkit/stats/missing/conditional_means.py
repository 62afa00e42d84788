"""Each missing value by its expectation, from all subjects and with each left out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from trialkit.stats.distributions import FloatArray
from trialkit.stats.missing.completion import Completion
from trialkit.stats.missing.draws import PORTION
from trialkit.stats.missing.visit_model import Parameters, VisitModel


@dataclass(frozen=True, eq=False)
class ConditionalMeans:
    """The model fitted by restricted maximum likelihood, and the outcomes it completes."""

    model: VisitModel
    completion: Completion

    @cached_property
    def values(self) -> FloatArray:
        """Completed outcomes (1, subjects, visits)."""
        return self._complete(self.model.maximum)

    def without_each(self) -> Iterator[FloatArray]:
        """For each subject, outcomes (subjects, visits) completed by the model fitted without that one."""
        coefficients, covariance = self._replicates
        for first in range(0, len(coefficients), PORTION):
            part = slice(first, first + PORTION)
            yield from self.completion.complete(coefficients[part], covariance[part])

    @cached_property
    def _replicates(self) -> tuple[FloatArray, FloatArray]:
        fits = [self.model.without(s) for s in range(len(self.completion.outcome))]
        return np.array([fit.coefficients for fit in fits]), np.array([fit.covariance for fit in fits])

    def _complete(self, fit: Parameters) -> FloatArray:
        return self.completion.complete(fit.coefficients[None], fit.covariance[None])
