"""Errors of reporting."""

from __future__ import annotations

from trialkit.errors.base import TrialkitError


class ReportError(TrialkitError):
    """A result that cannot be shown truthfully: a column is absent, or numbers contradict each other."""
