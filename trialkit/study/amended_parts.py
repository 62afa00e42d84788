"""What an amendment changes, one finding a change, and what it may not change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from trialkit.study.errors import StudyError
from trialkit.wording import said


class ChangeKind(StrEnum):
    ADDED = "added"
    RETIRED = "retired"
    ASKED_AGAIN = "asked again"
    RELABELLED = "relabelled"
    RANGE = "range"
    CODE_ADDED = "code added"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that the new version says otherwise; ``what`` is ``item vas_mm``, ``visit month_6``, ..."""

    kind: ChangeKind
    what: str
    was: str = ""
    now: str = ""

    def __str__(self) -> str:
        if self.kind in (ChangeKind.ADDED, ChangeKind.RETIRED, ChangeKind.ASKED_AGAIN):
            return f"{self.what}: {self.kind}"
        return f"{self.what}: {self.kind}: {self.was or 'nothing'} -> {self.now or 'nothing'}"


Finding = Change | StudyError
"""What is said of one difference: that it is taken, or why it is not."""


def refused(expected: str, found: str, what: str, next_step: str) -> StudyError:
    return StudyError(expected=expected, found=found, where=what, next_step=next_step)


def kept(what: str, part: str, was: Any, now: Any, why: str, next_step: str) -> Iterator[StudyError]:
    """A refusal where a part that must stay is another one."""
    if was != now:
        yield refused(
            said("{part} {was} as before: {why}", part=part, was=shown(was), why=why),
            shown(now),
            what,
            next_step,
        )


def told(what: str, was: object, now: object, parts: Mapping[str, ChangeKind]) -> Iterator[Change]:
    """A change for every named field of two objects that differs."""
    for part, kind in parts.items():
        before, after = getattr(was, part), getattr(now, part)
        if before != after:
            place = what if kind is not ChangeKind.CHANGED else f"{what}, {part.replace('_', ' ')}"
            yield Change(kind, place, shown(before), shown(after))


def retirement(what: str, was: bool, now: bool) -> Iterator[Change]:
    if was != now:
        yield Change(ChangeKind.RETIRED if now else ChangeKind.ASKED_AGAIN, what)


def shown(value: Any) -> str:
    """A part of a definition on one line; empty for nothing."""
    if value is None or value == () or value == "":
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple | list | frozenset):
        return ", ".join(shown(one) for one in value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
