"""What anybody calls an arm of any trial, whatever this study's labels say: "control group", 对照组, "arm 2".

Whole words and their neighbours decide: "control" is a word of every ward, "control group" is not.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache

GROUP = frozenset(
    {"arm", "arms", "group", "groups", "grp", "gruppe", "groupe", "grupo", "gruppo", "cohort", "cohorts"}
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
ROLES = ROLES_OF_PEOPLE | frozenset(
    {
        *(
            "active",
            "care",
            "conventional",
            "dummy",
            "nontreatment",
            "placebo",
            "reference",
            "sham",
            "standard",
        ),
        *("test", "therapy", "treated", "treatment", "untreated", "usual", "verum", "waitlist", "waiting"),
    }
)
_OF_BODIES = frozenset({"active", "test", "treated", "untreated", "standard", "usual", "care", "waiting"})
"""Before "arm" these speak of a limb, or of nothing: "active arm movement", "the treated arm is swollen"."""
_PEOPLE = frozenset({"participant", "participants", "patient", "patients", "subject", "subjects"})
_PLACED = frozenset(
    {"allocated", "allocation", "assigned", "assignment", "randomised", "randomized", "randomly"}
)
_FILLERS = frozenset({"a", "as", "an", "in", "into", "of", "the", "to", "was", "is", "de", "di", "du", "der"})
_AFTER_GROUP = frozenset({"gruppe", "groupe", "grupo", "gruppo"})

DELIVERED = frozenset(
    {
        *("adherence", "class", "classes", "compliance", "course", "courses", "diaries", "diary"),
        *("homework", "instructor", "lesson", "lessons", "log", "logbook", "plan", "program", "programme"),
        *("programmes", "programs", "regimen", "schedule", "session", "sessions", "therapist", "trainer"),
    }
)
"""What a part of the treatment comes in: beside the part's own word it says that somebody has it."""
_KINS = (
    ("exercise", "exercises", "exercising", "gymnastics", "training", "workout", "workouts",
     "运动", "锻炼", "训练", "体操", "健身", "练习"),
    ("acupuncture", "electroacupuncture", "needling", "needles", "针刺", "针灸", "电针", "扎针"),
    ("surgery", "surgical", "operation", "operative", "operated", "手术", "开刀"),
    ("placebo", "sham", "dummy", "安慰剂", "假药"),
    ("injection", "injections", "injected", "注射", "打针"),
    ("physiotherapy", "rehabilitation", "rehab", "physio", "理疗", "康复"),
    ("education", "counselling", "counseling", "teaching", "宣教", "教育"),
)  # fmt: skip
"""Words that one treatment goes by."""
_NOT_OF_A_PART = frozenset(
    {
        *("after", "before", "daily", "during", "eight", "every", "month", "months", "three", "treatment"),
        *("treatments", "twice", "up", "week", "weekly", "weeks", "with", "from", "over", "times", "year"),
        *("years", "days", "dose", "doses", "adjusted", "printed", "oral", "hours", "minutes"),
    }
)
_SHORTEST_PART = 5

_CHINESE_ROLES = (
    "对照|控制|试验|实验|干预|干涉|治疗|运动|锻炼|训练|观察|空白|安慰剂|常规|假手术|假针刺|假刺激|用药|药物|单药|联合"
    "|非治疗|未治疗|标准治疗|参照|比较|测试|等待"
)
_CHINESE = re.compile(
    rf"(?:{_CHINESE_ROLES})(?:组(?!织|合|数|长|成|件|装|间)|臂)"
    rf"|(?:分配?|随机(?:分配?)?|安排|归|抽)(?:到|入|至|在|进|为|给)了?(?:{_CHINESE_ROLES})"
    r"|[a-h甲乙丙丁]组(?!链球菌|溶血|织|合|动作|轮状|脑膜)"
    r"|(?:在|到|入|至|属于|是)第?[1-9一二三四两]组(?!动作|数)|第?[1-9一二三四两]组(?:患者|病人|受试者|对象)"
    r"|(?:是|为|属于?)(?:对照|空白对照)(?:$|[,.;:!?、。，；者])"
)
_SIMPLIFIED = str.maketrans(
    "對組實驗試運動鍛煉練訓觀藥單聯給隨機療標準參測較為屬進號兩針練習課計劃誌處",
    "对组实验试运动锻炼练训观药单联给随机疗标准参测较为属进号两针练习课计划志处",
)
"""Of the characters above, as they are written in Hong Kong and Taiwan."""
_BETWEEN_CHINESE = re.compile(r"[\s\-_\u2010-\u2015\u2212·“”‘’\"'「」『』《》()（）]+")
_WHOLE_CHINESE = re.compile(rf"(?:{_CHINESE_ROLES})组?|第?[1-9一二三四两]组")
_CHINESE_DELIVERED = "组|臂|课|课程|计划|方案|疗程|日志|日记|打卡|处方"
_NO_GROUP_OF_ARMS = (
    "abo|age|blood|bmi|body|diet|drug|ethnic|food|functional|income|icd|job|lancefield|linkage|muscle|patient"
    "|peer|pay|risk|serum|sero|sex|social|strep|streptococcus|support|symptom|tooth|user|weight|who|work|working"
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


def names_a_role(tokens: Sequence[str], near: Iterable[tuple[int, str]] = ()) -> bool:
    """Whether words call an arm by its part in a trial.

    Parameters
    ----------
    tokens
        Words, folded, in their order.
    near
        Places whose word is all but one of the roles, with that role.
    """
    at_role = {at: token for at, token in enumerate(tokens) if token in ROLES} | dict(near)
    return any(_is_squeezed(token) for token in tokens) or any(
        _role_beside(tokens, at, role) for at, role in at_role.items()
    )


def _role_beside(tokens: Sequence[str], at: int, role: str) -> bool:
    after = tokens[at + 1] if at + 1 < len(tokens) else ""
    longer = after in ("care", "therapy", "treatment", "medical")  # "standard care arm"
    if longer and at + 2 < len(tokens) and tokens[at + 2] in GROUP:
        return True
    if after in GROUP and not (after in ("arm", "arms") and role in _OF_BODIES - {"test"}):
        return True
    before = at - 1
    while before >= 0 and tokens[before] in _FILLERS:
        before -= 1
    earlier = tokens[before] if before >= 0 else ""
    if earlier in _AFTER_GROUP:
        return True
    of_people = role in ROLES_OF_PEOPLE
    return of_people and (
        after in _PEOPLE - {"patient", "subject"} or earlier in _PLACED or _is_a(tokens, at)
    )


def _is_a(tokens: Sequence[str], at: int) -> bool:
    """ "she is a control", "one of the controls": a person, and not "is in control"."""
    if tokens[at] == "controls":
        return at > 1 and tokens[at - 2 : at] == ["of", "the"]
    return (
        at > 1
        and tokens[at] in ("control", "comparator")
        and tokens[at - 1] == "a"
        and tokens[at - 2] in ("is", "was", "as", "be")
        and (at + 1 == len(tokens) or tokens[at + 1] in _PEOPLE)
    )


def _is_squeezed(token: str) -> bool:
    """ "controlgroup", "Kontrollgruppe"."""
    return any(
        token.endswith(group) and token[: -len(group)] in ROLES | {"kontroll", "interventions", "versuchs"}
        for group in GROUP
        if len(token) > len(group) + 3
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
    plain = _seen(text)
    folded = plain.casefold().replace("_", " ")
    if _in_chinese(folded) or _COLON.search(folded) or _BY_TURN.search(folded):
        return True
    numbered, lettered, ending = _patterns(min(arms, 6))
    if any(_speaks_of_arms(hit[1] or "", hit[4], hit[2]) for hit in numbered.finditer(folded)):
        return True
    shouted = plain.isupper()
    for hit in lettered.finditer(plain.replace("_", " ")):
        if hit[3] == "A" and ((shouted and hit[4]) or hit[4] in _A_FEW):
            continue
        if _speaks_of_arms((hit[1] or "").casefold(), hit[4].casefold(), hit[2].casefold()):
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


def _speaks_of_arms(before: str, after: str, group: str) -> bool:
    if re.fullmatch(_NO_GROUP_OF_ARMS, before) or re.fullmatch(
        r"strep\w*|rota\w*|mening\w*|beta|pulmonary", after
    ):
        return False
    limb = before in ("left", "right", "upper", "lower", "his", "her", "the", "one", "both", "other")
    return not (group == "arm" and (re.fullmatch(_UNITS, after) or (limb and after)))


def _in_chinese(folded: str) -> bool:
    dense = simplified(_BETWEEN_CHINESE.sub("", folded))
    return not dense.isascii() and bool(_CHINESE.search(dense) or _WHOLE_CHINESE.fullmatch(dense))


def simplified(text: str) -> str:
    """With the characters that speak of arms as they are written in mainland China."""
    return text.translate(_SIMPLIFIED)


def _seen(text: str) -> str:
    """In one width, without marks that are not seen."""
    wide = unicodedata.normalize("NFKC", text)
    return "".join(char for char in wide if unicodedata.category(char) not in ("Mn", "Cf"))


def words_of_parts(
    labels: Iterable[str], shared: Iterable[str]
) -> tuple[frozenset[str], re.Pattern[str] | None]:
    """The words that a part only some arms receive goes by, and a pattern of those in Chinese.

    Parameters
    ----------
    labels
        Of such parts, folded, in every language of the study.
    shared
        Labels of what every arm receives: their words tell nothing.
    """
    common = {word for label in shared for word in label.split()}
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
    chinese = sorted(word for word in found if not word.isascii() and len(word) > 1)
    latin = frozenset(word for word in found if word.isascii() and word.isalpha())
    return latin, re.compile(
        f"(?:{'|'.join(map(re.escape, chinese))})(?:{_CHINESE_DELIVERED})(?!织|合|数)"
    ) if chinese else None
