"""What anybody calls an arm of any trial, whatever this study's labels say: "control group", 对照组, "arm 2".

Whole words and their neighbours decide: "control" is a word of every ward, "control group" is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from trialkit.study.arm_chinese import calls_an_arm
from trialkit.study.folded_words import as_seen, word_set

GROUP = word_set(
    """
    arm arms branch cohort cohorts group groupe groups grp grupo gruppe gruppo subgroup zu
    """
)
ROLES_OF_PEOPLE = frozenset(
    {
        "control",
        "controls",
        "ctrl",
        "comparator",
        "comparison",
        "experimental",
        "intervention",
        "interventional",
    }
)
"""Beside a word for people or for being allocated too; the others beside a word of ``GROUP`` alone."""
ROLES = ROLES_OF_PEOPLE | word_set(
    """
    active care conventional dummy nontreatment placebo reference sham standard test therapy treated
    treatment untreated usual verum waiting waitlist
    """
)
SHORT_ROLES = word_set("anweiji con contr ctl duizhao exp exptl ganyu int interv pbo plb rx shiyan trt tx")
"""Beside a word of ``GROUP``; the last are Chinese in Latin letters."""
OF_BODIES = word_set("active care injected operated standard test treated untreated usual waiting")
"""Before "arm" these speak of a limb, or of nothing: "active arm movement", "the treated arm is swollen"."""
PEOPLE = frozenset({"participant", "participants", "patient", "patients", "subject", "subjects"})
PLACED = frozenset(
    {"allocated", "allocation", "assigned", "assignment", "randomised", "randomized", "randomly"}
)
FILLERS = word_set("a an as de der di du in into is of the to was")
_AFTER_GROUP = frozenset({"gruppe", "groupe", "grupo", "gruppo"})

DELIVERED = word_set(
    """
    adherence class classes compliance course courses cycle cycles diaries diary homework instructor lesson
    lessons log logbook plan program programme programmes programs regimen schedule session sessions
    therapist trainer
    """
)
"""What a part of the treatment comes in: beside the part's own word it says that somebody has it."""
_KINS = (
    ("exercise", "exercises", "exercising", "gymnastics", "training", "workout", "workouts",
     "yundong", "duanlian", "xunlian", "exercisers",
     "运动", "锻炼", "训练", "体操", "健身", "练习"),
    ("acupuncture", "electroacupuncture", "needling", "needles", "针刺", "针灸", "电针", "扎针"),
    ("surgery", "surgical", "operation", "operative", "operated", "手术", "开刀"),
    ("placebo", "sham", "dummy", "安慰剂", "假药"),
    ("injection", "injections", "injected", "注射", "打针"),
    ("physiotherapy", "rehabilitation", "rehab", "physio", "理疗", "康复"),
    ("nsaid", "nsaids", "非甾体抗炎药", "非甾体类抗炎药", "非甾体", "消炎药", "抗炎药"),
    ("education", "counselling", "counseling", "teaching", "宣教", "教育"),
)  # fmt: skip
"""Words that one treatment goes by."""
_NOT_OF_A_PART = word_set(
    """
    adjusted after before daily days dose doses during eight every from hours minutes month months oral over
    printed three times treatment treatments twice up week weekly weeks with year years
    """
)
_SHORTEST_PART = 5
_SHORTEST_CHINESE = 1

_NO_GROUP_OF_ARMS = (
    "abo|age|asa|binet|blood|bmi|body|child|diet|dose|drug|ethnic|food|functional|gold|hepatitis|income|icd"
    "|job|killip|lancefield|linkage|muscle|patient|peer|pay|pugh|risk|serum|sero|sex|social|strep"
    "|streptococcus|support|symptom|tooth|user|vitamins?|weight|who|work|working"
)
_UNITS = "cm|mm|m|kg|g|in|inch|inches|weeks?|days?|months?|hours?|min|minutes|times?|out|of|side|hand|points?"
_A_FEW = ("bit", "bruise", "cast", "few", "little", "lot", "plaster", "scar", "week", "wound")
_WORD_NUMBERS = ("one", "two", "three", "four", "five", "six")
_BY_TURN = re.compile(
    r"(?:^\s*|\b(?:the|in|into|to|of)\s+)(?:first|second|third|1st|2nd|3rd)\s+(?:arm|group)\b"
    r"(?!\s+(?:of|class|session|visit|exercise|muscle|meeting|therapy))"
)
_COLON = re.compile(
    rf"\b(?:arm|group|allocation|allocated|treatment)\s*[:=]\s*(?:{'|'.join(sorted(ROLES))})\b"
)


def calls_a_person(words: Sequence[str], at: int, role: str) -> bool:
    """Whether somebody is said to have the part in a trial that a word names: "control participants".

    Parameters
    ----------
    words
        Folded, in their order.
    at
        The place of the word.
    role
        Of ``ROLES``: what the word says, if with a slip.
    """
    after = words[at + 1] if at + 1 < len(words) else ""
    earlier = word_before(words, at)
    if earlier in _AFTER_GROUP:
        return True
    return role in ROLES_OF_PEOPLE and (
        after in PEOPLE - {"patient", "subject"} or earlier in PLACED or _is_a(words, at)
    )


def word_before(words: Sequence[str], at: int) -> str:
    """The word before a place; articles and prepositions are passed over."""
    before = at - 1
    while before >= 0 and words[before] in FILLERS:
        before -= 1
    return words[before] if before >= 0 else ""


def _is_a(words: Sequence[str], at: int) -> bool:
    """ "she is a control", "one of the controls": a person, and not "is in control"."""
    if words[at] == "controls":
        return at > 1 and words[at - 2 : at] == ("of", "the")
    return (
        at > 1
        and words[at] in ("control", "comparator")
        and words[at - 1] == "a"
        and words[at - 2] in ("is", "was", "as", "be")
        and (at + 1 == len(words) or words[at + 1] in PEOPLE)
    )


def names_a_number(text: str, arms: int) -> bool:
    """Whether a text names an arm by its number or letter: "arm 1", "Group B", "treatment A", A组.

    Parameters
    ----------
    text
        As written: a capital letter tells "arm A" from "arm a little higher".
    arms
        How many there are; higher numbers are none of them.

    Degenerate cases: "blood group A", "age group 2", "arm 1 cm longer" and "group A streptococcus" name none.
    """
    plain = as_seen(text)
    folded = plain.casefold().replace("_", " ")
    if calls_an_arm(folded) or _COLON.search(folded) or _BY_TURN.search(folded):
        return True
    numbered, lettered, ending = _patterns(min(arms, 6))
    if any(speaks_of_arms(hit[1] or "", hit[4], hit[2]) for hit in numbered.finditer(folded)):
        return True
    shouted = plain.isupper()
    for hit in lettered.finditer(plain.replace("_", " ")):
        if hit[3] == "A" and ((shouted and hit[4]) or hit[4] in _A_FEW):
            continue
        if speaks_of_arms((hit[1] or "").casefold(), hit[4].casefold(), hit[2].casefold()):
            return True
    return bool(ending.search(folded))


@lru_cache(maxsize=8)
def _patterns(arms: int) -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """An arm by its number, by its capital letter, and by a small letter at the end of a text."""
    letters = "ABCDEF"[:arms]
    numbers = "|".join(
        (*map(str, range(1, arms + 1)), *_WORD_NUMBERS[:arms], *("ii", "iii", "iv")[: arms - 1])
    )
    before = r"(?:\b(\w+)[\s-]+)?\b"
    return (
        re.compile(
            rf"{before}(arm|group|grp)s?\s*(?:no\.?|number|#|nr\.?)?[\s\-:#]*"
            rf"({numbers})(?![\w.,]?\d|\w)\s*(\w*)"
        ),
        re.compile(
            rf"{before}(?i:(arm|group|grp|treatment|regimen|therapy))s?[\s\-:#]*([{letters}])\b\s*(\w*)"
        ),
        re.compile(rf"\b(?:in|to|from)\s+(?:arm|group)\s+[{letters.casefold()}]\s*$"),
    )


def speaks_of_arms(before: str, after: str, group: str) -> bool:
    if re.fullmatch(_NO_GROUP_OF_ARMS, before) or re.fullmatch(
        r"strep\w*|rota\w*|mening\w*|beta|pulmonary", after
    ):
        return False
    limb = before in ("left", "right", "upper", "lower", "his", "her", "the", "one", "both", "other")
    return not (group == "arm" and (re.fullmatch(_UNITS, after) or (limb and after)))


def words_of_parts(labels: Iterable[str], shared: Iterable[str]) -> frozenset[str]:
    """The words that a part which only some arms receive goes by.

    Parameters
    ----------
    labels
        Of such parts, folded, in every language of the study.
    shared
        Labels of what every arm receives: their words tell nothing.
    """
    common = {word for label in shared for word in label.split()}
    labels = [_without_what_it_is_like(label) for label in labels]
    found = {
        word
        for label in labels
        for word in label.split()
        if word not in common | _NOT_OF_A_PART and (len(word) >= _SHORTEST_PART or not word.isascii())
    }
    for kin in _KINS:
        if any(one in label for one in kin for label in labels) and not any(
            one in label for one in kin for label in shared
        ):
            found |= set(kin)
    return frozenset(
        word for word in found if (word.isalpha() if word.isascii() else len(word) > _SHORTEST_CHINESE)
    )


def _without_what_it_is_like(label: str) -> str:
    """Of a placebo's label what says so: "matching placebo tablets" are tablets as the others are."""
    of_nothing = [word for word in label.split() if is_said_of_nothing(word)]
    return " ".join(of_nothing) or label


def kin_of(word: str) -> frozenset[str]:
    """Words that the same treatment goes by, the word itself among them."""
    return frozenset(one for kin in _KINS if word in kin for one in kin) | {word}


_OF_NOTHING = word_set("dummy pbo placebo placebos plb sham")
_GIVEN = word_set(
    "capsule capsules drug injection medication needle needles pill pills stimulation substance tablet"
    " tablets treatment"
)
_AN_ACTIVE = (_GIVEN | {"arm"}) - {"treatment"}
_TRUE_OR_NOT = word_set("blank fake genuine inactive inert pretend real true")
_OF_HABITS = word_set("abuse abuser addict addiction list misuse use user users")


def is_said_of_nothing(word: str) -> bool:
    """Whether a word says that what is given does nothing: placebo, sham, dummy, 假, 安慰剂."""
    return word in _OF_NOTHING or word.startswith(("假", "安慰"))


def speaks_of_nothing(words: Sequence[str], own: frozenset[str] = frozenset()) -> bool:
    """Whether a clause speaks of a placebo, or of what is none, in a study where one arm has it.

    ``own``: what the treatment of an arm goes by; "real" and "active" before it tell as well.
    """
    following = zip(words, (*words[1:], ""), (*words[2:], "", ""), strict=False)
    return any(
        one in _OF_NOTHING
        or one == "verum"
        or (one == "active" and after in _AN_ACTIVE | own and later not in _OF_HABITS)
        or (one in _TRUE_OR_NOT and (after in _GIVEN | own or (one == "real" and after == "thing")))
        or (one == "sugar" and after in ("pill", "pills"))
        or (one == "drug" and after in ("arm", "group"))
        for one, after, later in following
    )
