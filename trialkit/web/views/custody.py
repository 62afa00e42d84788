"""The state of the study's machinery, and recruitment opened and paused."""

from __future__ import annotations

from starlette.responses import Response

from trialkit.errors import TrialkitError
from trialkit.numbers import plain
from trialkit.operations import RecruitmentScope, RecruitmentState, set_recruitment, supply_of
from trialkit.operations.custody_state import custody_state
from trialkit.web.asking import Asked, NotHereError, new_request_key
from trialkit.web.once import Done, once
from trialkit.wording import said

_OLD_BACKUP_HOURS = 26  # a nightly one, and two hours of patience


def state(asked: Asked) -> Response:
    return _page(asked)


def _page(asked: Asked, error: TrialkitError | None = None) -> Response:
    found = custody_state(asked.trial, asked.actor)
    age = None if found.backup_at is None else (asked.web.now() - found.backup_at).total_seconds() / 3600
    return asked.page(
        "custody.html",
        state=found,
        backup_hours=None if age is None else plain(age, 0),
        backup_old=age is not None and age > _OLD_BACKUP_HOURS,
        supply=supply_of(asked.trial, asked.actor),
        sites=asked.trial.study.sites,
        states=list(RecruitmentState),
        typed=asked.form,
        error=error,
        request_key=new_request_key(),
        status=409 if error else 200,
    )


def recruitment_set(asked: Asked) -> Response:
    """Open, pause or close recruitment, of the study or of a site."""
    custody_state(asked.trial, asked.actor)
    site = asked.form.get("site", "")
    wanted = asked.form.get("state", "")
    if wanted not in set(RecruitmentState):
        raise NotHereError

    def act() -> Done:
        done = set_recruitment(
            asked.trial,
            asked.actor,
            scope=RecruitmentScope.SITE if site else RecruitmentScope.STUDY,
            name=site,
            state=RecruitmentState(wanted),
            reason=asked.form.get("reason", ""),
        )
        words = {
            RecruitmentState.OPEN: said("Recruitment is open"),
            RecruitmentState.PAUSED: said("Recruitment is paused"),
            RecruitmentState.CLOSED: said("Recruitment is closed"),
        }
        return Done(words[done.state], (), "/state", said("State of the study"))

    try:
        return once(asked, act)
    except TrialkitError as error:
        return _page(asked, error)
