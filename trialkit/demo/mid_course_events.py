"""What happened besides typing: queries, a correction, an adverse event, signatures, a freeze; so that every
page of the served demonstration has something on it.
"""

from __future__ import annotations

from datetime import timedelta

from trialkit.access import Actor
from trialkit.clock import SimulatedClock
from trialkit.demo.people import coordinator, data_manager, simulated, typist
from trialkit.entry import FormStatus
from trialkit.entry.checking import EnteredRow, FormEntry
from trialkit.operations import (
    FreezeScope,
    Trial,
    answer_query,
    close_query,
    correct,
    enter_passes,
    forms_now,
    freeze,
    note_serious_event,
    open_query,
    reopen_query,
    sign_form,
    verify_source,
)
from trialkit.operations.endorsing import endorse_correction, list_corrections
from trialkit.vocabulary import Role

_FORM = "demographics"
_ITEM = "height_cm"
_CORRECTED = "163.5"


def enliven(trial: Trial, clock: SimulatedClock, typists: tuple[str, str]) -> None:
    """Bring the first site's subjects so far; each act by an account of the demonstration.

    Parameters
    ----------
    typists
        Who makes first and second passes.
    """
    site = trial.study.sites[0].code
    here, manager = coordinator(site), data_manager()
    investigator = simulated("demo_investigator", Role.INVESTIGATOR, site)
    visit = trial.study.visits[0].name
    complete = [
        now.subject_id
        for now in forms_now(trial, here)
        if (now.visit, now.form, now.status) == (visit, _FORM, FormStatus.COMPLETE)
    ]
    first, second, third = complete[:3]
    for subject_id in (first, second):
        sign_form(
            trial,
            investigator,
            subject_id=subject_id,
            visit=visit,
            form=_FORM,
            meaning="reviewed and approved",
        )
    monitor = simulated("demo_monitor", Role.MONITOR)
    verify_source(trial, monitor, subject_id=third, visit=visit, form=_FORM)
    _ask_and_correct(trial, clock, first, visit, here)
    _ask_and_correct(trial, clock, third, visit, here)
    (endorsed, *_) = list_corrections(trial, here)
    endorse_correction(trial, here, number=endorsed.number)
    _leave_open(trial, clock, second, visit, here)
    freeze(
        trial,
        manager,
        scope=FreezeScope.FORM,
        place=f"{second}/{visit}/eligibility",
        reason="Looked over with the site",
    )
    _adverse_event(trial, first, visit, typists)
    note_serious_event(
        trial, here, subject_id=second, term="Hospital stay for pneumonia", aware_at=clock.now()
    )


def _ask_and_correct(trial: Trial, clock: SimulatedClock, subject_id: str, visit: str, site: Actor) -> None:
    """A query that was answered, and the correction on it: it voids what was signed or verified."""
    place = {"subject_id": subject_id, "visit": visit, "form": _FORM, "item": _ITEM}
    asked = open_query(trial, data_manager(), **place, text="Measured without shoes?").number
    clock.advance(timedelta(days=2))
    answer_query(trial, site, number=asked, text=f"Measured again without shoes: {_CORRECTED}")
    correct(
        trial,
        data_manager(),
        subject_id=subject_id,
        visit=visit,
        form=_FORM,
        item=_ITEM,
        value=_CORRECTED,
        reason="As the site measured again",
        query=asked,
    )
    close_query(trial, data_manager(), number=asked, text="Corrected")


def _leave_open(trial: Trial, clock: SimulatedClock, subject_id: str, visit: str, site: Actor) -> None:
    """A query that was asked again, and one that nobody answered."""
    place = {"subject_id": subject_id, "visit": visit, "form": _FORM}
    asked = open_query(trial, data_manager(), **place, item="weight_kg", text="On which scale?").number
    clock.advance(timedelta(days=3))
    answer_query(trial, site, number=asked, text="On the ward's")
    reopen_query(trial, data_manager(), number=asked, text="Calibrated when?")
    open_query(trial, data_manager(), **place, text="Page 2 is missing in the copy.")


def _adverse_event(trial: Trial, subject_id: str, visit: str, typists: tuple[str, str]) -> None:
    form = trial.study.form(trial.study.safety.adverse_events)
    values = {
        "ae_line": "1", "ae_term": "Headache", "ae_start_date": "2024-03", "ae_ongoing": "1",
        "ae_severity": "1", "ae_serious": "0", "ae_related": "0", "ae_outcome": "2",
    }  # fmt: skip
    asked = {item.name for item in form.items}
    row = EnteredRow({name: text for name, text in values.items() if name in asked}, "1")
    at = visit if visit in form.visits else form.visits[0]
    for number, login in enumerate(typists, start=1):
        entry = FormEntry(subject_id, at, form.name, (row,))
        enter_passes(trial, typist(login, number), entries=[entry])
