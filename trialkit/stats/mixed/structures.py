"""Covariance structures over visits: parameters to a covariance matrix, and its derivatives.

Every structure is S[s, t] = exp(a_s + a_t) C[s, t], with log standard deviations a (one for all visits, or
one a visit) and an inner matrix C of further parameters: correlations written as x / sqrt(1 + x^2), that of
compound symmetry as a logistic between its bounds. In the unstructured case C is L L' with L unit lower
triangular, and exp(a) the diagonal of S's Cholesky factor. These are the parameters of R's mmrm 0.3.18, on
which its full Kenward-Roger adjustment depends.

References: Pinheiro & Bates (1996), Statistics and Computing 6:289-296 (parameterizations); Wolfinger (1996),
Journal of Agricultural, Biological and Environmental Statistics 1:205-230 (structures).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal, Protocol, cast, get_args

import numpy as np
from scipy.special import expit, logit

from trialkit.stats.distributions import FloatArray

StructureName = Literal["us", "cs", "csh", "ar1", "ar1h", "toep", "toeph", "ad", "adh"]
STRUCTURES = cast("tuple[StructureName, ...]", get_args(StructureName))
LAG_STRUCTURES = ("ar1", "ar1h", "toep", "toeph", "ad", "adh")
"""Structures in which the distance between visits is counted in visits."""
_LARGEST_START = 0.9


@dataclass(frozen=True)
class Covariance:
    """A covariance matrix with its first and second derivatives in the parameters."""

    matrix: FloatArray
    first: FloatArray
    second: FloatArray


class Inner(Protocol):
    """The inner matrix C as a function of its parameters."""

    @property
    def size(self) -> int:
        """Number of parameters."""
        ...

    def derivatives(self, parameters: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """C, its first (k, m, m) and its second (k, k, m, m) derivatives."""
        ...

    def start(self, covariance: FloatArray) -> FloatArray:
        """Parameters near a given positive definite covariance."""
        ...


@dataclass(frozen=True)
class Structure:
    """A named structure over a number of visits.

    ``heterogeneous`` says whether each visit has a standard deviation of its own.
    """

    name: StructureName
    visits: int
    heterogeneous: bool
    inner: Inner

    @property
    def n_scales(self) -> int:
        return self.visits if self.heterogeneous else 1

    @property
    def n_parameters(self) -> int:
        return self.n_scales + self.inner.size

    def matrix(self, parameters: FloatArray) -> FloatArray:
        inner, _, _ = self.inner.derivatives(parameters[self.n_scales :])
        return self._scaled(parameters, inner)

    def covariance(self, parameters: FloatArray) -> Covariance:
        """The matrix with its derivatives; log standard deviations come first among the parameters."""
        a, k = self.n_scales, self.n_parameters
        inner, inner_first, inner_second = self.inner.derivatives(parameters[a:])
        matrix = self._scaled(parameters, inner)
        marks = self._marks()
        first = np.empty((k, self.visits, self.visits))
        first[:a] = matrix * marks
        first[a:] = self._scaled(parameters, inner_first)
        second = np.empty((k, k, self.visits, self.visits))
        second[:a, :a] = matrix * marks[:, None] * marks[None, :]
        second[:a, a:] = first[None, a:] * marks[:, None]
        second[a:, :a] = second[:a, a:].swapaxes(0, 1)
        second[a:, a:] = self._scaled(parameters, inner_second)
        return Covariance(matrix, first, second)

    def start(self, covariance: FloatArray) -> FloatArray:
        """Parameters to begin with, from a positive definite covariance."""
        parameters = self.inner.start(covariance)
        if self.name == "us":
            root = np.linalg.cholesky(covariance)
            scales = np.log(np.diag(root))
        else:
            variances = np.diag(covariance)
            scales = 0.5 * np.log(variances if self.heterogeneous else variances.mean(keepdims=True))
        return np.concatenate([scales, parameters])

    def _scaled(self, parameters: FloatArray, inner: FloatArray) -> FloatArray:
        sd = np.exp(parameters[: self.n_scales])
        scale = np.outer(sd, sd) if self.heterogeneous else sd[0] ** 2
        return np.asarray(inner * scale)

    def _marks(self) -> FloatArray:
        """d(a_s + a_t) / d a_k, one matrix a log standard deviation."""
        if not self.heterogeneous:
            return np.full((1, self.visits, self.visits), 2.0)
        unit = np.eye(self.visits)
        return unit[:, :, None] + unit[:, None, :]


def make_structure(name: StructureName, visits: int) -> Structure:
    """The structure of that name over ``visits`` visits."""
    if name == "us":
        return Structure(name, visits, True, _UnitCholesky(visits))
    family = name.removesuffix("h")
    inner: Inner = {"cs": _Exchangeable, "ar1": _Autoregressive, "toep": _Toeplitz, "ad": _AnteDependence}[
        family
    ](visits)
    return Structure(name, visits, name.endswith("h"), inner)


@dataclass(frozen=True)
class _UnitCholesky:
    visits: int

    @property
    def size(self) -> int:
        return self.visits * (self.visits - 1) // 2

    def derivatives(self, parameters: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        elements, second = _lower_elements(self.visits)
        root = np.eye(self.visits)
        root[np.tril_indices(self.visits, -1)] = parameters
        half = elements @ root.T
        return root @ root.T, half + half.swapaxes(1, 2), second

    def start(self, covariance: FloatArray) -> FloatArray:
        root = np.linalg.cholesky(covariance)
        unit = root / np.diag(root)[:, None]
        return np.asarray(unit[np.tril_indices(self.visits, -1)])


@cache
def _lower_elements(visits: int) -> tuple[FloatArray, FloatArray]:
    """A unit matrix for each element below the diagonal; the constant second derivatives of L L' in them."""
    rows, columns = np.tril_indices(visits, -1)
    elements = np.zeros((len(rows), visits, visits))
    elements[np.arange(len(rows)), rows, columns] = 1.0
    crossed = np.einsum("kst,lut->klsu", elements, elements)
    return elements, crossed + crossed.swapaxes(2, 3)


@dataclass(frozen=True)
class _Exchangeable:
    visits: int
    size: int = 1

    def derivatives(self, parameters: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """The one correlation runs from -1 / (visits - 1) to 1, on a logistic scale."""
        apart = 1.0 - np.eye(self.visits)
        share = float(expit(parameters[0]))
        r1 = (1.0 - self._lowest) * share * (1.0 - share)
        r2 = r1 * (1.0 - 2.0 * share)
        matrix = np.eye(self.visits) + (self._lowest + (1.0 - self._lowest) * share) * apart
        return matrix, r1 * apart[None], r2 * apart[None, None]

    @property
    def _lowest(self) -> float:
        return -1.0 / (self.visits - 1)

    def start(self, covariance: FloatArray) -> FloatArray:
        lags = _mean_correlation_by_lag(covariance)
        weights = np.arange(self.visits - 1, 0, -1)
        mean = np.clip(np.average(lags, weights=weights), _LARGEST_START * self._lowest, _LARGEST_START)
        return np.asarray(logit([(mean - self._lowest) / (1.0 - self._lowest)]), dtype=float)


@dataclass(frozen=True)
class _Autoregressive:
    visits: int
    size: int = 1

    def derivatives(self, parameters: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        position = np.arange(self.visits)
        lag = np.abs(position[:, None] - position[None, :])
        r, r1, r2 = (value[0] for value in correlation(parameters))
        slope = lag * r ** np.maximum(lag - 1, 0)
        bend = lag * (lag - 1) * r ** np.maximum(lag - 2, 0)
        return r**lag, (slope * r1)[None], (bend * r1**2 + slope * r2)[None, None]

    def start(self, covariance: FloatArray) -> FloatArray:
        return uncorrelation(_mean_correlation_by_lag(covariance)[:1])


@dataclass(frozen=True)
class _Toeplitz:
    visits: int

    @property
    def size(self) -> int:
        return self.visits - 1

    def derivatives(self, parameters: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        k = self.size
        position = np.arange(self.visits)
        lag = np.abs(position[:, None] - position[None, :])
        at_lag = (lag[None] == np.arange(1, self.visits)[:, None, None]).astype(float)
        r, r1, r2 = correlation(parameters)
        second = np.zeros((k, k, self.visits, self.visits))
        second[np.arange(k), np.arange(k)] = at_lag * r2[:, None, None]
        return (
            np.eye(self.visits) + np.einsum("k,kst->st", r, at_lag),
            at_lag * r1[:, None, None],
            second,
        )

    def start(self, covariance: FloatArray) -> FloatArray:
        """Geometric decay: positive definite whatever the data; the sample's lags need not be."""
        first = _mean_correlation_by_lag(covariance)[0]
        return uncorrelation(first ** np.arange(1, self.visits))


@dataclass(frozen=True)
class _AnteDependence:
    visits: int

    @property
    def size(self) -> int:
        return self.visits - 1

    def derivatives(self, parameters: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """C[s, t] is the product of the correlations of the steps between s and t."""
        m, k = self.visits, self.size
        r, r1, r2 = correlation(parameters)
        first = np.zeros((k, m, m))
        second = np.zeros((k, k, m, m))
        matrix = np.eye(m)
        for s in range(m):
            for t in range(s + 1, m):
                steps = np.arange(s, t)
                matrix[s, t] = matrix[t, s] = np.prod(r[steps])
                for i in steps:
                    rest = steps[steps != i]
                    first[i, s, t] = first[i, t, s] = r1[i] * np.prod(r[rest])
                    second[i, i, s, t] = second[i, i, t, s] = r2[i] * np.prod(r[rest])
                    for j in rest:
                        value = r1[i] * r1[j] * np.prod(r[rest[rest != j]])
                        second[i, j, s, t] = second[i, j, t, s] = value
        return matrix, first, second

    def start(self, covariance: FloatArray) -> FloatArray:
        sd = np.sqrt(np.diag(covariance))
        return uncorrelation(np.diag(covariance / np.outer(sd, sd), 1))


def correlation(x: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """x / sqrt(1 + x^2) with its first and second derivative."""
    base = 1.0 + x * x
    return x / np.sqrt(base), base**-1.5, -3.0 * x * base**-2.5


def uncorrelation(r: FloatArray) -> FloatArray:
    """The parameter of a correlation, which is held away from +-1 to begin with."""
    inside = np.clip(r, -_LARGEST_START, _LARGEST_START)
    return np.asarray(inside / np.sqrt(1.0 - inside**2))


def _mean_correlation_by_lag(covariance: FloatArray) -> FloatArray:
    sd = np.sqrt(np.diag(covariance))
    correlations = covariance / np.outer(sd, sd)
    return np.array([np.diag(correlations, lag).mean() for lag in range(1, len(sd))])
