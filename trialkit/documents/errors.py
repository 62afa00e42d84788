"""Errors of writing documents."""

from __future__ import annotations

from trialkit.errors.base import TrialkitError


class DocumentError(TrialkitError):
    """A document that would not say what it was given."""
