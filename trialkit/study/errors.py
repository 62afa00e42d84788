"""What can be wrong with a study definition."""

from __future__ import annotations

from trialkit.errors.base import TrialkitError


class StudyError(TrialkitError):
    """The study definition cannot be read, or does not agree with itself."""
