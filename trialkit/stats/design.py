"""From a formula and a data frame to a design: the rows used, the columns of X, and what each stands for.

The one entrance to every model. What it refuses, it names: an unknown column, code, a non-numeric
outcome, an infinite value, a factor with one level, columns that others determine. Rows with a missing
value in a used column are left out before levels are settled, and counted.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from trialkit.stats import transforms
from trialkit.stats.coding import Block, block_columns, block_names, plan_blocks
from trialkit.stats.columns import CodedColumn, Factor, IntArray, read_column, require_columns, settle_factor
from trialkit.stats.distributions import FloatArray
from trialkit.stats.errors import DataError
from trialkit.stats.formula import Formula, Variable, parse_formula
from trialkit.stats.outcome import OutcomeKind, read_outcome, settle_outcome
from trialkit.stats.rank import require_full_rank
from trialkit.stats.rows import Rows, count_rows

if TYPE_CHECKING:
    import pandas as pd

BoolArray = npt.NDArray[np.bool_]
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
    source
        The columns named in the call, for the rows used.
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
    source: pd.DataFrame = field(repr=False)

    @property
    def n(self) -> int:
        """Number of rows used."""
        return int(self.X.shape[0])

    @property
    def outcome_name(self) -> str | None:
        return None if self.formula.outcome is None else self.formula.outcome.label

    def column(self, name: str) -> pd.Series[Any]:
        """One of the columns named in the call, for the rows used."""
        return self.source[name]

    def matrix_at(self, setting: Setting, *, coding: Literal["treatment", "sum"] = "treatment") -> FloatArray:
        """Design rows for a setting of every column, coded as ``X`` is or in sum-to-zero coding.

        A factor's setting is an array of codes, or of rows of weights over its levels (equal weights give
        the row averaged over the factor); a covariate's is an array of untransformed numbers.
        """
        values = {v.label: self._value(v, setting[v.column]) for term in self.formula.terms for v in term}
        return self.matrix_from_values(
            values, len(next(iter(setting.values()))) if setting else 1, coding=coding
        )

    def matrix_from_values(
        self, values: Mapping[str, Any], length: int, *, coding: Literal["treatment", "sum"] = "treatment"
    ) -> FloatArray:
        """As ``matrix_at``, with covariates already transformed (label -> its columns)."""
        contrast = Factor.treatment_coding if coding == "treatment" else Factor.sum_coding
        parts = [np.ones((length, 1))] if self.intercept == "estimated" else []
        parts += [block_columns(block, values, self.factors, contrast) for block in self.blocks]
        return np.hstack(parts) if parts else np.empty((length, 0))

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

    def _value(self, variable: Variable, values: Any) -> Any:
        if variable.column in self.factors:
            return np.asarray(values)
        return evaluate(variable, np.asarray(values, dtype=float), self.knots)

    def _new_column(self, data: pd.DataFrame, name: str) -> npt.NDArray[Any]:
        factor = self.factors.get(name)
        column = read_column(data[name], name, as_factor=factor is not None)
        if column.missing.any():
            raise DataError(
                expected="a value in every new row",
                found=f"{int(column.missing.sum())} missing",
                where=f"column {name!r}",
                next_step="Leave those rows out, or impute them first.",
            )
        if factor is None:
            if column.numbers is None:
                raise DataError(
                    expected="numbers, as in the fit", found="categories", where=f"column {name!r}"
                )
            return column.numbers
        assert column.codes is not None
        assert column.levels is not None
        known = {level: position for position, level in enumerate(factor.levels)}
        found = {column.levels[code] for code in np.unique(column.codes)}
        unseen = [level for level in found if level not in known]
        if unseen:
            raise DataError(
                expected=f"levels seen in the fit: {', '.join(map(str, factor.levels))}",
                found=f"unseen level(s): {', '.join(sorted(map(str, unseen)))}",
                where=f"column {name!r}",
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
            expected=f"values that {variable.transform} is defined for",
            found=f"{bad} value(s) for which {variable.label} is not a finite number",
            where=f"column {variable.column!r}",
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
    where = f"formula {formula!r}"
    ordered_factors = tuple(ordered_factors)
    counted = tuple(dict.fromkeys(count_by))
    others = tuple(dict.fromkeys([*extra, *([subject] if subject else []), *counted]))
    require_columns(data, (*parsed.columns, *others), where)
    columns = _read_predictors(parsed, data, tuple(as_factors), ordered_factors)
    response = (
        None if outcome is None or parsed.outcome is None else read_outcome(data, parsed.outcome, outcome)
    )
    missing = {name: column.missing for name, column in columns.items()}
    missing |= {response.name: response.missing} if response is not None else {}
    missing |= {name: np.asarray(data[name].isna(), dtype=bool) for name in extra if name not in missing}
    used = _complete(missing, len(data), where)
    factors, settings = _settle(columns, used, references or {}, where)
    knots = _knots(parsed, settings)
    values = {
        v.label: settings[v.column] if v.column in factors else evaluate(v, settings[v.column], knots)
        for term in parsed.terms
        for v in term
    }
    y, levels = (None, None) if response is None else settle_outcome(response, used)
    counts = {name: int(flags.sum()) for name, flags in missing.items()}
    has_intercept = parsed.intercept or intercept == "absorbed"
    blocks = plan_blocks(parsed.terms, factors, intercept=has_intercept)
    estimated = parsed.intercept and intercept == "formula"
    names, term_columns = _name_columns(blocks, parsed, factors, values, estimated)
    design = Design(
        formula=parsed,
        X=np.empty((0, 0)),
        y=y,
        column_names=names,
        terms=tuple(term_columns),
        term_columns=term_columns,
        factors=factors,
        covariate_means={name: float(np.mean(v)) for name, v in settings.items() if name not in factors},
        settings=settings,
        used=used,
        rows=count_rows(data, used, counts, subject=subject, count_by=counted),
        intercept="absorbed" if intercept == "absorbed" else "estimated" if estimated else "none",
        outcome_levels=levels,
        blocks=blocks,
        knots=knots,
        source=data.loc[used, list(dict.fromkeys([*parsed.columns, *others]))],
    )
    X = design.matrix_from_values(values, int(used.sum()))
    require_full_rank(X, names, where, absorbed_intercept=intercept == "absorbed")
    X.setflags(write=False)
    object.__setattr__(design, "X", X)
    return design


def _read_predictors(
    parsed: Formula, data: pd.DataFrame, as_factors: tuple[str, ...], ordered: tuple[str, ...]
) -> dict[str, CodedColumn]:
    wrapped = {v.column for term in parsed.terms for v in term if v.is_factor_wrapper}
    forced = wrapped.union(as_factors, ordered)
    columns: dict[str, CodedColumn] = {}
    for variable in (v for term in parsed.terms for v in term):
        name = variable.column
        column = columns.get(name) or read_column(data[name], name, as_factor=name in forced)
        columns[name] = column
        if column.codes is not None and variable.transform is not None and not variable.is_factor_wrapper:
            raise DataError(
                expected=f"numbers inside {variable.transform}()",
                found="categories",
                where=f"column {name!r}",
            )
        if name in ordered and not column.ordered_levels:
            raise plain_text_where_order_matters(name)
    return columns


def plain_text_where_order_matters(name: str) -> DataError:
    """The refusal of text where the order of levels carries meaning."""
    return DataError(
        expected="numbers or ordered categories, since the order of the levels matters here",
        found="plain text, which has no order but the alphabet's",
        where=f"column {name!r}",
        next_step="Make it numeric, or pandas.Categorical(values, categories=[first, ..., last]).",
    )


def _complete(missing: Mapping[str, BoolArray], length: int, where: str) -> BoolArray:
    used = np.ones(length, dtype=bool)
    for flags in missing.values():
        used &= ~flags
    if not used.any():
        gaps = ", ".join(f"{name} {int(flags.sum())}" for name, flags in missing.items() if flags.any())
        raise DataError(
            expected="at least one row with a value in every column used",
            found=f"none of {length} rows" + (f" (missing: {gaps})" if gaps else ""),
            where=where,
            next_step="Look for a column that is wholly missing.",
        )
    return used


def _settle(
    columns: Mapping[str, CodedColumn], used: BoolArray, references: Mapping[str, Hashable], where: str
) -> tuple[dict[str, Factor], dict[str, npt.NDArray[Any]]]:
    factors: dict[str, Factor] = {}
    settings: dict[str, npt.NDArray[Any]] = {}
    for name, column in columns.items():
        if column.codes is not None:
            codes: IntArray
            factors[name], codes = settle_factor(column, used, references.get(name))
            settings[name] = codes
        else:
            assert column.numbers is not None
            settings[name] = column.numbers[used]
    for name in references:
        if name not in factors:
            raise DataError(
                expected=f"one of the factors of the formula: {', '.join(factors) or 'none'}",
                found=repr(name),
                where=where,
                next_step="Name a text, categorical or bool column of the formula; wrap numbers in C().",
            )
    return factors, settings


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
