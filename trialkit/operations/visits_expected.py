"""Which visits one version expects of a subject, and the days they are counted from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date

from trialkit.entry.study_checks import Died, completions
from trialkit.entry.work import last_day_expected, visit_dates
from trialkit.operations.gate import Gate
from trialkit.operations.subjects import local_date
from trialkit.operations.trial import Trial
from trialkit.store.reading.finals import FinalState, final_values
from trialkit.store.reading.subjects import SubjectState, VisitState
from trialkit.study.model import Form, Study, Visit


def expected_visits(
    study: Study,
    subject: SubjectState,
    recorded: Mapping[tuple[str, str], VisitState],
    randomized_on: date | None,
    died_on: date | None = None,
) -> list[Visit]:
    """The visits that are to take place, or be stated not to.

    Parameters
    ----------
    subject
        Nothing more is expected of a screening failure. Before randomization only visits counted from
        consent are; after withdrawal or death no visit due later, unless it took place.
    recorded
        Visits by subject and visit.
    randomized_on
        The day at the site.
    died_on
        From the final record.
    """
    if subject.screen_failed is not None:
        return []
    left = last_day_expected(subject.withdrawn.date if subject.withdrawn else None, died_on)
    found = []
    for visit in study.visits:
        due = visit_dates(study, visit, subject.consent_date, randomized_on).target
        asked = subject.allocated or visit.anchor == "consent"
        open_ = left is None or due is None or due <= left
        if (subject.subject_id, visit.name) in recorded or (asked and open_):
            found.append(visit)
    return found


def deaths_of(gate: Gate, subject_ids: Collection[str] | None = None) -> dict[str, date]:
    """The day on which a subject died, as the final record has it; a day not known is its last possible.

    To eyes from which the item is hidden nobody has died.
    """
    item = gate.trial.study.safety.death_date
    form = gate.rules.items[item].form if item in gate.rules.items else ""
    if not form:
        return {}
    of_subject: dict[str, list[FinalState]] = defaultdict(list)
    for final in final_values(gate.reader, subject_ids, [form]):
        of_subject[final.subject_id].append(final)
    found = {subject_id: died(item, finals) for subject_id, finals in of_subject.items()}
    return {subject_id: one.day for subject_id, one in found.items() if one is not None}


def died(item: str, finals: Iterable[FinalState]) -> Died | None:
    """What a subject's final values say of its death; of several that say it, the last."""
    found = None
    for final in finals:
        if final.item == item and final.value.text is not None:
            days = completions(final.value.text)
            found = Died(days[-1], (final.item, final.visit, final.row)) if days else found
    return found


def is_for(form: Form, arm: str | None) -> bool:
    """Whether a subject of this arm has the form; None: of no arm that is told."""
    return not form.for_arms or arm in form.for_arms


def day_of_randomization(trial: Trial, subject: SubjectState) -> date | None:
    """The day at the subject's site; None for the unrandomized and where an outside source does not say."""
    if subject.allocated_at is None:
        return subject.randomized_on
    return local_date(trial, subject.site, subject.allocated_at)
