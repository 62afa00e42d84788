"""Words of a text in one form, however they were written, and how near one is to another.

Case, width, composition, accents, strokes, letters of other alphabets that look alike, digits and signs that
stand for letters, marks that are not seen: all are set aside before words are compared.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from trialkit.free_text import draws_nothing, plain_letters, without_strokes
from trialkit.study.arm_chinese import simplified


def word_set(listed: str) -> frozenset[str]:
    """The words of a list with blanks between them."""
    return frozenset(listed.split())


_HAS_LATIN = re.compile("[a-zA-Z]")
_ENDING = re.compile(r"(?:es|s|ing|ed|ers?|e)$")
_SHORTEST_STEM = 3
_ONE_LETTER_WRONG = 5
"""Letters of a word from which one may be wrong; two from ``_TWO_LETTERS_WRONG``."""
_TWO_LETTERS_WRONG = 8
_SOUNDS = str.maketrans("kzy", "csi")
"""Letters that are written for one another: "kontrol", "exersize"."""
_OTHER_WORDS = word_set(
    """
    central companion companions contest contract contracts contrast convention experiential expertise
    invention serum thermal threat trading treats
    """
)
"""Words of their own that differ by a letter or two from one that tells."""
_BREAKS_A_CLAUSE = re.compile(r"[.,;!?](?=\s|$|[^\x00-\x7f])|(?<=[^\x00-\x7f])[,;!?]|[\u3001\u3002\uff61]")
_CUT_SHORT = re.compile(
    r"\b(acup|con|cont|contr|ctrl|ex|exer|exerc|exp|exper|int|interv|plac|trt|tx)\.(?=\s)", re.IGNORECASE
)
_LETTERS_WITH_STOPS = re.compile(r"(?<![^\W_])(?:[A-Za-z]\.){3,}")
_WITH = (re.compile(r"\bw/o\b", re.IGNORECASE), re.compile(r"\bw/", re.IGNORECASE))
_OF_ANOTHER_TRIAL = re.compile(
    r"\b(?:placebo|sham)[\s-]?(controlled|effects?|like|response)\b", re.IGNORECASE
)
_WORD = re.compile(r"[\u3400-\u9fff]+|[^\W_\u3400-\u9fff]+|[+&/:=()\-\u2010-\u2015]")
_PARTED_BY_HYPHEN = re.compile(r"(?<=[^\W\d_])[-\u2010\u2011]\s*(?=[^\W\d_])")
_SIGNS_FOR_LETTERS = str.maketrans("@$!|€", "asile")
_SIGN_BETWEEN_LETTERS = re.compile(r"(?<=[a-zA-Z])[@$!|€](?=[a-zA-Z])")
_DIGITS_FOR_LETTERS = (str.maketrans("0134578", "oieastb"), str.maketrans("0134578", "oleastb"))


@dataclass(frozen=True, slots=True)
class Clause:
    """The words between two breaks of a sentence.

    Parameters
    ----------
    words
        Folded.
    written
        The same words with the case that they were written in.
    gaps
        Before each word: the signs that part it from the word before, of ``+ & / : = ( ) -``.
    """

    words: tuple[str, ...]
    written: tuple[str, ...]
    gaps: tuple[str, ...]


def readings(text: str) -> Iterator[tuple[Clause, ...]]:
    """A text as it stands; then with parted words joined and signs read as letters, where that differs."""
    seen = as_seen(text)
    yield _clauses(seen)
    joined = _PARTED_BY_HYPHEN.sub("", seen)
    joined = _SIGN_BETWEEN_LETTERS.sub(lambda hit: hit[0].translate(_SIGNS_FOR_LETTERS), joined)
    if joined != seen:
        yield _clauses(joined)


def as_seen(text: str) -> str:
    """In one width and composition, without accents, strokes and what is not seen; the case is kept."""
    if text.isascii():
        return text
    wide = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text))
    kept = "".join(char for char in wide if not draws_nothing(char))
    return simplified(unicodedata.normalize("NFC", without_strokes(kept)))


def tokens(text: str) -> list[str]:
    """The folded words of a text or name."""
    return [word for clause in _clauses(as_seen(text)) for word in clause.words]


@lru_cache(maxsize=16384)
def stem(word: str) -> str:
    """A word without the ending of its number or tense."""
    cut = _ENDING.sub("", word) if word.isascii() else word
    return cut if len(cut) >= _SHORTEST_STEM else word


@lru_cache(maxsize=16384)
def is_near(written: str, word: str) -> bool:
    """Whether it is a slip of a word: a letter wrong, two in a long word; the first is right, or lost.

    Degenerate cases: words of fewer than five letters have no slips; the word itself is near.
    """
    written, word = written.translate(_SOUNDS), word.translate(_SOUNDS)
    if len(word) < _ONE_LETTER_WRONG or len(written) < _ONE_LETTER_WRONG - 1 or written in _OTHER_WORDS:
        return written == word
    if written[0] != word[0] and written[1:2] != word[:1] and written != word[1:]:
        return False
    permitted = 2 if len(word) >= _TWO_LETTERS_WRONG else 1
    return abs(len(written) - len(word)) <= permitted and _slips(written, word) <= permitted


def _slips(first: str, second: str) -> int:
    """Letters left out, put in, changed or swapped with the next (optimal string alignment)."""
    before: list[int] = []
    row = list(range(len(second) + 1))
    for i, one in enumerate(first, start=1):
        earlier, before, row = before, row, [i]
        for j, other in enumerate(second, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (one != other))
            if i > 1 and j > 1 and one == second[j - 2] and first[i - 2] == other:
                cost = min(cost, earlier[j - 2] + 1)
            row.append(cost)
    return row[-1]


def digits_as_letters(word: str) -> tuple[str, ...]:
    """What a word of letters and digits reads as where digits stand for letters: ``c0ntr0l``."""
    if word.isalpha() or word.isdigit() or not word.isascii():
        return (word,)
    return (word, *(word.translate(table) for table in _DIGITS_FOR_LETTERS))


def _clauses(seen: str) -> tuple[Clause, ...]:
    whole = _LETTERS_WITH_STOPS.sub(lambda hit: hit[0].replace(".", ""), _CUT_SHORT.sub(r"\1", seen))
    whole = _OF_ANOTHER_TRIAL.sub(r"\1", whole)
    whole = _WITH[1].sub("with ", _WITH[0].sub("without", whole))
    return tuple(clause for part in _BREAKS_A_CLAUSE.split(whole) if (clause := _clause(part)).words)


def _clause(part: str) -> Clause:
    words: list[str] = []
    written: list[str] = []
    gaps: list[str] = []
    gap = ""
    for piece in _spelt_out(_WORD.findall(part)):
        if not piece[0].isalnum():
            gap += piece
            continue
        words.append(_folded(piece))
        written.append(piece)
        gaps.append(gap)
        gap = ""
    return Clause(tuple(words), tuple(written), tuple(gaps))


def _spelt_out(pieces: Sequence[str]) -> Iterator[str]:
    """With letters that stand one by one joined to words: ``c o n t r o l``, ``c-o-n-t-r-o-l``."""
    at = 0
    while at < len(pieces):
        end, letters = at, ""
        while end < len(pieces) and (_is_a_letter(pieces[end]) or (letters and pieces[end] == "-")):
            letters += pieces[end] if pieces[end] != "-" else ""
            end += 1
        if len(letters) > _SHORTEST_STEM:
            yield letters
            at = end
        else:
            yield pieces[at]
            at += 1


def _is_a_letter(piece: str) -> bool:
    return len(piece) == 1 and piece.isascii() and piece.isalpha()


def _folded(word: str) -> str:
    if word.isascii():
        return word.lower()
    folded = unicodedata.normalize("NFKC", word.casefold())
    return plain_letters(folded) if _HAS_LATIN.search(folded) else folded
