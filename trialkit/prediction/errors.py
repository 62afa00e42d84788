"""Errors of prediction: a plan that cannot be carried out, data it does not fit, a leak."""

from __future__ import annotations

from trialkit.errors import TrialkitError


class PredictionError(TrialkitError):
    """A prediction plan or its data cannot be used as they stand."""


class ModelFileError(PredictionError):
    """A frozen model file is damaged, of another version, or does not fit the data."""
