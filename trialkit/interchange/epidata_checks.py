"""What an EpiData .chk file says of each field: range, legal values, must enter, key, and programs."""

from __future__ import annotations

from dataclasses import dataclass, field

from trialkit.interchange.epidata_words import Word, Words

_PROGRAMS = frozenset({"BEFORE", "AFTER", "RECODE"})
_SCREENS = frozenset({"NOENTER", "REPEAT", "AUTOJUMP", "CONFIRMFIELD", "TOPOFSCREEN"})
_OF_THE_FILE = frozenset({"CONFIRM", "AUTOSAVE", "SHOWLASTRECORD"})
_OPEN_END = frozenset({"-INFINITY", "INFINITY", "+INFINITY"})
_PROGRAM = "a program; write it as a calculation or a check of the study"
_SCREEN = "a matter of EpiData's screens"
WHOLE_FILE = ""
"""In the place of a field: what stands outside every field's block."""


@dataclass
class FieldChecks:
    """``lost``: line of the check file, what it says there, and why it is not carried over."""

    name: str = ""
    line: int = 0
    low: str = ""
    high: str = ""
    legal: list[str] = field(default_factory=list)
    required: bool = False
    key: bool = False
    lost: list[tuple[int, str, str]] = field(default_factory=list)


def read_checks(text: str) -> dict[str, FieldChecks]:
    """Field (small letters) -> its checks. What is not understood is listed: nothing here can fail."""
    words = Words(text)
    found = {WHOLE_FILE: FieldChecks()}
    for word in words:
        if word.keyword == "LABELBLOCK":
            _labels_of_the_file(words)
        elif word.keyword in _PROGRAMS:
            _program(word, words, found[WHOLE_FILE])
        elif word.keyword in _OF_THE_FILE:
            _lose(found[WHOLE_FILE], word, words, _SCREEN)
        elif word.keyword != "END":
            checks = found.setdefault(word.text.casefold(), FieldChecks(word.text, word.line))
            _read_field(checks, words)
    return found


def _read_field(checks: FieldChecks, words: Words) -> None:
    for word in words:
        match word.keyword:
            case "END":
                return
            case "RANGE":
                low, high = words.text(), words.text()
                checks.low = "" if low.upper() in _OPEN_END else low
                checks.high = "" if high.upper() in _OPEN_END else high
            case "LEGAL":
                checks.legal = [one.text for one in words.until_end()]
            case "COMMENT":
                _labels(words)
            case "MUSTENTER":
                checks.required = True
            case "KEY":
                words.line_after(word)
                checks.key = True
            case "JUMPS":
                _jumps(words, checks)
            case "MISSINGVALUE":
                values = " ".join(words.line_after(word))
                why = "missing values are typed @unknown and the like"
                checks.lost.append((word.line, f"missing value {values}", why))
            case keyword if keyword in _PROGRAMS:
                _program(word, words, checks)
            case keyword if keyword in _SCREENS:
                _lose(checks, word, words, _SCREEN)
            case _:
                _lose(checks, word, words, "nothing that is read here")


def _lose(checks: FieldChecks, word: Word, words: Words, why: str) -> None:
    checks.lost.append((word.line, " ".join([word.text, *words.line_after(word)]), why))


def _jumps(words: Words, checks: FieldChecks) -> None:
    """JUMPS, perhaps with RESET on its line, then a value and its target each."""
    if words.peek().keyword == "RESET":
        _lose(checks, next(words), words, _SCREEN)
    checks.lost += [
        (
            value.line,
            f"jumps {value.text} {target}",
            f"write it as branching of each field passed over: [{checks.name}] <> '{value.text}'",
        )
        for value, target in words.pairs_until_end()
    ]


def _program(word: Word, words: Words, checks: FieldChecks) -> None:
    lines: dict[int, list[str]] = {word.line: [word.text]}
    for one in words.until_end():
        lines.setdefault(one.line, []).append(one.text)
    checks.lost += [(line, " ".join(said), _PROGRAM) for line, said in lines.items()]


def _labels_of_the_file(words: Words) -> None:
    """LABELBLOCK, read elsewhere: LABEL name, codes with labels, END; and an END of its own."""
    for word in words:
        if word.keyword == "END":
            return
        if word.keyword == "LABEL":
            words.text()
            words.pairs_until_end()


def _labels(words: Words) -> None:
    """COMMENT LEGAL ... END, read elsewhere; COMMENT LEGAL USE name has no END."""
    if words.text().upper() != "LEGAL":
        return
    if words.peek().keyword == "USE":
        words.text()
        words.text()
        return
    words.pairs_until_end()
