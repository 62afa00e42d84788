"""Recruitment opened, paused and closed: of the study, of a site, of a stratum."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from unicodedata import normalize

from trialkit.access import Actor
from trialkit.access.acts.lists import SET_RECRUITMENT
from trialkit.access.acts.reading import VIEW_RECRUITMENT
from trialkit.operations.errors import OperationError
from trialkit.operations.gate import acting, reading
from trialkit.operations.trial import Trial
from trialkit.randomization.canonical import stratum_label
from trialkit.store.audit_chain import AuditStamp
from trialkit.store.engine import Reader
from trialkit.store.models import RecruitmentChange
from trialkit.store.reading.recruitment import recruitment_changes, stratum_labels
from trialkit.store.reading.study import study_standing
from trialkit.wording import said


class RecruitmentScope(StrEnum):
    STUDY = "study"
    SITE = "site"
    STRATUM = "stratum"


class RecruitmentState(StrEnum):
    OPEN = "open"
    PAUSED = "paused"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class RecruitmentSet:
    scope: RecruitmentScope
    name: str
    state: RecruitmentState
    stamp: AuditStamp


def set_recruitment(
    trial: Trial,
    actor: Actor,
    *,
    scope: RecruitmentScope,
    state: RecruitmentState,
    reason: str,
    name: str = "",
) -> RecruitmentSet:
    """Open, pause or close recruitment; randomizations under way end first, later ones are refused.

    Parameters
    ----------
    scope, name
        The study (no name), a site by its code, or a stratum by its label.
    state
        As it shall be from now on.
    reason
        Why.

    Raises
    ------
    AccessError, OperationError
        No right at every site that this reaches, or no reason; an unknown site or stratum, or the state it
        has already.
    """
    with acting(trial, actor, SET_RECRUITMENT, reason=reason, exclusive=True) as progress:
        _require_known(trial, progress.reader, scope, name)
        reached = _sites_of(trial, scope, name)
        progress.authorize(reached)
        if state is RecruitmentState.OPEN:
            require_never_unblinded(progress.reader)
        before = recruitment_changes(progress.reader).get((scope.value, name), RecruitmentState.OPEN)
        if before == state:
            raise OperationError(
                expected="another state than the present one", found=str(state), where=name or "the study"
            )
        progress.add(
            RecruitmentChange,
            id=next(progress.next_ids(RecruitmentChange)),
            scope=scope.value,
            name=name,
            state=state.value,
            reason=reason.strip(),
        )
        progress.state(scope=scope.value, name=name, recruitment=state.value)
    return RecruitmentSet(scope, name, state, progress.stamp)


@dataclass(frozen=True, slots=True)
class Shut:
    """What stands against randomizing somebody; ``name`` as in :func:`set_recruitment`."""

    scope: RecruitmentScope
    name: str
    state: RecruitmentState


def recruitment_shut(trial: Trial, actor: Actor) -> list[Shut]:
    """What of the recruitment at the actor's sites is paused or closed: the study, sites, strata.

    Raises
    ------
    AccessError
        The account does not hold the role.
    """
    with reading(trial, actor, VIEW_RECRUITMENT) as gate:
        found = [
            Shut(RecruitmentScope(scope), name, RecruitmentState(state))
            for (scope, name), state in sorted(not_open(gate.reader).items())
        ]
        return [
            one
            for one in found
            if gate.sites is None or not gate.sites.isdisjoint(_sites_of(trial, one.scope, one.name))
        ]


def _sites_of(trial: Trial, scope: RecruitmentScope, name: str) -> set[str]:
    """The sites whose recruitment changes: all, unless a site or a stratum of one site is named."""
    if scope is RecruitmentScope.SITE:
        return {name}
    by_site = [factor.name for factor in trial.study.factors if factor.item is None]
    if scope is RecruitmentScope.STUDY or not by_site:
        return set(trial.rules.sites)
    parts = name.split(";")
    factor = normalize("NFC", by_site[0])
    return {site for site in trial.rules.sites if stratum_label({factor: normalize("NFC", site)}) in parts}


def require_never_unblinded(reader: Reader) -> None:
    """Refuse to recruit in a study whose arms were opened for its analysis, locked again or not.

    Raises
    ------
    OperationError
        It was.
    """
    if study_standing(reader).was_unblinded:
        raise OperationError(
            expected="a study whose arms were never opened",
            found="one that was opened for its analysis",
            next_step="Nobody else can be recruited: who knows past arms can guess the next ones.",
        )


def not_open(reader: Reader) -> dict[tuple[str, str], str]:
    """(scope, name) -> paused or closed."""
    return {place: state for place, state in recruitment_changes(reader).items() if state != "open"}


def require_open(reader: Reader, site: str, stratum: str, subject_id: str) -> None:
    """Refuse a randomization where recruitment is paused or closed.

    Raises
    ------
    OperationError
        Naming what is not open.
    """
    require_never_unblinded(reader)
    shut = not_open(reader)
    for place in (("study", ""), ("site", site), ("stratum", stratum)):
        if place in shut:
            scope, name = place
            what = "the study" if scope == "study" else f"{scope} {name}"
            raise OperationError(
                expected="open recruitment",
                found=said("{shut} recruitment of {what}", shut=shut[place], what=what),
                where=subject_id,
                next_step="Ask the data manager; nobody was randomized.",
            )


def _require_known(trial: Trial, reader: Reader, scope: RecruitmentScope, name: str) -> None:
    known = {
        RecruitmentScope.STUDY: {""},
        RecruitmentScope.SITE: set(trial.rules.sites),
        RecruitmentScope.STRATUM: stratum_labels(reader),
    }[scope]
    if name not in known:
        raise OperationError(
            expected="a site of the study" if scope is RecruitmentScope.SITE else "a stratum of the list",
            found=repr(name),
            next_step="Look at the sites, and at the strata of the list.",
        )
