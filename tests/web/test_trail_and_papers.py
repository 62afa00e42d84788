"""Pages that are read: the audit trail by place and person, papers of the study, rights, mistakes."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from pathlib import Path

import pytest
from browsing import Browser
from screening import enrolled

from trialkit import operations as op
from trialkit.access import ACTS, may
from trialkit.access.actor import Actor, Authentication
from trialkit.operations.people import names_of_people
from trialkit.store.reading.subjects import subjects
from trialkit.vocabulary import Role
from trialkit.web import Web
from trialkit.web.views import audit_trail
from trialkit.web.views.documents import dictionary_shown


def _records(page: str) -> list[int]:
    return [int(n) for n in re.findall(r'<th scope="row"[^>]*>(\d+)</th>', page)]


def _at(web: Web, site: str) -> str:
    with web.trial.store.reading() as reader:
        return next(n for n, state in subjects(reader).items() if state.site == site and state.allocated)


def _actor(role: Role, site: str | None = None) -> Actor:
    return Actor(f"{role}_a", role, site, Authentication.PASSWORD)


def test_the_trail_of_a_subject_is_that_of_the_operation(anybody: Browser, web: Web) -> None:
    number = _at(web, "A")
    anybody.sign_in("data_manager_a")
    page = anybody.get(f"/audit-trail?subject={number}")
    lines = op.read_trail(web.trial, _actor(Role.DATA_MANAGER), subject_id=number)
    assert _records(page.text) == [line.number for line in reversed(lines)]
    assert "randomized" in page.text and "Reason" not in anybody.get("/audit-trail?act=enrol").text


@pytest.mark.parametrize(
    "narrowed",
    [{"form": "demographics"}, {"item": "height_cm"}, {"act": "enrol"}, {"account": "coordinator_a"}],
    ids=lambda one: next(iter(one)),
)
def test_each_field_narrows_the_trail(anybody: Browser, web: Web, narrowed: dict[str, str]) -> None:
    anybody.sign_in("monitor_a")
    (name, text), *_ = narrowed.items()
    found = _records(anybody.get(f"/audit-trail?{name}={text}").text)
    named = {"act": "operation", "account": "account", "form": "form", "item": "item"}[name]
    lines = op.read_trail(web.trial, _actor(Role.MONITOR), **{named: text})  # type: ignore[arg-type]
    assert found == [line.number for line in reversed(lines)][:100]


def test_older_records_follow_on_the_next_page_without_a_gap(
    anybody: Browser, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_trail, "_LINES", 20)
    anybody.sign_in("administrator_a")
    every = [line.number for line in op.read_trail(web.trial, _actor(Role.ADMINISTRATOR))]
    assert len(every) > 40, "the trail does not fill a page"
    first = anybody.get("/audit-trail").text
    before = re.search(r'name="before" value="(\d+)"', first)
    assert before
    second = anybody.get(f"/audit-trail?before={before[1]}").text
    assert _records(first) + _records(second) == every[::-1][: len(_records(first) + _records(second))]
    assert len(_records(first)) == len(_records(second)) == 20


def test_who_types_may_not_ask_for_the_trail_of_a_place(anybody: Browser, web: Web) -> None:
    """It would say whether somebody typed the form before."""
    anybody.sign_in("second_entry_a")
    assert 'name="subject"' not in anybody.get("/audit-trail").text
    for place in ("subject=" + _at(web, "A"), "form=odi", "item=odi_pain"):
        assert anybody.get(f"/audit-trail?{place}").status_code == 404


def test_another_sites_number_and_nobodys_are_one_to_the_trail(coordinator: Browser, web: Web) -> None:
    there, never = (coordinator.get(f"/audit-trail?subject={n}") for n in (_at(web, "B"), "Z-999"))
    assert there.status_code == never.status_code == 404
    assert there.text.replace(_at(web, "B"), "Z-999") == never.text


def test_the_whole_trail_is_checked_and_its_place_shown(anybody: Browser, web: Web) -> None:
    anybody.sign_in("administrator_a")
    page = anybody.get("/audit-trail/verification").text
    anchor = op.present_anchor(web.trial)
    assert "Whole." in page and anchor.hash in page and f"<dd>{anchor.number}</dd>" in page


def test_the_papers_are_the_studys_own(anybody: Browser, web: Web) -> None:
    pytest.importorskip("weasyprint", reason="the extra documents writes PDF")
    anybody.sign_in("monitor_a")
    for name in ("blank-crf.pdf", "annotated-crf.pdf"):
        answer = anybody.get(f"/documents/{name}")
        assert answer.status_code == 200 and answer.content.startswith(b"%PDF-")
        assert name in answer.headers["content-disposition"]
    rows = list(csv.reader(io.StringIO(anybody.get("/documents/dictionary.csv").text)))
    assert rows == list(csv.reader(io.StringIO(web.trial.study.dictionary_text)))


def test_the_papers_of_the_blinded_name_nothing_that_tells_an_arm(anybody: Browser, web: Web) -> None:
    trial = web.trial
    shown = {
        item for form in trial.rules_without_arms.study.forms for item in (one.name for one in form.items)
    }
    hidden = {one.name for form in trial.study.forms for one in form.items} - shown
    assert hidden, "the study hides nothing"
    anybody.sign_in("outcome_assessor_a")
    text = anybody.get("/documents/dictionary.csv").text
    named = {cell for row in csv.reader(io.StringIO(text)) for cell in row}
    assert not named & hidden and named & shown


def test_a_dictionary_cut_by_semicolons_hides_the_same_lines(web: Web) -> None:
    trial = web.trial
    blinded = trial.rules_without_arms.study
    with_semicolons = io.StringIO()
    csv.writer(with_semicolons, delimiter=";").writerows(csv.reader(io.StringIO(trial.study.dictionary_text)))
    other = replace(blinded, dictionary_text=f"sep=;\n{with_semicolons.getvalue()}")
    assert dictionary_shown(trial.study, other) == dictionary_shown(trial.study, blinded)


def test_the_table_of_rights_is_the_registry(coordinator: Browser, web: Web) -> None:
    page = coordinator.get("/rights").text
    blinded = web.trial.study.blinding.blinded_roles
    rows = re.findall(r'<tr><th scope="row"[^>]*>(.*?)</tr>', page, re.DOTALL)
    assert len(rows) == len(ACTS)
    for row, act in zip(rows, ACTS.values(), strict=True):
        cells = re.findall(r"<td[^>]*>(.*?)</td>", row)[: len(Role)]
        assert [cell == "✓" for cell in cells] == [may(r, act, blinded_roles=blinded) for r in Role], act.name


def test_mistakes_are_listed_without_what_speaks_of_an_arm(anybody: Browser, web: Web) -> None:
    here = _at(web, "A")
    arm = web.trial.study.arms[0].name
    for kind, more in (
        (op.MistakeKind.INELIGIBLE, {}),
        (op.MistakeKind.WRONG_TREATMENT, {"received_arm": arm}),
    ):
        op.record_mistake(
            web.trial,
            _actor(Role.INVESTIGATOR),
            subject_id=here,
            kind=kind,
            reason=f"found at the visit: {kind}",
            **more,  # type: ignore[arg-type]
        )
    anybody.sign_in("monitor_a")
    assert "found at the visit: ineligible" in anybody.get("/mistakes").text
    assert "found at the visit: wrong_treatment" in anybody.get("/mistakes").text
    anybody.sign_in("statistician_a")
    page = anybody.get("/mistakes").text
    assert (
        "ineligible" in page and "wrong_treatment" not in page and web.trial.study.arms[0].label not in page
    )
    anybody.sign_in("coordinator_b")
    assert here not in anybody.get("/mistakes").text


def test_namesakes_are_told_apart_by_their_logins(web: Web) -> None:
    names = names_of_people(web.trial, _actor(Role.MONITOR))
    assert names["coordinator_a"] == "A Person (coordinator_a)"
    assert len(set(names.values())) == len(names)


def test_instructions_speak_of_what_the_role_does(anybody: Browser, coordinator: Browser) -> None:
    assert enrolled(coordinator)
    assert "A new participant" in coordinator.get("/instructions").text
    anybody.sign_in("second_entry_a")
    page = anybody.get("/instructions").text
    assert "A new participant" not in page and "knows nothing of the first" in page


def test_the_week_of_data_management_leads_to_pages_that_are_what_it_says(anybody: Browser) -> None:
    """Each link of the printed list, and each page of the how-to, opens under its own title."""
    anybody.sign_in("data_manager_a")
    week = anybody.get("/instructions").text.partition("The week of data management")[2].partition("</ol>")[0]
    links = re.findall(r'<a href="([^"]+)">([^<]+)</a>', week)
    assert len(links) == 11
    for path, words in links:
        page = anybody.get(path)
        title = "To do now" if path == "/" else words
        assert page.status_code == 200 and f"<h1>{title}" in page.text.replace("Import a pass", "Imports"), (
            path
        )
    told = (Path(__file__).parents[2] / "docs/how-to/a-data-managers-week.md").read_text(encoding="utf-8")
    in_browser = told.partition("## The same week in the browser")[2]
    named = set(re.findall(r"\(`(/[a-z/-]*)`\)", in_browser))
    assert named >= {path for path, _ in links}
    assert all(anybody.get(path).status_code == 200 for path in named)


def test_the_checks_ask_from_the_list_of_queries_once(anybody: Browser) -> None:
    anybody.sign_in("data_manager_a")
    form = anybody.form_at("/queries")
    first = anybody.post("/queries/raised", form)
    told = anybody.get(first.headers["location"]).text
    assert "The checks have asked" in told and re.search(r"New: \d+", told)
    assert anybody.post("/queries/raised", form).headers["location"] == first.headers["location"]
    again = anybody.post("/queries/raised", anybody.form_at("/queries"))
    assert "New: 0" in anybody.get(again.headers["location"]).text
