"""Errors of data capture."""

from __future__ import annotations

from trialkit.errors.base import TrialkitError


class ComparisonError(TrialkitError):
    """Two entries that cannot be compared: a missing key column, no item in common, a repeated column."""
