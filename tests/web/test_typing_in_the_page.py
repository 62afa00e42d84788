"""What is typed, in Chromium: read as the server reads it, branched and computed at once, by keys alone."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from browsing import PASSWORD, Browser
from chromium import photographed, sign_in
from screening import CONFIRMED, entry_path

from trialkit.entry.meaning import read_typed
from trialkit.study.model import Choice, Form, Item
from trialkit.vocabulary import EntryMode, ItemType, MissingCode
from trialkit.web import Web
from trialkit.web.entry_logic import logic_of
from trialkit.web.pages import STATIC
from trialkit.web.typed_days import as_stored
from trialkit.wording import plain

_CODES = (Choice("1", "One"), Choice("2", "Two"), Choice("10", "Ten"))
_SEX = (Choice("female", "Female"), Choice("male", "Male"))


def _item(name: str, kind: ItemType, **more: Any) -> Item:
    return Item(name, "f", name, kind, **more)


ITEMS = (
    _item("whole", ItemType.INTEGER, minimum=18.0, maximum=110.0, required=True),
    _item("length", ItemType.NUMBER, minimum=0.5, decimals=1, missing_codes=(MissingCode.UNKNOWN,)),
    _item("grade", ItemType.CODED, choices=_CODES),
    _item("sex", ItemType.CODED, choices=_SEX, missing_codes=()),
    _item("day", ItemType.DATE),
    _item("about", ItemType.DATE, partial_date=True),
    _item("moment", ItemType.DATETIME),
    _item("clock", ItemType.TIME),
    _item("words", ItemType.TEXT),
)
TEXTS = (
    "", " ", "0", "7", "18", "18.0", "1e2", "1E400", "-3", "+20", "007", ".5", "0.55", "1.", "1e99999",
    "110", "111", "1", "2", "3", "10",
    "female", "Female", " male ", "@unknown", "@not_done", "@refused",
    "@nothing", "@as_written:4O mg", "@as_written: ", "@",
    "2024-02-29", "2023-02-29", "0000-01-01", "2024-W01-1", "20240229", "2024-02", "2024-13", "2024", "24",
    "2024-02-29 08:30", "2024-02-29T08:30:05", "2024-02-29 24:00", "8:30", "08:30", "8:3",
    "1799-12-31", "1800-01-01", "2199-12-31", "2200-01-01", "9999-09-01 10:00", "0202-10-01", "0202-10",
    "23:59:59", "24:00",    "１８", "电针", "nan", "inf", "1_0",
)  # fmt: skip


def test_a_text_is_read_in_the_page_as_the_server_reads_it(page: Any) -> None:
    form = Form("f", "F", EntryMode.DOUBLE, ("v",), ITEMS)
    for name in ("ratio.js", "logic.js", "typed.js"):
        page.add_script_tag(path=str(STATIC / name))
    cases = [[item.name, text] for item, text in product(ITEMS, TEXTS)]
    found = page.evaluate(
        "([logic, cases]) => cases.map(([name, text]) => Typed.read(JSON.parse(logic).items[name], text))",
        [logic_of(form, "v", plain), cases],
    )
    wrong = []
    for (item, text), got in zip(product(ITEMS, TEXTS), found, strict=True):
        typed = read_typed(item, text)
        state = "problem" if typed.problem else typed.value.state.value
        if (state, bool(typed.oddity)) != (got["state"], bool(got["oddity"])):
            wrong.append((item.name, text, typed, got))
    assert not wrong
    states = {got["state"] for got in found}
    assert states == {"blank", "missing", "value", "problem"}


@pytest.mark.parametrize(
    ("missing", "stands", "shown"),
    [
        ({"not_done", "unknown", "not_applicable"}, "@not_donea", "@not_applicable"),
        ({"not_done", "unknown"}, "@not_donea", "na"),
        ({"not_done", "unknown"}, "@not_donek", "@unknown"),
        ({"unknown"}, "@unknownk", "@unknown"),
        ({"unknown"}, "@unknownz", "@unknown"),
        ({"unknown"}, "@unknown5", ""),
        ({"not_done", "unknown", "not_applicable"}, "@not_done/A", "@not_applicable"),
        ({"not_done", "unknown"}, "@not_done/D", "@not_done"),
        ({"not_done"}, "@not_done/", ""),
    ],
)
def test_a_second_letter_never_leaves_a_code_that_was_not_meant(
    page: Any, missing: set[str], stands: str, shown: str
) -> None:
    for name in ("logic.js", "typed.js"):
        page.add_script_tag(path=str(STATIC / name))
    item = {"type": "number", "codes": [], "missing": sorted(missing)}
    assert page.evaluate("([item, text]) => Typed.completed(item, text)", [item, stands]) == shown


@pytest.mark.parametrize(
    ("item", "typed", "written"),
    [
        ("day", "20240501", "2024-05-01"),
        ("day", "2024-5-1", "2024-05-01"),
        ("day", "2024/5/1", "2024-05-01"),
        ("day", "2024.5.1", "2024-05-01"),
        ("day", "2024年5月1日", "2024-05-01"),
        ("day", "２０２４０５０１", "2024-05-01"),
        ("day", "2024/05/UK", "2024/05/UK"),
        ("day", "24/5/1", "24/5/1"),
        ("about", "2024/05/UK", "2024-05"),
        ("about", "2024/5", "2024-05"),
        ("about", "UK/05/2019", "2019-05"),
        ("about", "uk-5-2019", "2019-05"),
        ("about", "05/2019", "2019-05"),
        ("about", "UK/UK/2019", "2019"),
        ("about", "2024年9月5日", "2024-09-05"),
        ("moment", "2024年5月1日 8:30", "2024-05-01 08:30"),
        ("moment", "20240501T08:30", "2024-05-01 08:30"),
        ("about", "UK/13/2019", "2019-13"),
        ("day", "UK/05/2019", "UK/05/2019"),
        ("day", "05/2019", "05/2019"),
        ("about", "2024年5月", "2024-05"),
        ("day", "2024年5月12号", "2024-05-12"),
        ("about", "2024/UK/UK", "2024"),
        ("about", "2024-UK", "2024"),
        ("about", "2024年", "2024"),
        ("day", "2024年", "2024年"),
        ("whole", "N/D", "@not_done"),
        ("moment", "2024/5/1 8:30", "2024-05-01 08:30"),
        ("clock", "0830", "08:30"),
        ("whole", "１８", "18"),
        ("length", "1。5", "1.5"),
        ("length", ".1", ".1"),
        ("length", "u", "@unknown"),
        ("length", "n", "n"),
        ("whole", "ND", "@not_done"),
        ("whole", "uk", "@unknown"),
        ("grade", "r", "@refused"),
        ("sex", "1", "female"),
        ("sex", "m", "male"),
        ("sex", "N", "N"),
        ("grade", "1", "1"),
        ("words", "n", "n"),
        ("words", " ２０ ", " ２０ "),
    ],
)
def test_what_is_put_right_on_leaving_a_field(page: Any, item: str, typed: str, written: str) -> None:
    form = Form("f", "F", EntryMode.DOUBLE, ("v",), ITEMS)
    for name in ("ratio.js", "logic.js", "typed.js"):
        page.add_script_tag(path=str(STATIC / name))
    found = page.evaluate(
        "([logic, name, text]) => Typed.written(JSON.parse(logic).items[name], text, '')",
        [logic_of(form, "v", plain), item, typed],
    )
    assert found == written
    kept = as_stored(form, item, typed)
    assert kept == written or (kept == typed and item not in {"day", "about", "moment"})


def _a_subject(browser: Browser) -> str:
    from screening import enrolled

    return enrolled(browser)


def test_branching_dims_and_skips_and_keeps_what_was_typed(
    page: Any, address: str, coordinator: Browser
) -> None:
    sign_in(page, address, "coordinator_a")
    page.goto(address + entry_path(_a_subject(coordinator), "consent"))
    given, day, version = (page.locator(f'[data-item="{name}"]') for name in _CONSENT)
    assert "open-question" in (day.get_attribute("class") or "")
    keys = page.keyboard
    keys.type("1")
    keys.press("Enter")
    keys.type("20270531")
    keys.press("Enter")
    assert day.locator("input").input_value() == "2027-05-31"
    keys.press("ArrowUp")
    keys.press("ArrowUp")
    keys.type("0")
    assert "not-asked" in (day.get_attribute("class") or "")
    assert day.locator("input").input_value() == "2027-05-31"
    assert day.locator(".note").inner_text() == "entered although not asked"
    keys.press("Enter")
    assert page.evaluate("document.activeElement.name") == "confirmed"
    assert given.locator('[data-code="0"]').get_attribute("aria-pressed") == "true"
    assert version.locator(".note").inner_text() == "not asked"


_CONSENT = ("consent_given", "consent_date", "consent_version")


def test_a_calculation_is_shown_at_once_and_never_sent(page: Any, address: str, coordinator: Browser) -> None:
    subject = _a_subject(coordinator)
    sign_in(page, address, "coordinator_a")
    page.goto(address + entry_path(subject, "demographics"))
    keys = page.keyboard
    for text in ("f", "67", "158.5", "61.0"):
        keys.type(text)
        keys.press("Enter")
    assert page.locator('[data-item="sex"] input').input_value() == "female"
    assert page.locator('[data-item="bmi"] output').inner_text() == "24.3"
    keys.press("ArrowUp")
    keys.type("500")
    keys.press("Tab")
    assert page.locator('[data-item="weight_kg"] .note').inner_text() == "Above 180"
    photographed(page, "entry")
    page.locator('[data-item="weight_kg"] input').fill("6l kg")
    page.keyboard.press("F9")
    assert page.locator('[data-item="weight_kg"] input').input_value() == "@as_written:6l kg"
    assert page.locator('[data-item="weight_kg"] .note').inner_text().startswith("kept as written")
    page.locator('[data-item="weight_kg"] input').fill("61.0")
    page.locator('[data-item="age_years"] input').fill("u")
    assert page.locator('[data-item="age_years"] input').input_value() == "@unknown"
    page.check("[name=confirmed]")
    page.fill("[name=confirmed_by]", "investigator_a")
    page.click("button.main")
    page.wait_for_url("**/done/*")
    assert "is complete" in page.locator("h1").inner_text()
    assert "differ" not in page.content()


def test_a_line_is_added_by_enter(page: Any, address: str, web: Web) -> None:
    sign_in(page, address, "first_entry_a")
    page.goto(address)
    subject = page.locator('a[href*="/visits/"]').first.get_attribute("href").split("/")[2]
    page.goto(address + entry_path(subject, "adverse_events", "week_6"))
    page.locator('[name="r0.ae_outcome"]').focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.textContent.trim()") == "Add a line"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.name") == "r1.ae_line"
    page.keyboard.type("2")
    page.keyboard.press("Enter")
    page.keyboard.press("F8")
    page.keyboard.press("u")
    assert page.locator('[name="r1.ae_term"]').input_value() == "@unknown"
    photographed(page, "lines")


def test_who_types_without_a_pause_is_kept_too(page: Any, address: str, coordinator: Browser) -> None:
    subject = _a_subject(coordinator)
    sign_in(page, address, "coordinator_a")
    page.goto(address + entry_path(subject, "demographics"))
    kept: list[str] = []
    page.on("request", lambda request: kept.append(request.url) if request.method == "POST" else None)
    page.locator("input[type=text], input:not([type])").first.focus()
    for _ in range(8):  # a key every 0.4 s: never the second and a half that a pause takes
        page.keyboard.press("1")
        page.wait_for_timeout(400)
        page.keyboard.press("Backspace")
        page.wait_for_timeout(400)
    assert kept


def test_two_windows_of_one_account_are_told(page: Any, address: str, coordinator: Browser) -> None:
    path = entry_path(_a_subject(coordinator), "consent")
    sign_in(page, address, "coordinator_a")
    page.goto(address + path)
    other = page.context.new_page()
    other.goto(address + path)
    other.fill('[name="r0.consent_version"]', "2.0")
    other.keyboard.press("Control+s")
    other.locator("#kept", has_text="Kept").wait_for()
    page.fill('[name="r0.consent_version"]', "1.0")
    page.keyboard.press("Control+s")
    page.wait_for_selector("[data-newer]:not([hidden])")
    assert page.locator('[name="r0.consent_version"]').input_value() == "1.0"
    photographed(page, "newer")
    page.click("[data-take-other]")
    page.wait_for_load_state()
    assert page.locator('[name="r0.consent_version"]').input_value() == "2.0"


def test_two_people_at_one_form_are_told_and_neither_overwrites(
    page: Any, address: str, coordinator: Browser, web: Web
) -> None:
    path = entry_path(_a_subject(coordinator), "consent")
    coordinator.post(f"{path}/draft", coordinator.form_at(path) | {"r0.consent_version": "2.1"})
    sign_in(page, address, "investigator_a")
    page.goto(address + path)
    assert page.locator("[data-others]").is_visible()
    assert page.locator("[data-who]").inner_text() == "A Person (coordinator_a)"
    assert page.locator('[name="r0.consent_version"]').input_value() == ""
    page.fill('[name="r0.consent_version"]', "9")
    done = {"r0.consent_given": "1", "r0.consent_date": "2027-05-31", "r0.consent_version": "2.1"}
    answer = coordinator.post(path, coordinator.form_at(path) | done | CONFIRMED)
    assert answer.status_code == 303
    page.keyboard.press("Control+s")
    page.wait_for_selector("[data-taken]:not([hidden])")
    photographed(page, "taken")
    assert not page.locator(".bar").is_visible(), "nothing is offered, left or kept any more"
    page.focus('[name="r0.consent_version"]')
    page.keyboard.type("8")
    page.keyboard.press("Control+s")
    assert page.locator('[name="r0.consent_version"]').input_value() == "9", "nor can it be changed"
    page.click("[data-taken] a")
    page.wait_for_selector(".refusal")
    assert "9" in page.locator("main dl.facts dd").all_inner_texts(), "to be read beside the record"


def test_an_ended_session_loses_nothing(page: Any, address: str, coordinator: Browser, web: Web) -> None:
    path = entry_path(_a_subject(coordinator), "consent")
    sign_in(page, address, "coordinator_a")
    page.goto(address + path)
    page.context.clear_cookies()
    page.keyboard.type("1")
    page.keyboard.press("Control+s")
    covered = page.locator("dialog[data-again]")
    covered.wait_for()
    assert not page.locator('[name="r0.consent_given"]').is_visible(), "hidden, and still there"
    assert page.locator('[name="r0.consent_given"]').input_value() == "1"
    photographed(page, "covered")
    page.fill("#again-password", "another password")
    page.keyboard.press("Enter")
    page.locator("[data-said]", has_text="Not signed in").wait_for()
    for _ in range(3):
        page.keyboard.press("Escape")
        assert not page.locator('[name="r0.consent_given"]').is_visible()
    covered.wait_for()  # a browser closes it at a second Escape; it comes back
    page.fill("#again-password", PASSWORD)
    page.keyboard.press("Enter")
    covered.wait_for(state="hidden")
    assert page.url.endswith(path)
    page.check("[name=confirmed]")
    page.fill("[name=confirmed_by]", "investigator_a")
    page.fill('[name="r0.consent_date"]', "2027-05-31")
    page.fill('[name="r0.consent_version"]', "2.1")
    page.click("button.main")
    page.wait_for_url("**/done/*")


def test_another_person_who_signs_in_sees_nothing_of_an_open_form(
    page: Any, address: str, coordinator: Browser, web: Web
) -> None:
    path = entry_path(_a_subject(coordinator), "consent")
    sign_in(page, address, "coordinator_a")
    page.goto(address + path)
    page.fill('[name="r0.consent_version"]', "7.3")
    page.keyboard.press("Control+s")
    page.locator("#kept", has_text="Kept").wait_for()
    other = page.context.new_page()
    other.goto(f"{address}/sign-in")
    sign_in(other, address, "investigator_a")
    page.bring_to_front()
    page.keyboard.type("1")
    page.keyboard.press("Control+s")
    page.locator("dialog[data-again]").wait_for()
    assert "7.3" not in page.locator("body").inner_text()
    assert not page.locator('[name="r0.consent_version"]').is_visible()
    assert page.locator("#again-login").get_attribute("readonly") is not None
    page.click("text=I am somebody else")
    page.wait_for_url("**/sign-in")
    page.goto(address + path)
    assert page.locator('[name="r0.consent_version"]').input_value() == "", "the draft is another's"
    sign_in(page, address, "coordinator_a")
    page.goto(address + path)
    assert page.locator('[name="r0.consent_version"]').input_value().endswith("7.3")


def test_a_lost_connection_loses_nothing(page: Any, address: str, coordinator: Browser) -> None:
    path = entry_path(_a_subject(coordinator), "consent")
    sign_in(page, address, "coordinator_a")
    page.goto(address + path)
    page.context.set_offline(True)
    page.keyboard.type("1")
    page.keyboard.press("Enter")
    page.keyboard.type("20270531")
    page.keyboard.press("Enter")
    page.keyboard.type("2.1")
    page.check("[name=confirmed]")
    page.fill("[name=confirmed_by]", "investigator_a")
    page.click("button.main")
    page.locator("#kept", has_text="Not kept").wait_for()
    photographed(page, "offline")
    page.context.set_offline(False)
    page.click("button.main")
    page.wait_for_url("**/done/*")
    with Browser(coordinator.web) as later:
        later.sign_in("coordinator_a")
        assert "waits for no entry of yours" in later.get(path).text


def test_chinese_composition_is_not_taken_for_keys(page: Any, address: str, coordinator: Browser) -> None:
    """Digits and Enter that choose a word in an input method choose no option and leave no field."""
    path = entry_path(_a_subject(coordinator), "consent")
    sign_in(page, address, "coordinator_a")
    page.goto(address + path)
    page.locator('[name="r0.consent_version"]').focus()
    devtools = page.context.new_cdp_session(page)
    devtools.send("Input.imeSetComposition", {"selectionStart": 1, "selectionEnd": 1, "text": "n"})
    assert page.locator('[name="r0.consent_version"]').input_value() == "n"
    devtools.send("Input.insertText", {"text": "电针"})
    assert page.locator('[name="r0.consent_version"]').input_value() == "电针"
    assert page.evaluate("document.activeElement.name") == "r0.consent_version"


def test_the_page_is_light_and_has_no_script_of_its_own(coordinator: Browser) -> None:
    import re

    number = _a_subject(coordinator)
    for form in ("consent", "eligibility", "demographics"):
        answer = coordinator.get(entry_path(number, form))
        scripts = re.findall(r"<script[^>]*>", answer.text)
        assert scripts and all("src=" in script for script in scripts)
        assert not re.search(r"\son[a-z]+=|style=", answer.text)
        names = re.findall(r'(?:src|href)="/static/([a-z.]+)\?', answer.text)
        assets = sum((STATIC / name).stat().st_size for name in names)
        assert len(answer.content) + assets < 100_000, form
