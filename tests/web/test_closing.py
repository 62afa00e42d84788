"""The end of data capture through the pages: lines paired, a freeze lifted, the lock set and lifted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any

import chain
import pytest
from browsing import PASSWORD, Browser
from chromium import sign_in

from trialkit import operations as op, resources
from trialkit.clock import SimulatedClock
from trialkit.operations.web_desk import open_web_desk
from trialkit.store.reading.discrepancies import unmatched_rows
from trialkit.store.reading.subjects import subjects
from trialkit.vocabulary import Role
from trialkit.web import Web
from trialkit.web.views import closing


@pytest.fixture
def unmatched(web: Web) -> str:
    """Somebody whose medicines were typed twice, one of them under another line number."""
    return _typed_twice(web, "ibuprofen")


def _typed_twice(web: Web, second_drug: str) -> str:
    with web.trial.store.reading() as reader:
        number = next(n for n, state in subjects(reader).items() if state.allocated)
    for clerk, line, first in ((chain.FIRST, "2", "ibuprofen"), (chain.SECOND, "3", second_drug)):
        rows = tuple(
            op.EnteredRow({"cm_line": at, "cm_drug": drug, "cm_class": "analgesic"})
            for at, drug in (("1", first), (line, "naproxen"))
        )
        op.enter_pass(web.trial, clerk, entry=op.FormEntry(number, "week_6", "conmed", rows))
    return number


def _waiting(web: Web, number: str) -> list[tuple[int, str]]:
    with web.trial.store.reading() as reader:
        return [(one.pass_number, one.row) for one in unmatched_rows(reader, [number], only_open=True)]


def test_two_lines_that_are_one_on_paper_are_paired_on_the_page(anybody: Browser, unmatched: str) -> None:
    assert sorted(_waiting(anybody.web, unmatched)) == [(1, "2"), (2, "3")]
    anybody.sign_in("adjudicator_a")
    path = f"/subjects/{unmatched}/visits/week_6/forms/conmed/discrepancies"
    assert "Lines that only one entry has" in anybody.get(path).text
    sent = anybody.form_at(path)
    nothing = anybody.post(f"{path}/lines", sent)
    assert nothing.status_code == 409 and "at least one decision" in nothing.text
    places = {text: name.removesuffix(".place") for name, text in sent.items() if name.endswith(".place")}
    answer = anybody.post(f"{path}/lines", sent | {f"{places['1:2']}.fate": "pair:3"})
    assert answer.status_code == 303, answer.text
    done = anybody.get(answer.headers["location"]).text
    assert "2 lines decided" in done
    assert _waiting(anybody.web, unmatched) == []


def test_lines_are_paired_by_keys_and_no_decision_is_lost(
    page: Any, address: str, unmatched: str, web: Web
) -> None:
    sign_in(page, address, "adjudicator_a")
    page.goto(f"{address}/subjects/{unmatched}/visits/week_6/forms/conmed/discrepancies")
    lines, fates = page.locator("form[data-lines] fieldset"), "form[data-lines] select"
    assert lines.first.locator("dt").all_inner_texts() == ["Line", "Drug (generic name)", "Class"]

    def chosen() -> list[str]:
        found: list[str] = page.eval_on_selector_all(fates, "all => all.map((one) => one.value)")
        return found

    lines.first.focus()
    for keys, told in (("p", ["pair:3", ""]), ("u", ["", ""]), ("k", ["keep", ""]), ("p", ["pair:3", ""])):
        page.keyboard.press(keys)
        assert chosen() == told
    page.keyboard.press("Enter")
    page.keyboard.press("e")
    assert chosen() == ["pair:3", "error"]
    page.click("form[data-lines] button.main")
    page.wait_for_selector(".refusal")
    assert chosen() == ["pair:3", "error"], "a refusal keeps what was decided"
    page.click("[data-undo]")
    assert chosen() == ["", ""]
    lines.first.focus()
    page.keyboard.press("p")
    page.click("form[data-lines] button.main")
    page.wait_for_url("**/done/*")
    assert _waiting(web, unmatched) == []


def test_decided_values_are_not_lost_because_lines_are_sent(page: Any, address: str, web: Web) -> None:
    number = _typed_twice(web, "ibuprofene")
    sign_in(page, address, "adjudicator_a")
    page.goto(f"{address}/subjects/{number}/visits/week_6/forms/conmed/discrepancies")
    page.keyboard.press("1")
    page.keyboard.press("m")
    page.locator("form[data-lines] fieldset").first.focus()
    page.keyboard.press("p")
    page.click("form[data-lines] button.main")
    told = page.locator("[data-other-first]")
    assert told.is_visible() and "/done/" not in page.url
    assert page.evaluate("document.activeElement.closest('form').matches('[data-reconcile]')")
    page.locator("form[data-reconcile] fieldset").first.focus()
    page.keyboard.press("u")
    told.wait_for(state="hidden")
    page.click("form[data-lines] button.main")
    page.wait_for_url("**/done/*")
    assert _waiting(web, number) == []


def test_a_freeze_is_lifted_with_its_reason(anybody: Browser, unmatched: str) -> None:
    anybody.sign_in("data_manager_a")
    place = f"{unmatched}/baseline/eligibility"
    frozen = {"scope": "form", "place": place}
    for step, shown in (("freeze", True), ("lift", False)):
        sent = anybody.form_at("/closing") | frozen | {"step": step}
        assert anybody.post("/closing", sent).status_code in (403, 409)  # no reason
        sent = anybody.form_at("/closing") | frozen | {"step": step, "reason": "cleaned"}
        assert anybody.post("/closing", sent).status_code == 303
        page = anybody.get("/closing").text
        named = f"❄ form {unmatched}, Baseline: Eligibility <code>{place}</code>"
        assert (named in page) is shown


@pytest.fixture
def clean(tmp_path: Path) -> Iterator[Browser]:
    """A study in which nothing stands against a lock: nobody was screened."""
    chain.found_study(tmp_path / "clean", resources.folder("sample_data")).close()
    with op.open_trial(tmp_path / "clean", clock=SimulatedClock(datetime(2027, 6, 1, tzinfo=UTC))) as trial:
        for role in (Role.DATA_MANAGER, Role.UNBLINDED_STATISTICIAN):
            op.add_account(
                trial,
                chain.ADMIN,
                login=f"{role}_a",
                person_name="A Person",
                role=role,
                site=None,
                password=PASSWORD,
            )
        with Browser(Web(trial, open_web_desk(trial))) as browser:
            browser.sign_in("data_manager_a")
            yield browser


def test_the_lock_is_set_and_lifted_each_signed_with_the_password(clean: Browser) -> None:
    page = clean.get("/closing").text
    assert "The study is not locked." in page
    sent = clean.form_at("/closing") | {"step": "lock", "reason": "final"}
    wrong = clean.post("/closing/lock", sent | {"password": "another password"})
    assert wrong.status_code in (403, 409) and "The study is not locked." in clean.get("/closing").text
    done = clean.post("/closing/lock", clean.form_at("/closing") | sent | {"password": PASSWORD})
    assert done.status_code == 303, done.text
    assert "Bound to the content" in clean.get(done.headers["location"]).text
    page = clean.get("/closing").text
    assert "The study is locked." in page and "Lift the lock" in page
    lift = clean.form_at("/closing") | {"step": "unlock", "reason": "a query came late"}
    assert clean.post("/closing/lock", lift | {"password": PASSWORD}).status_code == 303
    assert "The study is not locked." in clean.get("/closing").text


def test_what_stands_against_a_lock_is_named_by_labels_in_the_language_of_the_page(
    anybody: Browser, unmatched: str
) -> None:
    anybody.sign_in("data_manager_a")
    path = f"/closing?within={unmatched}"
    link = f'<a href="/subjects/{unmatched}/visits/week_6/forms/conmed">'
    page = anybody.get(path).text
    assert f"{link}{unmatched}, End of intervention (week 6): Concomitant and rescue drugs</a>" in page
    assert f">{unmatched}/" not in page
    anybody.post("/language", {"language": "zh", "csrf": anybody.token()})
    assert re.search(f"{link}{unmatched}[^<A-Za-z]*合并用药与补救用药</a>", anybody.get(path).text)


def test_a_long_kind_comes_a_page_at_a_time_and_the_refusal_counts_as_the_page(
    anybody: Browser, unmatched: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No page grows with the trial, every line is on one of them, and both counts are of obstacles."""
    monkeypatch.setattr(closing, "_AT_ONCE", 3)
    form = {"visit": "week_6", "form": "vas"}
    for text in ("Which scale?", "By whom?"):
        op.open_query(anybody.web.trial, chain.MANAGER, subject_id=unmatched, **form, text=text)
    anybody.sign_in("data_manager_a")
    whole = anybody.get("/closing").text
    (total,) = re.findall(r'What stands against a lock <span class="count">(\d+)', whole)
    kind = "/closing?kind=form%20not%20complete&within="
    places, path, pages = [], kind, 0
    while path:
        page = anybody.get(path).text
        (lines,) = re.findall(r'<ul class="obstacles">(.*?)</ul>', page, re.DOTALL)
        here = re.findall(r'<a href="(/subjects/[^"]+)">', lines)
        assert 0 < len(here) <= 3
        places, pages = [*places, *here], pages + 1
        following = re.search(r'<a href="([^"]+)">The next ones</a>', page)
        path = unescape(following[1]) if following else ""
    assert pages > 1 and len(set(places)) == len(places)
    (counted,) = re.findall(r'not complete <span class="count">(\d+)', page)
    assert int(counted) == len(places)
    sent = anybody.form_at("/closing") | {"step": "lock", "reason": "All in", "password": PASSWORD}
    refused = anybody.post("/closing/lock", sent)
    assert refused.status_code == 409 and f"found {total} obstacles" in refused.text


def test_a_refusal_for_what_is_open_is_a_list_of_links(anybody: Browser, unmatched: str) -> None:
    anybody.sign_in("investigator_a")
    path = f"/subjects/{unmatched}/marks"
    page = anybody.get(path).text
    assert "Eligibility" in page.partition("<ul>")[2].partition("</ul>")[0], "what is to be signed, by form"
    sent = anybody.form_at(path) | {"meaning": "reviewed and approved", "password": PASSWORD}
    told = anybody.post(path, sent)
    assert told.status_code == 409
    refusal = told.text.partition('class="refusal"')[2].partition("</div>")[0]
    assert refusal.count("<li>") > 1 and f"{unmatched}/" not in re.sub(r"<[^>]*>", "", refusal)
    assert f'<a href="/subjects/{unmatched}/visits/week_6/forms/conmed">{unmatched}, End of' in refusal
