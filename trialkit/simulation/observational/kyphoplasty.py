"""A cohort after kyphoplasty (N = 213, 29 with residual pain), in the shape of its published table.

Means, SDs and shares are those printed for the two groups; how columns go together, the readers' errors and
the shapes of distributions are assumptions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

FloatArray = np.ndarray[tuple[int, ...], np.dtype[np.float64]]

SIZES = (184, 29)  # without and with residual pain
MEANS_SDS = {  # mean, SD without; mean, SD with; smallest value there can be
    "age_years": ((70.56, 8.42), (72.86, 9.41), 50.0),
    "vbq": ((2.57, 0.25), (3.14, 0.38), 1.5),
    "kyphosis_deg": ((6.70, 4.80), (16.03, 6.69), 0.0),
    "cement_ml": ((5.67, 0.67), (5.03, 1.01), 2.0),
    "ps_area_cm2": ((16.15, 3.71), (10.74, 4.23), 3.0),
    "fi_ps_percent": ((19.65, 10.37), (21.83, 11.19), 1.0),
    "fi_es_mf_percent": ((43.40, 14.93), (57.28, 5.63), 5.0),
}
DECIMALS = {"age_years": 0, "kyphosis_deg": 1, "cement_ml": 1, "fi_ps_percent": 1, "fi_es_mf_percent": 1}
COUNTS = {  # subjects at each level without and with residual pain
    "sex": ((32, 152), (6, 23)),
    "fascia_injury": ((151, 33), (17, 12)),
    "trauma": ((73, 97, 14), (12, 14, 3)),
    "level": ((11, 156, 17), (1, 22, 6)),
    "cement_diffused": ((106, 78), (26, 3)),
}
CODES = {"sex": ("1", "0"), "fascia_injury": ("0", "1"), "cement_diffused": ("0", "1")}
FAT_AND_MUSCLE = -0.35  # correlation of FI% of ES+MF and psoas area within a group
READER_SD = {"ps_area_cm2": 0.55, "fi_es_mf_percent": 2.4}  # of one reading about the truth
SECOND_READER_SHIFT = {"ps_area_cm2": 0.1, "fi_es_mf_percent": 0.6}


def simulate(seed: int) -> pd.DataFrame:
    """One row a subject, texts and numbers as a data file holds them."""
    import pandas as pd

    rng = np.random.default_rng(seed)
    parts = [_group(rng, group, size) for group, size in enumerate(SIZES)]
    table = pd.concat(parts, ignore_index=True)
    table = table.iloc[rng.permutation(len(table))].reset_index(drop=True)
    table.insert(0, "subject_id", [f"K{n:03}" for n in range(1, len(table) + 1)])
    return table


def _group(rng: np.random.Generator, group: int, size: int) -> pd.DataFrame:
    import pandas as pd

    columns: dict[str, object] = {"residual_pain": [str(group)] * size}
    shared = rng.standard_normal(size)
    for name, (without, with_pain, smallest) in MEANS_SDS.items():
        mean, sd = (without, with_pain)[group]
        truth = np.maximum(mean + sd * _deviation(rng, name, shared), smallest)
        places = DECIMALS.get(name, 2)
        if name in READER_SD:
            first, second = (np.maximum(one, smallest).round(places) for one in _readings(rng, name, truth))
            columns[f"{name}_r1"], columns[f"{name}_r2"] = first, second
            truth = (first + second) / 2
        columns[name] = truth.round(places) if places else truth.round().astype(int)
    for name, counts in COUNTS.items():
        codes = CODES.get(name, tuple(str(k) for k in range(len(counts[group]))))
        columns[name] = rng.permutation(np.repeat(codes, counts[group]))
    return pd.DataFrame(columns)


def _deviation(rng: np.random.Generator, name: str, shared: FloatArray) -> FloatArray:
    own = rng.standard_normal(len(shared))
    if name == "ps_area_cm2":
        return shared
    if name == "fi_es_mf_percent":
        return np.asarray(FAT_AND_MUSCLE * shared + np.sqrt(1 - FAT_AND_MUSCLE**2) * own)
    return own


def _readings(rng: np.random.Generator, name: str, truth: FloatArray) -> tuple[FloatArray, FloatArray]:
    error = rng.normal(0, READER_SD[name], (2, len(truth)))
    return truth + error[0], truth + SECOND_READER_SHIFT[name] + error[1]
