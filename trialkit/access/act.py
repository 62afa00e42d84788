"""What an act is: something a person does to the trial, or is shown of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from trialkit.vocabulary import Role


class Told(Enum):
    """Whether an act is in the trail of the blinded, whose numbers tell of no other act."""

    NEVER = "never"
    BY_FORM = "by form"
    """Where it wrote to a form or item that they are shown."""
    ALWAYS = "always"
    """It is about no form."""


@dataclass(frozen=True, slots=True)
class Act:
    """Something a person does to the trial, or is shown of it.

    Parameters
    ----------
    name
        As in the audit trail.
    summary
        One line, for help, menus and documentation.
    allowed_roles
        Who may do it at all; the site of the right is checked besides.
    needs_reason
        A reason must be stated.
    needs_signature
        It must be signed: by an account that proves itself with its password.
    reveals_arm
        Its answer tells somebody's arm: a blinded role may do it only after unblinding.
    whole_study
        It concerns every site at once: a role held at one site is not enough.
    reads
        It changes nothing. One that is shown arms leaves a record of itself all the same.
    told_blinded
        Whether the blinded are told of it; of a new act they are not.
    closed_by_lock
        No locked study takes it, whatever it says: no page offers it then, and the lock is told first. The
        database refuses its rows as well, whoever writes. Serious events, emergencies, the arms go on, and a
        list sealed anew after its key was lost, by which the arms of a locked study are told.
    """

    name: str
    summary: str
    allowed_roles: frozenset[Role]
    needs_reason: bool = False
    needs_signature: bool = False
    reveals_arm: bool = False
    whole_study: bool = False
    reads: bool = False
    told_blinded: Told = Told.NEVER
    closed_by_lock: bool = False
