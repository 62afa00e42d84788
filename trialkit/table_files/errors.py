"""Errors of reading files that other systems wrote."""

from __future__ import annotations

from trialkit.errors.base import TrialkitError


class FileFormatError(TrialkitError):
    """A file that is missing, damaged, encrypted, or not what its name says."""


class FileEncodingError(TrialkitError):
    """Bytes that are not text in the encoding they were taken for."""
