"""A typist's own word that a file is theirs, before somebody else imports it in their name."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from trialkit.access import AccessError, Actor
from trialkit.access.acts.capture import ENTER_PASSES, VOUCH_FOR_FILE
from trialkit.operations.errors import OperationError
from trialkit.operations.gate import OpenAct, acting
from trialkit.operations.trial import Trial
from trialkit.store.audit_chain import AuditStamp
from trialkit.store.engine import Reader
from trialkit.store.reading.accounts import account_exists, grants_of, password_hash
from trialkit.store.reading.audit import facts_of
from trialkit.wording import said


@dataclass(frozen=True, slots=True)
class FileVouched:
    file_sha256: str
    stamp: AuditStamp


def vouch_for_file(trial: Trial, actor: Actor, *, path: Path | str) -> FileVouched:
    """State that one typed a file, so that somebody else may import it as one's pass.

    Parameters
    ----------
    path
        The file as it will be imported, to the last byte.

    Raises
    ------
    AccessError
        No right to enter, or not signed with the password.
    """
    digest = hashlib.sha256(Path(path).read_bytes()).hexdigest()
    with acting(trial, actor, VOUCH_FOR_FILE) as progress:
        progress.state(file=Path(path).name, file_sha256=digest)
    return FileVouched(digest, progress.stamp)


def require_typist(progress: OpenAct, typist: str, sites: Collection[str], file_sha256: str) -> None:
    """Refuse a declared typist who could not have made the pass, or did not say so.

    Parameters
    ----------
    typist
        The login that the importer named.
    sites
        Of the subjects in the file: the typist must hold a right to enter at each.
    file_sha256
        What the typist must have vouched for, where that person has a password and is not the importer.

    Raises
    ------
    OperationError
        No such account, or no consent on record.
    AccessError
        An account that may not enter there.
    """
    if not account_exists(progress.reader, typist):
        raise OperationError(
            expected="the account of the person who typed the file",
            found=repr(typist),
            next_step="Name the typist's login.",
        )
    lacking = sorted(site for site in sites if not _may_enter(progress.reader, typist, site))
    if lacking:
        raise AccessError(
            expected=said("a typist who may enter forms at site {site}", site=lacking[0]),
            found=said("{typist}, who may not", typist=typist),
            next_step="Name the account that typed the file, or give it a role that enters.",
        )
    if typist == progress.actor.account or password_hash(progress.reader, typist) is None:
        return
    vouched = facts_of(progress.reader, VOUCH_FOR_FILE.name, typist)
    if file_sha256 not in {facts.get("file_sha256") for facts in vouched}:
        raise OperationError(
            expected=said("the word of {typist}, who has a password: the file is theirs", typist=typist),
            found="none on record",
            next_step="Let that person vouch for the same file first.",
        )


def _may_enter(reader: Reader, login: str, site: str) -> bool:
    return any(
        grant.role in ENTER_PASSES.allowed_roles and grant.site in (None, site)
        for grant in grants_of(reader, login)
    )
