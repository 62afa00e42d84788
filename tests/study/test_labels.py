"""Whoever stands at a desk reads labels beside codes."""

from __future__ import annotations

from trialkit.study.model import Choice, Item
from trialkit.vocabulary import ItemType

GRADE = Item("grade", "mri", "Grade", ItemType.CODED, choices=(Choice("0", "none"), Choice("yes", "Yes")))


def test_a_code_is_shown_with_its_label_where_that_says_more() -> None:
    assert GRADE.shown("0") == "0 (none)"
    assert GRADE.shown("yes") == "yes"
    assert GRADE.shown("7") == "7"
    assert GRADE.shown("@unknown") == "@unknown"
