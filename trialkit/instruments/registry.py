"""The instruments by name, and the one way to score them."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from difflib import get_close_matches

from trialkit.instruments.compliance import COMPLIANCE
from trialkit.instruments.definition import Answers, Instrument, Scored, Settings
from trialkit.instruments.errors import InstrumentError
from trialkit.instruments.joa import JOA
from trialkit.instruments.odi import ODI
from trialkit.instruments.readings import GOUTALLIER, MEAN
from trialkit.instruments.single import NASS, VAS
from trialkit.wording import said

INSTRUMENTS: dict[str, Instrument] = {
    known.name: known for known in (ODI, JOA, VAS, NASS, COMPLIANCE, GOUTALLIER, MEAN)
}
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")


def instrument(name: str) -> Instrument:
    """The instrument of that name.

    Raises
    ------
    InstrumentError
        Naming the nearest instrument there is.
    """
    if name not in INSTRUMENTS:
        near = get_close_matches(name.upper(), INSTRUMENTS, n=1)
        raise InstrumentError(
            expected=said("one of the instruments {instruments}", instruments=", ".join(INSTRUMENTS)),
            found=repr(name),
            next_step=said("Did you mean {near!r}?", near=near[0]) if near else "Use one of these.",
        )
    return INSTRUMENTS[name]


def settings_of(name: str, settings: Settings | None = None) -> dict[str, float | int | str]:
    """The instrument's settings: its defaults, and over them those given.

    Raises
    ------
    InstrumentError
        For a setting the instrument does not have, or a value of the wrong kind.
    """
    known = {setting.name: setting for setting in instrument(name).settings}
    merged: dict[str, float | int | str] = {setting.name: setting.default for setting in known.values()}
    for key, value in (settings or {}).items():
        if key not in known:
            near = get_close_matches(key, known, n=1)
            raise InstrumentError(
                expected=said(
                    "one of {name}'s settings ({known})", name=name, known=", ".join(known) or "it has none"
                ),
                found=repr(key),
                next_step=said("Did you mean {near!r}?", near=near[0]) if near else "Remove it.",
            )
        permitted = known[key].permitted
        if permitted and value not in permitted:
            raise InstrumentError(
                expected=said("{key} to be {permitted}", key=key, permitted=" or ".join(permitted)),
                found=repr(value),
            )
        if not permitted and not isinstance(value, (int, float)):
            raise InstrumentError(
                expected=said("a number for {key} ({meaning})", key=key, meaning=known[key].meaning),
                found=repr(value),
            )
        merged[key] = value
    return merged


def check_item_count(name: str, count: int) -> None:
    """Refuse a number of items the instrument cannot have."""
    found = instrument(name)
    if found.any_number_of_items:
        if count == 0:
            raise InstrumentError(expected=said("at least one item for {name}", name=name), found="none")
    elif count != len(found.questions):
        questions = ", ".join(question.name for question in found.questions)
        raise InstrumentError(
            expected=said(
                "{n_questions} items for {name}, in the order {questions}",
                n_questions=len(found.questions),
                name=name,
                questions=questions,
            ),
            found=str(count),
        )


def explain(
    name: str, values: Sequence[float | int | str | None], settings: Settings | None = None
) -> Scored:
    """The score of one filled-in instrument, or why there is none.

    Parameters
    ----------
    name
        An instrument of :data:`INSTRUMENTS`.
    values
        The items in the instrument's order; codes may be texts (``"3"``), a missing item is None or empty.
    settings
        Over the instrument's defaults; see ``instrument(name).settings``.

    Returns
    -------
    Scored
        Never rounded. Without a value where items are missing beyond the rule, or an item has a value it
        cannot have.

    Raises
    ------
    InstrumentError
        For an unknown instrument or setting, or the wrong number of items.
    """
    found = instrument(name)
    check_item_count(name, len(values))
    merged = settings_of(name, settings)
    questions = found.questions * len(values) if found.any_number_of_items else found.questions
    answers: list[float | None] = []
    for position, (value, question) in enumerate(zip(values, questions, strict=True), start=1):
        answer = _number(value)
        if answer is not None and not (math.isfinite(answer) and question.permits(answer)):
            return Scored(
                None, f"item {position} ({question.name}) is {value}, permitted {question.permitted}"
            )
        answers.append(answer)
    return found.compute(_frozen(answers), merged)


def score(
    name: str, values: Sequence[float | int | str | None], settings: Settings | None = None
) -> float | None:
    """The score alone; :func:`explain` also says why there is none."""
    return explain(name, values, settings).value


def _frozen(answers: list[float | None]) -> Answers:
    return tuple(answers)


def _number(value: float | int | str | None) -> float | None:
    """None for a missing item, NaN for a text that is no number."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if isinstance(value, str):
        text = value.strip()
        return float(text) if _NUMBER.fullmatch(text) else math.nan
    return float(value)
