"""Every page and every line of the menu. A page needs a row in the tests of who may see it.

A group of pages brings its own in a file of its own; here they are put in order.
"""

from __future__ import annotations

from trialkit.web.known import Known, MenuLine
from trialkit.web.once import done_page
from trialkit.web.views import (
    administration_routes,
    calculator_routes,
    capture_routes,
    comparing,
    conduct,
    drafts,
    entry,
    entry_desk,
    happening_routes,
    home,
    language,
    lists,
    randomization,
    report_routes,
    sign_in,
    subjects,
)
from trialkit.wording import said

_SUBJECT = "/subjects/{subject_id}"
_ENTRY = _SUBJECT + "/visits/{visit}/forms/{form}/entry"

_GENERAL: tuple[Known, ...] = (
    Known("/sign-in", {"GET": sign_in.ask, "POST": sign_in.enter}, needs_session=False),
    Known("/language", {"POST": language.choose}, needs_session=False),
    Known("/sign-out", {"POST": sign_in.leave}, before_role=True),
    Known("/acting-as", {"GET": sign_in.choose, "POST": sign_in.act_as}, before_role=True),
    Known("/", {"GET": home.home}),
    Known("/tasks", {"GET": lists.tasks}),
    Known("/forms", {"GET": lists.forms}),
    Known("/entry", {"GET": entry_desk.ask}),
    Known("/subjects", {"GET": subjects.listed}),
    Known("/subjects/new", {"GET": subjects.new, "POST": subjects.enrolled}),
    Known(_SUBJECT, {"GET": subjects.subject}),
    Known(_SUBJECT + "/events", {"GET": conduct.ask, "POST": conduct.recorded}),
    Known(_SUBJECT + "/next-form", {"GET": entry.following_form}),
    Known(_SUBJECT + "/marks", {"GET": conduct.marks, "POST": conduct.marked}),
    Known(_SUBJECT + "/randomization", {"GET": randomization.ask, "POST": randomization.randomized}),
    Known(_SUBJECT + "/allocation", {"GET": randomization.allocation}),
    Known(_ENTRY, {"GET": entry.ask, "POST": entry.entered}),
    Known(_ENTRY + "/draft", {"POST": drafts.keep}),
    Known(_ENTRY + "/comparison", {"POST": comparing.compare}),
    Known("/done/{key}", {"GET": done_page}),
)

ROUTES: tuple[Known, ...] = (
    *_GENERAL,
    *happening_routes.ROUTES,
    *capture_routes.ROUTES,
    *report_routes.ROUTES,
    *administration_routes.ROUTES,
    *calculator_routes.ROUTES,
)

MENU: tuple[MenuLine, ...] = (
    MenuLine(said("Home"), "/"),
    MenuLine(said("Entry desk"), "/entry", "enter_passes"),
    MenuLine(said("Subjects"), "/subjects", "list_forms"),
    MenuLine(said("Enrol"), "/subjects/new", "enrol"),
    *capture_routes.MENU,
    *report_routes.MENU,
    *calculator_routes.MENU,
    *administration_routes.MENU,
)
