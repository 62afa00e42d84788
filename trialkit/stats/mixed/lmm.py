"""Linear mixed models with random intercepts and slopes of one grouping column."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from trialkit.stats import display
from trialkit.stats.design import build_design
from trialkit.stats.distributions import FloatArray
from trialkit.stats.errors import DataError, FormulaError
from trialkit.stats.inference import Inference, check_choice, check_confidence_level
from trialkit.stats.mixed.df_rules import require_more_subjects, small_sample_inference
from trialkit.stats.mixed.mixed_fit import METHODS, Method, MixedFit, require_restricted
from trialkit.stats.mixed.pieces import IntArray
from trialkit.stats.mixed.random_search import Found, search
from trialkit.stats.mixed.random_terms import RandomTerms, parse_random
from trialkit.stats.mixed.rotation import Rotation, rotated
from trialkit.stats.rank import require_full_rank
from trialkit.stats.treatment import treatment_arguments
from trialkit.wording import said, written

if TYPE_CHECKING:
    import pandas as pd

DfMethod = Literal["satterthwaite", "kenward-roger"]
DF_METHODS: tuple[DfMethod, ...] = get_args(DfMethod)


@dataclass(frozen=True, repr=False, eq=False)
class LmmFit(MixedFit):
    """A fitted linear mixed model.

    Attributes
    ----------
    random
        The random part as given.
    df_method
        Name of the rule for degrees of freedom.
    random_covariance
        Covariance of the random coefficients.
    residual_variance
        Variance within subjects.
    random_effects
        Predicted deviations (BLUPs), one row a subject.
    boundary
        True where a variance is zero or a correlation is 1 or -1: an optimum on the edge, not an error.
    """

    random: RandomTerms
    df_method: DfMethod
    random_covariance: pd.DataFrame
    residual_variance: float
    random_effects: pd.DataFrame
    boundary: bool
    group: IntArray = field(repr=False)
    Z: FloatArray = field(repr=False)

    @property
    def title(self) -> str:
        text = f"{self.design.formula.text} + ({self.random.text})"
        return f"Linear mixed model: {text} ({self.method}, {self.df_method})"

    @property
    def variance_components(self) -> pd.DataFrame:
        """group term estimate standard_deviation correlation; covariances are named ``first:second``."""
        import pandas as pd

        names, matrix = self.random.names, self.random_covariance.to_numpy()
        sd = np.sqrt(np.diag(matrix))
        rows: list[tuple[str, str, float, float, float]] = [
            (self.random.group, name, float(matrix[i, i]), float(sd[i]), np.nan)
            for i, name in enumerate(names)
        ]
        for i, j in itertools.combinations(range(len(names)), 2) if self.random.correlated else ():
            product = float(sd[i] * sd[j])
            correlation = float(matrix[i, j]) / product if product > 0 else np.nan
            rows.append(
                (self.random.group, f"{names[i]}:{names[j]}", float(matrix[i, j]), np.nan, correlation)
            )
        residual = float(np.sqrt(self.residual_variance))
        rows.append(("residual", "Intercept", self.residual_variance, residual, np.nan))
        columns = ["group", "term", "estimate", "standard_deviation", "correlation"]
        return pd.DataFrame(rows, columns=columns)

    @property
    def n_counted_parameters(self) -> int:
        """All of them, as lme4 counts, whichever the method."""
        return self.n_covariance_parameters + len(self.design.column_names)

    @property
    def bic(self) -> float:
        """Schwarz's criterion with the number of rows, as lme4."""
        return float(np.log(self.n)) * self.n_counted_parameters - 2.0 * self.log_likelihood

    @property
    def fitted_conditional(self) -> pd.Series[float]:
        """Fitted values of the rows used, each subject's predicted deviations included."""
        import pandas as pd

        deviations = np.einsum("ij,ij->i", self.Z, self.random_effects.to_numpy()[self.group])
        return pd.Series(self.fitted.to_numpy() + deviations, index=self.fitted.index, name="fitted")

    @property
    def residuals(self) -> pd.Series[float]:
        """Observed minus conditional fitted values, as ``residuals`` of lme4."""
        import pandas as pd

        fitted = self.fitted_conditional
        assert self.design.y is not None
        return pd.Series(self.design.y - fitted.to_numpy(), index=fitted.index, name="residual")

    def _shown(self) -> display.Shown:
        shown = super()._shown()
        parts: list[tuple[str, Callable[[], pd.DataFrame]]] = []
        if self.design.terms:
            parts.append(("Type III tests", lambda: self.terms))
        if self.default_factor is not None:
            parts.append((f"LS means of {self.default_factor}", self.ls_means))
            parts.append(("Differences of LS means", self.contrasts))
        made, refused = display.gather(parts)
        tables = (*shown.tables, ("Variance components", self.variance_components), *made)
        edge = ("a variance component is at its boundary (zero, or a correlation of 1 or -1)",)
        lines = (*(edge if self.boundary else ()), self._fit_line(), *shown.lines)
        return display.Shown(shown.title, tables, (*refused, *lines))


def lmm(
    formula: str,
    data: pd.DataFrame,
    random: str,
    method: Method = "reml",
    df_method: DfMethod = "satterthwaite",
    treatment: str | None = None,
    reference: Hashable | None = None,
    confidence_level: float = 0.95,
) -> LmmFit:
    """Fit a linear mixed model with random coefficients of one grouping column.

    Parameters
    ----------
    formula
        Fixed effects, ``"y ~ arm * days"``.
    data
        One row an observation; rows with a missing value are left out and counted.
    random
        ``"1 | subject"``, ``"1 + days | subject"``; with ``||`` the coefficients do not correlate.
    method
        Restricted or full maximum likelihood.
    df_method
        ``"satterthwaite"`` as lmerTest; ``"kenward-roger"`` (REML only) as pbkrtest.
    treatment, reference
        The factor that LS means and contrasts are of when none is named, and its reference level.
    confidence_level
        Of every interval.

    Returns
    -------
    LmmFit
        ``coefficients``, ``variance_components``, ``boundary``, ``random_effects``, ``terms``,
        ``ls_means()``, ``contrasts()``, ``rows`` ...

    Raises
    ------
    FormulaError, DataError, RankDeficiencyError
        As ``build_design``; a random part that cannot be read or is not numeric, no subject with more rows
        than random coefficients, Kenward-Roger without REML.
    ConvergenceError
        No start led to a maximum with a vanishing gradient and a positive definite information.

    Degenerate cases: a variance of zero is an optimum; ``boundary`` is then true, and Satterthwaite's df take
    it as known to be zero.

    Equivalent in R: ``lmerTest::lmer(y ~ x + (1 + days | subject))``. In SAS: ``PROC MIXED; RANDOM INT days /
    SUBJECT=subject TYPE=UN``.

    References: Laird & Ware (1982), Biometrics 38:963-974; Kuznetsova et al. (2017), Journal of Statistical
    Software 82(13); Halekoh & Højsgaard (2014), Journal of Statistical Software 59(9).
    """
    import pandas as pd

    check_confidence_level(confidence_level)
    check_choice("method", method, METHODS)
    check_choice("df_method", df_method, DF_METHODS)
    require_restricted(method, df_method)
    terms = parse_random(random)
    _require_no_bar(formula)
    design = build_design(
        formula, data, extra=terms.columns, subject=terms.group, **treatment_arguments(treatment, reference)
    )
    group, labels = pd.factorize(design.column(terms.group), sort=True)
    Z = terms.matrix(data, design.used)
    require_full_rank(Z, terms.names, said("random={text!r}", text=terms.text))
    _require_repeats(group, Z.shape[1], terms)
    if terms.formula.intercept:
        require_more_subjects(design.X, group, design.intercept == "estimated", terms.group)
    rotation = rotated(design)
    what = said("lmm {text!r}, random={random!r}", text=design.formula.text, random=terms.text)
    found = search(rotation, Z, group, method == "reml", terms.correlated, what)
    names = list(terms.names)
    return LmmFit(
        design=design,
        inference=_inference(rotation, found, df_method),
        confidence_level=confidence_level,
        log_likelihood=found.state.log_likelihood,
        default_factor=treatment,
        method=method,
        n_covariance_parameters=len(found.state.parameters),
        n_subjects=len(labels),
        convergence=found.convergence,
        random=terms,
        df_method=df_method,
        random_covariance=pd.DataFrame(found.covariance, index=names, columns=names),
        residual_variance=found.residual_variance,
        random_effects=pd.DataFrame(found.effects, index=pd.Index(labels, name=terms.group), columns=names),
        boundary=found.boundary,
        group=np.asarray(group, dtype=np.intp),
        Z=Z,
    )


def _require_no_bar(formula: str) -> None:
    if isinstance(formula, str) and "|" in formula:
        raise FormulaError(
            expected="fixed effects alone in the formula",
            found=written(formula),
            where="formula",
            next_step="Give the random part by itself, random='1 + days | subject'.",
        )


def _require_repeats(group: IntArray, coefficients: int, terms: RandomTerms) -> None:
    if group.max() == 0:
        raise DataError(
            expected=said(
                "at least two values of {group!r}, between which coefficients may vary", group=terms.group
            ),
            found="one",
            where=said("random={text!r}", text=terms.text),
            next_step="Use ancova.",
        )
    most = int(np.bincount(group).max())
    if most <= coefficients:
        raise DataError(
            expected=said(
                "some {group!r} with more than {coefficients} row(s), to tell its coefficients "
                "from the residual",
                group=terms.group,
                coefficients=coefficients,
            ),
            found=said("at most {most}", most=most),
            where=said("random={text!r}", text=terms.text),
            next_step="Use fewer random coefficients, or ancova.",
        )


def _inference(rotation: Rotation, found: Found, df_method: DfMethod) -> Inference:
    """Satterthwaite in the parameters of the search, Kenward-Roger in the variances: as the R packages do."""
    state = found.state
    root = rotation.unturn @ state.root
    coefficients = rotation.coefficients(state.coefficients)
    if df_method == "satterthwaite":
        information = state.observed_information
        return small_sample_inference(coefficients, root, state.pieces, information, adjusted=False)
    pieces = found.model.in_variances(state.parameters)
    information = 0.5 * pieces.expected(restricted=True)
    return small_sample_inference(coefficients, root, pieces, information, adjusted=True)
