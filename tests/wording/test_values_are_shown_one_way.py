"""A refused value is shown by ``written`` or stands in a template: no error formats one on the spot."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import trialkit
from tests.wording.gather import errors_of_the_package
from trialkit.wording import written

ROOT = Path(trialkit.__file__).parent
SOURCES = sorted(ROOT.rglob("*.py"))
FIELDS = {"expected", "found", "next_step"}  # a place may be put together: file:line:key
REFUSERS = {"refuse", "fault"}  # (key, expected, found, next_step) of a section of TOML


def _said_in(tree: ast.Module) -> Iterator[ast.expr]:
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        named = {keyword.arg for keyword in call.keywords}
        if {"expected", "found"} & named and len(named & {*FIELDS, "where"}) > 1:
            yield from (keyword.value for keyword in call.keywords if keyword.arg in FIELDS)
        if isinstance(call.func, ast.Attribute) and call.func.attr in REFUSERS:
            yield from call.args[1:]


def _leaves(value: ast.expr) -> Iterator[ast.expr]:
    if isinstance(value, ast.IfExp):
        yield from _leaves(value.body)
        yield from _leaves(value.orelse)
    elif isinstance(value, ast.BoolOp):
        for one in value.values:
            yield from _leaves(one)
    else:
        yield value


def _calls_repr(value: ast.expr) -> bool:
    return isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "repr"


def shown_otherwise(source: str, *, in_stats: bool) -> list[str]:
    leaves = (leaf for value in _said_in(ast.parse(source)) for leaf in _leaves(value))
    return [
        f"{leaf.lineno}: {ast.unparse(leaf)}"
        for leaf in leaves
        if isinstance(leaf, ast.JoinedStr) or (in_stats and _calls_repr(leaf))
    ]


def test_no_error_formats_a_value_on_the_spot():
    found = [
        f"{path.relative_to(ROOT)}:{one}"
        for path in SOURCES
        for one in shown_otherwise(
            path.read_text(encoding="utf-8"), in_stats=path.is_relative_to(ROOT / "stats")
        )
    ]
    assert not found, "write found=written(value), or said('{n:g}', n=n):\n" + "\n".join(found)


def test_nor_does_what_is_handed_to_a_helper_of_an_error():
    found = [
        f"{words.path}:{words.node.lineno}: {ast.unparse(words.node)}"
        for words in errors_of_the_package()
        if isinstance(words.node, ast.JoinedStr)
        and len(words.node.values) == 1  # a place, file:line, has more
    ]
    assert not found


@pytest.mark.parametrize(
    "source",
    [
        'raise E(expected="a", found=f"{n}")',
        'raise E(expected="a", found=f"{n:g}" if n else "none")',
        'raise E(expected=f"{n}", found="b", where="c")',
        'section.refuse("key", "a number", f"{n}")',
        'raise E(expected="a", found=repr(n))',
        'raise E(expected="a", found="none" if n is None else repr(n))',
    ],
)
def test_a_value_formatted_on_the_spot_would_be_found(source: str):
    assert shown_otherwise(source, in_stats=True)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (np.float64(0.0), "0.0"),
        (np.int64(3), "3"),
        (np.array(2.5), "2.5"),
        ([np.float64(0.5), 1], "[0.5, 1]"),
        ((np.int64(1),), "(1,)"),
        ({"a": np.float64(2)}, "{'a': 2.0}"),
        ("arm", "'arm'"),
        (None, "None"),
    ],
)
def test_a_refused_value_is_shown_as_it_would_be_typed(value: object, shown: str):
    assert written(value) == shown
