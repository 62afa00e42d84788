"""Catalogues of words in other languages: ``.po`` files of gettext, as translators have them.

They are read as they are when a language is first asked for; there is no compiled form that could be older
than its source. English needs none: a template is its own translation.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from trialkit.wording.text import Translate, plain

HERE = Path(__file__).parent
ENGLISH = "en"
LANGUAGES = {ENGLISH: "English", "zh": "中文"}
"""Languages of the pages: code, and its name in itself."""


def translator(language: str) -> Translate:
    """From a message id to its words in a language; an id that no catalogue knows is said in English.

    Parameters
    ----------
    language
        A code of :data:`LANGUAGES`; any other is English.
    """
    if language == ENGLISH or language not in LANGUAGES:
        return plain
    words = catalogue(language)
    return lambda template: words.get(template, template)


@cache
def catalogue(language: str) -> dict[str, str]:
    """Every message id that a language has words for. Needs Babel, of the extra ``web``."""
    from babel.messages.pofile import read_po

    words: dict[str, str] = {}
    for file in sorted((HERE / language).glob("*.po")):
        with file.open("rb") as opened:
            read = read_po(opened, locale=language, abort_invalid=True)
        words |= {
            str(message.id): str(message.string)
            for message in read
            if message.id and message.string and not message.fuzzy
        }
    return words


def language_asked_for(accept_language: str) -> str:
    """The language of :data:`LANGUAGES` that a browser's ``Accept-Language`` would rather have."""
    for tag in _by_preference(accept_language):
        main = tag.partition("-")[0].lower()
        if main in LANGUAGES:
            return main
    return ENGLISH


def _by_preference(accept_language: str) -> Sequence[str]:
    weighted = []
    for part in accept_language[:200].split(","):
        tag, _, weight = part.partition(";")
        try:
            q = float(weight.strip().removeprefix("q=") or 1)
        except ValueError:
            q = 0.0
        if q > 0:
            weighted.append((-q, tag.strip()))
    return [tag for _, tag in sorted(weighted, key=lambda pair: pair[0])]
