"""Names for the arrays of this room."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
"""One value a subject."""
Matrix = NDArray[np.float64]
"""Rows are subjects, columns are columns of the design."""
Ints = NDArray[np.int64]
Booleans = NDArray[np.bool_]
