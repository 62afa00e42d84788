"""Expressions in the page: the same trees, evaluated by JavaScript in Chromium, answer as Python does."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from chromium import launched
from datediff_cases import SECONDS, cases

from trialkit.expressions import (
    NOT_ASKED,
    Expression,
    ExpressionError,
    Name,
    NotKnownYet,
    as_json,
    evaluate,
    parse,
)
from trialkit.expressions.functions import FUNCTIONS
from trialkit.expressions.text_functions import as_text
from trialkit.web.pages import STATIC

VECTORS = json.loads((Path(__file__).parents[1] / "expressions" / "vectors.json").read_text(encoding="utf-8"))
_ANSWERS = """cases => cases.map(([tree, values]) => {
  const lookUp = name => {
    if (values[name] === "?") throw new Logic.NotKnownYet();
    return values[name] === "!" ? Logic.NOT_ASKED : values[name] ?? null;
  };
  const found = Logic.evaluate(tree, lookUp);
  return found === null || typeof found === "boolean" ? found : Logic.shown(found);
})"""
_CASES = 4000
_ORDERS = ("=", "<>", "<", "<=", ">", ">=")
_ODD = (
    "",
    " ",
    "0",
    "1",
    "-1",
    "2",
    "9",
    "10",
    "1.5",
    "2.675",
    "-2.5",
    "0.1",
    "1e999",
    "007",
    "abc",
    "Abc ",
    "ß",
)
_DAYS = (
    "2024-02-29",
    "2023-02-29",
    "1900-01-01",
    "2024-12-31 23:59",
    "2024-12-31T00:00:07",
    "8:30",
    "08:30:01",
    "24:00",
    "2024-02",
    "2023",
    "2024-13",
)
_TEXTS = (
    "电针",
    "𝒜b",
    "１",
    "it is",
    "true",
    "female",
    "1 ",
    "+3",
    ".5",
    "3.",
    "1e-7",
    "123456789.125",
    "1e22",
)


@pytest.fixture(scope="module")
def page() -> Iterator[Any]:
    with launched() as browser:
        page = browser.new_page()
        for name in ("ratio.js", "logic.js"):
            page.add_script_tag(path=str(STATIC / name))
        yield page


def test_the_page_has_the_answers_of_the_list(page: Any) -> None:
    cases = [[as_json(parse(text)), values] for text, values, _ in VECTORS]
    found = page.evaluate(_ANSWERS, cases)
    wrong = [
        (text, values, got, expected)
        for (text, values, expected), got in zip(VECTORS, found, strict=True)
        if not _same(got, expected)
    ]
    assert not wrong


def test_datediff_in_the_page_is_the_nearest_number_to_whole_number_arithmetic(page: Any) -> None:
    asked = list(cases())
    tree = {unit: as_json(parse(f"datediff([a], [b], '{unit}', true)")) for unit in SECONDS}
    found = page.evaluate(_ANSWERS, [[tree[unit], {"a": a, "b": b}] for a, b, unit, _ in asked])
    expected = [as_text(length.numerator / length.denominator) for *_, length in asked]
    wrong = [case for case in zip(asked, found, expected, strict=True) if case[1] != case[2]]
    assert not wrong, (len(wrong), wrong[:5])


def test_a_ratio_in_the_page_is_rounded_as_python_divides(page: Any) -> None:
    """Halfway cases, the largest and the smallest numbers, and next to nothing (below 2^-1022)."""
    draw = random.Random(8)
    pairs = [(2**53 + 1, 1), (2**54 + 2, 1), (2**54 + 6, 1), (1, 2**1074), (1, 2**1075), (3, 2**1075)]
    pairs += [(2**53 - 1, 2**1075), (2**54 - 1, 2**1075), (2**1024 - 2**970 - 1, 1), (0, 7)]
    for _ in range(3000):
        over, under = draw.getrandbits(draw.randrange(1, 1100)), draw.getrandbits(draw.randrange(1, 1100)) + 1
        pairs.append((draw.choice((-1, 1)) * over, under))
    shown = page.evaluate(
        "pairs => pairs.map(([a, b]) => String(Ratio.of(BigInt(a), BigInt(b)).nearest()))",
        [[str(over), str(under)] for over, under in pairs],
    )
    assert [float(text) for text in shown] == [_quotient(over, under) for over, under in pairs]


def _quotient(over: int, under: int) -> float:
    try:
        return over / under
    except OverflowError:
        return math.inf if over > 0 else -math.inf


def test_the_list_asks_every_function() -> None:
    asked = " ".join(text for text, _, _ in VECTORS)
    assert [name for name in FUNCTIONS if f"{name}(" not in asked] == ["isblanknotmissingcode", "is_missing"]


@pytest.mark.parametrize("mark", ["?", "!"])
def test_what_is_not_known_or_not_asked_is_so_in_the_page_as_in_python(page: Any, mark: str) -> None:
    draw = random.Random(4)
    drawn = [case for _ in range(_CASES) if (case := _case(draw)) is not None]
    parsed = [
        (tree, values | {draw.choice(tree.names).item: mark}) for _, tree, values in drawn if tree.names
    ]
    found = page.evaluate(_ANSWERS, [[as_json(tree), values] for tree, values in parsed])
    decided = 0
    for (tree, values), got in zip(parsed, found, strict=True):

        def value(name: Name, values: dict[str, Any] = values) -> Any:
            if values.get(name.item) == "?":
                raise NotKnownYet
            return NOT_ASKED if values.get(name.item) == "!" else values.get(name.item)

        answer = evaluate(tree, value, unreadable_is_missing=True)
        decided += answer is not None
        assert _same(got, answer if answer is None or isinstance(answer, bool) else as_text(answer)), (
            tree.text
        )
    assert decided > 20


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.long) for seed in (2, 3))])
def test_any_tree_on_any_texts_answers_as_in_python(page: Any, seed: int) -> None:
    draw = random.Random(seed)
    parsed = [case for _ in range(_CASES) if (case := _case(draw)) is not None]
    assert len(parsed) > _CASES / 2
    found = page.evaluate(_ANSWERS, [[as_json(tree), values] for _, tree, values in parsed])
    wrong = []
    answered = 0
    for (text, tree, values), got in zip(parsed, found, strict=True):
        answer = evaluate(tree, lambda name, values=values: values.get(name.item), unreadable_is_missing=True)
        answered += answer is not None
        expected = answer if answer is None or isinstance(answer, bool) else as_text(answer)
        if not _same(got, expected):
            wrong.append((text, values, got, expected))
    assert not wrong, (len(wrong), wrong[:5])
    assert answered > _CASES / 5


def _case(draw: random.Random) -> tuple[str, Expression, dict[str, str | None]] | None:
    """None for a text that cannot be an expression: a sum of something quoted, say."""
    text = _logical(draw, 3) if draw.random() < 0.5 else _any(draw, 3)
    try:
        return text, parse(text), _values(draw)
    except ExpressionError:
        return None


def _same(got: Any, expected: Any) -> bool:
    return got == expected and type(got) is type(expected)


def _values(draw: random.Random) -> dict[str, str | None]:
    pool = (*_ODD, *_DAYS, *_TEXTS, None)
    numbers = [f"{draw.uniform(-1000, 1000):.{draw.randrange(4)}f}" for _ in range(8)]
    return {name: draw.choice(draw.choice((pool, numbers))) for name in "abcd"}


def _any(draw: random.Random, depth: int) -> str:
    make = draw.choice((_leaf, _numeric, _texty, _dated) if depth else (_leaf,))
    return make(draw, max(depth - 1, 0))


def _leaf(draw: random.Random, depth: int = 0) -> str:
    literal = repr(round(draw.uniform(0, 30), draw.randrange(3)))
    return draw.choice(
        (
            f"[{draw.choice('abcd')}]",
            f"[{draw.choice('abcd')}]",
            literal,
            f"'{draw.choice(('', '1', 'b', '2024-03-01'))}'",
        )
    )


def _numeric(draw: random.Random, depth: int) -> str:
    some = [_any(draw, depth) for _ in range(3)]
    several = draw.choice(("sum", "mean", "median", "min", "max"))
    one = draw.choice(("abs", "sqrt", "length", "year", "day", "isnumber", "isinteger"))
    rounding = draw.choice(("round", "roundup", "rounddown"))
    return draw.choice(
        (
            f"({some[0]} {draw.choice('+-*/')} {some[1]})",
            f"({some[0]} + {some[1]} - {some[2]})",
            f"{several}({', '.join(some)})",
            f"{one}({some[0]})",
            f"{rounding}({some[0]}, {draw.randrange(-2, 4)})",
            # Two machines' libraries may differ in the last bit of these.
            f"round(stdev({', '.join(some)}), 6)",
            f"round(log({some[0]}), 6)",
            f"round({some[0]} ^ {some[1]}, 6)",
            f"mod({some[0]}, {some[1]})",
            f"(-{some[0]})",
            f"if({_logical(draw, depth)}, {some[0]}, {some[1]})",
        )
    )


def _texty(draw: random.Random, depth: int) -> str:
    some = [_any(draw, depth) for _ in range(3)]
    searching = draw.choice(("contains", "not_contain", "starts_with", "ends_with", "find"))
    return draw.choice(
        (
            f"{searching}({some[0]}, {some[1]})",
            f"left({some[0]}, {draw.randrange(4)})",
            f"right({some[0]}, {draw.randrange(4)})",
            f"mid({some[0]}, {draw.randrange(4)}, {some[1]})",
            f"concat({', '.join(some)})",
            f"concat_ws({', '.join(some)})",
            f"replace_text({', '.join(some)})",
            f"{draw.choice(('upper', 'lower', 'trim'))}({some[0]})",
        )
    )


def _dated(draw: random.Random, depth: int) -> str:
    day = draw.choice(("'2024-02-29'", "'2023-11-30 10:30'", "'07:45'", "[a]", _any(draw, depth)))
    unit = draw.choice("yMdhms")
    moved = f"calcdate({day}, {draw.choice((1, -13, 0.3, 45, 100.7))}, '{unit}')"
    return draw.choice(
        (
            moved,
            f"datediff({day}, {moved}, '{unit}')",
            f"datediff({day}, [b], '{unit}', true)",
            f"month({moved})",
        )
    )


def _logical(draw: random.Random, depth: int) -> str:
    if not depth:
        return f"[{draw.choice('abcd')}] {draw.choice(_ORDERS)} {_leaf(draw)}"
    parts = [_logical(draw, depth - 1) for _ in range(2)]
    return draw.choice(
        (
            f"{_any(draw, depth - 1)} {draw.choice(_ORDERS)} {_any(draw, depth - 1)}",
            f"({parts[0]}) {draw.choice(('and', 'or'))} ({parts[1]})",
            f"not ({parts[0]})",
        )
    )
