"""How a study is conducted: when its forms are typed, what a laboratory calls normal, who hears of harm."""

from __future__ import annotations

from dataclasses import dataclass

from trialkit.vocabulary import SecondPass


@dataclass(frozen=True, slots=True)
class ReferenceRange:
    """The values a laboratory calls normal; ``sex`` and ``site`` empty mean all of them.

    ``sex`` is a code of the item named by ``sex_item``; ``age_from`` and ``age_below`` are years of
    ``age_item``.
    """

    item: str
    unit: str
    low: float | None
    high: float | None
    sex: str = ""
    site: str = ""
    sex_item: str = ""
    age_item: str = ""
    age_from: float | None = None
    age_below: float | None = None


@dataclass(frozen=True, slots=True)
class Capture:
    """How the forms come in.

    ``days_to_enter`` after a visit: a form that nobody has typed by then is overdue.
    ``second_person_at_entry``: a form that is entered once and has a critical item needs one as well.
    ``allow_identifiers``: items marked as identifiers that may be asked for at all.
    ``second_pass``: whether the second typist is told where her value differs from the first.
    """

    days_to_enter: int = 14
    second_person_at_entry: bool = False
    allow_identifiers: tuple[str, ...] = ()
    second_pass: SecondPass = SecondPass.INDEPENDENT


@dataclass(frozen=True, slots=True)
class Safety:
    """Where a study's forms tell of harm, and how soon a serious event is reported; names are items.

    Empty names: the study keeps no such item. ``adverse_events`` is the form, with a line an event.
    """

    adverse_events: str = ""
    term: str = ""
    start: str = ""
    serious: str = ""  # an item with a code "1" for yes
    death_date: str = ""  # no visit is due after it
    report_within_hours: int = 24
    follow_up_days: int = 7
