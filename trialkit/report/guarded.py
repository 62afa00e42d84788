"""Printing output by output: one that cannot be printed costs itself alone, and is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from trialkit.analysis.modes import Mode
from trialkit.documents.page import Block, Notice
from trialkit.errors import TrialkitError

if TYPE_CHECKING:
    from trialkit.report.context import Context

T = TypeVar("T")
UNPRINTED = "Could not be printed."
DEFECT = "Its numbers are in results.csv; the run's screen names what trialkit met here."


def guarded(context: Context, what: str, make: Callable[[], T], otherwise: Callable[[str], T]) -> T:
    """What ``make`` makes; where it fails and the report may go on, ``otherwise`` with the reader's words.

    The screen is told by ``context.unprinted``. Of groups that are masked or coded only the kind of error is
    told: its words may hold a number of one of them.
    """
    if context.unprinted is None:
        return make()
    try:
        return make()
    except Exception as error:  # a defect in one output must not take the others with it
        open_words = context.results.mode in (Mode.UNBLINDED, Mode.DRY_RUN)
        words = str(error) if isinstance(error, TrialkitError) else repr(error)
        context.unprinted.append(
            f"{what} could not be printed: {words if open_words else type(error).__name__}"
        )
        return otherwise(words if open_words and isinstance(error, TrialkitError) else DEFECT)


def blocks_of(context: Context, what: str, make: Callable[[], list[Block]]) -> list[Block]:
    """The blocks of one output; a notice in their place where they could not be made."""
    return guarded(context, what, make, lambda why: [Notice(f"{what}. {UNPRINTED}", why, tone="failure")])
