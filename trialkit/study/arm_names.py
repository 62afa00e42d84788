"""Does a free text name a treatment? The one place that says so, for every text a blinded reader is shown."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from trialkit.free_text import plain_letters
from trialkit.study.arm_words import (
    DELIVERED,
    GROUP,
    ROLES,
    names_a_number,
    names_a_role,
    simplified,
    words_of_parts,
)
from trialkit.study.model import Arm, Study

_SHORTEST_WORD = 3  # shorter names ("A", "B") are words of every text, and name an arm beside one of these:
_BESIDE = frozenset(
    {
        *("allocated", "allocation", "arm", "arms", "assigned", "assignment", "group", "groups"),
        *("randomised", "randomized", "therapy", "treatment", "treatments"),
        *("gets", "given", "got", "receive", "received", "receives", "receiving", "takes", "took"),
    }
)
_ALLOCATED = frozenset({"allocated", "assigned", "randomised", "randomized"})
_CHINESE_GROUP = ("组", "臂")
_NEAR = 0.85  # "excercise" beside "arm"
_SHORTEST_NEAR = 6
_LONGEST_ENDING = 3
_HAS_LATIN = re.compile("[a-z]")
_ENDING = re.compile(r"(?:es|s|ing|ed|e)$")
_FILLERS = frozenset({"to", "was", "is", "the", "of", "in", "as"})


@dataclass(frozen=True, slots=True)
class ArmNames:
    """What names an arm of a study, folded: case, width, composition, marks and spaces are set aside.

    Parameters
    ----------
    phrases
        Names of several words, or in a script without spaces: nobody writes them by chance.
    words
        Names of one word, which may stand in a text that speaks of something else.
    stems
        The phrases without the endings of their words.
    arms
        How many there are: "arm 2" is one of two.
    parts, parts_unspaced
        Words that a part of only some arms' treatment goes by; beside "sessions", "group" and the like only.
    """

    phrases: frozenset[str]
    words: frozenset[str]
    stems: frozenset[str] = frozenset()
    arms: int = 2
    parts: frozenset[str] = frozenset()
    parts_unspaced: re.Pattern[str] | None = None

    def named_in(self, text: str, *, plain_words: bool) -> bool:
        """Whether a text names an arm.

        Parameters
        ----------
        plain_words
            Whether a one-word name counts wherever it stands: where a wrong treatment was issued it tells.
            False: only by itself, or beside a word such as "arm", "group" or "received"; "not able to
            exercise" and "loss of bladder control" speak of something else.

        Degenerate cases: a name of one or two letters counts only beside such a word, whoever writes it. A
        name is found in any number or tense ("exercises group"), and with a letter wrong beside such a word.
        One that is circumscribed ("the ones who move more") is not found, nor one in a third language.
        """
        tokens = _tokens(text)
        stems = [_stem(token) for token in tokens]
        whole, whole_stems = "".join(tokens), "".join(stems)
        if any(phrase in whole for phrase in self.phrases) or any(
            phrase in whole_stems for phrase in self.stems
        ):
            return True
        if self._is_called_as_any_arm(text, tokens):
            return True
        return any(
            (plain_words and len(word) >= _SHORTEST_WORD) or _beside(tokens, start, end)
            for word in self.words
            for start, end in _runs(tokens, word)
        ) or any(
            _is_near(token, word) and _beside(tokens, at, at)
            for word in self.words
            for at, token in enumerate(tokens)
        )

    def _is_called_as_any_arm(self, text: str, tokens: Sequence[str]) -> bool:
        near = [
            (at, role)
            for at, token in enumerate(tokens)
            if len(token) >= _SHORTEST_NEAR and token not in ROLES
            for role in ROLES
            if _is_near(token, role)
        ]
        spaced = (
            [(end, role) for role in ROLES for start, end in _runs(tokens, role) if end > start]
            if sum(len(token) == 1 for token in tokens) > _SHORTEST_WORD
            else []
        )
        if names_a_role(tokens, near + spaced) or names_a_number(text, self.arms):
            return True
        if self.parts_unspaced is not None and self.parts_unspaced.search("".join(tokens)):
            return True
        return any(
            token in self.parts and _beside(tokens, at, at, DELIVERED | GROUP | _ALLOCATED, alone=False)
            for at, token in enumerate(tokens)
        )


def arm_names(study: Study, languages: Iterable[Mapping[str, str]] = ()) -> ArmNames:
    """The names of a study's arms: short names, labels, and the parts that only some arms receive.

    ``languages``: label -> its translation, of each language that the study has labels in.
    """
    languages = tuple(languages)
    known = [name for arm in study.arms for name in (arm.name, arm.label)] + _parts(study)
    phrases: set[str] = set()
    words: set[str] = set()
    stems: set[str] = set()
    for translation in languages:
        known += [translation[name] for name in known if name in translation]
        phrases |= _groups_of(study, translation)
    for name in known:
        tokens = _tokens(name)
        folded = "".join(tokens)
        if not folded:
            continue
        unspaced = len(folded) > 1 and not folded.isascii()
        (phrases if len(tokens) > 1 or unspaced else words).add(folded)
        if len(tokens) > 1:
            stems.add("".join(map(_stem, tokens)))
    parts, parts_unspaced = _words_of_parts(study, languages)
    return ArmNames(
        frozenset(phrases), frozenset(words), frozenset(stems), len(study.arms), parts, parts_unspaced
    )


def _words_of_parts(
    study: Study, languages: Iterable[Mapping[str, str]]
) -> tuple[frozenset[str], re.Pattern[str] | None]:
    own = _parts(study)
    shared = [name for part in study.components for name in (part.name, part.label) if part.name not in own]
    told = [translation.get(name, "") for translation in languages for name in own]
    in_common = [translation.get(name, "") for translation in languages for name in shared]
    return words_of_parts(
        [" ".join(_tokens(name)) for name in own + told],
        [" ".join(_tokens(name)) for name in shared + in_common],
    )


def _groups_of(study: Study, translation: Mapping[str, str]) -> set[str]:
    """What a script without spaces calls the group of an arm: what its label has and no other's."""
    labels = [set(_tokens(translation.get(arm.label, ""))) for arm in study.arms]
    found = set()
    for at, tokens in enumerate(labels):
        others = set().union(*labels[:at], *labels[at + 1 :])
        found |= {f"{token}{group}" for token in tokens - others for group in _CHINESE_GROUP}
    return {name for name in found if not name[:-1].isascii()}


def _parts(study: Study) -> list[str]:
    """Names, labels and drugs of the components that some arms have and others do not."""
    return [
        name
        for component in study.components
        if not all(_has(arm, component.name) for arm in study.arms)
        for name in (component.name, component.label, *component.drugs)
    ]


def _has(arm: Arm, component: str) -> bool:
    return component in arm.components


def _tokens(text: str) -> list[str]:
    """Words of letters and digits, in one form whatever the case, width, composition and accents.

    Characters that are not seen (a zero-width space, a soft hyphen) are no gap between words.
    """
    folded = simplified(unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold()))
    kept = (char for char in folded if unicodedata.category(char) not in ("Mn", "Cf"))
    tokens = "".join(char if char.isalnum() else " " for char in kept).split()
    return [
        token if token.isascii() or not _HAS_LATIN.search(token) else plain_letters(token) for token in tokens
    ]


def _stem(token: str) -> str:
    """A word without the ending of its number or tense; "only" is said for "alone"."""
    if token == "only":
        token = "alone"
    stem = _ENDING.sub("", token) if token.isascii() else token
    return stem if len(stem) >= _SHORTEST_WORD else token


def _is_near(token: str, word: str) -> bool:
    return (
        min(len(token), len(word)) >= _SHORTEST_NEAR
        and (token[:2] == word[:2] or token[1:3] == word[1:3])
        and SequenceMatcher(None, token, word).ratio() >= _NEAR
    )


def _runs(tokens: Sequence[str], word: str) -> Iterable[tuple[int, int]]:
    """Places where whole words, written together, are this one: ``control``, ``c o n t r o l``."""
    for start in range(len(tokens)):
        joined = ""
        for end in range(start, len(tokens)):
            joined += tokens[end]
            if joined == word or (len(word) > _SHORTEST_WORD + 1 and _stem(joined) == _stem(word)):
                yield start, end
            if len(joined) >= len(word) + _LONGEST_ENDING:
                break


def _beside(
    tokens: Sequence[str],
    start: int,
    end: int,
    telling: frozenset[str] = _BESIDE,
    *,
    alone: bool = True,
) -> bool:
    """Whether it is all there is, or the words before or after speak of arms: "allocated to the A"."""
    if alone and end - start + 1 == len(tokens):
        return True
    before = start - 1
    while before >= 0 and tokens[before] in _FILLERS:
        before -= 1
    after = end + 1
    return (before >= 0 and tokens[before] in telling) or (after < len(tokens) and tokens[after] in telling)
