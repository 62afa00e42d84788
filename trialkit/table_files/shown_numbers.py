"""What a spreadsheet's cell shows of a whole number: 0041, X-007, 00-07. The file itself holds 41, 7 and 7.

ECMA-376 part 1, 18.8.31 (number formats): placeholders ``0 # ?``, texts in quotes or after a backslash, and
sections for positive, negative and zero numbers.
"""

from __future__ import annotations

import html
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass

_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|(?P<bracket>\[[^\]]*\])|[_*].|(?P<digit>[0#?])'
    r"|(?P<plain>[-+() :$1-9])|(?P<other>.)",
    re.DOTALL,
)
_COLOUR_OR_LOCALE = re.compile(
    r"\[(?:\$-[0-9A-Fa-f]+|black|blue|cyan|green|magenta|red|white|yellow|color ?\d+)\]", re.IGNORECASE
)
_FORMAT_CODE = re.compile(rb'formatCode="([^"]*)"')
_MONTH = re.compile(r"(?:\[\$[^]]*\])?(?=.*m)(?=.*y)[my\s\\/.,\"-]+(?:;.*)?", re.IGNORECASE)
"""A date of which the sheet shows month and year alone; a spreadsheet makes one of a typed 2019-05."""
_BUILT_IN = (b'numFmtId="17"', b'numFmtId="47"')  # a month; minutes, seconds and their tenths
_MINUTES = re.compile(r"\[m+\]:ss(?:;.*)?", re.IGNORECASE)
_WHOLE_UNITS = re.compile(r"\[(?:(?P<h>h+)|(?P<m>m+)|(?P<s>s+))\](?:;.*)?", re.IGNORECASE)
_PARTS_OF_A_SECOND = re.compile(r"m{1,2}:?ss\.(?P<digits>0+)(?:;.*)?", re.IGNORECASE)
"""Minutes and seconds with decimals; the built-in one is written without its colon."""
_CONDITION = re.compile(r"\[(<=|>=|<>|<|>|=)(-?\d+(?:\.\d+)?)\]")
_HOLDS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt, "<=": operator.le, "=": operator.eq, "<>": operator.ne, ">=": operator.ge,
    ">": operator.gt,
}  # fmt: skip
_ROUNDING_OF_A_CLOCK = 1e-4  # a day's fraction in a double is some microseconds off
_LARGEST = 10**15  # more digits than a spreadsheet holds


@dataclass(frozen=True, slots=True)
class Shown:
    """A cell's text by its number format.

    ``taken``: it is read instead of the number, since nothing but an identifier looks so. Else the number is
    read, and the reader of the file is told: ``12 mm`` is a number with its unit, and "P-7" may be either.
    """

    text: str
    taken: bool


def shown(value: float, code: str) -> Shown | None:
    """What a cell shows of a number where its format adds to the digits; None where it adds nothing.

    Parameters
    ----------
    value
        A number as stored. Negative numbers and fractions are read as they are.
    code
        Of its sections the first counts, which is for positive numbers; the third for zero; or the first
        whose condition (``[<100]``) holds.

    Degenerate cases: decimals, percents, thousands, exponents and fractions are ways to write a number: None,
    unless letters stand beside them.
    """
    if not 0 <= value < _LARGEST or value != int(value):
        return None
    section = _section_for(value, code)
    tokens, understood = _tokens(section)
    letters = any(any(char.isalnum() for char in text) for kind, text in tokens if kind == "text")
    digits = [text for kind, text in tokens if kind == "digit"]
    if not understood or not digits:
        return Shown(_marked(int(value), tokens, section), taken=False) if letters else None
    groups = _groups(tokens)
    last = tokens[-1][1] if tokens[-1][0] == "text" else ""
    unit = last[:1].isspace() and bool(last.strip())
    if (digits.count("0") > 1 or groups > 1) and not unit:
        return Shown(_filled(int(value), tokens), taken=True)
    return Shown(_filled(int(value), tokens), taken=False) if letters else None


def shows_otherwise(styles: bytes) -> bool:
    """Whether any number format of a workbook adds to the digits, shows a length of time in minutes or one
    unit, or a month without a day.
    """
    if any(used in styles for used in _BUILT_IN):
        return True
    codes = {html.unescape(code.decode("utf-8", "replace")) for code in _FORMAT_CODE.findall(styles)}
    return any(_may_differ(code) or shows_a_length(code) or shows_a_month(code) for code in codes)


def _may_differ(code: str) -> bool:
    sections = _sections(code)
    return any(shown(1, _CONDITION.sub("", section)) is not None for section in sections)


def counts_minutes(code: str) -> bool:
    return _MINUTES.fullmatch(code) is not None


def length_shown(seconds: float, code: str) -> str | None:
    """What a cell shows of a length of time below an hour or in one unit alone; None where that says less
    than is stored, or another format is shown.

    ``[m]`` of an hour and a half is 90, ``mm:ss.0`` of 65.5 seconds is 01:05.5.
    """
    if unit := _WHOLE_UNITS.fullmatch(code):
        size = 3600 if unit["h"] else 60 if unit["m"] else 1
        whole = round(seconds, 3) / size
        return str(int(whole)) if whole == int(whole) else None
    if parts := _PARTS_OF_A_SECOND.fullmatch(code):
        places = len(parts["digits"])
        rounded = round(seconds, places)
        if rounded >= 3600 or abs(rounded - seconds) > _ROUNDING_OF_A_CLOCK:
            return None
        return f"{int(rounded // 60):02}:{rounded % 60:0{places + 3}.{places}f}"
    return None


def shows_a_length(code: str) -> bool:
    return any(one.fullmatch(code) for one in (_MINUTES, _WHOLE_UNITS, _PARTS_OF_A_SECOND))


def shows_a_month(code: str) -> bool:
    return _MONTH.fullmatch(code) is not None


def _section_for(value: float, code: str) -> str:
    sections = _sections(code)
    conditions = [_CONDITION.search(section) for section in sections]
    if not any(conditions):
        return sections[2] if value == 0 and len(sections) > 2 else sections[0]
    holds = (
        place
        for place, found in enumerate(conditions)
        if found is None or _HOLDS[found[1]](value, float(found[2]))
    )
    return _CONDITION.sub("", sections[next(holds, 0)])


def _sections(code: str) -> list[str]:
    sections, quoted, begins = [], False, 0
    for place, char in enumerate(code):
        if char == '"':
            quoted = not quoted
        elif char == ";" and not quoted and code[place - 1 : place] != "\\":
            sections.append(code[begins:place])
            begins = place + 1
    return [*sections, code[begins:]]


def _tokens(section: str) -> tuple[list[tuple[str, str]], bool]:
    """Digits and texts in their order, neighbouring texts as one; and whether there is nothing else."""
    tokens: list[tuple[str, str]] = []
    understood = True
    for found in _TOKEN.finditer(section):
        if found["digit"]:
            tokens.append(("digit", found["digit"]))
        elif found["bracket"]:
            understood = understood and _COLOUR_OR_LOCALE.fullmatch(found["bracket"]) is not None
        elif found["other"]:
            understood = False
        else:
            text = found["quoted"] or found["escaped"] or found["plain"] or ""
            if text and tokens and tokens[-1][0] == "text":
                tokens[-1] = ("text", tokens[-1][1] + text)
            elif text:
                tokens.append(("text", text))
    return tokens, understood


def _groups(tokens: list[tuple[str, str]]) -> int:
    """How many runs of digits there are: two in ``00-00``."""
    kinds = [kind for kind, _ in tokens]
    return sum(kind == "digit" and (at == 0 or kinds[at - 1] != "digit") for at, kind in enumerate(kinds))


def _filled(value: int, tokens: list[tuple[str, str]]) -> str:
    """Digits go into the placeholders from the right; what is left over stands before the first."""
    left = list(str(value)) if value else []
    first = next(at for at, (kind, _) in enumerate(tokens) if kind == "digit")
    parts = []
    for at in reversed(range(len(tokens))):
        kind, text = tokens[at]
        if kind == "text":
            parts.append(text)
            continue
        parts.append(left.pop() if left else {"0": "0", "?": " "}.get(text, ""))
        if at == first:
            parts.append("".join(left))
    return "".join(reversed(parts)).strip()


def _marked(value: int, tokens: list[tuple[str, str]], section: str) -> str:
    """About what is shown where a format does more than this reader knows: the number among its texts."""
    texts = [text for kind, text in tokens if kind == "text"]
    before = section.startswith(('"', "\\"))
    return f"{texts[0]}{value}" if before else f"{value}{texts[-1]}"
