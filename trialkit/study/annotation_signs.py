"""Every ``@`` of a Field Annotation with what stands behind it, and which tag of ours it was meant for.

One way of looking serves for all: the text is folded letter by letter (full-width and look-alike letters,
any dash, what nobody sees), so that a tag is told from a slip and from prose by its letters alone, wherever
the gaps are.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from trialkit.free_text import plain_letters

OUR_TAGS = ("UNIT", "CRITICAL", "REVEALS-ALLOCATION", "PARTIAL-DATE", "MISSING", "AGREE-WITHIN", "RETIRED")
_LONGEST = max(map(len, OUR_TAGS))
_FIRST_WORDS = frozenset({"REVEALS", "PARTIAL"})  # by themselves they are no prose, as "@agree" may be
_SIGN = re.compile(
    r"@(?P<gap>[\s\-_.:*]*)(?P<name>[^\W\d_][\w\-]*)"
    r"(?:\s*=\s*(?P<value>'[^']*'|\"[^\"]*\"|[^\s'\"]+))?"
)
_NEXT_WORD = re.compile(r"[\s\-_./]*([^\W\d_]+)")


@dataclass(frozen=True, slots=True)
class Sign:
    """``written`` as it stands, gap included; ``name`` and ``words`` (its own, then the next ones) folded.

    ``clean``: the sign begins a word and the name follows at once, in letters of its own script.
    ``before``: what the sign is stuck to, empty where a space or nothing stands before it.
    """

    written: str
    gap: str
    name: str
    words: tuple[str, ...]
    value: str | None
    clean: bool
    after_word: bool
    before: str


def seen(text: str) -> str:
    """Without what nobody sees: zero-width characters, soft hyphens."""
    return "".join(char for char in text if unicodedata.category(char) != "Cf")


def signs(text: str) -> Iterator[Sign]:
    """Every sign with a name behind it, in order, of a text that is all seen."""
    folded = "".join(map(_folded, text))
    for match in _SIGN.finditer(folded):
        begin, (name_begin, name_end) = match.start(), match.span("name")
        before = folded[begin - 1] if begin else " "
        own_script = unicodedata.normalize("NFKC", text[name_begin:name_end]).isascii()
        value = None if match["value"] is None else text[slice(*match.span("value"))]
        yield Sign(
            written=unicodedata.normalize("NFKC", text[begin + 1 : name_end]),
            gap=match["gap"],
            name=match["name"].upper(),
            words=_words(match["name"], folded[name_end:]),
            value=None if value is None else value.strip("'\"\uff07\uff02"),
            clean=not match["gap"] and own_script and not re.match(r"[\w.@]", before),
            after_word=before.isalnum(),
            before=text[:begin].split(" ")[-1].split("\n")[-1],
        )


def _folded(char: str) -> str:
    """One character for one, so that places stay."""
    if unicodedata.category(char) == "Pd" or char == "\u2212":
        return "-"
    plain = unicodedata.normalize("NFKC", char)
    plain = plain if len(plain) == 1 else char
    alike = plain_letters(plain.lower())
    return (alike.upper() if plain.isupper() else alike) if len(alike) == 1 else plain


def _words(name: str, after: str) -> tuple[str, ...]:
    """The letters of the name, and of the words that follow it with gaps alone between them."""
    found = [letters.upper() for letters in re.split(r"[\W\d_]+", name) if letters]
    place = 0
    while sum(map(len, found)) < _LONGEST and (following := _NEXT_WORD.match(after, place)):
        found.append(following[1].upper())
        place = following.end()
    return tuple(found)


def meant_by(sign: Sign) -> str:
    """The tag of ours that a sign which is none was meant for; empty of foreign tags and prose."""
    letters = {tag.replace("-", ""): tag for tag in OUR_TAGS}
    if sign.after_word:  # ada@unit.org is an address, VAS@UNIT a slip
        shouted = sign.written.isupper()
        return letters.get("".join(sign.words[: len(_words(sign.name, ""))]), "") if shouted else ""
    joined = ("".join(sign.words[:count]) for count in range(1, len(sign.words) + 1))
    whole = next((letters[one] for one in joined if one in letters), "")
    if whole or not (sign.clean or sign.gap.isspace()):
        return whole
    return _near(sign.name, sign.value) or (_near_with_the_next_word(sign.words) if sign.clean else "")


def _near(name: str, value: str | None) -> str:
    """Near to a tag, its letters in another order, its first word alone, or, where a value follows, one of
    its letters another."""
    near = get_close_matches(name, OUR_TAGS, n=1, cutoff=0.8)
    for tag in OUR_TAGS:
        first_alone = name in _FIRST_WORDS and tag.startswith(f"{name}-")
        if sorted(tag) == sorted(name) or first_alone or (value is not None and _one_apart(tag, name)):
            near.append(tag)
    return near[0] if near else ""


def _near_with_the_next_word(words: tuple[str, ...]) -> str:
    """``@REVEAL ALLOCATION``: misspelt, and without its hyphen."""
    near = get_close_matches("-".join(words[:2]), OUR_TAGS, n=1, cutoff=0.85)
    return near[0] if near and near[0].partition("-")[0] in _FIRST_WORDS else ""


def _one_apart(one: str, other: str) -> bool:
    return len(one) == len(other) and sum(a != b for a, b in zip(one, other, strict=True)) == 1
