"""Free text that blinded readers are shown names no arm: the one check for every act that takes such text."""

from __future__ import annotations

import re
from functools import lru_cache

from trialkit.operations.errors import OperationError
from trialkit.operations.trial import Trial
from trialkit.study.arm_names import ArmNames

_NO_LETTERS = re.compile(r"[\W\d_]+")
_SHORTEST_WORD = 2
"""Of a number's words: one letter is a site or a series."""
_REMEMBERED = 1_000  # texts: reasons and drugs are few different ones, typed thousands of times


def require_no_arm_named(trial: Trial, text: str, *, where: str = "", plain_words: bool = False) -> None:
    """Refuse a text that names an arm; in a study that blinds nobody, none is refused.

    Parameters
    ----------
    text
        A reason, a note, an answer, or what a form says.
    where
        The place of the text, for the error.
    plain_words
        As in :meth:`trialkit.study.arm_names.ArmNames.named_in`.

    Raises
    ------
    OperationError
        It does; the message does not say which.
    """
    if not text or not trial.study.blinding.blinded_roles:
        return
    if not _names_an_arm(trial.arm_names, text, plain_words):
        return
    raise OperationError(
        expected="a text that names no treatment: blinded readers are shown it",
        found="the name of an arm, or of what only one arm receives",
        where=where,
        next_step="Say it without naming the treatment.",
    )


@lru_cache(_REMEMBERED)
def _names_an_arm(names: ArmNames, text: str, plain_words: bool) -> bool:
    return names.named_in(text, plain_words=plain_words)


def require_number_without_arm(trial: Trial, subject_id: str, site: str = "", *, where: str = "") -> None:
    """Refuse a subject number whose letters, the site's own code aside, name an arm; digits name none.

    Raises
    ------
    OperationError
        As :func:`require_no_arm_named`; a number stands on every list that blinded readers are shown.
    """
    own = subject_id.removeprefix(site)
    words = " ".join(word for word in _NO_LETTERS.split(own) if len(word) >= _SHORTEST_WORD)
    if not words:
        return
    for text in (own, words):
        require_no_arm_named(trial, text, where=where, plain_words=True)
