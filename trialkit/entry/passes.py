"""The two passes of a form: who may make them, and until when they may be changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from trialkit.entry.errors import PassError
from trialkit.vocabulary import EntryMode
from trialkit.wording import said

AccountId = int | str


class PassStatus(StrEnum):
    OPEN = "open"
    COMPLETE = "complete"
    VOID = "void"


@dataclass(frozen=True, slots=True)
class PassState:
    """One pass of one form as it stands: 1 is the first entry, 2 the second."""

    number: int
    entered_by: AccountId
    status: PassStatus
    imported_by: AccountId | None = None  # who brought the typist's file in, and could read it

    @property
    def hands(self) -> frozenset[AccountId]:
        """The accounts whose hands it went through: none of them makes the other pass, or decides."""
        return frozenset({self.entered_by} | ({self.imported_by} if self.imported_by is not None else set()))


def live_passes(passes: Sequence[PassState]) -> dict[int, PassState]:
    """The passes that count, by number; a voided pass is kept and counts for nothing."""
    return {entry.number: entry for entry in passes if entry.status is not PassStatus.VOID}


def number_of_new_pass(
    mode: EntryMode,
    passes: Sequence[PassState],
    account: AccountId,
    *,
    imported_by: AccountId | None = None,
    where: str = "",
) -> int:
    """The number of the pass that this account may begin now.

    Parameters
    ----------
    mode
        Single forms have one pass, double forms two by two different accounts.
    passes
        Every pass of the form, voided ones included.
    account
        Who typed it.
    imported_by
        Who imports the file, where that is another one.
    where
        ``subject/visit/form``, for the error.

    Returns
    -------
    int
        1 or 2. After pass 1 was voided it is entered again as pass 1, even where pass 2 stands.

    Raises
    ------
    PassError
        All passes are there, or the same account typed or imported the other one.
    """
    live = live_passes(passes)
    wanted = [number for number in ((1, 2) if mode is EntryMode.DOUBLE else (1,)) if number not in live]
    own = any(entry.hands & {account, imported_by} for entry in live.values())
    if own and mode is EntryMode.DOUBLE:  # asked first: who typed one learns nothing of the other
        raise _same_hands(live, account, imported_by, where)
    if not wanted:
        raise PassError(
            expected="a form that waits for a pass",
            found=said(
                "all of its passes ({mode} entry: {n_passes})",
                mode=mode,
                n_passes=2 if mode is EntryMode.DOUBLE else 1,
            ),
            where=where,
            next_step="Correct the final record, or void the wrong pass with a reason.",
        )
    return wanted[0]


def _same_hands(
    live: Mapping[int, PassState], account: AccountId, imported_by: AccountId | None, where: str
) -> PassError:
    """One account typed both, or brought in a file of what another typed and so could read it."""
    expected = "the second pass by another account than the first"
    if any(entry.entered_by == account for entry in live.values()):
        return PassError(
            expected=expected,
            found="the same account for both",
            where=where,
            next_step="Let somebody else enter this form, from paper and without seeing the first entry.",
        )
    importer = account if any(entry.imported_by == account for entry in live.values()) else imported_by
    return PassError(
        expected=expected,
        found=said(
            "{importer} at both, who typed the other one or brought it in, and so knows it", importer=importer
        ),
        where=where,
        next_step="Let the person who typed this pass import it, or somebody with no part in the other.",
    )


def check_pass_may_change(entry: PassState, account: AccountId, *, where: str = "") -> None:
    """Refuse any change to a pass that is complete or voided, or that another account is making.

    Raises
    ------
    PassError
        The pass is immutable, or belongs to somebody else.
    """
    if entry.status is not PassStatus.OPEN:
        raise PassError(
            expected="an open pass",
            found=said("pass {number} is {status}", number=entry.number, status=entry.status),
            where=where,
            next_step="A complete pass is never changed: adjudicate, correct the final record, or void it.",
        )
    if entry.entered_by != account:
        raise PassError(
            expected="the account that began the pass",
            found="another one",
            where=where,
            next_step="Log in as the person who began it, or void the pass with a reason.",
        )


def check_pass_may_be_voided(entry: PassState, reason: str, *, where: str = "") -> None:
    """Refuse to void a pass twice or without a reason; a voided pass is kept and re-entered, never edited.

    Raises
    ------
    PassError
        Already void, or no reason.
    """
    if entry.status is PassStatus.VOID:
        raise PassError(
            expected="a pass that counts",
            found=said("pass {number} is void", number=entry.number),
            where=where,
            next_step="Nothing to do.",
        )
    if not reason.strip():
        raise PassError(
            expected="a reason for voiding a pass",
            found="none",
            where=where,
            next_step="Say why, such as: keyed to the wrong subject.",
        )


def check_adjudicator(passes: Sequence[PassState], account: AccountId, *, where: str = "") -> None:
    """Refuse an adjudicator who made one of the passes: a third person decides, against the paper.

    Raises
    ------
    PassError
        The account typed or imported a live pass of this form.
    """
    if any(account in entry.hands for entry in live_passes(passes).values()):
        raise PassError(
            expected="an adjudicator who made neither pass of this form",
            found="an account that made one of them",
            where=where,
            next_step="Let a third person decide.",
        )
