"""``agree``: ICC, limits of agreement and kappa of two readers, and which values a third must read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from trialkit.imaging.errors import MeasurementError
from trialkit.imaging.readers.pairing import Pairs, pair
from trialkit.stats import DataError, bland_altman, icc, weighted_kappa
from trialkit.wording import said

if TYPE_CHECKING:
    import pandas as pd

HIGHEST_GRADE = {"goutallier_grade": 4, "kjaer_grade": 2}
BANDS = ((0.5, "poor"), (0.75, "moderate"), (0.9, "good"), (float("inf"), "excellent"))
"""Koo & Li (2016), by the lower limit of the interval."""


@dataclass(frozen=True, eq=False)
class ReaderAgreement:
    """How two readers agree.

    Attributes
    ----------
    icc
        What was measured, n, form, estimate, ci_lower, ci_upper, df_num, df_den, statistic, p_value, band.
    limits
        What was measured, n, measure (mean difference, lower and upper limit; first minus second), estimate,
        standard_error, ci_lower, ci_upper.
    kappa
        What was graded, n, weights, estimate, standard_error, ci_lower, ci_upper, observed_agreement.
    robust
        Whether the lower limit of the chosen form reaches the chosen value, one row for each of what was
        measured.
    third_reader
        Values that differ by more than was allowed: for a third reader.
    not_computed
        What was measured, and why there is no ICC or kappa.
    pairs
        The values, with what was left out.
    """

    icc: pd.DataFrame
    limits: pd.DataFrame
    kappa: pd.DataFrame
    robust: pd.DataFrame
    third_reader: pd.DataFrame
    not_computed: pd.DataFrame
    pairs: Pairs

    def as_table(self) -> pd.DataFrame:
        """All statistics in one table: what was measured, statistic, n, estimate, ci_lower, ci_upper."""
        import pandas as pd

        parts = [
            self.icc.assign(statistic=self.icc["form"]),
            self.limits.assign(statistic=self.limits["measure"]),
            self.kappa.assign(statistic="kappa_" + self.kappa["weights"].astype(str)),
        ]
        columns = [*grouping(self.pairs), "statistic", "n", "estimate", "ci_lower", "ci_upper"]
        return pd.concat([part[columns] for part in parts if len(part)], ignore_index=True)


def grouping(pairs: Pairs) -> list[str]:
    """What stands in one analysis: sides are targets, muscles and levels are not mixed."""
    return [name for name in pairs.what if name not in ("side", "segment")]


def agree(
    first: pd.DataFrame,
    second: pd.DataFrame,
    allowed: Mapping[str, float] | None = None,
    robust_form: str = "ICC2",
    robust_from: float = 0.75,
    confidence_level: float = 0.95,
) -> ReaderAgreement:
    """Compare two readers' tables.

    Parameters
    ----------
    first, second
        Tables of ``measure`` or ``radiomics``: the same scans, read by two.
    allowed
        Metric (or tag) -> greatest difference, in its unit, that needs no third reader.
    robust_form, robust_from
        A value is robust where the lower confidence limit of this ICC reaches this.
    confidence_level
        Of every interval.

    Raises
    ------
    MeasurementError
        A value twice, nothing in common, or a threshold for a metric that is not there.

    Degenerate cases
    ----------------
    Fewer than two targets, or values all alike, give no ICC; ``not_computed`` says so. Rows of one reader
    only and rows without a number are left out and counted in ``pairs``.

    Equivalent in R: ``psych::ICC``, ``blandr``, ``psych::cohen.kappa``; see the pages of ``icc``,
    ``bland_altman`` and ``weighted_kappa``.

    References
    ----------
    Koo & Li (2016), Journal of Chiropractic Medicine 15:155-163, for the bands.
    """
    import pandas as pd

    pairs = pair(first, second)
    by = grouping(pairs)
    found: dict[str, list[Any]] = {"icc": [], "limits": [], "kappa": [], "not_computed": []}
    for names, group in pairs.table.groupby(by, sort=False, dropna=False):
        told = dict(zip(by, map(str, names if isinstance(names, tuple) else (names,)), strict=True))
        for kind, table in _of_group(told, group, pairs, confidence_level):
            found[kind].append(table)
    tables = {
        kind: pd.concat(parts, ignore_index=True) if parts else _none(by, kind)
        for kind, parts in found.items()
    }
    chosen = tables["icc"][tables["icc"]["form"] == robust_form]
    return ReaderAgreement(
        icc=tables["icc"],
        limits=tables["limits"],
        kappa=tables["kappa"],
        robust=chosen[[*by, "n", "estimate", "ci_lower"]].assign(robust=chosen["ci_lower"] >= robust_from),
        third_reader=_beyond(pairs, allowed or {}),
        not_computed=tables["not_computed"],
        pairs=pairs,
    )


_COLUMNS = {
    "icc": (
        "n",
        "form",
        "estimate",
        "df_num",
        "df_den",
        "statistic",
        "p_value",
        "ci_lower",
        "ci_upper",
        "band",
    ),
    "limits": ("n", "measure", "estimate", "standard_error", "ci_lower", "ci_upper"),
    "kappa": ("n", "weights", "estimate", "standard_error", "ci_lower", "ci_upper", "observed_agreement"),
    "not_computed": ("n", "reason"),
}


def _none(by: list[str], kind: str) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(columns=[*by, *_COLUMNS[kind]])


def _of_group(
    told: dict[str, str], group: pd.DataFrame, pairs: Pairs, level: float
) -> Iterator[tuple[str, pd.DataFrame]]:
    import pandas as pd

    readings = _long(group, pairs)
    highest = HIGHEST_GRADE.get(str(told.get("metric", "")))
    methods = [("kappa", _kappa)] if highest is not None else [("icc", _icc), ("limits", _limits)]
    reasons = set()
    for kind, method in methods:
        try:
            table = method(readings, level, highest)
        except DataError as refused:
            reasons.add(str(refused))
            continue
        yield kind, table.assign(**told, n=len(group))[[*told, *_COLUMNS[kind]]]
    if reasons:
        yield "not_computed", pd.DataFrame([{**told, "n": len(group), "reason": " ".join(sorted(reasons))}])


def _long(group: pd.DataFrame, pairs: Pairs) -> pd.DataFrame:
    import pandas as pd

    apart = [name for name in ("scan", "side", "segment") if name in group]
    target = group[apart].astype(str).agg("/".join, axis=1)
    return pd.concat(
        [
            pd.DataFrame({"target": target, "reader": reader, "value": group[f"{reader}_value"]})
            for reader in ("first", "second")
        ],
        ignore_index=True,
    )


def _icc(readings: pd.DataFrame, level: float, _highest: int | None) -> pd.DataFrame:
    table = icc(readings, "target", "reader", "value", confidence_level=level).table
    return table.assign(band=[_band(lower) for lower in table["ci_lower"]])


def _band(lower: float) -> str:
    return "" if np.isnan(lower) else next(name for top, name in BANDS if lower < top)


def _limits(readings: pd.DataFrame, level: float, _highest: int | None) -> pd.DataFrame:
    return bland_altman(
        readings, "target", "reader", "value", reference="second", confidence_level=level
    ).table


def _kappa(readings: pd.DataFrame, level: float, highest: int | None) -> pd.DataFrame:
    grades = [float(grade) for grade in range((highest or 0) + 1)]
    found = weighted_kappa(readings, "target", "reader", "value", categories=grades, confidence_level=level)
    return found.table.assign(observed_agreement=found.observed_agreement)


def _beyond(pairs: Pairs, allowed: Mapping[str, float]) -> pd.DataFrame:
    name = "metric" if "metric" in pairs.what else "tag"
    unknown = sorted(set(allowed) - set(pairs.table[name]))
    if unknown:
        raise MeasurementError(
            expected=said("thresholds for a {name} of the tables", name=name),
            found=", ".join(unknown),
            where="allowed differences",
            next_step=said("There are: {table}.", table=", ".join(sorted(set(pairs.table[name]))[:12])),
        )
    difference = pairs.table["first_value"] - pairs.table["second_value"]
    most = pairs.table[name].map(allowed)
    table = pairs.table.assign(difference=difference, allowed=most)
    # 20.6 - 20 is 0.6000000000000014: what is allowed exactly stays allowed.
    return table[difference.abs() > most * (1 + 1e-9)].reset_index(drop=True)
