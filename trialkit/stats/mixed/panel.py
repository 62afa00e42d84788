"""Rows arranged by subject and visit, like subjects together, and compressed.

Subjects observed at the same visits share one covariance matrix, so the likelihood needs of them only the
cross-products of [X y] over pairs of visits. Where a pattern has many subjects they are replaced by as few
as give the same cross-products.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from trialkit.stats.distributions import FloatArray
from trialkit.stats.mixed.pieces import IntArray

BoolArray = npt.NDArray[np.bool_]
_WORTH_COMPRESSING = 2


@dataclass(frozen=True)
class Panel:
    """Subjects that share one covariance matrix over visits.

    Attributes
    ----------
    observed
        One row a missingness pattern, one flag a visit.
    counts
        Number of subjects of each pattern.
    values
        [X y] at every visit (zero where not observed), rows of a pattern together.
    starts, pattern
        First row of each pattern; pattern of each row.
    """

    observed: BoolArray
    counts: FloatArray
    values: FloatArray
    starts: IntArray
    pattern: IntArray

    @property
    def visits(self) -> int:
        return int(self.observed.shape[1])


def make_panel(columns: FloatArray, subject: IntArray, visit: IntArray, visits: int) -> Panel:
    """The panel of rows ``columns`` = [X y], given codes of subject and visit; no pair may occur twice."""
    _, subject = np.unique(subject, return_inverse=True)
    subjects = int(subject.max()) + 1
    values = np.zeros((subjects, visits, columns.shape[1]))
    values[subject, visit] = columns
    observed = np.zeros((subjects, visits), dtype=bool)
    observed[subject, visit] = True
    packed = np.packbits(observed, axis=1)
    keys = packed.view(f"V{packed.shape[1]}").ravel()
    _, first, pattern, counts = np.unique(keys, return_index=True, return_inverse=True, return_counts=True)
    order = np.argsort(pattern, kind="stable")
    groups = np.split(order, np.cumsum(counts)[:-1])
    kept = [_compressed(values, rows, observed[i]) for rows, i in zip(groups, first, strict=True)]
    sizes = np.array([len(part) for part in kept])
    return Panel(
        observed=observed[first],
        counts=counts.astype(float),
        values=np.concatenate(kept),
        starts=np.cumsum(sizes) - sizes,
        pattern=np.repeat(np.arange(len(sizes)), sizes),
    )


def _compressed(values: FloatArray, rows: IntArray, observed: BoolArray) -> FloatArray:
    """Those rows, or fewer with the same cross-products over the visits observed."""
    _, visits, q = values.shape
    width = int(observed.sum()) * q
    if len(rows) <= _WORTH_COMPRESSING * width:
        return values[rows]
    flat = values[np.ix_(rows, np.flatnonzero(observed))].reshape(len(rows), width)
    cross = flat.T @ flat
    scale = np.sqrt(np.diag(cross))  # the outcome's unit must not drown the digits of the design
    scale[scale == 0.0] = 1.0
    eigenvalues, vectors = np.linalg.eigh(cross / np.outer(scale, scale))
    root = np.sqrt(np.maximum(eigenvalues, 0.0))[:, None] * vectors.T * scale
    short = np.zeros((width, visits, q))
    short[:, observed] = root.reshape(width, -1, q)
    return short
