"""What the list maker decides: arms and ratio, factors and levels, block lengths, how long a list."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from trialkit.randomization.canonical import (
    GENERATOR_VERSION,
    canonical_json,
    canonical_label,
    stratum_label,
    tagged_digest,
)
from trialkit.randomization.errors import (
    ArmsError,
    BlockLengthError,
    FactorLevelError,
    ScheduleSizeError,
    UnknownLevelError,
)
from trialkit.wording import said, written

if TYPE_CHECKING:
    from trialkit.randomization.properties import DesignProperties

LONGEST_ARM_BYTES = 64  # a sealed slot has one fixed length, and the arm's name must fit
RESERVED_COLUMNS = frozenset(
    {
        "stratum",
        "sequence_number",
        "block",
        "block_length",
        "arm",
        "subject_id",
        "schedule_id",
        "allocated_at",
    }
)
_LONGEST_BLOCK = 1000
_MOST_SLOTS = 2_000_000


@dataclass(frozen=True, slots=True)
class Stratum:
    """One combination of levels; ``levels`` in the order in which the design names its factors."""

    label: str
    levels: Mapping[str, str]


@dataclass(frozen=True, eq=False, repr=False)
class RandomizationDesign:
    """Stratified permuted blocks of randomly varying length, with any ratio and two or more arms.

    Parameters
    ----------
    arms
        Arm name -> whole-number share of the ratio (at least 1).
    factors
        Stratification factor -> its levels, as text. Empty: one stratum, named ``all``.
    block_lengths
        The lengths in use, each equally likely for each block; every one divisible by the ratio's sum.
        One length gives fixed blocks. None gives simple randomization: each slot drawn by itself.
    subjects_per_stratum
        At least this many slots a stratum, in whole blocks. None: the trial's total, ``subjects``, so that
        no stratum can run out however unequal the sites turn out to be.
    subjects
        The trial's total number; only a default for ``subjects_per_stratum`` and for :meth:`properties`.

    Raises
    ------
    ArmsError, FactorLevelError, LabelError, BlockLengthError, ScheduleSizeError
        One clear refusal a cause.

    Degenerate cases
    ----------------
    Two designs that differ only in the order in which arms, factors, levels or lengths are written, or in
    the Unicode normalization of the names, are equal and give the same schedule.

    References
    ----------
    docs/methods/randomization.md, section 2.
    """

    arms: Mapping[str, int]
    factors: Mapping[str, Sequence[str]]
    block_lengths: Sequence[int] | None
    subjects_per_stratum: int | None = None
    subjects: int | None = None

    def __post_init__(self) -> None:
        arms = _checked_arms(self.arms)
        factors = _checked_factors(self.factors)
        lengths = _checked_lengths(self.block_lengths, sum(arms.values()))
        subjects = _as_python_int(self.subjects)
        size = _checked_size(_as_python_int(self.subjects_per_stratum), subjects, factors)
        object.__setattr__(self, "arms", MappingProxyType(arms))
        object.__setattr__(self, "factors", MappingProxyType(factors))
        object.__setattr__(self, "block_lengths", lengths)
        object.__setattr__(self, "subjects_per_stratum", size)
        object.__setattr__(self, "subjects", subjects)

    @classmethod
    def from_canonical(cls, form: Mapping[str, Any]) -> RandomizationDesign:
        """The design that :meth:`canonical` wrote down."""
        return cls(
            arms=dict(form["arms"]),
            factors={name: tuple(levels) for name, levels in form["factors"]},
            block_lengths=None if form["block_lengths"] is None else tuple(form["block_lengths"]),
            subjects_per_stratum=form["subjects_per_stratum"],
        )

    def canonical(self) -> dict[str, Any]:
        """Everything the schedule depends on, in the one order that counts."""
        return {
            "arms": [[arm, self.arms[arm]] for arm in sorted(self.arms)],
            "block_lengths": None if self.block_lengths is None else list(self.block_lengths),
            "factors": [[name, sorted(self.factors[name])] for name in sorted(self.factors)],
            "subjects_per_stratum": self.subjects_per_stratum,
        }

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of the canonical form."""
        return tagged_digest("design", self.canonical())

    def strata(self) -> tuple[Stratum, ...]:
        """Every combination of levels, in the code-point order of the labels."""
        return tuple(sorted(self._strata(), key=lambda stratum: stratum.label))

    def _strata(self) -> Iterator[Stratum]:
        for levels in itertools.product(*self.factors.values()):
            chosen = dict(zip(self.factors, levels, strict=True))
            yield Stratum(stratum_label(chosen), MappingProxyType(chosen))

    def stratum_of(self, values: Mapping[str, str]) -> str:
        """The label of the stratum with these values (see :func:`label_of_values`)."""
        return label_of_values(self.factors, values)

    def properties(
        self,
        simulations: int = 2_000,
        subjects: int | None = None,
        seed: int = 20_260_101,
        progress: Callable[[int, int], None] | None = None,
        weights: Mapping[str, Mapping[str, float]] | None = None,
    ) -> DesignProperties:
        """How guessable and how balanced the trial will be: see :func:`assess_design`."""
        from trialkit.randomization.properties import assess_design

        return assess_design(self, simulations, subjects, seed, progress, weights)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, RandomizationDesign):
            return NotImplemented
        return self.canonical() == other.canonical()

    def __hash__(self) -> int:
        return hash(canonical_json([GENERATOR_VERSION, self.canonical()]))

    def __repr__(self) -> str:
        arms, factors = dict(self.arms), {name: list(levels) for name, levels in self.factors.items()}
        return (
            f"RandomizationDesign(arms={arms}, factors={factors}, "
            f"block_lengths={self.block_lengths}, subjects_per_stratum={self.subjects_per_stratum})"
        )

    def __reduce__(self) -> tuple[Any, ...]:
        state = (
            dict(self.arms),
            dict(self.factors),
            self.block_lengths,
            self.subjects_per_stratum,
            self.subjects,
        )
        return (RandomizationDesign, state)


def label_of_values(factors: Mapping[str, Sequence[str]], values: Mapping[str, str]) -> str:
    """The label of the stratum that a subject's values name.

    Raises
    ------
    UnknownLevelError
        A factor without a value, a value of no factor, or a level that the list does not have.
    """
    known = {canonical_label(name, "a factor"): value for name, value in values.items()}
    missing = [name for name in factors if known.get(name) is None]
    extra = sorted(set(known) - set(factors))
    if missing or extra:
        raise UnknownLevelError(
            expected=said("one value for each of: {factors}", factors=", ".join(factors) or "no factor"),
            found=said("no value for {missing}", missing=", ".join(missing))
            if missing
            else said("a value for {extra}", extra=", ".join(extra)),
            next_step="Complete the stratification values and confirm them.",
        )
    levels = {name: canonical_label(known[name], f"a level of {name}") for name in factors}
    for name, level in levels.items():
        if level not in factors[name]:
            raise UnknownLevelError(
                expected=said(
                    "a level of {name}: {factors}", name=name, factors=", ".join(sorted(factors[name]))
                ),
                found=repr(level),
                next_step="Correct the value, or ask for a schedule that has this level.",
            )
    return stratum_label(levels)


def _checked_arms(arms: Mapping[str, int]) -> dict[str, int]:
    checked: dict[str, int] = {}
    if not isinstance(arms, Mapping):
        raise ArmsError(
            expected="the arms with their ratio",
            found=said("a {name}", name=type(arms).__name__),
            next_step="Write arms={'exercise': 1, 'control': 1}.",
        )
    for position, (name, given) in enumerate(arms.items(), start=1):
        ratio = _as_python_int(given)
        label = canonical_label(name, f"the name of arm {position}", LONGEST_ARM_BYTES)
        if label in checked:
            raise ArmsError(
                expected="different arms",
                found=said("arm {position} named like another one", position=position),
                next_step="Give each arm its own name.",
            )
        if not _is_count(ratio):
            raise ArmsError(
                expected=said(
                    "a whole number of at least 1 as the ratio of arm {position}", position=position
                ),
                found=repr(ratio),
                next_step="Write the ratio in whole numbers, for example 2 and 1.",
            )
        checked[label] = ratio
    if sum(checked.values()) > _LONGEST_BLOCK:
        raise ArmsError(
            expected=said(
                "a ratio whose shares add up to at most {longest_block}", longest_block=_LONGEST_BLOCK
            ),
            found=written(sum(checked.values())),
            next_step="Write the ratio in its lowest terms.",
        )
    if len(checked) < 2:
        raise ArmsError(
            expected="at least two arms",
            found=written(len(checked)),
            next_step="Name every arm of the trial.",
        )
    return checked


def _checked_factors(factors: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    checked: dict[str, tuple[str, ...]] = {}
    if not isinstance(factors, Mapping):
        raise FactorLevelError(
            expected="the factors with their levels",
            found=said("a {name}", name=type(factors).__name__),
            next_step="Write factors={'site': ['A', 'B']}, or {} for one stratum.",
        )
    for name, levels in factors.items():
        factor = canonical_label(name, "the name of a factor")
        if factor in checked:
            raise FactorLevelError(
                expected="each factor once",
                found=said("{factor!r} twice", factor=factor),
                next_step="Remove one of the two.",
            )
        if factor in RESERVED_COLUMNS:
            raise FactorLevelError(
                expected="a factor whose name is not a column of the list",
                found=repr(factor),
                next_step="Give the factor another name.",
            )
        listed = [] if isinstance(levels, str) or not isinstance(levels, Iterable) else list(levels)
        if not listed:
            raise FactorLevelError(
                expected=said("a list of levels for {factor!r}", factor=factor),
                found="a text" if isinstance(levels, str) else "none",
                next_step="List the factor's levels.",
            )
        labels = tuple(canonical_label(level, f"a level of {factor!r}") for level in listed)
        repeated = sorted({label for label in labels if labels.count(label) > 1})
        if repeated:
            raise FactorLevelError(
                expected=said("each level of {factor!r} once", factor=factor),
                found=said("{repeated!r} more than once", repeated=repeated[0]),
                next_step="Remove the repetition (names are compared in Unicode NFC).",
            )
        checked[factor] = labels
    return checked


def _checked_lengths(lengths: Sequence[int] | None, ratio_sum: int) -> tuple[int, ...] | None:
    if lengths is None:
        return None
    if not isinstance(lengths, Iterable) or isinstance(lengths, str):
        raise BlockLengthError(
            expected="a list of block lengths, or None for simple randomization",
            found=repr(lengths),
            next_step="Write one length as (4,).",
        )
    checked = tuple(_as_python_int(length) for length in lengths)
    if not checked or len(set(checked)) < len(checked):
        raise BlockLengthError(
            expected="a list of different block lengths",
            found="an empty list" if not checked else "a length more than once",
            next_step="Give each length once, or None for simple randomization.",
        )
    for length in checked:
        if not _is_count(length) or length > _LONGEST_BLOCK:
            raise BlockLengthError(
                expected=said(
                    "a block length between {ratio_sum} and {longest_block}",
                    ratio_sum=ratio_sum,
                    longest_block=_LONGEST_BLOCK,
                ),
                found=repr(length),
                next_step="Correct the length.",
            )
        if length % ratio_sum:
            raise BlockLengthError(
                expected=said(
                    "a block length divisible by the ratio's sum, {ratio_sum}", ratio_sum=ratio_sum
                ),
                found=written(length),
                next_step=said("Use multiples of {ratio_sum}.", ratio_sum=ratio_sum),
            )
    return tuple(sorted(checked))


def _checked_size(per_stratum: int | None, subjects: int | None, factors: Mapping[str, Sequence[str]]) -> int:
    if subjects is not None and not _is_count(subjects):
        raise ScheduleSizeError(
            expected="the trial's total as a whole number of at least 1",
            found=repr(subjects),
            next_step="Correct the number of subjects.",
        )
    size = subjects if per_stratum is None else per_stratum
    if size is None or not _is_count(size):
        raise ScheduleSizeError(
            expected="subjects_per_stratum, or the trial's total, as a whole number of at least 1",
            found="neither" if size is None else repr(size),
            next_step="Give the trial's total: then no stratum can run out.",
        )
    strata = 1
    for levels in factors.values():
        strata *= len(levels)
    if strata * size > _MOST_SLOTS:
        raise ScheduleSizeError(
            expected=said("at most {most_slots} slots in all", most_slots=_MOST_SLOTS),
            found=said("{strata} strata of {size}", strata=strata, size=size),
            next_step="Use fewer factors, or fewer subjects per stratum.",
        )
    return size


def _as_python_int(number: Any) -> Any:
    """numpy's integers, as tables have them, as Python's: the canonical form knows no others."""
    return int(number) if isinstance(number, Integral) and not isinstance(number, bool) else number


def _is_count(number: object) -> bool:
    return isinstance(number, int) and not isinstance(number, bool) and number >= 1
