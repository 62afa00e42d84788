"""Baseline scans: made with the muscles each subject truly has, read by two, measured, and put on the paper.

What stands on the MRI form is what was measured, not what the simulator drew: the mean of two readers, each
of whom outlined the muscles a little wrong.
"""

from __future__ import annotations

import re
import statistics
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from trialkit.imaging.errors import MissingLibraryError
from trialkit.imaging.files import write_csv
from trialkit.imaging.libraries import library
from trialkit.imaging.phantom.body import LEVELS, MUSCLES, READERS, Muscle
from trialkit.imaging.phantom.scan import PhantomScan, make_scan, write_scan
from trialkit.simulation import FormRow, TrialPaper

if TYPE_CHECKING:
    import pandas as pd

FORM = "mri"
_ITEM = re.compile(r"mri_(l[1-5])_(\w+)_(csa_mm2|fat_percent)")
_METRIC = {"csa_mm2": ("csa", "slice=middle"), "fat_percent": ("fat_fraction", "ratio_of_sums")}


@dataclass(frozen=True)
class ScansRead:
    """The paper with measured values; ICC2 of the two readers by metric, the least of all muscles and
    levels.
    """

    paper: TrialPaper
    scans: int
    values: int
    least_icc: Mapping[str, float]
    on_disk: bool


def read_scans(paper: TrialPaper, folder: Path, seed: int, progress: Callable[[int, int], None]) -> ScansRead:
    """Make, read and measure one scan for every MRI form of the paper.

    Writes ``scans/`` (fat, water, two segmentations a subject), ``reader_1.csv``, ``reader_2.csv`` and
    ``agreement.csv`` into ``folder``.
    """
    import pandas as pd

    from trialkit.imaging import agree, measure

    (folder / "scans").mkdir(parents=True)
    on_disk = _can_write()
    forms = [row for row in paper.rows if row.form == FORM]
    tables: dict[str, list[pd.DataFrame]] = defaultdict(list)
    measured: dict[tuple[str, ...], FormRow] = {}
    for done, row in enumerate(forms, start=1):
        scan = make_scan(_muscles_of(row), seed * 100_000 + done)
        if on_disk:
            write_scan(scan, folder / "scans", row.subject_id)
        for reader in READERS:
            measured_by = measure(scan.fat, scan.readings[reader], scan.water, scan=row.subject_id)
            tables[reader].append(_asked_for(measured_by))
        measured[row.key] = _on_paper(row, scan, [tables[reader][-1] for reader in READERS])
        progress(done, len(forms))
    read = {reader: pd.concat(parts, ignore_index=True) for reader, parts in tables.items()}
    for reader, table in read.items():
        write_csv(table, folder / f"{reader}.csv")
    first, second = read.values()
    agreement = agree(first, second)
    write_csv(agreement.as_table(), folder / "agreement.csv")
    icc2 = agreement.icc[agreement.icc["form"] == "ICC2"]
    rows = tuple(measured.get(row.key, row) for row in paper.rows)
    least = {str(metric): float(group["estimate"].min()) for metric, group in icc2.groupby("metric")}
    return ScansRead(replace(paper, rows=rows), len(forms), len(agreement.pairs.table), least, on_disk)


def _can_write() -> bool:
    """The numbers need no library of ``trialkit[imaging]``; the files do."""
    try:
        library("nibabel"), library("nrrd")
    except MissingLibraryError:
        return False
    return True


def _asked_for(table: pd.DataFrame) -> pd.DataFrame:
    """What the form asks for; the rest is a call away."""
    kept = [(table["metric"] == metric) & (table["method"] == method) for metric, method in _METRIC.values()]
    return table[kept[0] | kept[1]]


def _muscles_of(row: FormRow) -> dict[tuple[str, str], Muscle]:
    """What is truly there: the numbers that the simulator drew for this form."""
    drawn = {
        (match[2], match[1].upper(), match[3]): float(text)
        for item, text in row.values.items()
        if text and (match := _ITEM.fullmatch(item))
    }
    return {
        (muscle, level): Muscle(drawn[muscle, level, "csa_mm2"], drawn[muscle, level, "fat_percent"])
        for muscle in MUSCLES
        for level in LEVELS
    }


def _on_paper(row: FormRow, scan: PhantomScan, tables: list[pd.DataFrame]) -> FormRow:
    """The form with the mean of both readers and both sides, in the form's units and places."""
    found: dict[tuple[str, str, str, str], list[float]] = defaultdict(list)
    for table in tables:
        for value in table.to_dict("records"):
            key = str(value["muscle"]), str(value["level"]), str(value["metric"]), str(value["method"])
            found[key].append(float(value["value"]))
    values = dict(row.values)
    for item in row.values:
        match = _ITEM.fullmatch(item)
        if match is not None:
            mean = statistics.fmean(found[match[2], match[1].upper(), *_METRIC[match[3]]])
            values[item] = f"{mean * 100:.0f}" if match[3] == "csa_mm2" else f"{mean:.1f}"
    return replace(row, values=values)
