"""From a formula and a data frame to a design: the rows used, the columns of X, and what each stands for.

The one entrance to every model. What it refuses, it names: an unknown column, code, a non-numeric
outcome, an infinite value, a factor with one level, columns that others determine. Rows with a missing
value in a used column are left out before levels are settled, and counted.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from trialkit.stats import transforms
from trialkit.stats.coding import Block, block_columns, block_names, plan_blocks
from trialkit.stats.columns import BoolArray, Factor, read_column, require_columns
from trialkit.stats.distributions import FloatArray
from trialkit.stats.errors import DataError
from trialkit.stats.formula import Formula, Variable, parse_formula
from trialkit.stats.outcome import OutcomeKind, settle_outcome
from trialkit.stats.rank import require_full_rank
from trialkit.stats.reading import read, settle
from trialkit.stats.rows import Rows, count_rows
from trialkit.wording import said

_ROUNDING = 1e-26

if TYPE_CHECKING:
    import pandas as pd

Coding = Literal["treatment", "sum"]
Setting = Mapping[str, Any]
"""Column -> value for some rows to be: codes or level weights of a factor, numbers of a covariate."""


@dataclass(frozen=True)
class Design:
    """A full-rank design and everything needed to build further rows of it.

    Attributes
    ----------
    formula
        The formula taken apart.
    X, y
        Columns of the design and the outcome for the rows used (``y`` is None without an outcome; for a
        binary outcome 0/1; for an ordinal one codes 0, 1, ...).
    column_names
        One name a column of ``X``: ``Intercept``, ``arm[T.test]``, ``arm[T.test]:visit[T.12]``, ``log(x)``.
    terms
        Term labels in order, without the intercept.
    term_columns
        Term label -> positions of its columns in ``X``.
    factors
        Column -> levels in order and reference level.
    covariate_means
        Column (untransformed) -> mean over the rows used.
    settings
        Column -> codes (factor) or numbers (covariate) of the rows used.
    used
        One flag a row read.
    rows
        The account of rows.
    intercept
        ``"estimated"`` (first column of ``X``), ``"absorbed"`` (coded as if there were one, then dropped:
        Cox, proportional odds) or ``"none"``.
    outcome_levels
        Levels of a binary or ordinal outcome, lowest first.
    """

    formula: Formula
    X: FloatArray
    y: FloatArray | None
    column_names: tuple[str, ...]
    terms: tuple[str, ...]
    term_columns: Mapping[str, tuple[int, ...]]
    factors: Mapping[str, Factor]
    covariate_means: Mapping[str, float]
    settings: Mapping[str, npt.NDArray[Any]]
    used: BoolArray
    rows: Rows
    intercept: Literal["estimated", "absorbed", "none"]
    outcome_levels: tuple[Hashable, ...] | None
    blocks: tuple[Block, ...] = field(repr=False)
    knots: Mapping[str, tuple[float, ...]] = field(repr=False)
    kept: Mapping[str, Any] = field(repr=False)
    index: Any = field(repr=False)
    contrasts_made: dict[Hashable, Any] = field(default_factory=dict, init=False, repr=False, compare=False)
    """Rows of contrasts asked for before: they depend on the columns alone, not on the outcome. A design made
    by ``replace`` begins with none, since anything else of it may be another."""

    @property
    def n(self) -> int:
        """Number of rows used."""
        return int(self.X.shape[0])

    @property
    def outcome_name(self) -> str | None:
        return None if self.formula.outcome is None else self.formula.outcome.label

    def with_outcome(self, y: FloatArray) -> Design:
        """The same rows and columns with another numeric outcome, which ``source`` then holds too."""
        assert self.outcome_name is not None
        other = replace(self, y=y, kept={**self.kept, self.outcome_name: y})
        object.__setattr__(other, "contrasts_made", self.contrasts_made)  # of the columns, which are the same
        return other

    def column(self, name: str) -> pd.Series[Any]:
        """One of the columns named in the call, for the rows used."""
        import pandas as pd

        return pd.Series(self.kept[name], index=self.index, name=name)

    @cached_property
    def source(self) -> pd.DataFrame:
        """The columns named in the call, for the rows used. Made when it is read."""
        import pandas as pd

        return pd.DataFrame(dict(self.kept), index=self.index)

    def matrix_at(self, setting: Setting, *, coding: Coding = "treatment") -> FloatArray:
        """Design rows for a setting of every column, coded as ``X`` is or in sum-to-zero coding.

        A factor's setting is an array of codes, or of rows of weights over its levels (equal weights give
        the row averaged over the factor); a covariate's is an array of untransformed numbers.
        """
        arrays = {
            name: np.asarray(value, dtype=None if name in self.factors else float)
            for name, value in setting.items()
        }
        values = _values(self.formula, self.factors, arrays, self.knots)
        return self.matrix_from_values(
            values, len(next(iter(setting.values()))) if setting else 1, coding=coding
        )

    def matrix_from_values(
        self, values: Mapping[str, Any], length: int, *, coding: Coding = "treatment"
    ) -> FloatArray:
        """As ``matrix_at``, with covariates already transformed (label -> its columns)."""
        estimated = self.intercept == "estimated"
        return _matrix(self.blocks, self.factors, values, length, estimated, coding)

    def new_setting(self, data: pd.DataFrame) -> dict[str, npt.NDArray[Any]]:
        """The setting of each row of new data; an unseen level or a missing value is an error.

        Raises
        ------
        FormulaError
            A column of the formula is not in the new data.
        DataError
            A level the fit has not seen, a missing or an infinite value.
        """
        columns = tuple(dict.fromkeys(v.column for term in self.formula.terms for v in term))
        require_columns(data, columns, "new data")
        return {name: self._new_column(data, name) for name in columns}

    def matrix_for(self, data: pd.DataFrame) -> FloatArray:
        """Design rows for new data; raises as ``new_setting``."""
        setting = self.new_setting(data)
        return self.matrix_at(setting) if setting else np.ones((len(data), self.X.shape[1]))

    def _new_column(self, data: pd.DataFrame, name: str) -> npt.NDArray[Any]:
        factor = self.factors.get(name)
        column = read_column(data[name], name, as_factor=factor is not None)
        if column.missing.any():
            raise DataError(
                expected="a value in every new row",
                found=said("{missing} missing", missing=int(column.missing.sum())),
                where=said("column {name!r}", name=name),
                next_step="Leave those rows out, or impute them first.",
            )
        if factor is None:
            if column.numbers is None:
                raise DataError(
                    expected="numbers, as in the fit",
                    found="categories",
                    where=said("column {name!r}", name=name),
                )
            return column.numbers
        assert column.codes is not None
        assert column.levels is not None
        known = {level: position for position, level in enumerate(factor.levels)}
        found = {column.levels[code] for code in np.unique(column.codes)}
        unseen = [level for level in found if level not in known]
        if unseen:
            raise DataError(
                expected=said("levels seen in the fit: {levels}", levels=", ".join(map(str, factor.levels))),
                found=said("unseen level(s): {unseen}", unseen=", ".join(sorted(map(str, unseen)))),
                where=said("column {name!r}", name=name),
                next_step="Predict only for levels that the model was fitted to.",
            )
        position = np.array([known.get(level, -1) for level in column.levels])
        return np.asarray(position[column.codes])


def evaluate(variable: Variable, numbers: FloatArray, knots: Mapping[str, tuple[float, ...]]) -> FloatArray:
    """The columns a covariate contributes, transformed; log of 0 and the like are errors."""
    if variable.transform is None:
        return numbers[:, None]
    if variable.transform == transforms.SPLINE:
        return transforms.spline_basis(numbers, knots[variable.label])
    with np.errstate(all="ignore"):
        transformed = transforms.ELEMENTWISE[variable.transform](numbers)
    bad = int((~np.isfinite(transformed)).sum())
    if bad:
        raise DataError(
            expected=said("values that {transform} is defined for", transform=variable.transform),
            found=said(
                "{bad} value(s) for which {label} is not a finite number", bad=bad, label=variable.label
            ),
            where=said("column {column!r}", column=variable.column),
            next_step="Compute the transformed column yourself and decide what those values become.",
        )
    return np.asarray(transformed, dtype=float)[:, None]


def build_design(
    formula: str,
    data: pd.DataFrame,
    *,
    outcome: OutcomeKind | None = "numeric",
    intercept: Literal["formula", "absorbed"] = "formula",
    references: Mapping[str, Hashable] | None = None,
    as_factors: Sequence[str] = (),
    ordered_factors: Sequence[str] = (),
    extra: Sequence[str] = (),
    subject: str | None = None,
    count_by: Sequence[str] = (),
) -> Design:
    """Read a formula and data into a full-rank design.

    Parameters
    ----------
    formula
        R-style; see ``trialkit.stats.formula``.
    data
        One row an observation. Text, categorical and bool columns are factors; numbers are covariates.
    outcome
        ``"numeric"``, ``"binary"``, ``"ordinal"``, or None where the formula has no left side.
    intercept
        ``"absorbed"`` codes factors as beside an intercept, then leaves it out of ``X``.
    references
        Factor column -> reference level; the first level where not said.
    as_factors
        Columns taken as factors even when numeric (an arm coded 0/1).
    ordered_factors
        Columns taken as factors even when numeric, whose order matters: plain text is refused (visits).
    extra
        Further columns the method uses (subject, cluster, time): a missing value there excludes the row too.
    subject
        Column that identifies subjects, for the account of rows only (name it in ``extra`` too if it is
        used).
    count_by
        Columns by which rows are also counted (arm, visit).

    Raises
    ------
    FormulaError
        The formula cannot be read, or names an unknown column.
    DataError
        A column that cannot be used as it is, a one-level factor, no complete row, fewer rows than columns.
    RankDeficiencyError
        Columns that are combinations of others; they are named.
    """
    parsed = parse_formula(formula, outcome=outcome is not None)
    where = said("formula {formula!r}", formula=formula)
    others = tuple(dict.fromkeys([*extra, *([subject] if subject else []), *count_by]))
    require_columns(data, (*parsed.columns, *others), where)
    reading = read(
        parsed,
        data,
        outcome=outcome,
        as_factors=tuple(as_factors),
        ordered=tuple(ordered_factors),
        extra=tuple(extra),
        where=where,
    )
    factors, settings = settle(reading, references or {}, where)
    y, levels = (None, None) if reading.outcome is None else settle_outcome(reading.outcome, reading.used)
    knots = _knots(parsed, settings)
    values = _values(parsed, factors, settings, knots)
    absorbed = intercept == "absorbed"
    blocks = plan_blocks(parsed.terms, factors, intercept=parsed.intercept or absorbed)
    estimated = parsed.intercept and not absorbed
    names, term_columns = _name_columns(blocks, parsed, factors, values, estimated)
    X = _matrix(blocks, factors, values, int(reading.used.sum()), estimated, "treatment")
    require_full_rank(X, names, where, absorbed_intercept=absorbed)
    X.setflags(write=False)
    return Design(
        formula=parsed,
        X=X,
        y=y,
        column_names=names,
        terms=tuple(term_columns),
        term_columns=term_columns,
        factors=factors,
        covariate_means={name: float(np.mean(v)) for name, v in settings.items() if name not in factors},
        settings=settings,
        used=reading.used,
        rows=count_rows(data, reading.used, reading.missing, subject=subject, count_by=tuple(count_by)),
        intercept="absorbed" if absorbed else "estimated" if estimated else "none",
        outcome_levels=levels,
        blocks=blocks,
        knots=knots,
        kept={name: data[name].array[reading.used] for name in (*parsed.columns, *others)},
        index=data.index[reading.used],
    )


def _matrix(
    blocks: tuple[Block, ...],
    factors: Mapping[str, Factor],
    values: Mapping[str, Any],
    length: int,
    estimated_intercept: bool,
    coding: Coding,
) -> FloatArray:
    contrast = Factor.treatment_coding if coding == "treatment" else Factor.sum_coding
    parts = [np.ones((length, 1))] if estimated_intercept else []
    parts += [block_columns(block, values, factors, contrast) for block in blocks]
    return np.hstack(parts) if parts else np.empty((length, 0))


def _values(
    parsed: Formula,
    factors: Mapping[str, Factor],
    settings: Mapping[str, npt.NDArray[Any]],
    knots: Mapping[str, tuple[float, ...]],
) -> dict[str, npt.NDArray[Any]]:
    """Label -> codes of a factor, or columns of a covariate transformed."""
    return {
        v.label: settings[v.column] if v.column in factors else evaluate(v, settings[v.column], knots)
        for term in parsed.terms
        for v in term
    }


def _knots(parsed: Formula, settings: Mapping[str, npt.NDArray[Any]]) -> dict[str, tuple[float, ...]]:
    splines = {v.label: v for term in parsed.terms for v in term if v.transform == transforms.SPLINE}
    return {
        label: transforms.place_knots(settings[v.column], v.argument or transforms.DEFAULT_KNOTS, label)
        for label, v in splines.items()
    }


def _name_columns(
    blocks: tuple[Block, ...],
    parsed: Formula,
    factors: Mapping[str, Factor],
    values: Mapping[str, npt.NDArray[Any]],
    estimated_intercept: bool,
) -> tuple[tuple[str, ...], dict[str, tuple[int, ...]]]:
    widths = {label: 1 if value.ndim == 1 else value.shape[1] for label, value in values.items()}
    names: list[str] = ["Intercept"] if estimated_intercept else []
    positions: dict[str, list[int]] = {":".join(v.label for v in term): [] for term in parsed.terms}
    for block in blocks:
        added = block_names(block, factors, widths)
        positions[block.term] += range(len(names), len(names) + len(added))
        names += added
    return tuple(names), {term: tuple(found) for term, found in positions.items() if found}


def require_residual_variance(design: Design, rss: float, rounding: float = _ROUNDING) -> None:
    """Refuse an outcome that the design determines but for rounding: its errors would be rounding too."""
    assert design.y is not None
    if rss <= rounding * float(design.y @ design.y):
        raise DataError(
            expected="an outcome that varies about its fitted values",
            found="residuals no larger than rounding error",
            where=said("formula {text!r}", text=design.formula.text),
            next_step="Look for a constant outcome, or for a covariate that it was computed from.",
        )
