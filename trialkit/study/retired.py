"""What a retired item, form or visit may not be: something that is still needed."""

from __future__ import annotations

from trialkit.study.asked import retired_items, without_retired
from trialkit.study.dictionary import Dictionary
from trialkit.study.errors import StudyError
from trialkit.study.model import Study
from trialkit.study.narrowed import names_in
from trialkit.wording import said

_BRANCHING = "Branching Logic (Show field only if...)"
_TAGS = "Field Annotation"


def check_retired(study: Study, dictionary: Dictionary) -> None:
    """Refuse to retire what the list, a criterion, a form's lines or an item that is still asked needs.

    Raises
    ------
    StudyError
        Naming the item that is needed, and by what.
    """
    retired = retired_items(study)
    if not retired:
        return
    for name, needed_by in _needed(study):
        if name in retired:
            raise StudyError(
                expected=said("an item that is asked for, since {needed_by} needs it", needed_by=needed_by),
                found="one that is retired, by itself or with its form",
                where=dictionary.where(name, _TAGS),
                next_step="Leave it as it is, or change what needs it.",
            )
    _check_branching(study, dictionary, retired)


def _needed(study: Study) -> list[tuple[str, str]]:
    """Items that somebody will ask for on a new subject, each with what asks."""
    asked = without_retired(study)
    return [
        *((factor.item, f"factor {factor.name}") for factor in study.factors if factor.item),
        *((name, "the minimization") for name in study.randomization.minimized_by),
        *(
            (name, f"criterion {criterion.name}")
            for criterion in study.criteria
            for name in sorted(names_in(criterion.rule))
        ),
        *((form.row_key, f"form {form.name}") for form in asked.forms if form.row_key),
    ]


def _check_branching(study: Study, dictionary: Dictionary, retired: frozenset[str]) -> None:
    """What is asked because of something that nobody answers any more is asked of everybody."""
    for form in without_retired(study).forms:
        for item in form.items:
            gone = sorted(names_in(item.branching) & retired) if item.branching else []
            if gone:
                raise StudyError(
                    expected="branching on items that are still asked",
                    found=said("{item!r}, which is retired", item=gone[0]),
                    where=dictionary.where(item.name, _BRANCHING),
                    next_step="Retire this item too, or ask it because of something else.",
                )
