"""Errors of data capture."""

from __future__ import annotations

from trialkit.errors.base import TrialkitError


class ComparisonError(TrialkitError):
    """Two entries that cannot be compared: a missing key column, no item in common, a repeated column."""


class FormLifeError(TrialkitError):
    """A step in the life of a form or a query that its present state does not allow."""


class PassError(TrialkitError):
    """A pass that may not be begun, changed, completed or voided as asked."""


class AdjudicationError(TrialkitError):
    """A decision on a discrepancy or an unmatched row that does not hold together."""


class EntryError(TrialkitError):
    """Something entered that cannot be taken: an unknown subject or item, or a text that is no value."""


class InAlreadyError(EntryError):
    """A form of a file that is in as the file has it: nothing is wrong with it, and nothing to be done."""


class ChallengedError(EntryError):
    """A second entry with values that differ from the first, about which its typist has not decided."""
