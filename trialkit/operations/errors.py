from __future__ import annotations

from trialkit.errors.base import TrialkitError


class TrialError(TrialkitError):
    """A study folder that cannot be founded or opened as asked."""


class OperationError(TrialkitError):
    """An act that the state of the trial does not allow."""


class EligibilityError(OperationError):
    """A subject that may not be randomized, or not like this."""


class LockRefusedError(OperationError):
    """The study cannot be locked; ``obstacles`` lists everything that stands against it."""

    obstacles: tuple[str, ...] = ()
