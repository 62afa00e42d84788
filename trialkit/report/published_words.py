"""A published result in numbers and words: turned to test minus reference, and how far ours agrees."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from trialkit import numbers

if TYPE_CHECKING:
    from trialkit.plan.model import PublishedResult

PARTS = ("estimate", "ci_lower", "ci_upper")
NAMES = {"estimate": "estimate", "ci_lower": "lower limit", "ci_upper": "upper limit"}
AS_PRINTED, TURNED = "Published, as printed", "Published, as test minus reference"
OURS, ROUNDED = "This run", "This run, rounded as published"
ONE_MORE = "one decimal more than was printed"


def turn(published: PublishedResult) -> dict[str, float]:
    """The published numbers as test minus reference; turning the sign swaps the limits."""
    if published.sign == 1:
        return {part: float(getattr(published, part)) for part in PARTS}
    return {
        "estimate": -published.estimate,
        "ci_lower": -published.ci_upper,
        "ci_upper": -published.ci_lower,
    }


def printed_decimals(published: PublishedResult) -> int:
    """How many decimals the publication prints: the most among its three numbers."""
    return max(decimals_of(getattr(published, part)) for part in PARTS)


def decimals_of(value: float) -> int:
    """As many as the number is written with: 7.0 has one, 0.0002 four."""
    exponent = Decimal(repr(float(value))).as_tuple().exponent
    return max(0, -int(exponent))


def sign_words(published: PublishedResult) -> str:
    if published.sign == 1:
        return "published as test minus reference: no change"
    return "published as reference minus test: signs turned, limits swapped"


def agreement(turned: Mapping[str, float], contrast: Mapping[str, Any], decimals: int) -> str:
    """Which of the three printed numbers agree; where one does not, by how much before rounding."""
    apart, agreeing = [], []
    for part, value in turned.items():
        printed, ours = numbers.fixed(value, decimals), numbers.fixed(contrast[part], decimals)
        if printed == ours:
            agreeing.append(NAMES[part])
            continue
        by = numbers.fixed(abs(contrast[part] - value), decimals + 1)
        apart.append(
            f"{NAMES[part]} {ours} where {printed} was printed: {by} apart, more than rounding explains"
        )
    if not apart:
        return "all three numbers agree as printed"
    same = [f"{' and '.join(agreeing)} as printed"] if agreeing else []
    return "; ".join([*same, *apart])


def remarks(published: PublishedResult, contrast: Mapping[str, Any] | None) -> dict[str, str]:
    """What stands beside each line of the comparison; of the publication alone where ours has no contrast."""
    said = {AS_PRINTED: published.source, TURNED: sign_words(published)}
    if contrast is None:
        return said
    agreed = agreement(turn(published), contrast, printed_decimals(published))
    return {**said, OURS: ONE_MORE, ROUNDED: agreed}
