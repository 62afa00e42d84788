"""The catalogues: every translation has the parameters of its template, and the pages are translated."""

from __future__ import annotations

import re
import string

import pytest

from tests.wording.gather import ROOMS, everything
from trialkit.errors import TrialkitError
from trialkit.expressions import parse
from trialkit.wording import translated
from trialkit.wording.catalogues import HERE, LANGUAGES, catalogue, translator

OTHERS = [code for code in LANGUAGES if code != "en"]


def _parameters(template: str) -> set[str]:
    return {
        f"{name}!{conversion or ''}:{specification}"
        for _, name, specification, conversion in string.Formatter().parse(template)
        if name is not None
    }


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_has_the_parameters_of_its_template(language: str) -> None:
    wrong = [key for key, words in catalogue(language).items() if _parameters(key) != _parameters(words)]
    assert not wrong


@pytest.mark.parametrize("language", OTHERS)
def test_nothing_gathered_for_the_pages_is_left_without_words(language: str) -> None:
    from babel.messages.pofile import read_po

    for name in ("words", *ROOMS):
        with (HERE / language / f"{name}.po").open("rb") as opened:
            empty = [str(m.id) for m in read_po(opened, locale=language) if m.id and not m.string]
        assert not empty, name


@pytest.mark.parametrize("language", OTHERS)
def test_every_word_of_the_pages_as_they_are_now_is_translated(language: str) -> None:
    """After new words: `make words`, then translate. New refusals may wait for theirs a while."""
    known, now = catalogue(language), everything()
    assert not [key for name in ("web", "words") for key in now[name] if key not in known]
    refusals = [key for name in ("entry", "operations") for key in now[name]]
    assert len(refusals) > 600
    assert sum(key in known for key in refusals) / len(refusals) > 0.95


@pytest.mark.parametrize(
    "rule", ["[age_years] >= ", "[age] > 1 > 2", "sum(", "'open", "log()", "nosuch([a])", "[a"]
)
def test_what_a_formula_has_wrong_is_told_in_chinese(rule: str) -> None:
    with pytest.raises(TrialkitError) as refused:
        parse(rule)
    told = translated(refused.value.expected, translator("zh"))
    assert re.search("[\u4e00-\u9fff]", told), told


def test_an_unknown_language_is_english() -> None:
    assert translator("xx")("Subjects") == translator("en")("Subjects") == "Subjects"
