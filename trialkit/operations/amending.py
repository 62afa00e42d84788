"""Amending a running trial: a new version recorded, and activated site by site."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from trialkit.access import Actor
from trialkit.access.acts.versions import ACTIVATE_VERSION, AMEND_STUDY
from trialkit.nearest import advice
from trialkit.operations.definition_files import FACT, label_files
from trialkit.operations.definitions import FOUNDED, Version
from trialkit.operations.errors import OperationError
from trialkit.operations.gate import OpenAct, acting
from trialkit.operations.import_claims import require_no_import
from trialkit.operations.trial import Trial
from trialkit.safe_files import private_folder, write_new
from trialkit.store.audit_chain import AuditStamp
from trialkit.store.models import StudyActivation, StudyVersion
from trialkit.store.reading.forms import forms
from trialkit.store.reading.subjects import sites_of, visits
from trialkit.study.amended_parts import Change
from trialkit.study.amendment import require_amendment
from trialkit.study.identifiers import require_identifiers_allowed
from trialkit.study.labels import VERSIONS, read_labels
from trialkit.study.load import load_study
from trialkit.study.model import Study
from trialkit.wording import said


@dataclass(frozen=True, slots=True)
class Amended:
    """A version as recorded; ``compared_with`` is the one that sites work by until it is activated."""

    number: int
    version: str
    compared_with: str
    changes: tuple[Change, ...]
    folder: Path
    stamp: AuditStamp


@dataclass(frozen=True, slots=True)
class Activated:
    """``keep_theirs`` counts forms of visits since that day that were begun before, under another version."""

    site: str
    version: str
    effective_on: date
    keep_theirs: int
    stamp: AuditStamp


def amend_study(
    trial: Trial,
    actor: Actor,
    *,
    definition: Path | str,
    reason: str,
    same_meaning: Collection[str] = (),
) -> Amended:
    """Record a new version of the study's definition. No site works by it until it is activated there.

    Parameters
    ----------
    definition
        A folder with the new ``study.toml`` and ``dictionary.csv``; its labels in other languages hold from
        now on before those of earlier versions.
    reason
        Why: the amendment of the protocol that it follows.
    same_meaning
        ``item=code`` of each code whose new label says the same in other words.

    Returns
    -------
    Amended
        With everything that changes. The files lie in ``versions/NUMBER`` of the study folder as well.

    Raises
    ------
    AccessError, StoreError
        No right or reason; a locked study.
    StudyError
        The definition is not in order, or changes what may not change: all of it at once.
    """
    study = load_study(Path(definition))
    require_identifiers_allowed(study)
    read_labels(Path(definition))  # refused now, not when a page is shown
    labels = {file.name: file.read_bytes() for file in label_files(Path(definition))}
    with acting(trial, actor, AMEND_STUDY, reason=reason, exclusive=True) as progress:
        definitions = trial.definitions
        was = definitions.current
        found = require_amendment(was.study, study, same_meaning=same_meaning)
        _require_new_name(definitions.versions, study)
        number = definitions.versions[-1].number + 1
        progress.add(
            StudyVersion,
            number=number,
            study_id=study.id,
            version=study.version,
            definition_text=study.definition_text,
            dictionary_text=study.dictionary_text,
            sha256=study.sha256,
        )
        progress.state(
            version=study.version,
            sha256=study.sha256,
            compared_with=was.study.version,
            changes=[str(change) for change in found.changes],
            same_meaning=sorted(same_meaning),
            **{FACT: {name: hashlib.sha256(data).hexdigest() for name, data in labels.items()}},
        )
    folder = _keep_files(trial, number, study, labels)
    return Amended(number, study.version, was.study.version, found.changes, folder, progress.stamp)


def activate_version(
    trial: Trial, actor: Actor, *, version: str, site: str, effective_on: date, approval: str
) -> Activated:
    """State from which day on a site works by a version.

    A form begun before keeps the version of its first pass for good, whatever the day. A new form takes the
    version in force at the site on the day of its visit.

    Parameters
    ----------
    version
        As its ``[study] version`` names it.
    site
        One of its sites.
    effective_on
        The first day, at the site; in the past, or to come.
    approval
        Whose, with its reference: the letter of the ethics committee.

    Raises
    ------
    AccessError, StoreError
        No right at the site; a locked study.
    OperationError
        No such version or site; no approval; a version that another replaced before any site worked by it; or
        one that is not after the last one of the site, in number and day.
    """
    with acting(trial, actor, ACTIVATE_VERSION, exclusive=True) as progress:
        wanted = _recorded(trial, version)
        if site not in wanted.rules.sites:
            raise OperationError(
                expected=said("a site of the study: {sites}", sites=", ".join(sorted(wanted.rules.sites))),
                found=repr(site),
                where="--at",
            )
        progress.authorize((site,))
        if not approval.strip():
            raise OperationError(
                expected="the reference of the approval",
                found="none",
                where="--approval",
                next_step="Name the committee and its letter: EC 2024-117 of 3 June 2024.",
            )
        progress.require_no_arm_named(approval, where="--approval")
        require_no_import(progress)
        _require_not_replaced(trial, wanted)
        _require_after(trial, wanted, site, effective_on)
        progress.add(
            StudyActivation,
            id=next(progress.next_ids(StudyActivation)),
            study_version=wanted.number,
            site=site,
            effective_on=effective_on.isoformat(),
            approval=approval.strip(),
        )
        kept = _begun_since(progress, site, effective_on)
        progress.state(
            version=version,
            site=site,
            effective_on=effective_on.isoformat(),
            approval=approval.strip(),
            forms_that_keep_their_version=kept,
        )
    with trial.store.reading() as reader:
        trial.definitions.follow(reader)
    return Activated(site, version, effective_on, kept, progress.stamp)


def _require_new_name(versions: Collection[Version], study: Study) -> None:
    names = [known.study.version for known in versions]
    if study.version in names:
        raise OperationError(
            expected=said("a name for the new version other than {names}", names=", ".join(names)),
            found=repr(study.version),
            where="study.toml: [study] version",
            next_step="Count it up: every record says by it which version it was entered under.",
        )


def _recorded(trial: Trial, version: str) -> Version:
    known = {one.study.version: one for one in trial.definitions.versions}
    if version not in known:
        raise OperationError(
            expected=said("a version that was recorded: {known}", known=", ".join(known)),
            found=repr(version),
            where="--version",
            next_step=advice(version, known, otherwise="Record it first, as an amendment."),
        )
    return known[version]


def _require_not_replaced(trial: Trial, wanted: Version) -> None:
    """A version nobody works by was never held against those recorded after it."""
    definitions = trial.definitions
    in_use = {FOUNDED, *(one.number for one in definitions.activations)}
    newest = definitions.versions[-1]
    if wanted.number not in in_use and wanted is not newest:
        raise OperationError(
            expected=said("the newest version, {version}", version=newest.study.version),
            found=said(
                "{version}, which it replaced before any site worked by it", version=wanted.study.version
            ),
            where="--version",
            next_step=said("Activate {version}.", version=newest.study.version),
        )


def _require_after(trial: Trial, wanted: Version, site: str, effective_on: date) -> None:
    before = trial.definitions.at_site(site)
    last = max((one.number for one in before), default=FOUNDED)
    if wanted.number <= last:
        raise OperationError(
            expected=said(
                "a version after {version}, by which site {site} works or will",
                version=trial.definitions.version(last).study.version,
                site=site,
            ),
            found=repr(wanted.study.version),
            where="--version",
            next_step="Record what should hold instead as a further version.",
        )
    latest = max((one.effective_on for one in before), default=None)
    if latest is not None and effective_on <= latest:
        raise OperationError(
            expected=said("a day after {day}, from which on the last version holds", day=latest.isoformat()),
            found=effective_on.isoformat(),
            where="--from",
            next_step="Check the day in the approval.",
        )


def _begun_since(progress: OpenAct, site: str, day: date) -> int:
    """Forms of the site's visits since that day that somebody has begun: those that everybody is shown."""
    recorded = {key: state.date for key, state in visits(progress.reader).items() if state.date}
    since = {key for key, on in recorded.items() if on >= day}
    own = {key for key, of in sites_of(progress.reader, {key[0] for key in since}).items() if of == site}
    return sum(
        state.subject_id in own
        and (state.subject_id, state.visit) in since
        and state.form in progress.trial.rules_without_arms.forms
        for state in forms(progress.reader, own).values()
    )


def _keep_files(trial: Trial, number: int, study: Study, labels: Mapping[str, bytes]) -> Path:
    """The version's files, to be read, printed and compared; the database holds the first two as well."""
    folder = trial.folder / VERSIONS / str(number)
    (trial.folder / VERSIONS).mkdir(exist_ok=True)
    if not folder.exists():
        private_folder(folder)
        write_new(folder / "study.toml", study.definition_text, private=True)
        write_new(folder / "dictionary.csv", study.dictionary_text, private=True)
        for name, data in labels.items():
            write_new(folder / name, data, private=True)
    return folder
