"""What a statistical method refuses, and why."""

from __future__ import annotations

from trialkit.errors.base import TrialkitError


class FormulaError(TrialkitError):
    """A model formula that cannot be read, names an unknown column, or would execute code."""


class DataError(TrialkitError):
    """Data that the method cannot use as they are: a wrong type, an infinite value, too few rows."""


class RankDeficiencyError(TrialkitError):
    """A design in which some columns are combinations of others.

    ``columns`` names those that add nothing to the columns before them.
    """

    def __init__(
        self,
        *,
        expected: str,
        found: str,
        where: str = "",
        next_step: str = "",
        columns: tuple[str, ...] = (),
    ) -> None:
        self.columns = columns
        super().__init__(expected=expected, found=found, where=where, next_step=next_step)


class NonEstimableError(TrialkitError):
    """A mean or contrast that the data and the model do not determine."""


class ConvergenceError(TrialkitError):
    """An iteration that did not reach an optimum; says what was tried. No estimate is returned."""


class SeparationError(TrialkitError):
    """Complete or quasi-complete separation, or a monotone likelihood: no finite maximum exists."""
