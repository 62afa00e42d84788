"""Errors of the simulator."""

from __future__ import annotations

from trialkit.errors.base import TrialkitError


class SimulationError(TrialkitError):
    """A scenario that the study contradicts, or that cannot produce what was asked of it."""
