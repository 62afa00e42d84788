"""Every page, every role, its own site and another: who is shown what, against a table written by hand."""

from __future__ import annotations

import pytest
from browsing import Browser

from trialkit.vocabulary import Role
from trialkit.web import Web
from trialkit.web.views.routes import ROUTES

_SITE = "coordinator investigator"
_ENTRY = f"{_SITE} first_entry second_entry outcome_assessor"
_FORMS = f"{_ENTRY} adjudicator data_manager monitor"
_REVIEWERS = "adjudicator data_manager monitor"
_READERS = f"{_SITE} outcome_assessor {_REVIEWERS}"
_TRAIL = f"{_SITE} {_REVIEWERS}"
_ALL = " ".join(Role)

# path -> roles that get the page; everybody else gets the one 404.
PAGES: dict[str, str] = {
    "/sign-in": _ALL,
    "/acting-as": _ALL,
    "/": _ALL,
    "/recruitment": _ALL,
    "/recruitment/{which}.svg": _ALL,
    "/reports": _ALL,
    "/reports/{which}.svg": "",
    "/reports/completeness": _READERS,
    "/reports/errors": _REVIEWERS,
    "/reports/queries": _TRAIL,
    "/reports/safety": f"{_SITE} data_manager monitor dsmb statistician unblinded_statistician",
    "/tasks": _ALL,
    "/forms": _READERS,
    "/entry": _ENTRY,
    "/subjects": _FORMS,
    "/subjects/new": _SITE,
    "/subjects/{subject_id}": _FORMS,
    "/subjects/{subject_id}/events": f"{_ENTRY} data_manager monitor",
    "/subjects/{subject_id}/marks": "investigator monitor",
    "/subjects/{subject_id}/next-form": _ENTRY,
    "/subjects/{subject_id}/randomization": _SITE,
    "/subjects/{subject_id}/departure": f"{_SITE} data_manager",
    "/subjects/{subject_id}/mistakes": f"{_SITE} data_manager",
    "/serious-events/{number}": "",
    "/subjects/{subject_id}/allocation": _SITE,
    "/subjects/{subject_id}/visits/{visit}/forms/{form}/entry": _ENTRY,
    "/subjects/{subject_id}/visits/{visit}/forms/{form}": _READERS,
    "/subjects/{subject_id}/visits/{visit}/forms/{form}/items/{item}": _TRAIL,
    "/subjects/{subject_id}/visits/{visit}/forms/{form}/items/{item}/correction": f"{_SITE} data_manager",
    "/subjects/{subject_id}/visits/{visit}/forms/{form}/discrepancies": _REVIEWERS,
    "/discrepancies": _REVIEWERS,
    "/discrepancies/workbook": _REVIEWERS,
    "/discrepancies/workbook/{name}": "",
    "/queries": _TRAIL,
    "/queries/{number}": "",
    "/corrections": f"{_SITE} data_manager monitor",
    "/imports": f"{_ENTRY} data_manager",
    "/imports/{number}": "",
    "/closing": "data_manager monitor unblinded_statistician",
    "/done/{key}": "",
    "/first-password": _ALL,
    "/first-factor": _ALL,
    "/me": _ALL,
    "/accounts": "administrator",
    "/accounts/{login}": "administrator",
    "/versions": _ALL,
    "/state": "administrator data_manager",
    "/source-verification": "monitor",
    "/mistakes": f"{_SITE} data_manager monitor dsmb statistician unblinded_statistician",
    "/audit-trail": _ALL,
    "/audit-trail/verification": "administrator data_manager",
    "/documents": _ALL,
    "/documents/{name}": "",
    "/instructions": _ALL,
    "/rights": _ALL,
    "/analyses": "data_manager statistician unblinded_statistician dsmb investigator",
    "/analyses/{run}/{file}": "",
    "/emergency-unblindings": (f"{_SITE} data_manager administrator monitor dsmb unblinded_statistician"),
    "/subjects/{subject_id}/emergency-unblinding": "investigator unblinded_statistician",
    "/calculators": _ALL,
    "/calculators/{name}": "",
    "/calculators/{name}/{page}": "",
}
OWN_SITE, OTHER_SITE = "A", "B"


def test_the_table_names_every_page() -> None:
    assert set(PAGES) == {known.path for known in ROUTES if "GET" in known.views}


def _subjects(web: Web) -> dict[str, str]:
    """A randomized subject of each of two sites."""
    from trialkit.store.reading.subjects import subjects

    with web.trial.store.reading() as reader:
        return {state.site: number for number, state in subjects(reader).items() if state.allocated}


def _filled(path: str, subject_id: str) -> str:
    """A form to be typed; where an item is named, one that has a value."""
    form, item = ("demographics", "height_cm") if "{item}" in path else ("odi", "")
    place = {"subject_id": subject_id, "visit": "baseline", "form": form, "item": item}
    return path.format(
        **place,
        key="nobodys-key",
        number="1",
        login="monitor_a",
        name="none",
        which="sites",
        run="none",
        file="none",
        page="card",
    )


@pytest.mark.parametrize("role", list(Role))
def test_a_role_is_shown_its_pages_and_no_other(anybody: Browser, web: Web, role: Role) -> None:
    anybody.sign_in(f"{role}_a")
    here = _subjects(web)[OWN_SITE]
    unknown = anybody.get("/subjects/Z-999")
    assert unknown.status_code == 404
    for path, allowed in PAGES.items():
        answer = anybody.get(_filled(path, here))
        if role in allowed.split():
            assert answer.status_code in (200, 303), (role, path, answer.status_code)
        else:
            assert (answer.status_code, answer.text) == (404, unknown.text), (role, path)


@pytest.mark.parametrize("login", ["coordinator_a", "outcome_assessor_a"])
def test_another_sites_subject_is_as_unknown_as_one_that_never_was(
    anybody: Browser, web: Web, login: str
) -> None:
    anybody.sign_in(login)
    there = _subjects(web)[OTHER_SITE]
    assert there not in anybody.get("/subjects").text
    token = anybody.form_at("/subjects")
    for known in ROUTES:
        if "{subject_id}" not in known.path:
            continue
        real, never = (_filled(known.path, number) for number in (there, "Z-999"))
        if "GET" in known.views:
            assert _same(anybody.get(real), anybody.get(never)) == 404, known.path
        if "POST" in known.views:
            form = {"csrf": _csrf(anybody), "request_key": "k", **token}
            assert _same(anybody.post(real, form), anybody.post(never, form)) in (403, 404), known.path


def _same(one: object, other: object) -> int:
    assert (one.status_code, one.text, one.headers.items()) == (  # type: ignore[attr-defined]
        other.status_code,  # type: ignore[attr-defined]
        other.text,  # type: ignore[attr-defined]
        other.headers.items(),  # type: ignore[attr-defined]
    )
    return int(one.status_code)  # type: ignore[attr-defined]


def _csrf(browser: Browser) -> str:
    import re

    found = re.search(r'name="csrf" value="([^"]+)"', browser.get("/").text)
    assert found
    return found[1]


def test_no_page_without_a_session(anybody: Browser) -> None:
    for known in ROUTES:
        if known.needs_session:
            for method in known.views:
                answer = anybody.client.request(
                    method, _filled(known.path, "A-001"), data={} if method == "POST" else None
                )
                where, _, then = answer.headers.get("location", "").partition("?")
                assert (answer.status_code, where) == (303, "/sign-in"), known.path
                assert then == "" or method == "GET", known.path


def test_a_role_taken_to_another_site_reaches_only_that(anybody: Browser, web: Web) -> None:
    anybody.sign_in("coordinator_b")
    here = _subjects(web)
    assert anybody.get(f"/subjects/{here[OTHER_SITE]}").status_code == 200
    assert anybody.get(f"/subjects/{here[OWN_SITE]}").status_code == 404
