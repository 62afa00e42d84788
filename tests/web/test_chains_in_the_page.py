"""Branching on what is itself not asked, in Chromium: the page asks what the server asks, after every key."""

from __future__ import annotations

import html
import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

from trialkit.entry.rules import StudyRules
from trialkit.study import load_study
from trialkit.study.model import Form, Item
from trialkit.vocabulary import EntryMode, ItemType, MissingCode
from trialkit.web.entry_logic import logic_of
from trialkit.web.pages import STATIC
from trialkit.wording import plain

STUDY = load_study(Path(__file__).parents[2] / "sample_data")
VISIT = STUDY.visits[0].name
WORDS = ("blank", "expected", "computed", "notAsked", "enteredThough", "unknown", "asWritten")
MAN = {"hour": "[day] = '5'", "sex": "", "preg": "[sex] = '2'", "day": "[preg] = '1'", "all": ""}


def _form(branching: dict[str, str]) -> Form:
    items = tuple(
        Item(
            name, "f", name, ItemType.TEXT, branching=text or None, required=True,
            missing_codes=(MissingCode.UNKNOWN,),
        )
        for name, text in branching.items()
    )  # fmt: skip
    return Form("f", "F", EntryMode.DOUBLE, (VISIT,), items)


def _shown(page: Any, form: Form) -> None:
    """The form alone, with two lines: no server answers here."""
    boxes = "".join(
        f'<div class="item" data-item="{item.name}"><label>{item.name}</label><input>'
        '<p class="note"></p></div>'
        for item in form.items
    )
    lines = "".join(f'<fieldset data-line="{line}">{boxes}</fieldset>' for line in (0, 1))
    logic, words = (
        html.escape(text)
        for text in (logic_of(form, VISIT, plain), json.dumps({word: word for word in WORDS}))
    )
    scripts = "".join(
        f"<script>{(STATIC / name).read_text(encoding='utf-8')}</script>"
        for name in ("ratio.js", "logic.js", "typed.js", "entry.js")
    )
    page.goto("about:blank")  # scripts begin anew
    page.set_content(
        f'<form data-logic="{logic}" data-words="{words}" data-today="2027-06-01">{lines}'
        '<div data-look hidden tabindex="-1"><p data-mend></p><p data-leave></p><ul></ul></div>'
        '<button class="main" type="button">OK</button></form>'
        "<script>const Draft = { watch() {} };</script>"
        + scripts.replace("new Page(form);", "window.shown = new Page(form);")
    )


def _type(page: Any, line: int, item: str, text: str) -> None:
    page.evaluate(
        """([line, item, text]) => {
          const input = document.querySelector(`[data-line="${line}"] [data-item="${item}"] input`);
          input.value = text;
          input.dispatchEvent(new Event("input", { bubbles: true }));
        }""",
        [line, item, text],
    )


def _not_asked(page: Any) -> set[str]:
    return set(page.evaluate("shown.notAsked()").split())


def test_a_man_is_not_asked_for_the_day_of_a_pregnancy(page: Any) -> None:
    _shown(page, _form(MAN))
    assert _not_asked(page) == set()
    _type(page, 1, "sex", "1")
    assert _not_asked(page) == {"1.preg", "1.day", "1.hour"}
    day = page.locator('[data-line="1"] [data-item="day"]')
    assert "not-asked" in day.get_attribute("class") and day.locator(".note").inner_text() == "notAsked"
    _type(page, 1, "preg", "1")  # although not asked: its value counts
    assert _not_asked(page) == {"1.preg"}
    _type(page, 1, "preg", "")
    _type(page, 1, "sex", "2")
    assert _not_asked(page) == set()
    _type(page, 1, "preg", "0")
    assert _not_asked(page) == {"1.day", "1.hour"}


def test_what_is_told_as_blank_waits_where_the_chain_begins_elsewhere(page: Any) -> None:
    _shown(page, _form({**MAN, "preg": "[elsewhere] = '2'"}))

    def told() -> list[str]:
        page.evaluate("shown.toLookAt()")
        return page.locator("[data-look] a").all_inner_texts()

    _type(page, 0, "all", "x")
    _type(page, 0, "sex", "x")
    assert told() == []
    _type(page, 0, "preg", "1")
    assert told() == ["day"]


def test_the_page_asks_what_the_server_asks_after_every_key(page: Any) -> None:
    draw = random.Random(5)
    names = list("abcdef")
    decided = 0
    for _ in range(25):
        draw.shuffle(names)
        form = _form({name: _drawn(draw, names) for name in names})
        rules = StudyRules(replace(STUDY, forms=(form,)))
        _shown(page, form)
        rows = [dict.fromkeys(names, "") for _ in (0, 1)]
        for _ in range(15):
            line, item = draw.randrange(2), draw.choice(names)
            rows[line][item] = draw.choice(("", "", "0", "1", "@unknown", "@refused", "@as_written:x"))
            _type(page, line, item, rows[line][item])
            expected = {f"{at}.{name}" for at in (0, 1) for name in rules.not_asked("f", rows[at], VISIT)}
            assert _not_asked(page) == expected, ([item.branching for item in form.items], rows)
            decided += len(expected)
    assert decided > 300


def _drawn(draw: random.Random, names: list[str]) -> str:
    return draw.choice(
        (
            "",
            f"[{draw.choice(names)}] {draw.choice(('=', '<>', '<', '>='))} '{draw.choice(('', '0', '1'))}'",
            f"[{draw.choice(names)}] = '1' {draw.choice(('and', 'or'))} [{draw.choice(names)}] <> '1'",
        )
    )


def test_branching_on_what_is_typed_elsewhere_is_open_in_the_page_and_a_blank_is_silent(page: Any) -> None:
    asked = {"a": "[sex] <> ''", "b": "[v][own] = '1'", "c": "[w][own] = '1'", "d": "[sum] > 1"}
    items = tuple(
        Item(name, "f", name, ItemType.TEXT, branching=rule, required=True) for name, rule in asked.items()
    )
    own = Item("own", "f", "own", ItemType.TEXT)
    derived = Item("sum", "f", "sum", ItemType.DERIVED, calculation="[own] + 1")
    logic = logic_of(Form("f", "F", EntryMode.DOUBLE, ("v", "w"), (own, derived, *items)), "v", plain)
    elsewhere = {name: item["elsewhere"] for name, item in json.loads(logic)["items"].items()}
    assert [elsewhere[name] for name in asked] == [True, False, True, True]
    for name in ("ratio.js", "logic.js", "typed.js", "entry.js"):
        page.add_script_tag(path=str(STATIC / name))
    found = page.evaluate(
        """([logic, names]) => {
          const known = JSON.parse(logic), page = Object.create(Entry.Page.prototype);
          page.unasked = new Map([[null, new Set()]]);
          Object.assign(page, known, { text: (line, name) => (name === "own" ? "2" : null) });
          return names.map(name => Logic.evaluate(known.items[name].asked, page.lookUp(null, false)));
        }""",
        [logic, list(asked)],
    )
    assert found == [None, False, None, None]
