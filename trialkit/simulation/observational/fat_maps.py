"""A case-control study of fat maps: 40 patients and a pool of 120 volunteers to match from.

Every number is an assumption. One latent degeneration drives fat, kinematics, muscle activation and, in the
patients, biopsy markers; age drives it too, so that unmatched groups would differ by age alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

FloatArray = np.ndarray[tuple[int, ...], np.dtype[np.float64]]

PATIENTS, POOL = 40, 120
LEVELS = ("l1", "l2", "l3", "l4", "l5")
FAT_AT_LEVEL = (14.0, 16.0, 20.0, 26.0, 33.0)  # percent, multifidus of a volunteer of 50
PATIENTS_MORE = (1.0, 1.5, 3.0, 6.0, 8.0)
FAT_SD, FAT_PER_LATENT = 4.0, 4.5
MARKERS = {
    "collagen_percent": (18.0, 5.0, 0.55),
    "il6_pg_ml": (6.0, 2.2, 0.45),
    "type1_percent": (58.0, 8.0, -0.4),
}


def simulate(seed: int) -> pd.DataFrame:
    """One row a subject; volunteers have no biopsy."""
    import pandas as pd

    rng = np.random.default_rng(seed)
    n = PATIENTS + POOL
    patient = np.arange(n) < PATIENTS
    age = np.where(patient, rng.normal(56, 9, n), rng.normal(50, 12, n)).clip(25, 75).round()
    female = rng.random(n) < np.where(patient, 0.58, 0.5)
    latent = 0.045 * (age - 50) + rng.standard_normal(n)
    columns: dict[str, object] = {
        "subject_id": [f"M{k:03}" for k in range(1, n + 1)],
        "patient": patient.astype(int),
        "age_years": age.astype(int),
        "sex": np.where(female, 0, 1),
    }
    for level, base, more in zip(LEVELS, FAT_AT_LEVEL, PATIENTS_MORE, strict=True):
        fat = base + more * patient + FAT_PER_LATENT * latent + FAT_SD * rng.standard_normal(n)
        columns[f"fat_{level}_percent"] = fat.clip(2, 75).round(1)
    slope = np.polyfit(np.arange(5), np.array([columns[f"fat_{level}_percent"] for level in LEVELS]), 1)[0]
    columns["fat_gradient"] = slope.round(2)
    columns["disc_grade"] = (
        (2.4 + 0.5 * latent + 0.4 * patient + 0.5 * rng.standard_normal(n)).clip(1, 5).round(1)
    )
    columns["flexion_rom_deg"] = _driven(rng, latent, 48, 9, -0.5, patient, -5).round(1)
    columns["trunk_sway_mm"] = _driven(rng, latent, 11, 3, 0.4, patient, 1.8).clip(1, None).round(1)
    columns["relaxation_ratio"] = (
        _driven(rng, latent, 2.6, 0.7, -0.45, patient, -0.5).clip(0.3, None).round(2)
    )
    columns["emg_fatigue_hz"] = _driven(rng, latent, -0.35, 0.12, -0.35, patient, -0.08).round(3)
    for name, (mean, sd, share) in MARKERS.items():
        value = _driven(rng, latent, mean, sd, share, patient, 0).clip(0.1, None).round(1)
        columns[name] = np.where(patient, value.astype(str), "")
    return pd.DataFrame(columns)


def _driven(
    rng: np.random.Generator, latent: FloatArray, mean: float, sd: float, share: float,
    patient: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], more: float,
) -> FloatArray:  # fmt: skip
    """A column whose correlation with the latent degeneration is about ``share``."""
    own = np.sqrt(1 - share**2) * rng.standard_normal(len(latent))
    return np.asarray(mean + more * patient + sd * (share * latent + own))
