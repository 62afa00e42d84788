"""Does a free text name a treatment? The one place that says so, for every text a blinded reader is shown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from trialkit.study.arm_beside import Telling, name_runs, tells
from trialkit.study.arm_chinese import dense_of, pattern_of
from trialkit.study.arm_disclosed import Disclosing, disclosing_of, is_disclosed, is_generic, names_a_dose
from trialkit.study.arm_doses import is_a_dose
from trialkit.study.arm_labels import (
    ALONE,
    Labels,
    is_a_label,
    labels_taken_apart,
    parts_of,
    phrase_with_slips,
)
from trialkit.study.arm_words import kin_of, names_a_number, words_of_parts
from trialkit.study.folded_words import Clause, as_seen, digits_as_letters, is_near, readings, stem, tokens
from trialkit.study.model import Arm, Study

_SHORTEST_WORD = (
    3  # shorter names ("A", "B") are words of every text, and name an arm beside such a word only
)
_LONG_WORD = 5
_LONG_ENOUGH_TO_BE_SEEN_WITHIN = 12
_CHINESE_GROUP = ("组", "臂")


@dataclass(frozen=True, slots=True, eq=False)
class ArmNames:
    """What names an arm of a study, folded: case, width, composition, marks and spaces are set aside.

    Parameters
    ----------
    phrases
        Names of several words, or in a script without spaces, as their words: nobody writes them by chance.
    telling
        Words that tell beside one that speaks of arms.
    labels
        The labels taken apart: "E + NSAID", "only NSAIDs".
    disclosing
        What tells after "unblinded" or "on".
    chinese
        What calls an arm in Chinese.
    arms
        How many there are: "arm 2" is one of two.
    """

    phrases: frozenset[tuple[str, ...]]
    telling: Telling
    labels: Labels
    disclosing: Disclosing
    chinese: re.Pattern[str]
    arms: int = 2

    def named_in(self, text: str, *, plain_words: bool) -> bool:
        """Whether a text names an arm.

        Parameters
        ----------
        plain_words
            Whether a one-word name counts wherever it stands: where a wrong treatment was issued it tells.
            False: only by itself, or beside a word such as "arm", "group" or "received"; "not able to
            exercise" and "loss of bladder control" speak of something else.

        Degenerate cases: a name of one or two letters counts only beside such a word, whoever writes it. A
        name is found in any number or tense ("exercises group"), and with a letter or two wrong beside such
        a word. One that is circumscribed ("the ones who move more") is not found, nor a third language.
        """
        return (
            self._is_all_there_is(text)
            or any(self._in_reading(reading, plain_words) for reading in readings(text))
            or names_a_dose(as_seen(text), self.disclosing)
            or names_a_number(text, self.arms)
            or (not text.isascii() and bool(self.chinese.search(dense_of(as_seen(text).casefold()))))
        )

    def _is_all_there_is(self, text: str) -> bool:
        """A name alone, whatever signs stand in it or around it; initials of the label among them."""
        words = tuple(tokens(text))
        whole = "".join(words)
        return (
            any(whole == "".join(phrase) for phrase in self.phrases)
            or any(
                run == (0, len(words) - 1) for name in self.telling.names for run in name_runs(words, name)
            )
            or any(
                len(words) == 1 and is_near(read, name)
                for name in self.telling.names
                for read in digits_as_letters(whole)
            )
        )

    def _in_reading(self, clauses: tuple[Clause, ...], plain_words: bool) -> bool:
        return is_disclosed(clauses, self.disclosing) or any(
            self._in_clause(clause, plain_words) for clause in clauses
        )

    def _in_clause(self, clause: Clause, plain_words: bool) -> bool:
        return (
            any(_is_written(phrase, clause.words) for phrase in self.phrases)
            or phrase_with_slips(clause.words, (phrase for phrase in self.phrases if len(phrase) > 1))
            or is_a_label(clause, self.labels)
            or tells(clause, self.telling)
            or (plain_words and any(self._stands_in(clause, name) for name in self.telling.names))
        )

    def _stands_in(self, clause: Clause, name: str) -> bool:
        return len(name) >= _SHORTEST_WORD and any(name_runs(clause.words, name))


def arm_names(study: Study, languages: Iterable[Mapping[str, str]] = ()) -> ArmNames:
    """The names of a study's arms: short names, labels, and the parts that only some arms receive.

    ``languages``: label -> its translation, of each language that the study has labels in.
    """
    languages = tuple(languages)
    known = [name for arm in study.arms for name in (arm.name, arm.label)] + _parts(study)
    phrases: set[tuple[str, ...]] = set()
    for translation in languages:
        known += [translation[name] for name in known if name in translation]
        phrases |= _groups_of(study, translation)
    phrases |= _openings(study)
    words: set[str] = set()
    for name in known:
        split = tuple(tokens(name))
        folded = "".join(split)
        if is_generic(split) or is_a_dose(name):
            continue  # "high dose", "5 mg": told by what follows it
        if len(split) > 1 or (len(folded) > 1 and not folded.isascii()):
            phrases.add(split)
        elif folded:
            words.add(folded)
    parts = _words_of_parts(study, languages)
    return _built(study, languages, frozenset(phrases), frozenset(words), parts)


def _built(
    study: Study,
    languages: Sequence[Mapping[str, str]],
    phrases: frozenset[tuple[str, ...]],
    words: frozenset[str],
    parts: frozenset[str],
) -> ArmNames:
    labels = [arm.label for arm in study.arms]
    labels += [translation[label] for label in labels for translation in languages if label in translation]
    apart = frozenset(word for word in parts if word.isascii()) | (words & parts)
    taken = labels_taken_apart([arm.name for arm in study.arms], labels, apart)
    of_labels = frozenset(
        word
        for label in labels
        for part in parts_of(label)
        for word in [left for left in part if left not in ALONE]
        if len(part) <= 1 + any(one in ALONE for one in part)
        if word.isascii() and len(word) >= _SHORTEST_WORD
    )
    joined = [
        (one, other)
        for compound in taken.compounds
        for first, second in pairwise(compound)
        for one in kin_of("".join(first))
        for other in kin_of("".join(second))
        if not (one + other).isascii()
    ]
    kin = {one for word in words | of_labels if len(word) >= _SHORTEST_WORD for one in kin_of(word)}
    cores = {one for core in taken.cores for one in kin_of("".join(core))}
    disclosing = disclosing_of(
        [arm.name for arm in study.arms],
        labels,
        words | of_labels | {word for word in parts if word.isascii()},
        _parts(study),
    )
    told = Telling(words, frozenset(word for word in parts | kin if word.isascii()), of_labels - words)
    chinese = pattern_of(
        [word for word in parts if not word.isascii()], cores, joined, taken.initials, disclosing.of_nothing
    )
    return ArmNames(phrases, told, taken, disclosing, chinese, len(study.arms))


def _words_of_parts(study: Study, languages: Iterable[Mapping[str, str]]) -> frozenset[str]:
    own = _parts(study)
    shared = [name for part in study.components for name in (part.name, part.label) if part.name not in own]
    told = [translation.get(name, "") for translation in languages for name in own]
    in_common = [translation.get(name, "") for translation in languages for name in shared]
    return words_of_parts(
        [" ".join(tokens(name)) for name in own + told],
        [" ".join(tokens(name)) for name in shared + in_common],
    )


def _groups_of(study: Study, translation: Mapping[str, str]) -> set[tuple[str, ...]]:
    """What a script without spaces calls the group of an arm: what its label has and no other's."""
    labels = [set(tokens(translation.get(arm.label, ""))) for arm in study.arms]
    found = set()
    for at, words in enumerate(labels):
        others = set().union(*labels[:at], *labels[at + 1 :])
        found |= {f"{word}{group}" for word in words - others for group in _CHINESE_GROUP}
    return {(name,) for name in found if not name[:-1].isascii()}


def _parts(study: Study) -> list[str]:
    """Names, labels and drugs of the components that some arms have and others do not."""
    return [
        name
        for component in study.components
        if not all(_has(arm, component.name) for arm in study.arms)
        for name in (component.name, component.label, *component.drugs)
    ]


def _openings(study: Study) -> set[tuple[str, ...]]:
    """The two words that the label of a part begins with: "multidimensional exercise"."""
    found = {split[:2] for name in _parts(study) if len(split := tuple(tokens(name))) > 1}
    return {pair for pair in found if all(word.isalpha() and len(word) >= _LONG_WORD for word in pair)}


def _has(arm: Arm, component: str) -> bool:
    return component in arm.components


def _is_written(phrase: tuple[str, ...], words: tuple[str, ...]) -> bool:
    """A name of several words, its blanks set aside; a short one from the beginning to the end of words."""
    name, whole = "".join(phrase), "".join(words)
    stems, own = "".join(map(stem, words)), "".join(map(stem, phrase))
    if name not in whole and own not in stems:
        return False
    if not name.isascii() or len(name) >= _LONG_ENOUGH_TO_BE_SEEN_WITHIN:
        return True
    return any(name_runs(words, name)) or any(name_runs(tuple(map(stem, words)), own))
