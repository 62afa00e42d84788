"""The first page after signing in: what is to do, and how far the forms are, from one reading."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from trialkit.access import Actor
from trialkit.access.acts.closing import VERIFY_SOURCE
from trialkit.access.acts.reading import LIST_FORMS, VIEW_TODO
from trialkit.entry import FormStatus
from trialkit.operations.gate import reading
from trialkit.operations.open_work import load_open_work
from trialkit.operations.tasks import Task, tasks_of
from trialkit.operations.trial import Trial
from trialkit.operations.verifying import complete_forms, verifications


@dataclass(frozen=True, slots=True)
class Glance:
    """``forms`` by status, empty for a role that is shown none; ``verified`` of ``to_verify`` complete forms,
    None for a role that verifies nothing.
    """

    tasks: tuple[Task, ...]
    forms: Mapping[FormStatus, int] = field(hash=False)
    verified: int | None = None
    to_verify: int | None = None


def glance(trial: Trial, actor: Actor) -> Glance:
    """As :func:`trialkit.operations.todo`, with how many forms stand where.

    Raises
    ------
    AccessError
        The account does not hold the role.
    """
    with reading(trial, actor, VIEW_TODO) as gate:
        work = load_open_work(gate)
        tasks = tuple(tasks_of(gate, work))
        forms: Counter[FormStatus] = Counter()
        if gate.permits(LIST_FORMS):
            for (_, _, status), n in work.forms.counted(work.people).items():
                forms[status] += n
        if not gate.permits(VERIFY_SOURCE):
            return Glance(tasks, forms)
        complete = complete_forms(work.forms)
        ticks = verifications(gate, work.people)
        return Glance(tasks, forms, len(ticks.keys() & complete), len(complete))
