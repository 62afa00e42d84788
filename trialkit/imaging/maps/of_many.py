"""Maps of all scans of a manifest: their mean, the difference of two groups, correlations; as files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

import numpy as np

from trialkit.imaging.batch.manifest import Task, read_column, read_manifest
from trialkit.imaging.errors import ImageFileError, MeasurementError
from trialkit.imaging.files import write_csv
from trialkit.imaging.grid import FloatArray
from trialkit.imaging.maps.comparing import MapTest, correlation_map, difference_map, mean_map
from trialkit.imaging.maps.normalized import LEVELS, FatMap, fat_map
from trialkit.imaging.maps.picture import draw_map, draw_template
from trialkit.imaging.maps.template import TemplateMap, template_map
from trialkit.imaging.reading.dixon import read_pair
from trialkit.imaging.reading.doors import read_segmentation
from trialkit.imaging.reading.writing import write_nifti
from trialkit.imaging.volumes import Segmentation
from trialkit.wording import said

Control = Literal["fdr", "clusters"]
_ALPHA = 0.05


@dataclass(frozen=True, eq=False)
class Ways:
    """What is mapped, and on what: cells of ``depths`` and ``sectors``, or a template's voxels."""

    muscle: str
    side: str
    depths: int = 3
    sectors: int = 8
    template: Segmentation | None = None

    def one(self, task: Task) -> FatMap | TemplateMap:
        fat, water = read_pair(Path(task.image), Path(task.water) if task.water else None)
        if water is None:
            raise ImageFileError(
                expected="a Dixon pair",
                found="no water image",
                where=task.scan,
                next_step="Add a column water to the manifest.",
            )
        masks = read_segmentation(task.segmentation, labels=task.labels or None)
        if self.template is not None:
            return template_map(fat, water, masks, self.template, self.muscle, self.side)
        return fat_map(fat, water, masks, self.muscle, self.side, self.depths, self.sectors)


def make_maps(manifest: Path, ways: Ways) -> MapsMade:
    """One map a scan of the manifest.

    Raises
    ------
    ImagingError
        A scan that cannot be mapped: a map of a group that silently lacks persons would be another group's.
    """
    return MapsMade(manifest, ways, {task.scan: ways.one(task) for task in read_manifest(manifest)})


@dataclass(frozen=True, eq=False)
class MapsMade:
    """The maps by scan, and the manifest whose columns group them."""

    manifest: Path
    ways: Ways
    maps: Mapping[str, FatMap | TemplateMap]

    def write_mean(self, out: Path) -> list[Path]:
        """``mean.csv`` or ``.nii.gz``, ``mean.png``; and the cells of every scan, ``maps.csv``."""
        import pandas as pd

        out.mkdir(parents=True, exist_ok=True)
        mean = mean_map(self._all())
        written = self._write(
            out, "mean", {"percent": mean}, f"mean of {len(self.maps)} scans", "fat fraction, %"
        )
        if self.ways.template is None:
            each = [_cells({"percent": one.percent}).assign(scan=scan) for scan, one in self.maps.items()]
            write_csv(pd.concat(each)[["scan", "level", "depth", "sector", "percent"]], out / "maps.csv")
            written.insert(0, out / "maps.csv")
        return written

    def write_difference(
        self, out: Path, column: str, group_of: Mapping[str, str], control: str, permutations: int, seed: int
    ) -> list[Path]:
        """The first group in the alphabet minus the second; scans with a blank are in neither.

        Raises
        ------
        MeasurementError
            Fewer than three scans in a group.
        """
        names = sorted({group for group in group_of.values() if group})
        first, second = ([one for scan, one in self.maps.items() if group_of[scan] == name] for name in names)
        tested = difference_map(
            cast("Any", first), cast("Any", second), cast("Control", control), permutations, seed=seed
        )
        what = f"{names[0]} (n = {len(first)}) minus {names[1]} (n = {len(second)})"
        return self._write_test(out, f"difference_{column}", tested, what, "points of fat fraction")

    def write_correlation(self, out: Path, column: str, number_of: Mapping[str, float]) -> list[Path]:
        """Spearman's correlation with one number a scan; a scan without one is left out.

        Raises
        ------
        MeasurementError
            Fewer than four numbers.
        """
        numbers = [number_of[scan] for scan in self.maps]
        tested = correlation_map(self._all(), numbers)
        known = int(np.isfinite(numbers).sum())
        return self._write_test(
            out, f"correlation_{column}", tested, f"{column}, n = {known}", "Spearman's rho"
        )

    def _all(self) -> Any:
        return list(self.maps.values())

    def _write_test(self, out: Path, name: str, tested: MapTest, what: str, unit: str) -> list[Path]:
        values = {"estimate": tested.estimate, "p_value": tested.p_value, "adjusted_p": tested.adjusted}
        marked = tested.adjusted < _ALPHA
        words = f"{what}; outlined: adjusted p < {_ALPHA:g} ({tested.method})"
        return self._write(out, name, values, words, unit, marked=marked)

    def _write(
        self,
        out: Path,
        name: str,
        values: Mapping[str, FloatArray],
        what: str,
        unit: str,
        marked: Any = None,
    ) -> list[Path]:
        title = f"{self.ways.muscle.replace('_', ' ')}, {self.ways.side}: {what}"
        shown = next(iter(values.values()))
        if self.ways.template is None:
            write_csv(_cells(values), out / f"{name}.csv")
            draw_map(shown, out / f"{name}.png", title, unit, diverging=marked is not None, marked=marked)
            return [out / f"{name}.csv", out / f"{name}.png"]
        written = []
        for kind, array in values.items():
            written.append(out / (f"{name}.nii.gz" if len(values) == 1 else f"{name}_{kind}.nii.gz"))
            write_nifti(array, self.ways.template.grid, written[-1])
        draw_template(
            shown, self._levels(), self.ways.template.grid, out / f"{name}.png", title, unit, marked=marked
        )
        return [*written, out / f"{name}.png"]

    def _levels(self) -> dict[str, Any]:
        from trialkit.imaging.maps.normalized import level_of

        assert self.ways.template is not None
        found = {
            level_of(self.ways.template, name, self.ways.muscle, self.ways.side): mask
            for name, mask in self.ways.template.segments.items()
        }
        return {level: found[level] for level in LEVELS if level in found and found[level].any()}


def _cells(values: Mapping[str, FloatArray]) -> Any:
    """One row a cell; depth and sector count from 1."""
    import pandas as pd

    shape = next(iter(values.values())).shape
    level, depth, sector = (index.ravel() for index in np.indices(shape))
    return pd.DataFrame(
        {
            "level": [LEVELS[number] for number in level],
            "depth": depth + 1,
            "sector": sector + 1,
            **{name: array.ravel() for name, array in values.items()},
        }
    )


def two_groups(manifest: Path, column: str) -> dict[str, str]:
    """Scan -> group, of a column with two groups.

    Raises
    ------
    ImagingError
        No such column, or not two groups in it.
    """
    group_of = read_column(manifest, column)
    names = sorted({group for group in group_of.values() if group})
    if len(names) != 2:
        raise MeasurementError(
            expected=said("two groups in column {column}", column=column),
            found=", ".join(names[:6]) or "none",
            where=str(manifest),
        )
    return group_of


def numbers_of(manifest: Path, column: str) -> dict[str, float]:
    """Scan -> number, NaN where the column is blank.

    Raises
    ------
    ImagingError
        No such column, or a text that is no number.
    """
    return {scan: _number(text, column, manifest) for scan, text in read_column(manifest, column).items()}


def _number(text: str, column: str, manifest: Path) -> float:
    try:
        return float(text) if text else np.nan
    except ValueError:
        raise MeasurementError(
            expected=said("numbers in column {column}", column=column), found=repr(text), where=str(manifest)
        ) from None
