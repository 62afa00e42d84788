"""Baseline scans: made with the muscles each subject truly has, and read by people who draw imperfectly.

What a reader finds is measured from that reader's own segmentation, as ``trialkit imaging import`` does; what
the simulator drew is known to nobody.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from trialkit.imaging.errors import MissingLibraryError
from trialkit.imaging.files import write_csv
from trialkit.imaging.libraries import library
from trialkit.imaging.phantom.body import LEVELS, MUSCLES, READERS, SIDES, Muscle, ReaderHand
from trialkit.imaging.phantom.scan import PhantomScan, drawn_by, make_scan, write_scan
from trialkit.operations import ScanReading
from trialkit.simulation import FormRow, TrialPaper

if TYPE_CHECKING:
    import pandas as pd

    from trialkit.demo.texture import Texture
    from trialkit.imaging.muscle.values import Value
    from trialkit.imaging.volumes import Segmentation

FORM = "mri"
READINGS = "readings.csv"
RADIOMICS = "radiomics"
_METRICS = ("csa", "fat_fraction", "goutallier_grade")
"""What the form asks for of what can be measured."""
_DRAWN = re.compile(r"mri_(l[1-5])_(\w+)_(csa_mm2|fat_percent)")
_GRADE = re.compile(r"mri_(l[1-5])_goutallier")
_ANOTHER_GRADE = 0.05
"""How often a reader of grades is one grade off."""

_THIRD_HAND = ReaderHand(scale=1.0, size_sd=0.01, shift_sd_mm=0.2)


@dataclass(frozen=True)
class ScansRead:
    """``readings`` by reader; ``third`` reads once more what of a subject's scan differs too much.

    ``least_icc``: ICC2 of the two readers by metric, the least of all muscles and levels.
    """

    readings: Mapping[str, tuple[ScanReading, ...]]
    third: Callable[[str, Collection[str]], Mapping[str, str]]
    least_icc: Mapping[str, float]
    least_kappa: float
    on_disk: bool


def read_scans(
    paper: TrialPaper,
    folder: Path,
    seed: int,
    progress: Callable[[int, int], None],
    texture: Texture | None = None,
    *,
    on_disk: bool = True,
) -> ScansRead:
    """Make and read one scan for every MRI form that was drawn.

    Writes ``reader_1.csv``, ``reader_2.csv``, ``readings.csv`` (both, by item) and ``agreement.csv`` into
    ``folder``; with ``on_disk`` also ``scans/`` (fat, water, two segmentations a subject), and what
    ``texture`` finds in each reader's outlines into ``radiomics/reader_1.csv`` and ``reader_2.csv``. A scan
    is known by the digest of its fat image's file, or where there is none of the image.
    """
    import pandas as pd

    from trialkit.imaging import agree

    on_disk = on_disk and _can_write()
    (folder / "scans" if on_disk else folder).mkdir(parents=True)
    forms = [row for row in paper.rows if row.form == FORM]
    tables: dict[str, list[pd.DataFrame]] = defaultdict(list)
    readings: dict[str, list[ScanReading]] = defaultdict(list)
    desk_of: dict[str, _Desk] = {}
    for done, row in enumerate(forms, start=1):
        desk = desk_of[row.subject_id] = _Desk(row, seed * 100_000 + done)
        digest = desk.keep(folder / "scans") if on_disk else desk.scan.fat.sha256
        for reader in READERS:
            table = desk.measured(reader)
            tables[reader].append(table)
            readings[reader].append(desk.reading(table, digest))
            if texture is not None:
                texture.extract(desk.row.subject_id, desk.scan, reader)
        desk.put_outlines_away()
        progress(done, len(forms))
    read = {reader: _asked_for(pd.concat(parts, ignore_index=True)) for reader, parts in tables.items()}
    for reader, one in read.items():
        write_csv(one, folder / f"{reader}.csv")
    first, second = read.values()
    write_csv(_by_item(readings), folder / READINGS)
    if texture is not None:
        texture.write(folder / RADIOMICS)
    agreement = agree(first, second)
    write_csv(agreement.as_table(), folder / "agreement.csv")
    icc2 = agreement.icc[agreement.icc["form"] == "ICC2"]
    least = {str(metric): float(group["estimate"].min()) for metric, group in icc2.groupby("metric")}
    kappa = float(agreement.kappa["estimate"].min())

    def third(subject_id: str, items: Collection[str]) -> Mapping[str, str]:
        return desk_of[subject_id].read_once_more(items)

    return ScansRead({name: tuple(all_) for name, all_ in readings.items()}, third, least, kappa, on_disk)


def _by_item(readings: Mapping[str, list[ScanReading]]) -> pd.DataFrame:
    """One line a subject, item and reader, as the prediction model's filter reads them: numbers only."""
    import pandas as pd

    rows = [
        (reading.subject_id, item, name, text)
        for name, all_ in readings.items()
        for reading in all_
        for item, text in reading.values.items()
    ]
    table = pd.DataFrame(rows, columns=["subject_id", "feature", "reader", "value"])
    return table[pd.to_numeric(table["value"], errors="coerce").notna()]


class _Desk:
    """One scan before its readers."""

    def __init__(self, row: FormRow, seed: int) -> None:
        self.row, self.seed = row, seed
        self.scan: PhantomScan = make_scan(_muscles_of(row), seed)

    def put_outlines_away(self) -> None:
        """Keep the images alone, for the third reader: the outlines are fifteen times as large."""
        self.scan = replace(self.scan, readings={})

    def keep(self, folder: Path) -> str:
        """Write the files; the digest of the fat image, by which the scan is known."""
        from trialkit.imaging.reading.found import digest_of_file

        return digest_of_file(write_scan(self.scan, folder, self.row.subject_id)["fat"])

    def measured(self, reader: str) -> pd.DataFrame:
        """A table of everything that ``reader`` drew and graded."""
        rng = np.random.default_rng([self.seed, 20250104, list(READERS).index(reader)])
        grades = _grades(self.row, rng, _ANOTHER_GRADE)
        return self._measure(self.scan.readings[reader], grades)

    def read_once_more(self, items: Collection[str]) -> dict[str, str]:
        """A third reader's steady hand, on the segments of these items alone; grades without a slip."""
        from trialkit.imaging.identity.items import form_values

        rng = np.random.default_rng([self.seed, 20250104, len(READERS)])
        drawn = drawn_by(_THIRD_HAND, self.scan.truth, rng, _segments_of(items))
        return form_values(self._measure(drawn, _grades(self.row, rng, 0.0)), items)

    def _measure(self, drawn: Segmentation, grades: Sequence[Value]) -> pd.DataFrame:
        from trialkit.imaging import measure

        name, (fat, water) = self.row.subject_id, (self.scan.fat, self.scan.water)
        return measure(fat, drawn, water, scan=name, grades=grades, metrics=_METRICS)

    def reading(self, table: pd.DataFrame, digest: str) -> ScanReading:
        from trialkit.imaging.identity.items import form_values
        from trialkit.imaging.identity.linking import provenance_of

        return ScanReading(
            subject_id=self.row.subject_id,
            visit=self.row.visit,
            form=FORM,
            scan_date=date.fromisoformat(self.row.values["mri_date"]),
            file_name=f"{self.row.subject_id}_fat.nii.gz",
            file_sha256=digest,
            values={**self.row.values, **form_values(table, self.row.values)},
            provenance=provenance_of(table),
        )


def _can_write() -> bool:
    """The numbers need no library of ``trialkit[imaging]``; the files do."""
    try:
        library("nibabel"), library("nrrd")
    except MissingLibraryError:
        return False
    return True


def _asked_for(table: pd.DataFrame) -> pd.DataFrame:
    """What the form asks for; the rest is a call away."""
    metric, method = table["metric"], table["method"]
    area = (metric == "csa") & (method == "slice=middle")
    fat = (metric == "fat_fraction") & (method == "ratio_of_sums")
    return table[area | fat | (method == "as read")]


def _segments_of(items: Collection[str]) -> set[str]:
    """Both sides of each muscle that an item is of, or of any where all are grades."""
    matches = [match for item in items if (match := _DRAWN.fullmatch(item))]
    places = {(match[2], match[1].upper()) for match in matches} or {(MUSCLES[0], LEVELS[0])}
    return {f"{muscle}_{level}_{side}" for muscle, level in places for side in SIDES}


def _muscles_of(row: FormRow) -> dict[tuple[str, str], Muscle]:
    """What is truly there: the numbers that the simulator drew for this form."""
    drawn = {
        (match[2], match[1].upper(), match[3]): float(text)
        for item, text in row.values.items()
        if text and (match := _DRAWN.fullmatch(item))
    }
    return {
        (muscle, level): Muscle(drawn[muscle, level, "csa_mm2"], drawn[muscle, level, "fat_percent"])
        for muscle in MUSCLES
        for level in LEVELS
    }


def _grades(row: FormRow, rng: np.random.Generator, off: float) -> Sequence[Value]:
    """The grade of each level as somebody reads it, now and then one off."""
    from trialkit.imaging.muscle.values import Value
    from trialkit.imaging.names import Structure

    found = []
    for item, text in row.values.items():
        match = _GRADE.fullmatch(item)
        if match is None:
            continue
        grade, level = int(text), match[1].upper()
        if rng.random() < off:
            grade = min(grade + 1, 4) if rng.random() < 0.5 else max(grade - 1, 0)
        structure = Structure("multifidus", level)
        found.append(Value(f"multifidus_{level}", structure, "goutallier_grade", "as read", float(grade)))
    return found
