"""Founding a study: its folder, its database, its keys, its first administrator."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from trialkit.access import Actor, Authentication
from trialkit.access.acts.accounts import CREATE_STUDY
from trialkit.access.passwords import hash_password
from trialkit.clock import Clock, SystemClock
from trialkit.free_text import persons_name, plain_login
from trialkit.operations.definition_files import FACT, digests_of_labels, label_files
from trialkit.operations.errors import TrialError
from trialkit.operations.keys import KEY_FILES, KeyFolder
from trialkit.operations.trial import (
    DATABASE_FILE,
    KEY_FOLDER,
    SETTINGS_FILE,
    Settings,
    Trial,
    open_trial,
    read_settings,
    require_database_file,
    settings_text,
)
from trialkit.randomization.sealing import Entropy
from trialkit.safe_files import PRIVATE_FILE, PRIVATE_FOLDER, private_folder, write_new
from trialkit.store.engine import Store, has_password
from trialkit.store.ledger import transaction
from trialkit.store.migrations import newest_revision, upgrade
from trialkit.store.models import Account, AccountCredential, RoleGrant, StudyVersion
from trialkit.store.reading.study import study_version
from trialkit.study.identifiers import require_identifiers_allowed
from trialkit.study.load import DEFINITION, load_study
from trialkit.study.model import Study
from trialkit.vocabulary import Concealment, Role
from trialkit.wording import said


def create_study(
    folder: Path | str,
    *,
    definition: Path | str,
    administrator: str,
    person_name: str,
    password: str | None = None,
    authentication: Authentication = Authentication.DECLARED,
    database_url: str = f"sqlite:///{DATABASE_FILE}",
    key_folder: str = KEY_FOLDER,
    anchor_folder: str | None = None,
    clock: Clock | None = None,
    entropy: Entropy = os.urandom,
) -> Trial:
    """Found a study and open it.

    Parameters
    ----------
    folder
        Where; it must not exist yet, or be empty.
    definition
        A folder with ``study.toml`` and ``dictionary.csv``; they are copied, and with them the labels in
        other languages (``labels.zh.csv``), whose digests are recorded.
    administrator, person_name, password
        The first account, in the role of administrator at all sites.
    authentication
        How that person was established.
    database_url
        ``sqlite:///PATH`` (relative to the folder) or ``postgresql://...``, an empty database.
    key_folder
        Where the keys are kept, relative to the folder or absolute.
    anchor_folder
        Where anchors are kept: for a study on several servers, a folder that all of them reach, which must
        be there. None: beside the keys.
    clock, entropy
        The system's, unless a demonstration brings its own.

    Raises
    ------
    TrialError
        The folder is in use, the database holds a study already, or the study's concealment does not go
        with SQLite: whoever can copy its file and keys can look ahead.
    StudyError
        The definition is not in order, or asks for an identifier that it does not allow.
    """
    folder, clock = Path(folder), clock or SystemClock()
    plain_login(administrator)
    person_name = persons_name(person_name)
    refuse_password(database_url)
    study = load_study(Path(definition))
    require_identifiers_allowed(study)
    _refuse_open_concealment(study, database_url)
    _refuse_simulation(study, authentication)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise TrialError(
            expected="a folder that does not exist yet, or is empty",
            found="one in use",
            where=str(folder),
            next_step="Choose another name.",
        )
    actor = Actor(administrator, Role.ADMINISTRATOR, authentication=authentication)
    made_key: Path | None = None
    try:
        _write_folder(folder, Path(definition), settings_text(database_url, key_folder, anchor_folder))
        settings = read_settings(folder)
        _refuse_used_anchors(settings)
        keys = KeyFolder(settings.key_folder)
        store = Store(settings.database_url)
        try:
            upgrade(store)
            made_key = keys.make_audit_key(entropy)
            files = digests_of_labels(folder)
            _found(store, clock, actor, study, person_name, password, keys, files)
        finally:
            store.close()
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)  # it was empty before: half a study is none
        if made_key is not None:
            made_key.unlink(missing_ok=True)
        raise
    return open_trial(folder, clock=clock)


def _refuse_used_anchors(settings: Settings) -> None:
    """Now, not at the first randomization: a shared folder that is not there, or is another study's."""
    if settings.anchors.names():
        raise TrialError(
            expected="a folder of anchors for this study alone",
            found="one that holds anchors",
            where=str(settings.anchors.path),
            next_step="Make another folder; anchors of another study would suspend randomization.",
        )


def _write_folder(folder: Path, definition: Path, settings: str) -> None:
    private_folder(folder)
    for file in (
        definition / DEFINITION,
        *sorted(definition.glob("dictionary.*")),
        *label_files(definition),
    ):
        write_new(folder / file.name, file.read_bytes(), private=True)
    write_new(folder / SETTINGS_FILE, settings, private=True)


def upgrade_study(folder: Path | str) -> str:
    """Bring a study's database to this installation's revision, after a backup; returns the revision.

    Raises
    ------
    TrialError, StoreError
        No study folder; a database that is newer than this installation.
    """
    settings = read_settings(Path(folder))
    require_database_file(settings.database_url)
    store = Store(settings.database_url)
    try:
        upgrade(store)
    finally:
        store.close()
    _close_to_others(Path(folder), settings)
    return newest_revision()


def _close_to_others(folder: Path, settings: Settings) -> None:
    """Folders founded by an earlier version were open to whoever may enter where they lie."""
    keys = settings.key_folder
    wanted = {folder: PRIVATE_FOLDER, keys: PRIVATE_FOLDER}
    wanted |= {path: PRIVATE_FILE for path in folder.iterdir() if path.is_file()}
    wanted |= {path: PRIVATE_FILE for pattern in KEY_FILES for path in keys.glob(pattern)}
    for path, mode in wanted.items():
        with suppress(PermissionError):  # another account's, on a share: refused when used
            path.chmod(mode)


def _found(
    store: Store,
    clock: Clock,
    actor: Actor,
    study: Study,
    person_name: str,
    password: str | None,
    keys: KeyFolder,
    files: Mapping[str, str],
) -> None:
    with transaction(store, clock, actor, CREATE_STUDY.name, audit_key=keys.audit_key) as progress:
        if study_version(progress.reader) is not None:
            raise TrialError(
                expected="an empty database",
                found="one that holds a study",
                next_step="Name another database.",
            )
        progress.add(
            StudyVersion,
            number=1,
            study_id=study.id,
            version=study.version,
            definition_text=study.definition_text,
            dictionary_text=study.dictionary_text,
            sha256=study.sha256,
        )
        progress.add(Account, login=actor.account, person_name=person_name)
        progress.add(RoleGrant, id=1, login=actor.account, role=str(actor.role), site=None)
        if password is not None:
            progress.add(AccountCredential, id=1, login=actor.account, argon2=hash_password(password))
        progress.state(study=study.id, version=study.version, sha256=study.sha256, **{FACT: dict(files)})


def refuse_password(database_url: str) -> None:
    if has_password(database_url):
        raise TrialError(
            expected="a database address without a password",
            found="one with it, which others see in the list of processes",
            where="--database",
            next_step="Leave the password to ~/.pgpass (mode 0600) or to the server's own accounts.",
        )


def _refuse_open_concealment(study: Study, database_url: str) -> None:
    embedded = database_url.startswith("sqlite")
    if embedded and study.randomization.concealment is Concealment.SERVER:
        raise TrialError(
            expected="a server database for a study whose concealment is 'server'",
            found="SQLite, where whoever can copy the folder can look ahead",
            where=said("{definition}: [randomization] concealment", definition=DEFINITION),
            next_step="Use PostgreSQL, or state 'central' (one person holds the machine) if that is true.",
        )


def _refuse_simulation(study: Study, authentication: Authentication) -> None:
    if authentication is Authentication.SIMULATED and not study.demonstration:
        raise TrialError(
            expected="a person who exists, in a study that is no demonstration",
            found="a simulated account",
            where=said("{definition}: [study] demonstration", definition=DEFINITION),
            next_step="Act with a password, or mark the study as a demonstration.",
        )
