"""Branching on an item that is itself not asked, within one form: it counts as REDCap's empty text."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import permutations
from pathlib import Path

import pytest

from trialkit.entry.rules import StudyRules
from trialkit.study import load_study
from trialkit.study.model import Form, Item
from trialkit.vocabulary import EntryMode, ItemType, MissingCode

STUDY = load_study(Path(__file__).parents[2] / "sample_data")
VISIT = STUDY.visits[0].name
CHAIN = {"sex": "", "preg": "[sex] = '2'", "day": "[preg] = '1'", "hour": "[day] = '5'"}


def rules_of(branching: dict[str, str], required: bool = True) -> StudyRules:
    codes = (MissingCode.UNKNOWN, MissingCode.NOT_APPLICABLE)
    items = tuple(
        Item(name, "f", name, ItemType.TEXT, branching=text or None, required=required, missing_codes=codes)
        for name, text in branching.items()
    )
    return StudyRules(replace(STUDY, forms=(Form("f", "F", EntryMode.DOUBLE, (VISIT,), items),)))


def not_asked(branching: dict[str, str], **typed: str) -> str:
    row = dict.fromkeys(branching, "") | typed
    return " ".join(sorted(rules_of(branching).not_asked("f", row, VISIT)))


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ({"sex": "1"}, "day hour preg"),
        ({"sex": "2"}, ""),  # asked, and blank: missing, and what hangs on it is asked of all
        ({"sex": "2", "preg": "0"}, "day hour"),
        ({"sex": "2", "preg": "1"}, ""),
        ({}, ""),
        ({"sex": "@unknown"}, ""),
        ({"sex": "1", "preg": "1"}, "preg"),  # typed although not asked: its value counts
        ({"sex": "1", "preg": "1", "day": "4"}, "hour preg"),
        ({"sex": "1", "day": "5"}, "day preg"),
        ({"sex": "1", "preg": "@unknown"}, "day hour preg"),
        ({"sex": "1", "preg": "@not_applicable"}, "day hour preg"),
        ({"sex": "1", "preg": "@as_written:no"}, "day hour preg"),
        ({"sex": "1", "preg": "@refused"}, "preg"),  # no code of this item: a mistake, not an answer
        ({"sex": "2", "preg": "@not_applicable"}, ""),
    ],
)
def test_a_chain_of_three_in_every_order(typed: dict[str, str], expected: str) -> None:
    for order in permutations(CHAIN):
        assert not_asked({name: CHAIN[name] for name in order}, **typed) == expected, order


@pytest.mark.parametrize(
    ("branching", "asked"),
    [
        ("[preg] = '0'", False),
        ("[preg] <> '1'", True),
        ("[preg] = ''", True),
        ("[preg] <> ''", False),
        ("[preg] < 3", False),
        ("[preg] >= 3", False),
        ("not ([preg] = '1')", True),
        ("[preg] = '1' or [sex] = '1'", True),
        ("[preg] = '1' or [free] = '1'", True),  # open, and so asked
        ("[preg] = '1' and [free] = '1'", False),
        ("[preg] + 1 > 0", True),  # open
        ("length([preg]) > 0", True),
        ("[preg] = [free]", True),
    ],
)
def test_what_hangs_on_it(branching: str, asked: bool) -> None:
    items = {"sex": "", "free": "", "preg": "[sex] = '2'", "x": branching}
    assert not_asked(items, sex="1") == ("preg" if asked else "preg x")


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ("[b] = '1'", "[a] = '1'", ""),
        ("[a] = '1'", "", ""),
        ("[b] = '1'", "[a] = '1' and [sex] = '2'", "a b"),  # decided from without, whichever comes first
    ],
)
def test_a_circle_stays_open(a: str, b: str, expected: str) -> None:
    for order in permutations(("sex", "a", "b")):
        items = {name: {"sex": "", "a": a, "b": b}[name] for name in order}
        assert not_asked(items, sex="1") == expected


def test_a_required_blank_at_its_end_is_not_odd() -> None:
    found = rules_of(CHAIN).read_row("f", dict.fromkeys(CHAIN, "") | {"sex": "1"}, VISIT)
    assert [found[name].value.state for name in CHAIN] == ["value", *["not_applicable"] * 3]
    assert not any(typed.oddity for typed in found.values())
    flagged = rules_of(CHAIN).read_row("f", dict.fromkeys(CHAIN, "") | {"sex": "1", "hour": "x"}, VISIT)
    assert flagged["hour"].oddity == "entered although branching does not ask for it"


@pytest.mark.parametrize(
    ("typed", "odd"),
    [({}, ""), ({"preg": "1"}, "day"), ({"preg": "0"}, ""), ({"preg": "1", "day": "5"}, "hour")],
)
def test_a_blank_whose_chain_begins_elsewhere_is_odd_only_where_the_row_asks(
    typed: dict[str, str], odd: str
) -> None:
    chain = {**CHAIN, "preg": "[elsewhere] = '2'"}
    found = rules_of(chain).read_row("f", dict.fromkeys(chain, "") | {"sex": "x"} | typed, VISIT)
    assert " ".join(name for name in chain if found[name].oddity == "required, and blank") == odd


def test_a_long_chain_backwards_is_quick() -> None:
    chain = {f"x{n}": f"[x{n - 1}] = '1'" for n in range(1500, 0, -1)} | {"x0": ""}
    row = dict.fromkeys(chain, "") | {"x0": "0"}
    assert len(rules_of(chain).not_asked("f", row, VISIT)) == 1500


def test_the_order_of_the_dictionary_never_matters() -> None:
    draw = random.Random(3)
    names = list("abcdef")
    for _ in range(150):
        logic = {name: _drawn(draw, names) for name in names}
        row = {name: draw.choice(("", "", "0", "1", "@unknown")) for name in names}
        answers = set()
        for _ in range(3):
            draw.shuffle(names)
            answers.add(not_asked({name: logic[name] for name in names}, **row))
        assert len(answers) == 1, (logic, row)


def _drawn(draw: random.Random, names: list[str]) -> str:
    return draw.choice(
        (
            "",
            f"[{draw.choice(names)}] {draw.choice(('=', '<>', '<', '>='))} '{draw.choice(('', '0', '1'))}'",
            f"[{draw.choice(names)}] = '1' {draw.choice(('and', 'or'))} [{draw.choice(names)}] <> '1'",
        )
    )
