"""What a method of the plan declares: the keys of its entry with their checks, and what it will print."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from trialkit.documents.declared import Output
from trialkit.plan.errors import PlanError
from trialkit.strict_toml import Section

if TYPE_CHECKING:
    from trialkit.plan.model import Analysis, Plan
    from trialkit.study.model import Study

T = TypeVar("T")
ABSENT: Any = object()


@dataclass(frozen=True)
class Place:
    """Where a key's value is being checked: its entry, the plan around it, and the study."""

    entry: Analysis
    plan: Plan
    study: Study

    @property
    def where(self) -> str:
        return f"{self.entry.where} ({self.entry.id})"


class UnreadKey(LookupError):
    """A key that cannot be read, asked for by the check of another: what hangs on it is not known."""


def _fits(_value: Any, _place: Place) -> Iterator[PlanError]:
    yield from ()


@dataclass(frozen=True)
class Key(Generic[T]):
    """One key of an entry.

    ``read`` takes it from the section, refusing a wrong type or word with its line; ``check`` holds the value
    against plan and study; ``says`` and ``values`` are its words on the page that describes a plan;
    ``absent`` is its value where an entry need not have it and does not; ``of_factors`` is one that is needed
    only where the randomization was stratified.
    """

    name: str
    says: str
    values: str
    read: Callable[[Section, str], T]
    check: Callable[[Any, Place], Iterator[PlanError]] = _fits
    absent: T = ABSENT
    of_factors: bool = False

    def of(self, entry: Analysis) -> T:
        """The value in an entry of a method that declares this key.

        Raises
        ------
        UnreadKey
            Of an entry that cannot be read as a whole: this key is not among those that can.
        """
        value: T = entry.keys.get(self.name, self.absent)
        if value is ABSENT and entry.fault is not None:
            raise UnreadKey(self.name)
        assert value is not ABSENT, f"{entry.method} reads the key {self.name!r} without declaring it"
        return value


class Several(StrEnum):
    """What a method does where the study has more than two arms."""

    DESCRIBED = "shows every arm, or tests them all together; nothing more is to be said"
    CONTRASTS = "compares the arms that `contrasts` names, or two of them alone where `arms` names those"
    PAIR = "compares two arms alone: `arms` names them"


@dataclass(frozen=True)
class Declaration:
    """A method as the plan knows it.

    Parameters
    ----------
    keys
        Required of every entry.
    confirmatory
        Required of an entry that is not descriptive: nothing that matters has a default.
    optional
        Permitted.
    outputs
        Tables and figures in the order they are printed.
    check
        What of an entry no single key can tell.
    expected
        The lines of its tables that the plan names before there are data, by table.
    compares
        Whether the answer compares the arms, so that data without arms have none.
    several
        What it does with more than two arms; where it is left out, a method that compares needs a pair.
    summaries
        The population-level summaries it gives, as an estimand names them; none: it is not held to one.
    principal_stratum
        Whether its effect is that in a stratum that no one can point at, such as those who would comply.
    simultaneous
        Whether its contrasts have the covariance that Dunnett's and Tukey's adjustment need.
    """

    name: str
    says: str
    keys: tuple[Key[Any], ...] = ()
    confirmatory: tuple[Key[Any], ...] = ()
    optional: tuple[Key[Any], ...] = ()
    outputs: tuple[Output, ...] = ()
    page: str = ""  # the chapter of the page; empty: that of the entry's role
    check: Callable[[Place], Iterator[PlanError]] = field(default=lambda _place: iter(()))
    expected: Callable[[Analysis, Plan, Study], Mapping[str, list[dict[str, Any]]]] = field(
        default=lambda _entry, _plan, _study: {}
    )
    compares: bool = True
    several: Several | None = None
    simultaneous: bool = False
    summaries: tuple[str, ...] = ()
    principal_stratum: bool = False
    method_words: Callable[[Analysis], str] = field(default=lambda _entry: "")

    @property
    def of_several_arms(self) -> Several:
        return self.several or (Several.PAIR if self.compares else Several.DESCRIBED)

    @property
    def every_key(self) -> tuple[Key[Any], ...]:
        """Each key once, required ones first."""
        return tuple({key.name: key for key in (*self.keys, *self.confirmatory, *self.optional)}.values())

    def required(self, *, descriptive: bool) -> frozenset[str]:
        chosen = self.keys if descriptive else (*self.keys, *self.confirmatory)
        return frozenset(key.name for key in chosen if not key.of_factors)

    def of_factors(self, *, descriptive: bool) -> frozenset[str]:
        """What is required besides where the study has stratification factors."""
        chosen = self.keys if descriptive else (*self.keys, *self.confirmatory)
        return frozenset(key.name for key in chosen if key.of_factors)


Declarations = Mapping[str, Declaration]


def meant(name: str, methods: Declarations) -> Declaration | None:
    """The method of that name; of an unknown one, that whose name is most like it, if any is."""
    near = get_close_matches(name, methods, n=1)
    return methods[near[0]] if near else None
