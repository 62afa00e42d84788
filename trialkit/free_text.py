"""One policy for every text that people write: composed letters, no control characters, a length.

What passes here can be printed on a line of a list, drawn in a figure and sent to a spreadsheet without
changing what stands around it.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from trialkit.errors.base import TrialkitError
from trialkit.wording import said

LONGEST_LINE_CHARACTERS = 2_000
"""A reason, a name, a title."""

LONGEST_NOTE_CHARACTERS = 100_000
"""A note, a narrative: several lines."""

LONGEST_LOGIN_CHARACTERS = 64

_LOOK_ALIKE = str.maketrans("аеоросухіјѕкмтвнԁгпӏαενικορτυχօոսհցզյ", "aeopocyxijskmtbhdrnlaevikoptuxonuhgqj")
"""Small letters of Cyrillic, Greek and Armenian that look like ours."""
_FORM_OF_A_LETTER = re.compile(
    r"(?:LATIN|NEGATIVE CIRCLED LATIN|NEGATIVE SQUARED LATIN|REGIONAL INDICATOR SYMBOL)"
    r"(?: (?P<small>SMALL)| CAPITAL)? LETTER (?:[A-Z]+ )*?(?P<letter>[A-Z])(?: WITH .+)?"
)
_LINE_END = re.compile("\r\n|[\r\u2028\u2029\x85]")
# Direction marks reorder what stands beside them: a line of a list can be made to say another thing.
# Tags spell a whole text that nobody sees; notes between the lines hide one in print, not in a search.
_UNSEEN = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff\u2028\u2029") | frozenset(
    map(
        chr,
        (*range(0x2061, 0x2065), *range(0x206A, 0x2070), *range(0xFFF9, 0xFFFC), *range(0xE0000, 0xE0080)),
    )
)
_BLANKS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0") | frozenset(
    map(chr, range(0xFE00, 0xFE10))
)
"""Letters and marks that draw nothing: fillers, an empty braille cell, variation selectors."""
_JOINERS = frozenset("\u200c\u200d")  # part of the spelling in Persian and in scripts of India
_NO_LETTER = frozenset({"Cc", "Cs", "Cn"})
_LOGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]*", re.ASCII)
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
_PLAIN_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?(?:[eE][+-]?\d+)?", re.ASCII)


class TextError(TrialkitError):
    """A text that cannot be kept as it is: control characters, or longer than anybody reads."""


def one_line(text: str, where: str = "", *, longest: int = LONGEST_LINE_CHARACTERS) -> str:
    """A text of one line, its letters composed (NFC).

    Parameters
    ----------
    text
        As written.
    where
        What the text is, for the error.
    longest
        In characters.

    Raises
    ------
    TextError
        A line break, another control character, an unpaired surrogate, a mark that turns the direction of
        writing or spells what nobody sees, or too long. The message never repeats the text.
    """
    if not text.isprintable():
        _refuse_unprintable(text, where, permitted="")
    return _composed(text, where, longest)


def several_lines(text: str, where: str = "", *, longest: int = LONGEST_NOTE_CHARACTERS) -> str:
    """The same for a text of several lines: tabs are permitted, and every kind of line end becomes ``\\n``.

    Raises
    ------
    TextError
        As :func:`one_line`.
    """
    if not text.isprintable():
        text = _LINE_END.sub("\n", text)
        _refuse_unprintable(text, where, permitted="\n\t")
    return _composed(text, where, longest)


def plain_login(login: str) -> str:
    """A login: letters without accents, digits and ``. _ @ + -``, so that two that look alike are alike.

    Raises
    ------
    TextError
        Another one.
    """
    if len(login) > LONGEST_LOGIN_CHARACTERS or not _LOGIN.fullmatch(login):
        raise TextError(
            expected=said(
                "a login of at most {longest} letters a-z, digits and . _ @ + -, not beginning with a sign",
                longest=LONGEST_LOGIN_CHARACTERS,
            ),
            found=ascii(login[:LONGEST_LOGIN_CHARACTERS]),
            where="login",
            next_step="Choose another.",
        )
    return login


def persons_name(name: str) -> str:
    """A person's name, composed, without space around it: whoever signed must be told by it.

    Raises
    ------
    TextError
        As :func:`one_line`, and for a name without a letter, or with a character that nobody sees.
    """
    plain = one_line(name.strip(), "name", longest=LONGEST_LINE_CHARACTERS)
    for place, character in enumerate(plain):
        before = plain[place - 1] if place else ""
        joins = character in _JOINERS and before.isalpha() and not before.isascii()
        unseen = unicodedata.category(character) == "Cf" or character in _BLANKS
        if unseen and not joins:
            raise TextError(
                expected="a name of letters that are seen",
                found=said("U+{code:04X} at character {place}", code=ord(character), place=place + 1),
                where="name",
                next_step="Type it anew instead of pasting it; nothing was written.",
            )
    if not any(character.isalpha() for character in plain):
        raise TextError(
            expected="the name of a person",
            found="a text without a letter",
            where="name",
            next_step="Give the name as it stands on the delegation log.",
        )
    return plain


def plain_letters(text: str) -> str:
    """Small letters of other alphabets, and with strokes, as the Latin ones that they are taken for."""
    return without_strokes(text).translate(_LOOK_ALIKE)


def without_strokes(text: str) -> str:
    """Latin letters as the plain ones that they are a form of: o with a stroke, a small capital c."""
    return text if text.isascii() else "".join(map(_plain_form, text))


@lru_cache(maxsize=4096)
def _plain_form(character: str) -> str:
    form = None if character.isascii() else _FORM_OF_A_LETTER.fullmatch(unicodedata.name(character, ""))
    if form is None:
        return character
    return form["letter"].lower() if form["small"] else form["letter"]


def draws_nothing(character: str) -> bool:
    """A mark over or around another, a joiner, a filler: none is a gap between two letters."""
    return unicodedata.category(character) in ("Mn", "Me", "Cf") or character in _BLANKS


def printable(text: str) -> str:
    """For one line of a list or screen: what does not print is shown as its escape."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def for_spreadsheet(text: str) -> str:
    """A cell that no spreadsheet program takes for a formula: an apostrophe goes before one that might be.

    Numbers stay numbers: ``-6.5`` is one, ``-6.5+A1`` is not.
    """
    if text.startswith(_FORMULA_STARTS) and not _PLAIN_NUMBER.fullmatch(text):
        return f"'{text}"
    return text


def _composed(text: str, where: str, longest: int) -> str:
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    if len(text) > longest:
        raise TextError(
            expected=said("a text of at most {longest:,} characters", longest=longest),
            found=said("{length:,}", length=len(text)),
            where=where,
            next_step="Shorten it; nothing was written.",
        )
    return text


def _refuse_unprintable(text: str, where: str, permitted: str) -> None:
    for place, character in enumerate(text, start=1):
        if character in permitted:
            continue
        if character in _UNSEEN or unicodedata.category(character) in _NO_LETTER:
            raise TextError(
                expected="a text without line breaks and control characters"
                if not permitted
                else "a text without control characters",
                found=said("U+{code:04X} at character {place}", code=ord(character), place=place),
                where=where,
                next_step="Type it anew instead of pasting it; nothing was written.",
            )
