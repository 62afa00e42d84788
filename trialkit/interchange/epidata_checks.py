"""What an EpiData .chk file says of each field: range, legal values, must enter, key, and programs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_WORD = re.compile(r'"([^"\n]*)"|(\S+)')
_COMMENT = re.compile(r"^[ \t]*\*.*$", re.MULTILINE)
_BLOCKS = frozenset({"BEFORE", "AFTER", "RECODE"})
_OPEN_END = frozenset({"-INFINITY", "INFINITY", "+INFINITY"})


@dataclass
class FieldChecks:
    low: str = ""
    high: str = ""
    legal: list[str] = field(default_factory=list)
    required: bool = False
    key: bool = False
    lost: list[tuple[str, str]] = field(default_factory=list)


def read_checks(text: str) -> dict[str, FieldChecks]:
    """Field (small letters) -> its checks. What is not understood is passed over: nothing here can fail."""
    words = iter(
        [match[1] if match[1] is not None else match[2] for match in _WORD.finditer(_COMMENT.sub("", text))]
    )
    found: dict[str, FieldChecks] = {}
    for word in words:
        if word.upper() == "LABELBLOCK":
            _skip(words, nested=frozenset({"LABEL"}))
        elif word.upper() in _BLOCKS:
            _skip(words, nested=frozenset({"IF"}), closing=frozenset({"ENDIF"}))
        else:
            found[word.casefold()] = _field(words)
    return found


def _field(words: Iterator[str]) -> FieldChecks:
    checks = FieldChecks()
    for word in words:
        upper = word.upper()
        if upper == "END":
            break
        if upper == "RANGE":
            low, high = next(words, ""), next(words, "")
            checks.low = "" if low.upper() in _OPEN_END else low
            checks.high = "" if high.upper() in _OPEN_END else high
        elif upper == "LEGAL":
            checks.legal = _until_end(words)
        elif upper == "COMMENT":
            _labels(words)
        elif upper == "MUSTENTER":
            checks.required = True
        elif upper == "KEY":
            checks.key = True
        elif upper == "JUMPS":
            checks.lost.append((f"jumps {' '.join(_until_end(words))}", "write branching: [field] = '1'"))
        elif upper == "MISSINGVALUE":
            checks.lost.append(
                (f"missing value {next(words, '')}", "missing values are typed @unknown and the like")
            )
        elif upper in _BLOCKS:
            _skip(words, nested=frozenset({"IF"}), closing=frozenset({"ENDIF"}))
            checks.lost.append(
                (f"{upper} ... END", "a program; write it as a calculation or a check of the study")
            )
        elif upper in ("NOENTER", "REPEAT", "AUTOJUMP", "CONFIRMFIELD", "TOPOFSCREEN"):
            checks.lost.append((upper, "a matter of EpiData's screens"))
    return checks


def _labels(words: Iterator[str]) -> None:
    """COMMENT LEGAL ... END, read elsewhere; COMMENT LEGAL USE name has no END."""
    if next(words, "").upper() != "LEGAL":
        return
    if next(words, "").upper() == "USE":
        next(words, "")
        return
    _until_end(words)


def _until_end(words: Iterator[str]) -> list[str]:
    found = []
    for word in words:
        if word.upper() == "END":
            break
        found.append(word)
    return found


def _skip(words: Iterator[str], *, nested: frozenset[str], closing: frozenset[str] = frozenset()) -> None:
    """Past the END of a block, over the blocks inside it; an IF ends with its own word."""
    depth = 1
    for word in words:
        upper = word.upper()
        if upper in nested and not closing:
            depth += 1
        elif upper == "END":
            depth -= 1
            if not depth:
                return
