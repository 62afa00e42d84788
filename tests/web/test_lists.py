"""Lists behind the lines of home: as many as it counts, a page at a time, each line a link."""

from __future__ import annotations

import re
from html import unescape

import pytest
from browsing import Browser

from trialkit import operations as op
from trialkit.operations.subject_list import list_subjects
from trialkit.operations.tasks import TaskKind
from trialkit.operations.web_desk import act_in_session
from trialkit.vocabulary import Role
from trialkit.web import Web
from trialkit.web.views import lists


def _lines(page: str) -> list[str]:
    listed = page.partition('<ul class="tasks">')[2].partition("</ul>")[0]
    return [unescape(path) for path in re.findall(r'href="([^"]+)"', listed)]


def _every_line(browser: Browser, address: str) -> list[str]:
    """Of all pages of a list, by the links from one to the next."""
    found: list[str] = []
    while address:
        page = browser.get(address).text
        found += _lines(page)
        following = re.search(r'<a href="([^"]+)">The next ones</a>', page)
        address = unescape(following[1]) if following else ""
    return found


def test_each_state_that_home_counts_lists_its_forms(
    anybody: Browser, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "_LINES", 20)
    anybody.sign_in("data_manager_a")
    actor = act_in_session("data_manager_a", Role.DATA_MANAGER, None, "")
    now = op.forms_now(web.trial, actor)
    told = re.findall(r'href="(/forms\?kind=(\w+))">[^<]*: (\d+) form', anybody.get("/").text)
    assert len(told) > 1
    for address, state, n in told:
        wanted = [
            f"/subjects/{f.subject_id}/visits/{f.visit}/forms/{f.form}" for f in now if f.status == state
        ]
        assert _every_line(anybody, address) == wanted and len(wanted) == int(n)
        assert len(_lines(anybody.get(address).text)) <= 20
    assert anybody.get(wanted[0]).status_code == 200
    here = {one.subject_id for one in list_subjects(web.trial, actor) if one.site == "A"}
    of_a = [path for path in wanted if path.split("/")[2] in here]
    assert _every_line(anybody, f"{address}&site=A") == of_a and 0 < len(of_a) < len(wanted)
    subject = of_a[0].split("/")[2]
    assert {p.split("/")[2] for p in _every_line(anybody, f"{address}&subject={subject}")} == {subject}


def test_what_home_leaves_out_of_a_kind_is_listed_whole(
    anybody: Browser, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "_LINES", 15)
    for role in (Role.FIRST_ENTRY, Role.SECOND_ENTRY, Role.COORDINATOR):
        site = "A" if role is Role.COORDINATOR else None
        anybody.sign_in(f"{role}_a")
        home = anybody.get("/").text
        waiting = op.todo(web.trial, act_in_session(f"{role}_a", role, site, ""))
        forms = [one for one in waiting if one.kind is TaskKind.ENTER_FORM]
        assert f'<a href="/tasks?kind=enter_form">and {len(forms) - 12} more</a>' in home
        listed = _every_line(anybody, "/tasks?kind=enter_form")
        assert listed == [
            f"/subjects/{one.subject_id}/visits/{one.visit}/forms/{one.form}/entry" for one in forms
        ]
        assert len(_lines(anybody.get("/tasks?kind=enter_form").text)) == 15 < len(listed)


def test_states_are_for_whoever_is_told_them(anybody: Browser) -> None:
    for login in ("first_entry_a", "second_entry_a", "statistician_a", "dsmb_a"):
        anybody.sign_in(login)
        assert anybody.get("/forms").status_code == 404
    anybody.sign_in("monitor_a")
    assert anybody.get("/forms?kind=nothing").status_code == 404
    for odd in ("-1", "x", "9" * 40, "\u00b2"):
        assert anybody.get(f"/forms?from={odd}").status_code == 200
    anybody.sign_in("outcome_assessor_a")
    assert not [path for path in _every_line(anybody, "/forms") if "compliance" in path], "of one arm alone"
    assert _every_line(anybody, "/forms")
