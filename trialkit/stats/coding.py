"""Turns terms into columns: which factors of a term are coded by contrasts and which by all indicators.

The rule is the usual one for full-rank designs: a term spans every margin of its factors; whatever
earlier terms already span is left out. ``1 + visit + arm:visit`` thus gives arm contrasts within every
visit. Reference: Chambers & Hastie, Statistical Models in S (1992), section 2.4.1.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from trialkit.stats.columns import Factor
from trialkit.stats.distributions import FloatArray
from trialkit.stats.formula import Variable

Values = Mapping[str, Any]


@dataclass(frozen=True)
class Block:
    """Columns of one term: covariates multiplied with factors, each coded in full or by contrasts."""

    term: str
    covariates: tuple[str, ...]
    factors: tuple[tuple[str, bool], ...]
    order: tuple[str, ...]


def plan_blocks(
    terms: tuple[tuple[Variable, ...], ...], factors: Mapping[str, Factor], *, intercept: bool
) -> tuple[Block, ...]:
    """The blocks of columns of every term, in order; the intercept itself is not among them."""
    spanned: dict[frozenset[str], set[frozenset[str]]] = {frozenset(): {frozenset()} if intercept else set()}
    blocks: list[Block] = []
    for members in terms:
        labels = tuple(member.label for member in members)
        names = tuple(label for label in labels if label in factors)
        covariates = tuple(label for label in labels if label not in factors)
        already = spanned.setdefault(frozenset(covariates), set())
        subsets = [frozenset(s) for k in range(len(names) + 1) for s in itertools.combinations(names, k)]
        new = [subset for subset in subsets if subset not in already]
        already.update(new)
        for coded in _absorb([dict.fromkeys(sorted(s, key=names.index), False) for s in new]):
            blocks.append(Block(":".join(labels), covariates, tuple(coded.items()), labels))
    return tuple(blocks)


def _absorb(pieces: list[dict[str, bool]]) -> list[dict[str, bool]]:
    """Join a piece with the one that lacks just one of its contrast-coded factors, then full."""
    for short, long in itertools.permutations(pieces, 2):
        extra = set(long) - set(short)
        same = set(short) <= set(long) and all(long[name] == full for name, full in short.items())
        if same and len(extra) == 1 and not long[next(iter(extra))]:
            joined = {name: full or name in extra for name, full in long.items()}
            return _absorb([joined if piece is long else piece for piece in pieces if piece is not short])
    return pieces


def block_columns(
    block: Block, values: Values, factors: Mapping[str, Factor], contrast: Callable[[Factor], FloatArray]
) -> FloatArray:
    """The columns of a block.

    A factor's values are codes (one-dimensional) or rows of weights over its levels; a covariate's, its
    columns.
    """
    full = dict(block.factors)
    columns: FloatArray | None = None
    for label in block.order:
        if label in full:
            coding = factors[label].indicator_coding() if full[label] else contrast(factors[label])
            weights = values[label]
            piece = coding[weights] if weights.ndim == 1 else weights @ coding
        elif label in block.covariates:
            piece = values[label]
        else:
            continue
        columns = piece if columns is None else _row_wise_product(columns, piece)
    return np.ones((_length(values), 1)) if columns is None else columns


def block_names(block: Block, factors: Mapping[str, Factor], widths: Mapping[str, int]) -> list[str]:
    """Names of a block's columns: ``arm[T.test]:visit[12]:base``."""
    full = dict(block.factors)
    names: list[str] = []
    for label in block.order:
        if label in full:
            factor = factors[label]
            mark = "" if full[label] else "T."
            piece = [
                f"{label}[{mark}{level}]"
                for level in factor.levels
                if full[label] or level != factor.reference
            ]
        elif label in block.covariates:
            width = widths[label]
            piece = [label] if width == 1 else [f"{label}[{i + 1}]" for i in range(width)]
        else:
            continue
        names = piece if not names else [f"{left}:{right}" for left in names for right in piece]
    return names or ["Intercept"]


def _row_wise_product(left: FloatArray, right: FloatArray) -> FloatArray:
    return np.asarray((left[:, :, None] * right[:, None, :]).reshape(len(left), -1))


def _length(values: Values) -> int:
    return len(next(iter(values.values())))
