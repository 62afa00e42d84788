"""What calls an arm in Chinese, where words have no gaps: 对照组, 分到运动, 只用 NSAID."""

from __future__ import annotations

import re
from collections.abc import Iterable

_ROLES = (
    "对照|控制|试验|实验|干预|干涉|治疗|运动|锻炼|训练|观察|空白|安慰剂|常规|假手术|假针刺|假刺激|用药|药物|单药|联合"
    "|非治疗|未治疗|标准治疗|参照|比较|测试|等待"
)
_OF_ANY = "对照|空白对照|干预|安慰剂"
"""That a person comes into, too: who is admitted for treatment or observation is in no arm."""
_NOT_OF_ARMS = "(?!链球菌|溶血|织|合|动作|轮状|脑膜|维生素)"
_NO_GROUP = "(?!织|合|数|长|成|件|装|间)"
_END = "(?:$|[,.;:!?、。])"
_PEOPLE = "患者|病人|受试者|参与者|对象|病例"
_DELIVERED = "组|臂|课|课程|计划|方案|疗程|日志|日记|打卡|处方"
_ONLY = (
    "(?:只|仅|单|光|单独|单纯|仅仅|纯)(?:是|有)?(?:在|会|需|要|给|给予|接受|使用|应用|服用|口服|吃|服|用)?了?"
)
_SAYS_ONLY = re.compile(f".*{_ONLY}")
_OTHER_SENSES = "有效|无效|能|可|相关|引起|过敏|类|以外|时|这"
_ANOTHER_SENSE = f"(?!{_OTHER_SENSES})"
_AND = "[+&/]|加上?|加用|联合|合并|配合|结合|并用?|和|与|及"
_BETWEEN = re.compile(r"[\s\-_*\u2010-\u2015\u2212·“”‘’\"'「」『』《》()（）【】\[\]]+")
_DOTTED = re.compile(r"(?:[\u4e00-\u9fff][^\w\s]\s*){2,}[\u4e00-\u9fff]")
_SIMPLIFIED = str.maketrans(
    "對組實驗試運動鍛煉練訓觀藥單聯給隨機療標準參測較為屬進號兩針練習課計劃誌處僅純獨應與結併這個說別選",
    "对组实验试运动锻炼练训观药单联给随机疗标准参测较为属进号两针练习课计划志处仅纯独应与结并这个说别选",
)
"""Of the characters here, as they are written in Hong Kong and Taiwan."""

_CALLED = re.compile(
    rf"(?:{_ROLES})(?:组{_NO_GROUP}|臂|祖(?![父母先宗国])|租)"
    rf"|(?:分配?|随机(?:分配?)?|安排|归|抽)(?:到|入|至|在|进|为|给)了?(?:的是)?(?:{_ROLES})"
    rf"|(?<![a-z])[a-h甲乙丙丁]组{_NOT_OF_ARMS}"
    r"|(?:在|到|入|至|属于|是)第?[1-9一二三四两]组(?!动作|数)|第?[1-9一二三四两]组(?:患者|病人|受试者|对象)"
    r"|(?:是|为|属于?)(?:对照|空白对照)(?:$|[,.;:!?、。，；者])"
)
_WHOLE = re.compile(rf"(?:{_ROLES})组?|第?[1-9一二三四两]组")
_OF_NOTHING = "(?:真|假)(?:针|药|片剂|胶囊|手术|刺激|灸|电)|安慰(?:剂(?!对照|效应)|针)"
_PLACED = "(?:组别|分组|分配|组)(?:结果)?(?:为|是|:|=)(?:的是)?"
_ENTERED = "(?:(?<![投摄])入|进|归于?|属于?|抽中|抽签抽?到|摇到|抽到)了?"


def calls_an_arm(folded: str) -> bool:
    """Whether a text calls an arm as anybody would, in any study.

    Parameters
    ----------
    folded
        In small letters and one width.
    """
    if folded.isascii():
        return False
    dense = dense_of(folded)
    return bool(_CALLED.search(dense) or _WHOLE.fullmatch(dense))


def dense_of(folded: str) -> str:
    """Without what stands between the characters of a word; sentences stay apart."""
    dotted = _DOTTED.sub(lambda run: re.sub(r"[^\w]+", "", run[0]), folded)
    return simplified(_BETWEEN.sub("", dotted))


def pattern_of(
    words: Iterable[str],
    cores: Iterable[str],
    joined: Iterable[tuple[str, str]],
    initials: Iterable[str] = (),
    of_nothing: bool = False,
) -> re.Pattern[str]:
    """What calls an arm of one study.

    Parameters
    ----------
    words
        That only one arm's treatment goes by, in Chinese.
    cores
        What an arm receives alone that others receive as well, folded: 只用 beside one tells.
    joined
        Two parts of an arm's label, folded: with a word for "and" between them they are the label.
    initials
        That an arm goes by beside 组.
    of_nothing
        Whether an arm receives a placebo or a sham, of which every word tells.
    """
    letters = _any(initial.casefold() for initial in initials)
    told = (
        [rf"(?<![a-z])(?:{letters})组{_NOT_OF_ARMS}|(?<![小分这])组(?:{letters})(?![a-z])"] if letters else []
    )
    told += [_OF_NOTHING] if of_nothing else []
    mine = {re.escape(word) for word in words}
    if mine:
        told += [rf"(?:{_any(mine)})(?:{_DELIVERED}){_NO_GROUP}"]
    own = _any(mine | set(_OF_ANY.split("|")))
    told += [
        rf"(?:{own})(?:的?[那这]个?|的|小)?组{_NO_GROUP}",
        rf"{_PLACED}(?:{own})(?:{_END}|组|臂|者)",
        rf"{_ENTERED}(?:{own})(?:{_END}|组|臂|者)",
        rf"(?:{own})(?:受试者|参与者|病例)|(?:{own})(?:{_PEOPLE}){_END}|对照者",
    ]
    for core in map(re.escape, cores):
        told += [rf"{_ONLY}{core}s?{_ANOTHER_SENSE}", rf"{core}s?(?:单药|单用|单独)(?!时)"]
    for one, other in joined:
        first, second = re.escape(one), re.escape(other)
        told += [rf"{first}(?:{_AND}){second}", rf"{second}(?:{_AND}){first}"]
    return re.compile("|".join(told))


def says_only(word: str) -> bool:
    """Whether a word ends in one for "only": 只用, 仅服用."""
    return bool(_SAYS_ONLY.fullmatch(simplified(word)))


def is_of_another_sense(word: str) -> bool:
    """Whether a word after a drug makes "only" speak of what the drug does: 有效, 引起."""
    return bool(re.match(_OTHER_SENSES, simplified(word)))


def _any(words: Iterable[str]) -> str:
    return "|".join(sorted(words, key=lambda word: (-len(word), word)))


def simplified(text: str) -> str:
    """With the characters that speak of arms as they are written in mainland China."""
    return text.translate(_SIMPLIFIED)
