"""Gather every word that the pages may show into the catalogues: ``make words``.

New message ids come with an empty translation, those that nobody says any more go; translations stay.
"""

from __future__ import annotations

import sys
from enum import EnumMeta, StrEnum
from functools import cache
from pathlib import Path

from babel.messages import Catalog
from babel.messages.pofile import read_po, write_po
from jinja2 import Environment
from jinja2.ext import extract_from_ast

import trialkit
from trialkit import vocabulary
from trialkit.entry import adjudication, agreement, form_life, lock, serious_events
from trialkit.operations import endorsing, freezing, recruitment, subject_list
from trialkit.wording.catalogues import ENGLISH, HERE, LANGUAGES
from trialkit.wording.messages import Words, messages, words_of_errors

PACKAGE = Path(trialkit.__file__).parent
ROOMS = {
    "web": ("web",),
    "entry": ("entry", "access", "errors", "free_text.py", "expressions", "instruments"),
    "operations": (
        *("operations", "store"),
        *("nearest.py", "permitted.py", "safe_files.py", "strict_toml.py"),
    ),
}
ENUMS = (
    vocabulary,
    serious_events,
    adjudication,
    agreement,
    form_life,
    lock,
    freezing,
    recruitment,
    endorsing,
    subject_list,
)
HEADER = """# Words of trialkit: {name}.
msgid ""
msgstr ""
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""
MORE_WORDS = (
    "inclusion", "exclusion", "enough", "low", "exhausted", "right", "wrong", "too soon",
    "data management", "randomize, or record a screening failure",
    "forms that this role is not shown: somebody who sees all of them must lock", "pass", "pass 1",
    "pass 2", "void", "mark", "corrected", "adjudicated", "tick", "told differs", "line", "verified",
    "signed", "enter passes", "import pass", "correct", "answer query", "open query", "close query",
    "reopen query", "raise queries", "adjudicate", "decide rows", "void pass", "end import", "mark not done",
    "verify source", "sign form", "endorse correction", "object to correction", "redact", "enrol",
    "record visits", "randomize", "freeze", "lift freeze", "lock", "unlock", "lock place",
    "unlock place", "correct departure", "withdraw", "screen fail", "set recruitment",
    "emergency unblind", "note serious event", "report serious event", "record mistake",
    "confirm critical",
    "years", "months", "weeks", "days", "hours", "percent", "sessions", "calls", "units",
)  # fmt: skip
_MOST = 1_000_000  # characters a line: a message stays on one, so that two translators merge


def said_in_templates() -> list[str]:
    environment = Environment(autoescape=True)
    found = []
    for file in sorted((PACKAGE / "web" / "templates").rglob("*.html")):
        tree = environment.parse(file.read_text(encoding="utf-8"))
        for _, _, message in extract_from_ast(tree, ("_", "_n")):
            found += [text for text in ([message] if isinstance(message, str) else message) if text]
    return found


def words_of_the_vocabulary() -> list[str]:
    """As the filter ``words`` writes them."""
    members = [
        str(member).replace("_", " ")
        for module in ENUMS
        for kind in vars(module).values()
        if isinstance(kind, EnumMeta) and issubclass(kind, StrEnum)
        for member in kind
    ]
    return [word for word in (*MORE_WORDS, *members) if any(map(str.isalpha, word))]


@cache
def sources() -> dict[Path, str]:
    return {
        Path("trialkit") / path.relative_to(PACKAGE): path.read_text(encoding="utf-8")
        for path in sorted(PACKAGE.rglob("*.py"))
        if "_data" not in path.parts
    }


@cache
def errors_of_the_package() -> list[Words]:
    """Sought once for all tests: some seconds."""
    return words_of_errors(sources())


@cache
def everything() -> dict[str, list[str]]:
    """Catalogue -> its message ids, each in the first catalogue that has it."""
    said = messages(sources(), errors_of_the_package())
    gathered = {"words": words_of_the_vocabulary()}
    for name, rooms in ROOMS.items():
        gathered[name] = [key for key, places in said.items() if any(p.parts[1] in rooms for p, _ in places)]
    gathered["web"] += said_in_templates()
    seen: set[str] = set()
    for name in ("words", *ROOMS):
        ids = [key for key in dict.fromkeys(gathered[name]) if key not in seen]
        seen |= set(ids)
        gathered[name] = sorted(ids)
    return gathered


def update(language: str) -> int:
    """Rewrite a language's catalogues; the number of ids without words."""
    folder = HERE / language
    folder.mkdir(exist_ok=True)
    known: dict[str, str] = {}
    for file in folder.glob("*.po"):
        with file.open("rb") as opened:
            known |= {str(m.id): str(m.string) for m in read_po(opened, locale=language) if m.id}
    empty = 0
    for name, ids in everything().items():
        fresh = Catalog(locale=language)
        for key in ids:
            fresh.add(key, known.get(key, ""))
            empty += not known.get(key)
        with (folder / f"{name}.po").open("wb") as opened:
            opened.write(HEADER.format(name=name, language=language).encode())
            write_po(opened, fresh, width=_MOST, omit_header=True)
    return empty


if __name__ == "__main__":
    for code in LANGUAGES:
        if code != ENGLISH:
            left = update(code)
            sys.stdout.write(f"{code}: {left} without words\n")
