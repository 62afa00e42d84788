"""Who works in the study."""

from __future__ import annotations

from trialkit.access.act import Act, Told
from trialkit.access.groups import ADMINISTRATOR, EVERYBODY
from trialkit.wording import said

CREATE_STUDY = Act("create_study", said("Found a study's database."), ADMINISTRATOR, told_blinded=Told.ALWAYS)
ADD_ACCOUNT = Act(
    "add_account",
    said("Open an account for a person."),
    ADMINISTRATOR,
    whole_study=True,
    told_blinded=Told.ALWAYS,
)
GRANT_ROLE = Act(
    "grant_role",
    said("Give an account a role, at one site or all."),
    ADMINISTRATOR,
    whole_study=True,
    told_blinded=Told.ALWAYS,
)
SET_PASSWORD = Act(
    "set_password",
    said("Set the password of an account."),
    ADMINISTRATOR,
    whole_study=True,
    told_blinded=Told.ALWAYS,
)
WITHDRAW_ROLE = Act(
    "withdraw_role",
    said("Take a role back from an account."),
    ADMINISTRATOR,
    needs_reason=True,
    whole_study=True,
    told_blinded=Told.ALWAYS,
)
CLOSE_ACCOUNT = Act(
    "close_account",
    said("Close an account: it acts no longer."),
    ADMINISTRATOR,
    needs_reason=True,
    whole_study=True,
    told_blinded=Told.ALWAYS,
)
REOPEN_ACCOUNT = Act(
    "reopen_account",
    said("Open a closed account again."),
    ADMINISTRATOR,
    needs_reason=True,
    whole_study=True,
    told_blinded=Told.ALWAYS,
)
CHANGE_OWN_PASSWORD = Act(
    "change_own_password",
    said("Change the password of one's own account."),
    EVERYBODY,
    told_blinded=Told.ALWAYS,
)
SET_SECOND_FACTOR = Act(
    "set_second_factor",
    said("Set the second factor of one's own account."),
    EVERYBODY,
    told_blinded=Told.ALWAYS,
)
REMOVE_SECOND_FACTOR = Act(
    "remove_second_factor",
    said("Take a lost second factor from an account."),
    ADMINISTRATOR,
    needs_reason=True,
    whole_study=True,
    told_blinded=Told.ALWAYS,
)
ISSUE_TOKEN = Act(
    "issue_token",
    said("Let a program act for one's own account, in one role, for some acts."),
    EVERYBODY,
    needs_signature=True,
    told_blinded=Told.ALWAYS,
)
REVOKE_TOKEN = Act(
    "revoke_token",
    said("End a token before its time: one's own; an administrator any."),
    EVERYBODY,
    told_blinded=Told.ALWAYS,
)
LIST_TOKENS = Act("list_tokens", said("List tokens: one's own; an administrator all."), EVERYBODY, reads=True)
