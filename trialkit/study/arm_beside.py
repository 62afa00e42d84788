"""Does a word that tells stand beside one that speaks of arms: "exercise group", "allocated to control"?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from trialkit.study.arm_words import (
    DELIVERED,
    FILLERS,
    GROUP,
    OF_BODIES,
    PEOPLE,
    PLACED,
    ROLES,
    ROLES_OF_PEOPLE,
    SHORT_ROLES,
    calls_a_person,
    speaks_of_arms,
    word_before,
)
from trialkit.study.folded_words import Clause, digits_as_letters, is_near, stem, word_set

_GROUPS = tuple(GROUP)
_LONGEST_JOINED = 22
_TWO_WORDS = 2
_SHORTEST_JOINED = 5
_SHORTEST_CUT = 3
_RECEIVED = word_set("gets given got receive received receives receiving takes took")
_IS_GIVEN = frozenset({"allocated", "assigned", "given", "received"})
_TREATMENTS = frozenset({"intervention", "interventions", "regimen", "therapy", "treatment", "treatments"})
_PLACE = frozenset({"allocation", "arm", "arms", "assignment", "group", "groups", "treatment", "therapy"})
_LIMB = word_set("affected both her his left lower my other right upper")
_LONGER = frozenset({"alone", "care", "dose", "intervention", "medical", "only", "therapy", "treatment"})
"""Between the word that tells and "arm": "standard care arm", "exercise therapy group"."""
_NO_CUT = word_set("act are car com cop ex for pla the use was")
_NO_SHORT_CUT = word_set(
    "ac am an as at be by co do go he if in is it me my no of on or pa re so to up us we"
)
_OF_WHAT = word_set(
    """
    balance better birth bladder bowel cancer diabetes disease fever glucose glycaemic glycemic good head
    infection local loss motor muscle neck no pain pest poor postural posture pressure quality rate rhythm
    seizure self spasm sugar symptom symptoms trunk tumor tumour under vector volume weight
    """
)
"""Before "control": "pain control treatment" speaks of pain."""
_DESCRIBED = word_set(
    """
    advice appointment capacity ct date ecg film image induced leaflet mri of over related sample sheet
    stress test testing tests tolerance up visit
    """
)
"""After a name these make another thing of it: "exercise test", "given exercise advice"."""
_INTO = (("for",), ("from",), ("in",), ("into",), ("to",))
_DETERMINERS = frozenset({"a", "an", "our", "that", "the", "this"})


@dataclass(frozen=True, slots=True)
class Telling:
    """Words of one study that tell.

    Parameters
    ----------
    names
        Short names and labels of one word.
    parts
        What goes by other words, or by one word of a label: beside "arm" and what it comes in only.
    of_labels
        Words of labels that every arm may receive: beside "arm" alone.
    """

    names: frozenset[str]
    parts: frozenset[str]
    of_labels: frozenset[str]


def tells(clause: Clause, telling: Telling) -> bool:
    """Whether a word of a clause tells by its neighbours.

    Degenerate cases: "group exercise" and "arm exercises" are exercises; "group: exercise" is an arm.
    """
    words = clause.words
    return any(
        _is_squeezed(word, telling)
        or (_is_group(word) and (_before_group(clause, at, telling) or _after_group(clause, at, telling)))
        or _is_received(clause, at, telling)
        or _calls_people(words, at)
        or (word in telling.parts and _is_delivered(words, at))
        for at, word in enumerate(words)
    )


def name_runs(words: tuple[str, ...], name: str) -> Iterator[tuple[int, int]]:
    """First and last places of whole words that, written together, are a name: ``con``, ``trol``."""
    for start in range(len(words)):
        for end in _ends_of_runs(words, start, name):
            yield start, end


def _ends_of_runs(words: tuple[str, ...], start: int, name: str) -> Iterator[int]:
    joined, own = "", stem(name)
    for end in range(start, len(words)):
        joined += words[end]
        if joined[: len(own)] != own[: len(joined)]:
            break
        if joined == name or (len(name) > _SHORTEST_CUT + 1 and stem(joined) == stem(name)):
            yield end
        if len(joined) >= len(name) + _SHORTEST_CUT:
            break


def _is_group(word: str) -> bool:
    return (
        word in GROUP
        or (word.startswith("g") and is_near(word, "group"))
        or any(read in GROUP for read in digits_as_letters(word))
    )


def _before_group(clause: Clause, at: int, telling: Telling) -> bool:
    last = at - 1
    while last > 0 and clause.words[last] in _LONGER and not _is_telling_alone(clause.words[last], telling):
        last -= 1
    places = {last, at - 1}
    closed = at + 1 == len(clause.words) or ")" in clause.gaps[at + 1]  # "exercise (arm)"
    if any(sign in clause.gaps[at] for sign in "()") and not closed:
        return False
    return any(_ends_in_telling(clause, place, at, telling) for place in places if place >= 0)


def _is_telling_alone(word: str, telling: Telling) -> bool:
    return word in telling.names | telling.parts


def _ends_in_telling(clause: Clause, last: int, at: int, telling: Telling) -> bool:
    arm = clause.words[at] in ("arm", "arms")
    word = clause.words[last]
    if last == at - 1 or word not in FILLERS:
        for read in digits_as_letters(word):
            told = _told_beside_group(read, telling)
            limb = arm and last == at - 1 and (told in OF_BODIES - {"test"} or word in _LIMB)
            drug = told in telling.of_labels and _is_of_drugs(clause.words, last)
            if told and not limb and not drug:
                return True
    joined = word
    for start in range(last - 1, -1, -1):
        joined = clause.words[start] + joined
        if len(joined) > _LONGEST_JOINED:
            return False
        exact = telling.names | telling.parts | telling.of_labels | ROLES | SHORT_ROLES
        if len(joined) >= _SHORTEST_JOINED and joined in exact:
            return True
    return False


def _told_beside_group(word: str, telling: Telling) -> str:
    """The telling word that stands before "group": in another number or tense, with a slip, or cut short."""
    own = telling.names | telling.parts | telling.of_labels
    if word in own | ROLES | SHORT_ROLES:
        return word
    for one in own:
        if one.isascii() and (stem(word) == stem(one) or is_near(word, one)):
            return one
    for one in telling.names | telling.of_labels | ROLES_OF_PEOPLE | {"placebo"}:
        if _is_cut_short(word, one, own=one in telling.names):
            return one
    return next((one for one in ROLES if is_near(word, one)), "")


def _is_cut_short(word: str, whole: str, *, own: bool) -> bool:
    """ "exer", "ctl", "exrcs": the beginning of a word, or its consonants."""
    if len(word) >= len(whole) or word in _NO_CUT or not whole.isascii():
        return word == "ex" and own and whole.startswith("ex")
    if whole.startswith(word):
        return len(word) >= _SHORTEST_CUT or (own and len(word) > 1 and word not in _NO_SHORT_CUT)
    if len(word) < _SHORTEST_CUT or word[0] != whole[0] or set(word[1:]) & set("aeiou"):
        return False
    rest = iter(whole)
    return all(letter in rest for letter in word)


def _is_of_drugs(words: tuple[str, ...], at: int) -> bool:
    """ "a drug of the NSAID group", "NSAID group drugs"."""
    near = words[max(0, at - 4) : at] + words[at + 2 : at + 4]
    return any(
        word.startswith(("drug", "medic", "tablet", "painkill", "analges", "preparation")) for word in near
    )


def _after_group(clause: Clause, at: int, telling: Telling) -> bool:
    """ "group: control", "arm = exercise", "group is the control"; not "group exercise"."""
    place = at + 1
    signs = clause.gaps[place] if place < len(clause.words) else ""
    while place < len(clause.words) and clause.words[place] in ("is", "was", "the", "be", "of"):
        place += 1
    if place >= len(clause.words) or (at and clause.words[at - 1] in _LIMB):
        return False
    parted = place > at + 1 or any(sign in signs for sign in ":=")
    closed = "(" in signs and (place + 1 == len(clause.words) or ")" in clause.gaps[place + 1])
    placed = any(word in PLACED for word in clause.words[max(0, at - 4) : at])
    if clause.words[place] in telling.names and len(clause.words[place]) < _SHORTEST_CUT:
        return _is_lettered(clause.words, at)
    own = telling.names | telling.parts | telling.of_labels
    found = any(clause.words[place] == one or is_near(clause.words[place], one) for one in own)
    whole = len(clause.words) == _TWO_WORDS and (signs != "" or clause.words[at] not in ("arm", "arms"))
    entered = place + 1 == len(clause.words) and _is_entered(clause.words[max(0, at - 3) : at])
    return found and (parted or closed or placed or whole or entered)


def _is_entered(before: tuple[str, ...]) -> bool:
    """ "in arm exercise", "for the group control"; not "takes part in group exercise"."""
    before = before[:-1] if before[-1:] == ("the",) else before
    return before[-1:] in _INTO and before[-2:-1] != ("part",)


def _is_lettered(words: tuple[str, ...], at: int) -> bool:
    """ "group b" where an arm is named B; "arm a little higher" speaks of another thing."""
    before = words[at - 1] if at else ""
    after = words[at + 2] if at + 2 < len(words) else ""
    return speaks_of_arms(before, after, words[at]) and not (words[at + 1] == "a" and after)


def _is_squeezed(word: str, telling: Telling) -> bool:
    """ "controlgroup", "exercisearm", "Kontrollgruppe"."""
    if not (word.startswith(_GROUPS) or word.endswith(_GROUPS)):
        return False
    own = telling.names | telling.parts | telling.of_labels | ROLES
    known = own | {"kontroll", "interventions", "versuchs"}
    for group in GROUP:
        if len(word) > len(group) + 3 and (word.endswith(group) or word.startswith(group)):
            rest = word.removesuffix(group) if word.endswith(group) else word.removeprefix(group)
            if rest in known or (
                len(rest) > _SHORTEST_JOINED and any(stem(rest) == stem(one) for one in own)
            ):
                return True
    return False


def _is_received(clause: Clause, at: int, telling: Telling) -> bool:
    words = clause.words
    for name in telling.names:
        if name == "a" and at == 0 and len(words) > 1:
            continue  # the article
        runs = set(_ends_of_runs(words, at, name))
        if not runs and is_near(words[at], name):
            runs = {at}
        if any(_speaks_of_somebody(clause, at, end) for end in runs):
            return True
    return False


def _speaks_of_somebody(clause: Clause, start: int, end: int) -> bool:
    """Whether somebody is placed with what stands there, receives it, or is called after it."""
    words, gaps = clause.words, clause.gaps
    before = word_before(words, start)
    after = words[end + 1] if end + 1 < len(words) else ""
    later = words[end + 2] if end + 2 < len(words) else ""
    if after not in _DESCRIBED and before in PLACED | _RECEIVED:
        return True
    if start and words[start - 1] in _PLACE and any(sign in gaps[start] for sign in ":="):
        return True
    if start > 1 and words[start - 1] in ("is", "was") and words[start - 2] in _PLACE - {"arm", "arms"}:
        return True
    if (
        start
        and "(" in gaps[start]
        and (not after or ")" in gaps[end + 1])
        and _is_somebody(words[start - 1])
    ):
        return True
    if start and words[start - 1] in _OF_WHAT:
        return False
    if (
        after in _TREATMENTS
        or (after in _IS_GIVEN and later != "up")
        or after in ("allocation", "assignment")
    ):
        return True
    if after in PEOPLE and after.endswith("s"):
        return later not in ("the", "a", "his", "her", "to")
    return after in PEOPLE and bool(start) and words[start - 1] in _DETERMINERS


def _is_somebody(word: str) -> bool:
    return word in PEOPLE or any(char.isdigit() for char in word)


def _calls_people(words: tuple[str, ...], at: int) -> bool:
    for read in digits_as_letters(words[at]):
        role = read if read in ROLES else ""
        if not role and len(read) > _SHORTEST_JOINED:
            role = next((one for one in ROLES if is_near(read, one)), "")
        if role and calls_a_person(words, at, role):
            return True
    return False


def _is_delivered(words: tuple[str, ...], at: int) -> bool:
    after = words[at + 1] if at + 1 < len(words) else ""
    return after in DELIVERED or word_before(words, at) in (DELIVERED | PLACED) - {"allocation", "assignment"}
