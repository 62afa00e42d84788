"""Characters to tokens, for both syntaxes."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Literal as OneOf

from trialkit.expressions.errors import ExpressionError
from trialkit.limits import LONGEST_EXPRESSION_CHARACTERS
from trialkit.wording import said

Syntax = OneOf["redcap", "rule"]
TokenKind = OneOf["number", "text", "name", "word", "operator", "end"]

_NUMBER = re.compile(r"(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:@[A-Za-z_][A-Za-z0-9_]*)?")
_REDCAP_NAME = re.compile(r"(?:\[([a-z][a-z0-9_]*)\])?\[([a-z][a-z0-9_]*)(?:\(([A-Za-z0-9_.\-]+)\))?\]")
EVENT_NAME = "event-name"
"""REDCap's smart variable for the visit the expression is asked about; its others are not known here."""
_SMART = re.compile(
    r"\[(?!event-name\])(?:[a-z0-9]+(?:-[a-z0-9]+)+(?::[^\]\n]*)?|new-instance|instance)\]", re.IGNORECASE
)
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_COMMENT = re.compile(r"(?://|#)[^\n]*")
"""REDCap's: a line that begins so says nothing."""
_CLOSED_BY = {"'": "'", '"': '"', "\u2018": "\u2019", "\u201c": "\u201d"}
"""Also the quotation marks that a word processor makes of straight ones."""
_NOT_IN_A_NAME = re.compile("[^a-z0-9_]")
_ARM = re.compile(r"_arm_[0-9]+$")
_OPERATORS = (
    "<=",
    ">=",
    "<>",
    "!=",
    "==",
    "&&",
    "||",
    "<",
    ">",
    "=",
    "+",
    "-",
    "*",
    "/",
    "^",
    "(",
    ")",
    ",",
    "!",
)


@dataclass(frozen=True, slots=True)
class Token:
    kind: TokenKind
    text: str
    start: int
    end: int
    visit: str | None = None  # of a name


def smart_variables(text: str) -> list[str]:
    """What an expression names that only REDCap knows: ``[user-name]``, ``[previous-event-name]``, each once.

    Names within quotes, and the visit's own ``[event-name]``, are none of these.
    """
    return list(dict.fromkeys(_SMART.findall(_QUOTED.sub("", text))))


def tokens(text: str, syntax: Syntax) -> list[Token]:
    """The tokens of an expression, ending with one of kind ``end``.

    Raises
    ------
    ExpressionError
        For a character or a bracketed name that has no meaning in this syntax.
    """
    if len(text) > LONGEST_EXPRESSION_CHARACTERS:
        raise ExpressionError(
            text="the expression",
            start=0,
            end=0,
            expected=said("at most {most:,} characters", most=LONGEST_EXPRESSION_CHARACTERS),
            found=said("{length:,}", length=len(text)),
            next_step="Split the calculation into several items.",
        )
    found: list[Token] = []
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        if (
            syntax == "redcap"
            and (note := _COMMENT.match(text, at))
            and not text[:at].rpartition("\n")[2].strip()
        ):
            at = note.end()
            continue
        token = _token(text, at, syntax)
        found.append(token)
        at = token.end
    found.append(Token("end", "", len(text), len(text)))
    return found


def _token(text: str, at: int, syntax: Syntax) -> Token:
    character = text[at]
    if character in _CLOSED_BY:
        return _quoted(text, at)
    if character == "[":
        return _redcap_name(text, at, syntax)
    number = _NUMBER.match(text, at)
    if number:
        if not math.isfinite(float(number.group())):
            raise ExpressionError(
                text=text,
                start=at,
                end=number.end(),
                expected="a number below 1e308",
                found="a larger one",
            )
        return Token("number", number.group(), at, number.end())
    word = _WORD.match(text, at)
    if word:
        return _word(word, at, syntax, text)
    for operator in _OPERATORS:
        if text.startswith(operator, at):
            return Token("operator", operator, at, at + len(operator))
    raise ExpressionError(
        text=text,
        start=at,
        end=at + 1,
        expected="an operator, a name or a value",
        found=said("the character {character!r}", character=character),
    )


def _quoted(text: str, at: int) -> Token:
    end = text.find(_CLOSED_BY[text[at]], at + 1)
    if end < 0:
        raise ExpressionError(
            text=text,
            start=at,
            end=len(text),
            expected=said("a closing {text}", text=_CLOSED_BY[text[at]]),
            found="the end of the expression",
            next_step="Close the quotation.",
        )
    return Token("text", text[at + 1 : end], at, end + 1)


def _redcap_name(text: str, at: int, syntax: Syntax) -> Token:
    if text.startswith(f"[{EVENT_NAME}]", at) and syntax == "redcap":
        return Token("name", EVENT_NAME, at, at + len(EVENT_NAME) + 2)
    name = _REDCAP_NAME.match(text, at)
    if name is None or syntax != "redcap":
        end = text.find("]", at)
        raise ExpressionError(
            text=text,
            start=at,
            end=len(text) if end < 0 else end + 1,
            expected="[item], [visit][item] or [item(code)]"
            if syntax == "redcap"
            else "a name without brackets, as item or item@visit",
            found="a name that cannot be read",
        )
    event, item, code = name.groups()
    full = (
        item if code is None else f"{item}___{re.sub('[^a-z0-9_]', '_', code.lower())}"
    )  # as REDCap exports
    return Token("name", full, at, name.end(), visit=_ARM.sub("", event) if event else None)


def _word(word: re.Match[str], at: int, syntax: Syntax, text: str) -> Token:
    item, at_sign, visit = word.group().partition("@")
    if at_sign and syntax == "redcap":
        raise ExpressionError(
            text=text, start=at, end=word.end(), expected="[visit][item]", found="a name written item@visit"
        )
    return Token("word", item, at, word.end(), visit=visit or None)
