"""Is a label written in another way: parts joined by any sign, cut short ("E + NSAID"), or "only NSAIDs"?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from trialkit.study.arm_chinese import is_of_another_sense, says_only
from trialkit.study.arm_words import GROUP, PEOPLE, PLACED, kin_of, speaks_of_arms, word_before
from trialkit.study.folded_words import Clause, is_near, stem, tokens, word_set

_PARTS = re.compile(r"\s*(?:[+&/]|\b(?:and|plus|with)\b|联合|加)\s*", re.IGNORECASE)
_JOINS = re.compile(r"[+&/]")
_JOINING = frozenset({"and", "plus", "with"})
ALONE = word_set("alone exclusively mono monotherapy only solely 仅 单独 单用 只用")
_ONLY = frozenset({"exclusively", "just", "merely", "only", "purely", "simply", "solely"})
_TAKING = word_set(
    """
    a an by get gets getting given got had has have is of on oral receive received receives receiving take
    taken takes taking the took use used uses using was with
    """
)
_WHEN = word_set(
    """
    after as at before during if occasionally once prn rarely sometimes twice until when whenever
    """
)
_OF_THE_DRUG = word_set(
    """
    allergy associated available dose ease eased eases gel he help helped helps induced intolerance related
    relieve relieved relieves she tablet tablets that they tolerated which work worked works
    """
)
_WITHOUT = frozenset({"minus", "no", "not", "without"})
_BY_ITSELF = (
    ("by", "itself"),
    ("on", "its", "own"),
    ("on", "their", "own"),
    ("by", "themselves"),
    ("and", "nothing"),
    ("nothing", "else"),
)
_NEAR_BY = 4
_LETTERED_KINDS = word_set(
    """
    blood child class gold grade hepatitis influenza patient pugh risk serogroup stage strep streptococcus
    subject type virus vitamin vitamins
    """
)
_OF_ANY_TRIAL = frozenset("CEIP")
_INTO_THE = (("in", "the"), ("into", "the"), ("to", "the"))
_TWO_LETTERS = frozenset({"CG", "EG", "IG"})


@dataclass(frozen=True, slots=True)
class Labels:
    """The labels of a study's arms, taken apart.

    Parameters
    ----------
    compounds
        Labels of several parts; each part as its words.
    cores
        What is left of a label that says "alone": ``("nsaid",)`` of "NSAID alone".
    apart
        Words that only some arms' treatment goes by: "NSAID without exercise".
    initials
        Capitals that an arm's name or label begins with.
    """

    compounds: tuple[tuple[tuple[str, ...], ...], ...]
    cores: frozenset[tuple[str, ...]]
    apart: frozenset[str]
    initials: frozenset[str]


def labels_taken_apart(names: Sequence[str], labels: Sequence[str], apart: frozenset[str]) -> Labels:
    """Of the arms' short names, their labels in every language, and words that only some arms go by."""
    compounds, cores = [], set()
    for label in labels:
        words = tuple(tokens(label))
        if any(word in ALONE for word in words):
            cores.add(tuple(word for word in words if word not in ALONE))
            continue
        parts = parts_of(label)
        if len(parts) > 1:
            compounds.append(parts)
    begun = [word for name in (*names, *labels) if (word := "".join(tokens(name))) and word[0].isascii()]
    initials = {word[0].upper() for word in begun if word[0].isalpha()}
    initials |= {"".join(part[0][0] for part in parts).upper() for parts in compounds}
    initials |= {_capitals(part) for label in labels for part in parts_of(label) if len(part) > 1}
    return Labels(tuple(compounds), frozenset(cores - {()}), apart, frozenset(initials) | _OF_ANY_TRIAL)


def _capitals(words: tuple[str, ...]) -> str:
    return "".join(word[0] for word in words).upper()


def parts_of(label: str) -> tuple[tuple[str, ...], ...]:
    """The parts of a label between its "+" or "and", each as folded words."""
    return tuple(words for part in _PARTS.split(label) if (words := tuple(tokens(part))))


def is_a_label(clause: Clause, labels: Labels) -> bool:
    """Whether a clause holds a label in another form: its parts joined, "only" its part, or its initial."""
    return (
        any(_joined(clause, parts) for parts in labels.compounds)
        or any(_is_only(clause.words, core, labels.apart) for core in labels.cores)
        or _is_an_initial(clause, labels.initials)
    )


def _joined(clause: Clause, parts: tuple[tuple[str, ...], ...]) -> bool:
    for one, other in pairwise(parts):
        for first, second in ((one, other), (other, one)):
            for end, start, by_word in _joints(clause):
                left = _ends_with(clause, end, first)
                right = _starts_with(clause, start, second)
                short = left == right == 1
                if left and right and not (short and (by_word or not _is_shouted(clause, end, start))):
                    return True
    return False


def _is_shouted(clause: Clause, end: int, start: int) -> bool:
    return clause.written[end].isupper() and clause.written[start].isupper()


def _joints(clause: Clause) -> Iterator[tuple[int, int, bool]]:
    """Places before and after a sign or word for "and"."""
    for at in range(1, len(clause.words)):
        if _JOINS.search(clause.gaps[at]):
            yield at - 1, at, False
        if clause.words[at] in _JOINING and at + 1 < len(clause.words):
            yield at - 1, at + 1, True


def _ends_with(clause: Clause, end: int, part: tuple[str, ...]) -> int:
    """How many letters of a part at least stand there, of its shortest word; 0 where it is not there."""
    start = end - len(part) + 1
    whole = _whole(clause, start, end, part) if start >= 0 else 0
    return whole or _cut_short(clause, end, part)


def _starts_with(clause: Clause, start: int, part: tuple[str, ...]) -> int:
    end = start + len(part) - 1
    whole = _whole(clause, start, end, part) if end < len(clause.words) else 0
    return whole or _cut_short(clause, start, part)


def _whole(clause: Clause, start: int, end: int, part: tuple[str, ...]) -> int:
    there = clause.words[start : end + 1]
    if all(_is_word_of(word, one) for word, one in zip(there, part, strict=True)):
        return min(map(len, there))
    return 0


def _is_word_of(written: str, word: str) -> bool:
    return any(
        written == kin or stem(written) == stem(kin) or is_near(stem(written), kin) for kin in kin_of(word)
    )


def _cut_short(clause: Clause, at: int, part: tuple[str, ...]) -> int:
    """The capital of a part, its capitals, or the beginning of its first word: "E", "UC", "acu"."""
    word = clause.words[at]
    initials = "".join(one[0] for one in part)
    if at and clause.words[at - 1] in _LETTERED_KINDS:  # "vitamin E + NSAID"
        return 0
    if word in (initials, initials[0]) or (len(word) > 1 and part[0].startswith(word)):
        return len(word)
    return 0


def _is_only(words: tuple[str, ...], core: tuple[str, ...], apart: frozenset[str]) -> bool:
    for start in range(len(words) - len(core) + 1):
        end = start + len(core) - 1
        there = words[start : end + 1]
        if not all(_is_core(word, one) for word, one in zip(there, core, strict=True)):
            continue
        if _said_after(words[end + 1 :]) or _said_before(words, start, words[end + 1 :]):
            return True
        if _without_the_rest(words[end + 1 : end + 1 + _NEAR_BY], apart):
            return True
    return False


def _is_core(written: str, word: str) -> bool:
    return written == word or stem(written) == stem(word) or is_near(stem(written), word)


def _said_after(after: tuple[str, ...]) -> bool:
    if any(after[: len(said)] == said for said in _BY_ITSELF):
        return True
    if after[:1] and after[0] in ("therapy", "treatment"):
        after = after[1:]
    return bool(after) and after[0] in ALONE and not (len(after) > 1 and after[1] in _WHEN)


def _said_before(words: tuple[str, ...], start: int, after: tuple[str, ...]) -> bool:
    before = start - 1
    while before >= 0 and words[before] in _TAKING:
        before -= 1
    if before < 0:
        return False
    of_the_drug = bool(after) and (after[0] in _WHEN | _OF_THE_DRUG or is_of_another_sense(after[0]))
    said = (
        words[before] in _ONLY
        or says_only(words[before])
        or (words[before] == "but" and before > 0 and words[before - 1] == "nothing")
    )
    the_only_one = before > 0 and words[before - 1] in ("the", "not")
    return said and not of_the_drug and not the_only_one


def _without_the_rest(after: tuple[str, ...], apart: frozenset[str]) -> bool:
    """ "NSAID without exercise"."""
    return any(
        word in _WITHOUT and any(_is_core(other, one) for one in apart for other in after[at + 1 : at + 2])
        for at, word in enumerate(after)
    )


def _is_an_initial(clause: Clause, initials: frozenset[str]) -> bool:
    """ "E group", "allocated to C", "in the CG": a capital beside a word that speaks of arms."""
    words, written = clause.words, clause.written
    for at, letter in enumerate(written):
        before = word_before(words, at)
        signed = any(sign in clause.gaps[at] for sign in ":=")
        entered = at > 0 and (signed or words[at - 1] in ("to", "in", "into", "the"))
        if letter in _TWO_LETTERS and (
            len(words) == 1
            or before in PLACED
            or _comes_into(words, at)
            or (at + 1 < len(words) and words[at + 1] in PEOPLE)
        ):
            return True
        if letter not in initials:
            continue
        after = words[at + 1] if at + 1 < len(words) else ""
        if before in PLACED and entered:
            return True
        if after in GROUP and not _is_of_another_kind(words, at):
            another = letter + after in ("Carm", "Carms") or (letter in ("A", "I") and not entered)
            if not another and speaks_of_arms(before, words[at + 2] if at + 2 < len(words) else "", after):
                return True
        if at and not after and words[at - 1] in GROUP and not _is_of_another_kind(words, at - 1):
            return True
    return False


def _comes_into(words: tuple[str, ...], at: int) -> bool:
    return at > 0 and (words[at - 1] in ("in", "into", "to") or words[max(0, at - 2) : at] in _INTO_THE)


def _is_of_another_kind(words: tuple[str, ...], at: int) -> bool:
    """ "hepatitis C group", "vitamin group C"."""
    return at > 0 and words[at - 1] in _LETTERED_KINDS


def phrase_with_slips(words: tuple[str, ...], phrases: Iterable[tuple[str, ...]]) -> bool:
    """Whether words of a clause are those of a label, each with at most the slips of :func:`is_near`."""
    return any(
        all(map(is_near, words[start : start + len(phrase)], phrase))
        for phrase in phrases
        for start in range(len(words) - len(phrase) + 1)
    )
