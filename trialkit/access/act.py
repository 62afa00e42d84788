"""What an act is: something a person does to the trial, or is shown of it."""

from __future__ import annotations

from dataclasses import dataclass

from trialkit.vocabulary import Role


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
    """

    name: str
    summary: str
    allowed_roles: frozenset[Role]
    needs_reason: bool = False
    needs_signature: bool = False
    reveals_arm: bool = False
    whole_study: bool = False
    reads: bool = False
