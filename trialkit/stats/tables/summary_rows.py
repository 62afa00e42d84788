"""Rows of a published table as they are printed: means, counts, percentages, ratios."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral

from trialkit.stats.errors import DataError
from trialkit.wording import said, written

Printed = str | int


def _require(holds: bool, expected: str, found: object, variable: str) -> None:
    if not holds:
        raise DataError(
            expected=expected, found=written(found), where=said("row {variable!r}", variable=variable)
        )


@dataclass(frozen=True)
class MeansRow:
    """Means and SDs of two groups, with the t and p printed beside them (None: not printed)."""

    variable: str
    n: tuple[int, int]
    means: tuple[Printed, Printed]
    sds: tuple[Printed, Printed]
    t: Printed | None = None
    p: Printed | None = None

    def __post_init__(self) -> None:
        for name in ("n", "means", "sds"):
            _require(
                len(getattr(self, name)) == 2,
                said("two groups in {name}", name=name),
                getattr(self, name),
                self.variable,
            )
        _require(min(self.n) >= 2, "groups of two or more", self.n, self.variable)


@dataclass(frozen=True)
class CountsRow:
    """Counts, one tuple a group with one number a level, and the chi-square and p printed beside them."""

    variable: str
    counts: tuple[tuple[int, ...], ...]
    chi_square: Printed | None = None
    p: Printed | None = None

    def __post_init__(self) -> None:
        sizes = {len(group) for group in self.counts}
        shape = len(self.counts) >= 2 and len(sizes) == 1 and min(sizes) >= 2
        _require(shape, "two or more groups with the same two or more levels", self.counts, self.variable)
        whole = all(isinstance(k, Integral) and k >= 0 for group in self.counts for k in group)
        _require(whole, "counts of 0 or more", self.counts, self.variable)
        totals = [*map(sum, self.counts), *map(sum, zip(*self.counts, strict=True))]
        _require(min(totals) > 0, "no empty group and no empty level", self.counts, self.variable)


@dataclass(frozen=True)
class PercentRow:
    """A percentage of a known number of subjects, such as a sensitivity of those with the outcome."""

    variable: str
    percent: Printed
    of: int

    def __post_init__(self) -> None:
        _require(self.of >= 1, "one subject or more", self.of, self.variable)


@dataclass(frozen=True)
class RatioRow:
    """An odds, hazard or risk ratio with its Wald interval, and the p printed beside them."""

    variable: str
    estimate: Printed
    ci_lower: Printed
    ci_upper: Printed
    p: Printed | None = None
    confidence_level: float = 0.95


SummaryRow = MeansRow | CountsRow | PercentRow | RatioRow
