"""Is an arm disclosed by what is said of it: "unblinded: exercise", "on placebo", "crossed to surgery"?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from trialkit.study.arm_doses import doses_told
from trialkit.study.arm_words import (
    FILLERS,
    GROUP,
    PEOPLE,
    ROLES_OF_PEOPLE,
    is_said_of_nothing,
    kin_of,
    speaks_of_nothing,
)
from trialkit.study.folded_words import Clause, stem, tokens, word_set

_DISCLOSED = word_set(
    "alloc allocated allocation assigned assignment envelope randomised randomized randomisation"
    " randomization unblind unblinded unblinding"
)
"""Of the trial itself: an arm's own word after one of these tells."""
_CODE = frozenset({"break", "broke", "broken", "opened"})
_ISSUED = word_set("drug imp medication medicine product tablets treatment")
"""What "the study" gives: an arm's own word after it tells, "study drug = apixaban"."""
_CROSSED = frozenset({"changed", "crossed", "switched", "crossover"})
_DREW = frozenset({"drew", "drawn"})
_SAYING = FILLERS | word_set(
    "arm as contained contains group is it opened over per read reads said says showed shows was that"
)
_PERSON = word_set(
    "he she hes shes he's she's is was were pt patient subject participant put started stays i"
)
_OF_HIS_OWN = word_set("arthroplasty date day for of on schedule stress test tolerance training visit")
_PERSONS = PEOPLE | {"pt", "pts", "ppt"}
_ARTICLES = frozenset({"a", "an", "another", "of", "the", "this", "that"})
_OF_EVERY_DAY = word_set("care exercise exercises exercising training")
"""What somebody may be "on" or "put on" without a trial."""
_AFTER_A_DOSE = FILLERS | GROUP | PEOPLE | word_set("and because daily due for from per since today with")
_AFTER_A_COLON = 8
"""Words from one of disclosure to a colon: "unblinded by the pharmacy on Monday: apixaban"."""
_GENERIC = word_set(
    "dose doses early high higher late long low lower medium short standard course therapy treatment"
)
_COMPARED = {"high": "higher", "low": "lower"}
_REACH = 4
_SHORTEST_OPENING = 4
_LONGEST_REMARK = 3


@dataclass(frozen=True, slots=True)
class Disclosing:
    """What tells after a word of disclosure, in one study.

    Parameters
    ----------
    words
        One-word names and labels of arms, what their treatment goes by, and what any trial calls its arms.
    of_persons
        Those of ``words`` that somebody can be "on" or be called by.
    doses
        Patterns of the doses that tell the arms apart.
    generic
        Names of several everyday words: "high dose".
    letters
        Arms named by one letter.
    of_nothing
        Whether an arm receives a placebo or a sham.
    """

    words: frozenset[str]
    of_persons: frozenset[str]
    doses: tuple[re.Pattern[str], ...]
    generic: frozenset[tuple[str, ...]]
    letters: frozenset[str]
    of_nothing: bool


def disclosing_of(
    names: Iterable[str], labels: Sequence[str], own: Iterable[str], components: Iterable[str]
) -> Disclosing:
    """Of the arms' short names, their labels, the words their treatments go by, and the parts' own labels."""
    names = tuple(names)
    words = {one for word in own for one in kin_of(word) if one.isascii()}
    told = tuple(components)
    generic = {
        split
        for text in (*labels, *names)
        if len(split := tuple(tokens(text))) > 1 and set(split) <= _GENERIC
    }
    return Disclosing(
        frozenset(word for word in words if len(word) > 1),
        frozenset(word for word in words if len(word) > 1) - _OF_EVERY_DAY,
        doses_told(names, labels, told),
        frozenset(generic) | {(_COMPARED[one[0]], *one[1:]) for one in generic if one[0] in _COMPARED},
        frozenset(name.upper() for name in names if len(name) == 1 and name.isalpha()),
        any(is_said_of_nothing(word) for text in (*names, *labels, *told) for word in tokens(text)),
    )


def is_generic(words: tuple[str, ...]) -> bool:
    """Whether a name is of several words of every day: "high dose"."""
    return len(words) > 1 and set(words) <= _GENERIC


def is_disclosed(clauses: Sequence[Clause], known: Disclosing) -> bool:
    """Whether a text says of somebody which arm he is in, by words that any trial uses for it."""
    if any(_within(clause, known) for clause in clauses):
        return True
    return any(
        (_is_remark_of_disclosure(one) and _is_an_arm(other, known))
        or (_is_remark_of_disclosure(other) and _is_an_arm(one, known))
        for one, other in pairwise(clauses)
    )


def names_a_dose(text: str, known: Disclosing) -> bool:
    """ "40 mg group", "gets 10 mg": a dose that only one arm has, beside what speaks of somebody."""
    return any(dose.search(text) for dose in known.doses)


def _within(clause: Clause, known: Disclosing) -> bool:
    words = clause.words
    return (
        any(
            _follows(clause, at, known) or _after_colon(clause, at, known)
            for at, word in enumerate(words)
            if _discloses(words, at, word)
        )
        or any(_is_on(clause, at, known) for at, word in enumerate(words) if word == "on")
        or any(_is_called(words, at, known) for at in range(len(words)))
        or any(_is_generic(words, phrase) for phrase in known.generic)
        or (known.of_nothing and speaks_of_nothing(words, known.words))
    )


def _discloses(words: tuple[str, ...], at: int, word: str) -> bool:
    if word in _CODE:
        return "code" in words[max(0, at - 3) : at]
    if word in _CROSSED:
        return words[at + 1 : at + 3] == ("over", "to") or words[at + 1 : at + 2] == ("to",)
    if word in _ISSUED:
        return word == "imp" or words[max(0, at - 1) : at] in (("study",), ("trial",))
    return word in _DISCLOSED or word in _DREW


def _follows(clause: Clause, at: int, known: Disclosing) -> bool:
    """The next word that says something, or the word before "as allocated"."""
    words = clause.words
    for place in range(at + 1, min(len(words), at + 1 + _REACH)):
        if _tells(words[place], known) or clause.written[place] in known.letters:
            return words[place + 1 : place + 2] == () or words[place + 1] not in _OF_HIS_OWN
        if words[place] not in _SAYING and words[place] not in _DISCLOSED:
            break
    before = at - 1
    while before > 0 and words[before] in ("as", "per"):
        before -= 1
    return 0 <= before < at - 1 and _tells(words[before], known)


def _after_colon(clause: Clause, at: int, known: Disclosing) -> bool:
    """ "unblinded by the pharmacy: apixaban", "study drug of this patient = placebo"."""
    words = clause.words
    for place in range(at + 1, min(len(words), at + 1 + _AFTER_A_COLON)):
        if any(sign in clause.gaps[place] for sign in ":="):
            last = place + 1 == len(words)
            return clause.written[place] in known.letters or (
                _tells(words[place], known) and (last or words[place] not in _OF_EVERY_DAY)
            )
    return False


def _tells(word: str, known: Disclosing) -> bool:
    return (
        word in known.words
        or word in ROLES_OF_PEOPLE | {"active", "sham", "placebo", "verum", "dummy"}
        or (
            word.isascii()
            and len(word) > _SHORTEST_OPENING
            and stem(word) in {stem(one) for one in known.words}
        )
    )


def _is_on(clause: Clause, at: int, known: Disclosing) -> bool:
    """ "she is on semaglutide", "on the control", "on A", "is he on exercise?"; not "worse on exercise"."""
    words, after = clause.words, clause.words[at + 1 : at + 2]
    said = at == 0 or words[at - 1] in _PERSON
    if after == ("the",):
        return words[at + 2 : at + 4] == ("control",) or (
            at + 3 == len(words) and words[at + 2] in known.of_persons
        )
    if not after or not said:
        return False
    last = at + 2 == len(words)
    cut = _is_cut(after[0], known) or (known.of_nothing and words[at + 1 :] in _ACTIVE)
    lettered = last and clause.written[at + 1] in known.letters
    generic = last and any(after[0] == phrase[0] for phrase in known.generic)
    asked = last and words[0] in _ASKING and after[0] in known.words
    return after[0] in known.of_persons or cut or lettered or generic or asked


_ASKING = frozenset({"are", "is", "was"})
_ACTIVE = (("active",), ("active", "therapy"), ("active", "treatment"))


def _is_cut(word: str, known: Disclosing) -> bool:
    """ "sema": the beginning of a word that somebody is called by."""
    return len(word) >= _SHORTEST_OPENING and any(
        one.startswith(word) and len(one) > len(word) + 2 for one in known.of_persons
    )


def _is_called(words: tuple[str, ...], at: int, known: Disclosing) -> bool:
    """ "a control patient", "exercise pt", "the exercisers", "in controls", "the study exercises"."""
    word, after, before = words[at], words[at + 1 : at + 2], words[at - 1] if at else ""
    if before in ("study", "trial") and word not in ROLES_OF_PEOPLE and _tells(word, known):
        return True
    named = word in ROLES_OF_PEOPLE or word in known.words or _is_cut(word, known)
    if named and after and after[0] in _PERSONS and before != "to":
        return before in _ARTICLES or at + 2 == len(words)
    if (
        word.endswith("ers")
        and before in ("the", "other")
        and stem(word) in {stem(one) for one in known.words}
    ):
        return True
    return word == "controls" and before in ("in", "into", "with") and words[max(0, at - 2)] in _PLACED_IN


_PLACED_IN = frozenset({"placed", "put", "enrolled", "entered", "is", "was"})


def _is_generic(words: tuple[str, ...], phrase: tuple[str, ...]) -> bool:
    """ "high dose" of the trial, and not "high dose vitamin C"."""
    for start in range(len(words) - len(phrase) + 1):
        if words[start : start + len(phrase)] == phrase:
            after = words[start + len(phrase) : start + len(phrase) + 1]
            if not after or after[0] in _AFTER_A_DOSE:
                return True
    return False


def _is_remark_of_disclosure(clause: Clause) -> bool:
    words = clause.words
    return len(words) <= _LONGEST_REMARK and any(_discloses(words, at, word) for at, word in enumerate(words))


def _is_an_arm(clause: Clause, known: Disclosing) -> bool:
    words = [word for word in clause.words if word not in FILLERS]
    return len(words) == 1 and _tells(words[0], known)
