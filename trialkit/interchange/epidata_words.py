"""The words of an EpiData .chk file, with their lines.

A block ends at END, and END and WRITE are targets of jumps too: after a value in JUMPS, after GOTO and after
AUTOJUMP an END closes nothing. Line ends mean little: a whole block may stand on one line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_WORD = re.compile(r'"([^"\n]*)"|(\S+)')
_COMMENT = re.compile(r"^[ \t]*\*.*$", re.MULTILINE)
_TAKES_A_WORD = frozenset({"GOTO", "AUTOJUMP", "TYPE"})
_BEGINS_ITS_OWN = frozenset(
    {"RANGE", "LEGAL", "COMMENT", "MUSTENTER", "KEY", "JUMPS", "MISSINGVALUE", "BEFORE", "AFTER", "RECODE",
     "HELP", "NOENTER", "REPEAT", "AUTOJUMP", "CONFIRMFIELD", "TOPOFSCREEN", "TYPE", "RELATE"}
)  # fmt: skip


class Word(NamedTuple):
    """``keyword`` in capitals; empty where the word stands in quotes, which is data."""

    text: str
    line: int
    keyword: str


class Words(Iterator[Word]):
    """The words one after another, and the kinds of block that several readers pass over or take."""

    def __init__(self, text: str) -> None:
        self._words = [
            Word(match[2] or match[1], line, (match[2] or "").upper())
            for line, content in enumerate(_COMMENT.sub("", text).split("\n"), start=1)
            for match in _WORD.finditer(content)
        ]
        self._at = 0
        self.ended = True
        """Whether the block that was read last had its END."""

    def __next__(self) -> Word:
        if self._at == len(self._words):
            raise StopIteration
        self._at += 1
        return self._words[self._at - 1]

    def peek(self) -> Word:
        """The next word, which stays the next one; an empty one at the end of the file."""
        return self._words[self._at] if self._at < len(self._words) else Word("", 0, "")

    def text(self) -> str:
        """The next word; empty at the end of the file."""
        return next(self, Word("", 0, "")).text

    def line_after(self, first: Word) -> list[str]:
        """What else stands on the line of ``first``, up to an END of the block or a command of its own."""
        found, before = [], first
        while self._at < len(self._words):
            word = self._words[self._at]
            begins = word.keyword in _BEGINS_ITS_OWN and before.keyword not in _TAKES_A_WORD
            if word.line != first.line or begins or _closes(word, before):
                break
            found.append(word.text)
            before = word
            self._at += 1
        return found

    def until_end(self) -> list[Word]:
        """The words of a list or a program."""
        found: list[Word] = []
        for word in self:
            if _closes(word, found[-1] if found else word):
                self.ended = True
                return found
            found.append(word)
        self.ended = False
        return found

    def pairs_until_end(self) -> list[tuple[Word, str]]:
        """Codes with their labels, or values with the targets of their jumps: whatever stands second."""
        found: list[tuple[Word, str]] = []
        for first in self:
            second = first if first.keyword == "END" else next(self, first)
            if first is second or (second.keyword == "END" and second.line != first.line):
                self.ended = second.keyword == "END"
                return found
            found.append((first, second.text))
        self.ended = False
        return found


def _closes(word: Word, before: Word) -> bool:
    return word.keyword == "END" and before.keyword not in _TAKES_A_WORD
