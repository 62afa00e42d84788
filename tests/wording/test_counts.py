"""A count of one is said in the singular, in the pages and in what operations say."""

from __future__ import annotations

import ast
import re

import pytest
from jinja2 import Environment
from jinja2.ext import extract_from_ast

from tests.wording.gather import PACKAGE, sources
from trialkit.wording import said_count, translated
from trialkit.wording.catalogues import translator

ROOMS = ("web", "operations", "entry")
PLURAL = re.compile(r"\{(?:n|days|hours|n_\w+)\} (?:\w+ )?(?!is\b)\w+s\b")
"""A count and a noun of many: ``{n} queries``, ``{n} open queries``."""
LIMITS = {  # of settings, never of things that are there: "at most {n} days"
    "a password set within {days} days",
    "a scan within {days} days of the visit",
    "a list with the study's {n_arms} arms",  # two or more
}


def of_code() -> tuple[list[str], list[tuple[str, str]]]:
    """Templates given to ``said``, and pairs given to ``said_count``, in the rooms of the pages."""
    single, pairs = [], []
    for path, source in sources().items():
        if path.parts[1] not in ROOMS:
            continue
        for node in ast.walk(ast.parse(source)):
            name = getattr(node.func, "id", "") if isinstance(node, ast.Call) else ""
            if name not in ("said", "said_count"):
                continue
            texts = [part.value for part in node.args if isinstance(part, ast.Constant)]
            if name == "said":
                single += texts
            elif texts:  # the templates' own function hands on what it is given
                pairs.append((texts[0], texts[1]))
    return single, pairs


def of_templates() -> tuple[list[str], list[tuple[str, str]]]:
    """The same of the page's templates."""
    single, pairs, environment = [], [], Environment(autoescape=True)
    for file in sorted((PACKAGE / "web" / "templates").rglob("*.html")):
        tree = environment.parse(file.read_text(encoding="utf-8"))
        for _, _, message in extract_from_ast(tree, ("_",)):
            single += [message] if isinstance(message, str) else [text for text in message if text]
        for _, _, message in extract_from_ast(tree, ("_n",)):
            pairs.append((message[0], message[1]))
    return single, pairs


@pytest.mark.parametrize("found", [of_code, of_templates])
def test_a_sentence_with_a_count_of_things_has_a_form_for_one(found):
    single, _ = found()
    beside = "{n} decisions to confirm"  # the page's script fills it in, and has the form for one beside it
    assert len(single) > 100
    assert not [text for text in single if PLURAL.search(text) and text not in LIMITS and text != beside]


@pytest.mark.parametrize("found", [of_code, of_templates])
def test_both_forms_have_the_same_parameters_and_the_count_in_them(found):
    _, pairs = found()
    assert len(pairs) > 10
    for one, many in pairs:
        assert set(re.findall(r"\{\w+\}", one)) == set(re.findall(r"\{\w+\}", many)), one
        assert "{n}" in one and one != many


def test_one_is_one_and_any_other_number_many():
    said = [said_count("{n} query", "{n} queries", n) for n in (0, 1, 2)]
    assert said == ["0 queries", "1 query", "2 queries"]
    chinese = [translated(said_count("{n} record", "{n} records", n), translator("zh")) for n in (1, 2)]
    assert [text[0] for text in chinese] == ["1", "2"] and chinese[0][1:] == chinese[1][1:]
