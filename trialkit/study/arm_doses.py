"""Which dose or length of treatment tells an arm, and beside what: "40 mg group", "the 12-week arm"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from trialkit.study.folded_words import as_seen, tokens, word_set

_OF_A_DRUG = {
    "mg": "mg|milligrams?|毫克",
    "g": "g|grams?|克",
    "mcg": "mcg|ug|µg|μg|micrograms?|微克",
    "ml": "ml|millilitres?|milliliters?|毫升",
    "iu": "iu|units?|国际单位|单位",
    "mmol": "mmol|毫摩尔",
    "ma": "ma|milliamperes?|毫安",
    "gy": "gy|grays?|戈瑞",
}
_OF_TIME = {
    "min": "min|mins|minutes?|分钟",
    "h": "h|hrs?|hours?|小时",
    "day": "d|days?|天|日",
    "week": "wks?|weeks?|周",
    "month": "months?|mths?|个?月",
}
"""Lengths of a treatment tell beside "group" and "allocated to" alone: "on day 3" is no arm."""
_UNITS = {**_OF_A_DRUG, **_OF_TIME}
_DOSE = re.compile(rf"(\d+(?:[.,]\d+)?)[ -]?({'|'.join(_UNITS.values())})(?![a-z])", re.IGNORECASE)
_WORDS = {
    "1": "one", "2": "two", "3": "three", "4": "four", "5": "five", "6": "six", "7": "seven", "8": "eight",
    "9": "nine", "10": "ten", "12": "twelve", "15": "fifteen", "20": "twenty", "30": "thirty", "40": "forty",
    "50": "fifty", "60": "sixty", "80": "eighty", "100": "hundred",
}  # fmt: skip
_NO_DRUGS = word_set("and daily for once oral over per twice weekly with") | set(_UNITS)
_GROUP = r"(?:arm|group|grp|cohort|patients?|subjects?|participants?|pts?)\b|剂量?组|组|臂"
_PLACED = (
    r"alloc\w*|assign\w*|code (?:is |was )?(?:break|broken|opened)|envelope|randomi[sz]\w*|unblind\w*"
    r"|switched to|crossed over to"
)
_OF_THE_TRIAL = r"(?:the )?(?:study|trial) (?:drug|medication|treatment)"
_COMPARED = re.compile(
    rf"\b(?:high|higher|highest|low|lower|lowest|medium|middle|intermediate)[ -]dos(?:e|age)[ -]?(?:{_GROUP})"
    r"|[高中低](?:剂量)组",
    re.IGNORECASE,
)


def doses_told(
    names: Iterable[str], labels: Sequence[str], components: Sequence[str]
) -> tuple[re.Pattern[str], ...]:
    """What tells an arm by how much it gets.

    Parameters
    ----------
    names, labels
        Of the arms.
    components
        Labels, names and drugs of what some arms receive and others do not.

    Returns
    -------
    patterns
        One a dose, and one of doses compared ("the higher-dose arm") where there are several. What every arm
        has is none: "12 weeks of exercise" beside "12 weeks of advice".
    """
    found = [_doses_of(text) for text in labels]
    common = set.intersection(*found) if found else set()
    parts = [doses for text in components if (doses := _doses_of(text))]
    if len(parts) > 1:
        common |= set.intersection(*parts)
    told = set().union(*found, *parts, *map(_doses_of, names)) - common
    drugs = sorted(
        {word for text in components for word in tokens(text) if word.isalpha() and word.isascii()}
        - _NO_DRUGS
    )
    several = sum(unit in _OF_A_DRUG for _, unit in told) > 1
    return (*(_pattern(*dose, drugs) for dose in sorted(told)), *((_COMPARED,) if several else ()))


def is_a_dose(name: str) -> bool:
    """Whether a name or label is a dose and nothing else: "5 mg", "12 weeks"."""
    return _DOSE.fullmatch(as_seen(name).strip()) is not None


def _doses_of(text: str) -> set[tuple[str, str]]:
    """Numbers and units, each unit by its first spelling."""
    return {
        (hit[1].replace(",", "."), unit)
        for hit in _DOSE.finditer(as_seen(text))
        for unit, spelt in _UNITS.items()
        if re.fullmatch(spelt, hit[2], re.IGNORECASE)
    }


def _pattern(number: str, unit: str, drugs: Sequence[str]) -> re.Pattern[str]:
    """A dose alone, beside "group", after a word of allocation, after "on", or of the trial's own drug."""
    digits = re.escape(number).replace(r"\.", "[.,]")
    spelt = rf"{digits}|{_WORDS[number]}" if number in _WORDS else digits
    dose = rf"(?<![\w.,])(?:{spelt})[ -]?(?:{_UNITS[unit]})"
    told = [
        rf"^\W*{dose}\W*$",
        rf"{dose}[ -]?(?:{_GROUP})",
        rf"\b(?:{_PLACED})(?:\s*[:=,-]\s*|\s+)(?:to |is |was |said |says |the )*{dose}(?![\w/])",
    ]
    if unit in _OF_A_DRUG:
        own = "".join(rf"|{re.escape(drug)}" for drug in drugs)
        told += [
            r"\b(?:on|gets|got|receiv\w+|given|takes)(?: the)? "
            rf"{dose}(?=$|[.,;]| (?:of the|daily|study{own})\b)",
            rf"{dose} (?:of )?(?:{_OF_THE_TRIAL}{own})\b",
        ]
        told += [rf"\b(?:{'|'.join(map(re.escape, drugs))}) {dose}(?![\w/])"] if drugs else []
    return re.compile("|".join(told), re.IGNORECASE)
