"""Each missing value by its expectation, from all subjects and with each left out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from trialkit.stats.distributions import FloatArray
from trialkit.stats.missing.completion import Completion
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

    @cached_property
    def without_each(self) -> FloatArray:
        """Completed outcomes (subjects, subjects, visits): entry s is from the model fitted without s."""
        fits = [self.model.without(s) for s in range(len(self.completion.outcome))]
        coefficients = np.array([fit.coefficients for fit in fits])
        covariance = np.array([fit.covariance for fit in fits])
        return self.completion.complete(coefficients, covariance)

    def _complete(self, fit: Parameters) -> FloatArray:
        return self.completion.complete(fit.coefficients[None], fit.covariance[None])
