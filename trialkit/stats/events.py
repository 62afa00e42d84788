"""Which of two numbers is the event: 0 and 1 say it, any other pair has to be told."""

from __future__ import annotations

from collections.abc import Iterable

from trialkit.stats.errors import DataError
from trialkit.wording import said


def require_zero_and_one(values: Iterable[object], name: str) -> None:
    """Refuse two numbers other than 0 and 1: with 1 = yes and 2 = no the wrong one would be the event.

    Raises
    ------
    DataError
        Naming the values, and how to say which is the event.
    """
    found = list(values)
    if set(found) <= {0, 1}:
        return
    raise DataError(
        expected="1 where the event happened and 0 where it did not",
        found=said("the values {values}", values=", ".join(map(str, found))),
        where=said("outcome {name!r}", name=name),
        next_step=said(
            "Say which is the event, as by ({name} == {value}).astype(int).", name=name, value=found[-1]
        ),
    )
