"""What an instrument is, and what scoring one gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from trialkit.vocabulary import Better

Settings = Mapping[str, float | int | str]
Answers = tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Scored:
    """A score, or why there is none."""

    value: float | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """One item of an instrument, by what it asks about, with the values it may take."""

    name: str
    minimum: float
    maximum: float
    codes: tuple[float, ...] | None = None  # where not every value between the two is one

    def permits(self, value: float) -> bool:
        return value in self.codes if self.codes is not None else self.minimum <= value <= self.maximum

    @property
    def permitted(self) -> str:
        if self.codes is not None:
            return "one of " + ", ".join(f"{code:g}" for code in self.codes)
        return f"{self.minimum:g} to {self.maximum:g}"


@dataclass(frozen=True, slots=True)
class Setting:
    """A choice the sources leave open, with its default and what it means."""

    name: str
    default: float | int | str
    meaning: str
    permitted: tuple[str, ...] = ()  # of a setting that is a word


@dataclass(frozen=True, slots=True)
class Instrument:
    """A questionnaire or measurement and the rule that makes one number of it.

    ``mcid`` is the minimal clinically important difference in the score's unit and ``mcid_share`` the
    same as a share of the baseline; None where no source gives one.
    """

    name: str
    label: str
    questions: tuple[Question, ...]
    unit: str
    minimum: float
    maximum: float
    better: Better | None
    missing_rule: str
    compute: Callable[[Answers, Settings], Scored]
    settings: tuple[Setting, ...] = ()
    mcid: float | None = None
    mcid_share: float | None = None
    reference: str = ""
    any_number_of_items: bool = False
