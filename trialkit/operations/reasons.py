"""Reasons in words that name no treatment: they stay in the audit trail, where blinded readers see them."""

from __future__ import annotations

import re

from trialkit.operations.errors import OperationError
from trialkit.operations.trial import Trial


def require_no_arm_named(trial: Trial, subject_id: str, reason: str, *, short_names: bool = False) -> None:
    """Refuse a reason that names an arm.

    Parameters
    ----------
    short_names
        Whether an arm's short name is refused too. It may be a plain word, which its label is not; but where
        a wrong treatment was issued it tells.

    Raises
    ------
    OperationError
        It does; the message does not say which.
    """
    said = reason.casefold()
    labels = [arm.label.casefold() for arm in trial.study.arms]
    names = [arm.name.casefold() for arm in trial.study.arms] if short_names else []
    if any(label in said for label in labels) or any(re.search(rf"\b{re.escape(n)}\b", said) for n in names):
        raise OperationError(
            expected="a reason that names no treatment: blinded readers are shown it",
            found="the name of an arm",
            where=subject_id,
            next_step="Say it without naming the treatment.",
        )
