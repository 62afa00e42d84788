"""Correlations of columns with columns, partial where asked, p values adjusted for their number."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from trialkit.stats import display
from trialkit.stats.columns import absent, require_columns
from trialkit.stats.complete_rows import numbers_in
from trialkit.stats.distributions import FloatArray, normal_quantile, t_two_sided_p
from trialkit.stats.errors import DataError
from trialkit.stats.inference import check_choice, check_confidence_level
from trialkit.stats.midranks import midranks
from trialkit.stats.multiplicity.adjust_p_values import adjusted_p_values
from trialkit.stats.row_table import row_table
from trialkit.stats.rows import Rows, count_rows
from trialkit.stats.showing import Printed
from trialkit.stats.width import why_no_interval
from trialkit.wording import said

if TYPE_CHECKING:
    import pandas as pd

Kind = Literal["pearson", "spearman"]
Adjust = Literal["benjamini-hochberg", "holm", "bonferroni", "none"]
KINDS: tuple[Kind, ...] = get_args(Kind)
ADJUSTMENTS: tuple[Adjust, ...] = get_args(Adjust)


@dataclass(frozen=True, repr=False, eq=False)
class Correlations(Printed):
    """Correlations of pairs of columns.

    Attributes
    ----------
    table
        One row a pair: first second n estimate df statistic p_value ci_lower ci_upper adjusted_p_value.
    matrix
        Estimates, one row a first and one column a second column (1 on the diagonal of all pairs).
    kind, adjust, given
        As asked for.
    """

    table: pd.DataFrame
    kind: Kind
    adjust: Adjust
    given: tuple[str, ...]
    confidence_level: float
    rows: Rows

    @property
    def matrix(self) -> pd.DataFrame:
        pairs = self.table.pivot(index="first", columns="second", values="estimate")
        if set(self.table["first"]) & set(self.table["second"]):
            names = list(dict.fromkeys([*self.table["first"], *self.table["second"]]))
            pairs = pairs.reindex(index=names, columns=names)
            pairs = pairs.combine_first(pairs.T).reindex(index=names, columns=names)
            for name in names:
                pairs.loc[name, name] = 1.0
        return pairs

    def _shown(self) -> display.Shown:
        given = f", given {', '.join(self.given)}" if self.given else ""
        line = f"adjusted by {self.adjust}; each pair on its own complete rows"
        lines = (line, *why_no_interval(self.table), self.rows.sentence())
        return display.Shown(f"{self.kind.capitalize()} correlations{given}", (("Pairs", self.table),), lines)


def correlations(
    data: pd.DataFrame,
    first: Sequence[str],
    second: Sequence[str] | None = None,
    given: Sequence[str] = (),
    kind: Kind = "pearson",
    adjust: Adjust = "benjamini-hochberg",
    confidence_level: float = 0.95,
) -> Correlations:
    """Correlate every column of ``first`` with every column of ``second``, or all pairs of ``first``.

    Parameters
    ----------
    data
        One row a subject. Each pair uses the rows complete in both columns and in ``given``; ``n`` says how
        many.
    first, second
        Numeric columns; ``second`` None: all pairs of ``first``.
    given
        Numeric columns held constant: partial correlations.
    kind
        ``"pearson"``, or ``"spearman"`` (Pearson's of midranks, ranked on the rows used).
    adjust
        Of the p values over the whole table: ``"benjamini-hochberg"`` (false discovery rate), ``"holm"``,
        ``"bonferroni"`` or ``"none"``.
    confidence_level
        Of the interval, by Fisher's z with n - 3 - (number given); for Spearman's with Bonett and Wright's
        variance.

    Returns
    -------
    Correlations
        ``table``, ``matrix``, ``rows`` (a row is used where it is in any pair).

    Raises
    ------
    DataError
        A column that is no number or does not vary, fewer than three rows beyond those given, a name in two
        roles.

    Degenerate cases: a correlation of exactly 1 or -1 has p 0 and no interval (NaN).

    Equivalent in R: ``cor.test``, ``ppcor::pcor.test``, ``p.adjust(method = "BH")``. In SAS: ``PROC CORR;
    PARTIAL``. In Python: ``pingouin.pairwise_corr``, ``pingouin.partial_corr``.

    References: Fisher (1924), Metron 3:329-332; Bonett & Wright (2000), Psychometrika 65:23-28; Benjamini &
    Hochberg (1995), Journal of the Royal Statistical Society B 57:289-300.
    """
    check_choice("kind", kind, KINDS)
    check_choice("adjust", adjust, ADJUSTMENTS)
    check_confidence_level(confidence_level)
    others = None if second is None else tuple(second)
    names = _names(tuple(first), others, tuple(given))
    require_columns(data, names, "correlations")
    pairs = list(combinations(first, 2)) if others is None else list(product(first, others))
    gaps = {name: absent(data[name]) for name in names}
    found: list[dict[str, Any]] = []
    used = np.zeros(len(data), dtype=bool)
    for one, two in pairs:
        columns = [one, two, *given]
        complete = np.logical_not(np.logical_or.reduce([gaps[name] for name in columns]))
        used |= complete
        kept = {name: data[name] if complete.all() else data[name][complete] for name in columns}
        pair = _pair(kept, int(complete.sum()), kind, confidence_level)
        found.append({"first": one, "second": two, **pair})
    p = np.array([pair["p_value"] for pair in found], dtype=float)
    adjusted = p if adjust == "none" else adjusted_p_values(p, adjust)
    for pair, value in zip(found, adjusted, strict=True):
        pair["adjusted_p_value"] = float(value)
    rows = count_rows(data, used, {name: int(flags.sum()) for name, flags in gaps.items()})
    return Correlations(row_table(found), kind, adjust, tuple(given), confidence_level, rows)


def _names(first: tuple[str, ...], second: tuple[str, ...] | None, given: tuple[str, ...]) -> tuple[str, ...]:
    names = (*first, *(second or ()), *given)
    enough = len(first) >= 1 if second else len(first) >= 2
    if not enough or len(set(names)) < len(names):
        raise DataError(
            expected="columns each named once, at least two to be correlated",
            found=", ".join(map(repr, names)) or "none",
            where="first, second, given",
        )
    return names


def _pair(kept: dict[str, pd.Series[Any]], n: int, kind: Kind, level: float) -> dict[str, float]:
    columns, held = list(kept), len(kept) - 2
    df = n - 2 - held
    if df < 1:
        raise DataError(
            expected=said("at least {least} rows with {names}", least=3 + held, names=", ".join(columns)),
            found=str(n),
            next_step="Leave the pair out, or hold fewer columns constant.",
        )
    values = np.column_stack([numbers_in(kept, name) for name in columns])
    for name, column in zip(columns, values.T, strict=True):
        if np.ptp(column) == 0:
            raise DataError(
                expected="a column that varies", found="one value", where=said("column {name!r}", name=name)
            )
    r = _partial(_ranked(values) if kind == "spearman" else values)
    exact = 1.0 - r * r <= 1e-14
    statistic = math.copysign(math.inf, r) if exact else r * math.sqrt(df / (1.0 - r * r))
    spread = 1.0 + r * r / 2.0 if kind == "spearman" else 1.0
    left = n - 3 - held
    z = normal_quantile(level)
    half = z * math.sqrt(spread / left) if left > 0 and not exact else math.nan
    centre = math.nan if exact else math.atanh(r)
    return {
        "n": n,
        "estimate": r,
        "df": float(df),
        "statistic": statistic,
        "p_value": 0.0 if exact else float(t_two_sided_p(np.array(statistic), np.array(float(df)))),
        "ci_lower": math.tanh(centre - half),
        "ci_upper": math.tanh(centre + half),
    }


def _partial(values: FloatArray) -> float:
    """Correlation of the first two columns, the others regressed out of both."""
    centred = values - values.mean(axis=0)
    if values.shape[1] > 2:
        held = centred[:, 2:]
        centred = centred[:, :2] - held @ np.linalg.lstsq(held, centred[:, :2], rcond=None)[0]
    x, y = centred[:, 0], centred[:, 1]
    size = math.sqrt(float(x @ x) * float(y @ y))
    return max(-1.0, min(1.0, float(x @ y) / size)) if size else 0.0


def _ranked(values: FloatArray) -> FloatArray:
    return np.column_stack([midranks(column) for column in values.T])
