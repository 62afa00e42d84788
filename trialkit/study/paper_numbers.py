"""The numbers that forms and their lines bear on paper, alike to everybody, no gap to the blinded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from dataclasses import replace

from trialkit.study.model import Form, Study
from trialkit.study.unseen import items_that_tell, tells_arm

_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def numbered(study: Study) -> Study:
    """The study with the number of each form, and of each line of a form without question numbers.

    What tells an arm takes no number of the others: it has that of the one before it, with a letter (``7a``).
    So a form has the same number on everybody's paper and screen, and whoever is not shown what tells an arm
    counts 1, 2, 3 as in a study that has no such thing.

    Degenerate case: a telling form or item before all others is ``0a``.
    """
    telling = items_that_tell(study)
    places = _numbers(tells_arm(form) for form in study.forms)
    forms = (replace(form, place=place) for form, place in zip(study.forms, places, strict=True))
    return replace(study, forms=tuple(with_lines(form, telling) for form in forms))


def with_lines(form: Form, telling: Set[str] = frozenset()) -> Form:
    """A form with the numbers of its lines; ``telling`` are names of items that tell an arm.

    Question numbers, where it has any, are its author's and stay as they are.
    """
    if any(item.question_number for item in form.items):
        return replace(form, items=tuple(replace(item, line=item.question_number) for item in form.items))
    apart = not tells_arm(form)  # within a form that tells an arm all of it does: 1, 2, 3
    lines = _numbers(apart and item.name in telling for item in form.items)
    items = (replace(item, line=line) for item, line in zip(form.items, lines, strict=True))
    return replace(form, items=tuple(items))


def _numbers(telling: Iterable[bool]) -> Iterator[str]:
    number = beside = 0
    for tells in telling:
        number, beside = (number, beside + 1) if tells else (number + 1, 0)
        yield f"{number}{_letters(beside)}"


def _letters(place: int) -> str:
    """1 is a, 26 z, 27 aa; 0 none."""
    letters = ""
    while place:
        place, last = divmod(place - 1, len(_LETTERS))
        letters = _LETTERS[last] + letters
    return letters
