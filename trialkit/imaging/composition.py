"""Whole-body muscle and the fat between it, from label maps; and Z-scores by sex and age."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from trialkit.imaging.batch.manifest import read_column
from trialkit.imaging.errors import ImagingError, MeasurementError
from trialkit.imaging.reading.doors import read_segmentation
from trialkit.imaging.volumes import Segmentation
from trialkit.wording import said

if TYPE_CHECKING:
    import pandas as pd

_LEAN = ("lean_muscle", "lean muscle", "muscle")
_BETWEEN = ("intermuscular_fat", "intermuscular fat", "intermat", "imat")
_FEWEST = 10


def body_composition(segmentation: Segmentation, bmi_kg_m2: float) -> dict[str, float]:
    """Lean muscle and intermuscular fat of one person.

    Parameters
    ----------
    segmentation
        Segments ``lean_muscle`` (free of fat) and ``intermuscular_fat`` (also ``InterMAT``, ``IMAT``).
    bmi_kg_m2
        Body mass index.

    Returns
    -------
    dict
        ``lean_muscle_ml``, ``intermuscular_fat_ml``, and ``lean_muscle_mass`` = volume in mL / BMI, the
        measure of the population cohort (doi:10.1016/j.lanepe.2025.101323).

    Raises
    ------
    MeasurementError
        A segment is missing, or the BMI is not between 10 and 80.
    """
    if not 10 <= bmi_kg_m2 <= 80:
        raise MeasurementError(
            expected="a BMI of 10 to 80 kg/m2", found=said("{value:g}", value=bmi_kg_m2), where="bmi"
        )
    volumes = {
        name.casefold(): float(np.count_nonzero(mask)) * segmentation.grid.voxel_mm3 / 1000
        for name, mask in segmentation.segments.items()
    }
    lean, between = (_the_one(volumes, names, segmentation.source) for names in (_LEAN, _BETWEEN))
    return {
        "lean_muscle_ml": lean,
        "intermuscular_fat_ml": between,
        "lean_muscle_mass": lean / bmi_kg_m2,
    }


def _the_one(volumes: dict[str, float], names: tuple[str, ...], where: str) -> float:
    found = [volumes[name] for name in names if name in volumes]
    if len(found) != 1:
        raise MeasurementError(
            expected=said("one segment called {names}", names=names[0]),
            found=", ".join(volumes) or "none",
            where=where or "segmentation",
            next_step="Name it so in the labels file.",
        )
    return found[0]


def z_scores(data: pd.DataFrame, value: str, sex: str, age: str) -> pd.Series[float]:
    """How far each value lies from what is usual for that sex and age, in standard deviations.

    Within each sex the value is regressed on age; the residual is divided by the residual standard deviation
    (n - 2 in the denominator). Rows with a missing value in one of the three columns are NaN.

    Raises
    ------
    MeasurementError
        A column is not there, or a sex with fewer than ten complete rows, of one age, or without spread.

    Equivalent in R: ``resid(lm(value ~ age)) / sigma(lm(value ~ age))`` within each sex.
    """
    import pandas as pd

    missing = [name for name in (value, sex, age) if name not in data]
    if missing:
        raise MeasurementError(
            expected=said("columns {value}, {sex}, {age}", value=value, sex=sex, age=age),
            found=said("no {missing}", missing=", ".join(missing)),
        )
    scores = pd.Series(np.nan, index=data.index, dtype=float)
    complete = data[[value, sex, age]].dropna()
    for name, group in complete.groupby(sex, observed=True):
        y, x = group[value].to_numpy(dtype=float), group[age].to_numpy(dtype=float)
        if len(y) < _FEWEST or np.ptp(x) == 0:
            raise MeasurementError(
                expected="ten persons or more of several ages in each sex",
                found=said("{n_y} of {name}", n_y=len(y), name=name),
                where=said("{sex}, {value}", sex=sex, value=value),
            )
        design = np.column_stack([np.ones_like(x), x - x.mean()])
        residual = y - design @ np.linalg.lstsq(design, y, rcond=None)[0]
        spread = float(np.sqrt(residual @ residual / (len(y) - 2)))
        if spread <= 1e-12 * max(1.0, float(np.abs(y).max())):
            raise MeasurementError(
                expected="values that differ", found="none that do", where=f"{value}, {name}"
            )
        scores[group.index] = residual / spread
    return scores


def composition_table(manifest: Path | str) -> pd.DataFrame:
    """Body composition of every row of a manifest, and Z-scores where sex and age are given.

    Parameters
    ----------
    manifest
        CSV: ``scan``, ``segmentation``, ``bmi`` (kg/m2); ``labels``, ``sex``, ``age`` (years) where there are
        any. Paths are relative to its folder.

    Returns
    -------
    DataFrame
        scan, bmi, sex, age, lean_muscle_ml, intermuscular_fat_ml, lean_muscle_mass, lean_muscle_z and
        intermuscular_fat_z.

    Raises
    ------
    ImagingError
        A column or a file is missing, a number is none, and as for ``body_composition`` and ``z_scores``.
    """
    manifest = Path(manifest)
    table, errors = compositions(manifest)
    if errors:
        raise errors[0][1]
    return table


def compositions(
    manifest: Path, tell: Callable[[int, int], None] = lambda done, total: None
) -> tuple[pd.DataFrame, list[tuple[str, ImagingError]]]:
    """As ``composition_table``, but a row that cannot be used does not end it: it is told beside the table.

    Z-scores are within the rows that could be used; a sex for which ``z_scores`` refuses them has none,
    and an error without a scan. ``tell`` is called after every row: done, of how many.

    Raises
    ------
    ImagingError
        A column is missing; no row can be used.
    """
    import pandas as pd

    columns = {name: read_column(manifest, name) for name in ("scan", "segmentation", "bmi")}
    extra = {name: read_column(manifest, name, needed=False) for name in ("labels", "sex", "age")}
    rows: list[dict[str, object]] = []
    errors: list[tuple[str, ImagingError]] = []
    for number, (scan, text) in enumerate(columns["segmentation"].items(), start=1):
        told = {name: values.get(scan, "") for name, values in extra.items()}
        try:
            rows.append(_composition(manifest, scan, text, columns["bmi"][scan], told))
        except ImagingError as error:
            errors.append((scan, error))
        tell(number, len(columns["segmentation"]))
    if not rows and errors:
        raise errors[0][1]
    table = pd.DataFrame(rows)
    if table["sex"].notna().any() and table["age"].notna().any():
        errors += [("", error) for error in _score(table)]
    return table, errors


def _score(table: pd.DataFrame) -> list[ImagingError]:
    """Put the Z-scores into ``table``; a sex that has none says why, and costs the others nothing."""
    refused: list[ImagingError] = []
    for value, name in (
        ("lean_muscle_mass", "lean_muscle_z"),
        ("intermuscular_fat_ml", "intermuscular_fat_z"),
    ):
        table[name] = np.nan
        for _, group in table.groupby("sex"):
            try:
                table.loc[group.index, name] = z_scores(group, value, "sex", "age")
            except MeasurementError as error:
                refused.append(error)
    return refused


def _composition(
    manifest: Path, scan: str, segmentation: str, bmi_text: str, told: dict[str, str]
) -> dict[str, object]:
    labels, folder = told["labels"], manifest.parent
    bmi = _number(bmi_text, "bmi", scan, manifest)
    age = _number(told["age"], "age", scan, manifest) if told["age"] else np.nan
    masks = read_segmentation(folder / segmentation, labels=folder / labels if labels else None)
    person = {"scan": scan, "bmi": bmi, "sex": told["sex"] or None, "age": age}
    return {**person, **body_composition(masks, bmi)}


def _number(text: str, column: str, scan: str, manifest: Path) -> float:
    try:
        return float(text)
    except ValueError:
        raise MeasurementError(
            expected=said("a number in column {column}", column=column),
            found=repr(text),
            where=said("{manifest}, scan {scan}", manifest=manifest, scan=scan),
        ) from None
