"""The home page: what the operation says is to be done, each line a link to a page where it is."""

from __future__ import annotations

import re

import pytest
from browsing import Browser
from screening import entry_path, typed

from trialkit.operations import todo
from trialkit.operations.tasks import TaskKind
from trialkit.operations.web_desk import act_in_session
from trialkit.store.reading.subjects import subjects
from trialkit.vocabulary import Role
from trialkit.web import Web
from trialkit.web.views.task_lines import PLACES, TITLES


def test_every_kind_of_task_has_a_title_and_a_place() -> None:
    assert set(TITLES) == set(PLACES) == set(TaskKind)


@pytest.mark.parametrize("role", list(Role))
def test_home_counts_what_the_operation_lists_and_every_link_leads_somewhere(
    anybody: Browser, role: Role
) -> None:
    login, site = f"{role}_a", "A" if role in (Role.COORDINATOR, Role.OUTCOME_ASSESSOR) else None
    anybody.sign_in(login)
    page = anybody.get("/").text.partition("<main")[2]
    waiting = todo(anybody.web.trial, act_in_session(login, role, site, ""))
    shown = [int(n) for n in re.findall(r'<span class="count">(\d+)</span>', page)]
    assert sum(shown) == len(waiting)
    if role in (Role.STATISTICIAN, Role.DSMB, Role.ADMINISTRATOR):
        assert "Nothing waits for you" in page
    for path in sorted(set(re.findall(r'href="([^"]+)"', page)))[:12]:
        assert anybody.get(path.partition("#")[0]).status_code == 200, path


def test_what_was_begun_in_another_role_or_at_another_site_is_not_listed(anybody: Browser, web: Web) -> None:
    """A form of one arm alone would tell a blinded role the arm; a link would lead nowhere."""
    with web.trial.store.reading() as reader:
        here, there = (next(n for n, one in subjects(reader).items() if one.site == site) for site in "AB")
    places = {
        f"{here}/baseline/vas": True,
        f"{here}/week_6/compliance": False,
        f"{there}/baseline/vas": False,
    }
    for place in places:
        for login in ("outcome_assessor_a", "statistician_a"):
            web.desk.keep_draft(login, place, "{}", web.now().isoformat())
    anybody.sign_in("outcome_assessor_a")
    page = anybody.get("/").text
    for place, listed in places.items():
        subject_id, visit, form = place.split("/")
        assert (f"/subjects/{subject_id}/visits/{visit}/forms/{form}/entry" in page) is listed, place
    assert "Exercise diary" not in page
    anybody.sign_in("statistician_a")
    assert "Begun and not completed" not in anybody.get("/").text


def test_an_overdue_visit_is_said_to_be(anybody: Browser) -> None:
    anybody.sign_in("coordinator_a")
    overdue = [
        task
        for task in todo(anybody.web.trial, act_in_session("coordinator_a", Role.COORDINATOR, "A", ""))
        if task.overdue
    ]
    assert overdue and f"overdue since {overdue[0].due_on}" in anybody.get("/").text


def _section(page: str, title: str) -> str:
    return page.partition(f"<h2>{title}")[2].partition("</section>")[0]


@pytest.mark.parametrize(
    ("login", "title"),
    [
        ("adjudicator_a", "Discrepancies between two entries"),
        ("data_manager_a", "Discrepancies that wait for an adjudicator"),
    ],
)
def test_what_two_entries_disagree_about_leads_to_the_page_where_it_is_decided(
    anybody: Browser, web: Web, login: str, title: str
) -> None:
    anybody.sign_in("first_entry_a")
    found = re.search(r"/subjects/([^/]+)/visits/baseline/forms/vas/", anybody.get("/").text)
    assert found
    for clerk, value in (("first_entry_a", "41"), ("second_entry_a", "47")):
        with Browser(web) as desk:
            desk.sign_in(clerk)
            path = entry_path(found[1], "vas")
            assert desk.post(path, desk.form_at(path) | typed({"vas_mm": value})).status_code == 303
    with Browser(web) as looker:
        looker.sign_in(login)
        listed = _section(looker.get("/").text, title)
        path = f"/subjects/{found[1]}/visits/baseline/forms/vas/discrepancies"
        assert f'href="{path}"' in listed
        page = looker.get(path)
        assert page.status_code == 200 and "47" in page.text


def test_home_and_closing_count_the_same_against_a_lock(anybody: Browser) -> None:
    """Forms that only one arm has among them: the data manager of this study is shown both."""
    anybody.sign_in("data_manager_a")
    by_site = re.findall(r"Site [A-E]: (\d+) in all", anybody.get("/").text)
    total = re.search(r'against a lock <span class="count">(\d+)', anybody.get("/closing").text)
    assert total and sum(map(int, by_site)) == int(total[1]) > 100
