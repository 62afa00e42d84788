"""A frozen cutoff in words, for a terminal."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator, Mapping
from typing import Any

from trialkit.numbers import is_missing, plain, span
from trialkit.prediction.cutoff import CutoffRule

_NOBODY = {"ppv": "no one positive, so no PPV", "npv": "no one negative, so no NPV"}
_SIDES = {"at_least": ("high", "--at-least"), "at_most": ("low", "--at-most")}


def rule_in_words(rule: CutoffRule) -> Iterator[str]:
    """The rule, which side is positive and why, of whom, what it keeps of its promise, what to beware of."""
    sign = ">=" if rule.side == "at_least" else "<="
    decimals = _decimals(max(abs(rule.cutoff), abs(rule.cutoff_lower), abs(rule.cutoff_upper)))
    yield (
        f"{rule.marker} {sign} {plain(rule.cutoff, decimals)} {rule.unit}".rstrip()
        + f" (other samples: {span(rule.cutoff_lower, rule.cutoff_upper, decimals)}); AUC "
        f"{plain(rule.auc, 3)} ({span(rule.auc_lower, rule.auc_upper, 3)})"
    )
    word, option = _SIDES[rule.side]
    why = f"as stated ({option})" if rule.stated else "as nothing else was said (--at-most: low ones)"
    yield f"Positive: {word} values of {rule.marker}, {why}."
    yield f"{rule.n} of {rule.lines} subjects have marker and outcome, {rule.events} of them the outcome."
    yield from rule.notes
    for row in rule.performance.to_dict("records"):
        yield _measured(row, rule.bootstraps)
    yield from rule.cautions


def _decimals(size: float) -> int:
    """Three, and of small markers so many that four digits are seen."""
    return 3 if size == 0 else max(3, 3 - math.floor(math.log10(size)))


def _measured(row: Mapping[Hashable, Any], bootstraps: int) -> str:
    name = row["measure"]
    if is_missing(row["corrected"]):
        return f"  {name}: {plain(row['apparent'], 3)}, not corrected: {_NOBODY[name]} in any sample"
    text = (
        f"  {name}: {plain(row['apparent'], 3)}, corrected {plain(row['corrected'], 3)} "
        f"({span(row['ci_lower'], row['ci_upper'], 3)})"
    )
    without = bootstraps - row["samples"]
    return f"{text}; {_NOBODY[name]} in {without} of {bootstraps} samples" if without else text
