"""The page of the acts names every act, with the arguments it takes."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

from trialkit import operations

PAGE = (Path(__file__).parents[2] / "docs" / "operations.md").read_text(encoding="utf-8")
ACTS = {name: act for name in operations.__all__ if inspect.isfunction(act := getattr(operations, name))}
SHOWN = re.findall(r"`(\w+)\((trial, [^`]*|folder[^`]*)\)`", PAGE)


def test_every_act_is_on_the_page() -> None:
    assert [name for name in ACTS if f"`{name}(" not in PAGE] == []


def test_an_act_takes_the_arguments_the_page_shows() -> None:
    shown = [(name, arguments) for name, arguments in SHOWN if name in ACTS]
    assert len(shown) > 25
    for name, arguments in shown:
        plain = re.sub(r"=(\[.*?\)\]|\{.*?\}|[^,]*)", "", arguments)
        said = [argument.strip() for argument in plain.split(",") if argument.strip() != "*"]
        taken = [a for a in inspect.signature(ACTS[name]).parameters.values() if not a.name.startswith("_")]
        assert set(said) <= {a.name for a in taken}, name
        assert {a.name for a in taken if a.default is inspect.Parameter.empty} <= set(said), name
