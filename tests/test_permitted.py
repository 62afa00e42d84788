"""Every number that a definition states has its permitted range, in one place."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import trialkit
from trialkit import permitted
from trialkit.permitted import Within
from trialkit.strict_toml import DefinitionError, parse_toml

ROOT = Path(trialkit.__file__).parent
READERS = {"number", "integer", "numbers", "integers", "optional_number", "optional_integer"}
ROOMS = ("plan", "study", "analysis", "interchange")
OTHERS = {"numbers", "shown", "context", "self", "random"}  # whose methods of these names read no definition


def _read_without(tree: ast.Module) -> list[int]:
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in READERS
        and not (isinstance(node.func.value, ast.Name) and node.func.value.id in OTHERS)
        and not any(keyword.arg == "within" for keyword in node.keywords)
    ]


def test_no_number_of_a_plan_or_a_study_is_read_without_its_range():
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for room in ROOMS
        for path in sorted((ROOT / room).rglob("*.py"))
        for line in _read_without(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert not found


def test_a_reader_without_a_range_would_be_found():
    assert _read_without(ast.parse('weeks = table.integer("weeks")\nn = numbers.integer(3)')) == [1]


@pytest.mark.parametrize(
    ("within", "inside", "outside"),
    [
        (permitted.ALPHA, [0.05, 1e-6, 0.2], [0.0, -0.1, 0.21, 5]),
        (permitted.CONFIDENCE, [0.5, 0.95, 0.999], [1, 95, 0.49, 0]),
        (permitted.POWER, [0.8], [0, 1, 80]),
        (permitted.ATTRITION, [0, 0.1], [1, -0.1, 10]),
        (permitted.ABOVE_0, [1e-9, 7], [0, -1]),
        (permitted.RATIO, [1, 4], [0, -1, 1000]),
        (permitted.DAYS, [1, 365], [0, -3, 10**6]),
        (permitted.SIDES, [1, 2], [0, 3]),
        (permitted.ANY, [-1e9, 0, 1e9], []),
    ],
)
def test_a_range_holds_what_it_says(within: Within, inside: list[float], outside: list[float]):
    assert all(value in within for value in inside)
    assert not any(value in within for value in outside)
    assert within.inside in within


RANGES = {name: one for name, one in vars(permitted).items() if isinstance(one, Within)}


@pytest.mark.parametrize("name", RANGES)
def test_what_stands_in_for_a_number_outside_is_inside(name: str):
    assert RANGES[name].inside in RANGES[name]
    assert RANGES[name].words


def test_a_number_outside_is_refused_with_its_line_and_range():
    section = parse_toml("a = 1\nstep = 0\n", "plan.toml")
    with pytest.raises(DefinitionError) as caught:
        section.number("step", within=permitted.ABOVE_0)
    assert str(caught.value) == "plan.toml:2:step: expected a number above 0; found 0."


def test_a_reader_that_collects_says_it_once_and_goes_on():
    section = parse_toml("days = [0, -1]\n", "study.toml", collects=True)
    assert section.integers("days", within=permitted.DAYS) == (1, -1)
    assert section.integers("days", within=permitted.DAYS)
    with pytest.raises(DefinitionError, match="found 0"):
        section.raise_faults()
