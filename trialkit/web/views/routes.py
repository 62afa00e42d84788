"""Every page: its address, and what answers it. A new one needs a row in the tests of who may see it."""

from __future__ import annotations

from dataclasses import dataclass, field

from trialkit.web.asking import View
from trialkit.web.once import done_page
from trialkit.web.views import entry, home, language, lists, randomization, sign_in, subjects


@dataclass(frozen=True, slots=True)
class Known:
    """A page. ``needs_session`` False: for anybody; ``before_role``: before a role was chosen."""

    path: str
    views: dict[str, View] = field(repr=False)
    needs_session: bool = True
    before_role: bool = False

    @property
    def methods(self) -> tuple[str, ...]:
        return tuple(self.views)


_SUBJECT = "/subjects/{subject_id}"
_ENTRY = _SUBJECT + "/visits/{visit}/forms/{form}/entry"

ROUTES: tuple[Known, ...] = (
    Known("/sign-in", {"GET": sign_in.ask, "POST": sign_in.enter}, needs_session=False),
    Known("/language", {"POST": language.choose}, needs_session=False),
    Known("/sign-out", {"POST": sign_in.leave}, before_role=True),
    Known("/acting-as", {"GET": sign_in.choose, "POST": sign_in.act_as}, before_role=True),
    Known("/", {"GET": home.home}),
    Known("/subjects", {"GET": subjects.listed}),
    Known("/subjects/new", {"GET": subjects.new, "POST": subjects.enrolled}),
    Known(_SUBJECT, {"GET": subjects.subject}),
    Known(_SUBJECT + "/randomization", {"GET": randomization.ask, "POST": randomization.randomized}),
    Known(_SUBJECT + "/allocation", {"GET": randomization.allocation}),
    Known(_ENTRY, {"GET": entry.ask, "POST": entry.entered}),
    Known(_ENTRY + "/draft", {"POST": entry.keep}),
    Known("/discrepancies", {"GET": lists.discrepancies}),
    Known("/recruitment", {"GET": lists.recruitment}),
    Known("/done/{key}", {"GET": done_page}),
)
