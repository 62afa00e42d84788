"""What can be wrong with the use of an instrument."""

from __future__ import annotations

from trialkit.errors.base import TrialkitError


class InstrumentError(TrialkitError):
    """An instrument that does not exist, a setting it does not have, or too many or too few items."""
