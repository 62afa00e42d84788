"""Pages of what was recorded wrongly of a subject, and of the reports of a serious event."""

from __future__ import annotations

from trialkit.web.known import Known
from trialkit.web.views import serious_events
from trialkit.web.views.happenings import HAPPENINGS, asking, recording

_SUBJECT = "/subjects/{subject_id}"

ROUTES: tuple[Known, ...] = (
    *(Known(f"{_SUBJECT}/{one.noun}", {"GET": asking(one), "POST": recording(one)}) for one in HAPPENINGS),
    Known("/serious-events/{number}", {"GET": serious_events.of_number, "POST": serious_events.reported}),
)
