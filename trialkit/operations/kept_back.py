"""Items that identify people leave in no file unless they are asked for by name."""

from __future__ import annotations

from collections.abc import Sequence

from trialkit.nearest import advice
from trialkit.operations.errors import OperationError
from trialkit.study import Study
from trialkit.wording import said

KEPT_BACK = "(identifier)"
"""What stands in a file in place of such a value."""


def kept_back(study: Study, asked: Sequence[str] = ()) -> frozenset[str]:
    """Names of the items marked as identifiers, without those that are asked for.

    Raises
    ------
    OperationError
        A name asked for is no item so marked.
    """
    marked = [item.name for form in study.forms for item in form.items if item.identifier]
    for name in asked:
        if name not in marked:
            raise OperationError(
                expected=said("an item marked as identifier: {items}", items=", ".join(marked) or "none is"),
                found=repr(name),
                next_step=advice(name, marked, otherwise=""),
            )
    return frozenset(marked) - {*asked}
