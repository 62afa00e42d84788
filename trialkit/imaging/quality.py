"""A look at many scans at once: who was scanned with what, and which values stand apart at their site."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from trialkit.imaging.errors import MeasurementError
from trialkit.imaging.reading.acquisition import ACQUISITION_COLUMNS
from trialkit.imaging.volumes import Image, Notice
from trialkit.wording import said

if TYPE_CHECKING:
    import pandas as pd

_OUTLYING = 3.5
_MAD_TO_SD = 1.4826


def acquisition_table(
    images: Iterable[tuple[str, Image]], site_of: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """One row a scan: site, voxel size and what the headers tell of scanner and sequence.

    ``images`` may be made one at a time: only one is held.
    """
    import pandas as pd

    rows = [
        {
            "scan": scan,
            "site": (site_of or {}).get(scan, ""),
            **{name: image.acquisition.get(name, "") for name in ACQUISITION_COLUMNS},
            "spacing_mm": " x ".join(f"{value:.3g}" for value in image.spacing_mm[::-1]),
        }
        for scan, image in images
    ]
    return pd.DataFrame(rows)


def pooling_notices(acquisition: pd.DataFrame) -> list[Notice]:
    """Warnings against pooling: several field strengths, echo times or slice thicknesses, or none stated."""
    notices = []
    for column, what in (
        ("field_strength_t", "field strengths (T)"),
        ("echo_time_ms", "echo times (ms)"),
        ("slice_thickness_mm", "slice thicknesses (mm)"),
    ):
        stated = sorted({float(value) for value in acquisition[column] if value != ""})
        silent = int((acquisition[column] == "").sum())
        if len(stated) > 1:
            listed = ", ".join(f"{value:g}" for value in stated)
            notices.append(Notice("pooling", f"several {what}: {listed}; adjust for it or analyse apart"))
        if silent:
            notices.append(Notice("not_stated", f"{silent} scans do not state their {what}"))
    return notices


def scanners(acquisition: pd.DataFrame) -> dict[str, str]:
    """Scan -> what it was made with: manufacturer, model and field strength, as far as they are stated."""
    return {
        str(row["scan"]): " ".join(
            filter(
                None,
                (
                    str(row["manufacturer"]),
                    str(row["model"]),
                    f"{float(row['field_strength_t']):g} T" if row["field_strength_t"] != "" else "",
                ),
            )
        )
        for row in acquisition.to_dict("records")
    }


def outliers_by(
    measurements: pd.DataFrame, groupings: Mapping[str, Mapping[str, str]], limit: float = _OUTLYING
) -> pd.DataFrame:
    """``outliers`` of each grouping (site, scanner), named in the first column ``by``."""
    import pandas as pd

    found = [outliers(measurements, group_of, limit).assign(by=name) for name, group_of in groupings.items()]
    table = pd.concat(found, ignore_index=True)
    return table[["by", *(name for name in table.columns if name != "by")]]


def outliers(
    measurements: pd.DataFrame, group_of: Mapping[str, str], limit: float = _OUTLYING
) -> pd.DataFrame:
    """Values far from the median of their site (or scanner), for each metric, method, muscle and level.

    Parameters
    ----------
    measurements
        Tables of ``measure``.
    group_of
        Scan -> site or scanner; scans without one are a group of their own.
    limit
        In robust standard deviations: 1.4826 times the median absolute deviation.

    Degenerate cases
    ----------------
    Groups of fewer than five values, and those whose middle half is all alike, have no outliers.

    References
    ----------
    Iglewicz & Hoaglin (1993), How to detect and handle outliers: 3.5.
    """
    table = measurements.assign(group=measurements["scan"].map(group_of).fillna(""))
    by = ["group", "metric", "method", "muscle", "level"]
    grouped = table.groupby(by, dropna=False)["value"]
    middle = grouped.transform("median")
    spread = (table["value"] - middle).abs().groupby([table[name] for name in by]).transform(
        "median"
    ) * _MAD_TO_SD
    z = ((table["value"] - middle) / spread.where(spread > 0)).where(grouped.transform("size") >= 5)
    found = table.assign(group_median=middle, robust_z=z)[z.abs() > limit]
    columns = ["scan", "segment", *by, "value", "group_median", "robust_z"]
    return found[columns].sort_values("robust_z", key=np.abs, ascending=False).reset_index(drop=True)


def draw_by_group(
    measurements: pd.DataFrame,
    group_of: Mapping[str, str],
    metric: str,
    method: str,
    path: Path,
    grouping: str = "site",
) -> None:
    """Histograms of one metric, a row a site (or scanner) on one axis: one that measures otherwise is seen.

    Raises
    ------
    MeasurementError
        No value of that metric and method; the error lists those that there are.
    """
    from matplotlib.figure import Figure

    chosen = measurements[(measurements["metric"] == metric) & (measurements["method"] == method)]
    if not len(chosen):
        known = measurements[["metric", "method"]].drop_duplicates().to_numpy()
        raise MeasurementError(
            expected=said(
                "values to draw, such as {known}", known="; ".join(" ".join(pair) for pair in known[:12])
            ),
            found=said("none of {metric} by {method!r}", metric=metric, method=method),
            next_step="Choose them with --metric and --method.",
        )
    groups = chosen["scan"].map(group_of).fillna("")
    names = sorted(set(groups))
    edges = np.histogram_bin_edges(chosen["value"].dropna(), bins=24)
    figure = Figure(figsize=(6.4, 0.9 + 1.0 * len(names)), dpi=110, layout="constrained")
    rows: Any = figure.subplots(len(names), 1, sharex=True, sharey=True, squeeze=False)
    for axes, name in zip(rows[:, 0], names, strict=True):
        values = chosen.loc[groups == name, "value"].dropna()
        axes.hist(values, bins=edges, color="#0072b2")
        axes.axvline(values.median(), color="#d55e00", linewidth=1.2)
        label = "\n".join(textwrap.wrap(name, 22)) or f"{grouping} not stated"
        axes.set_ylabel(
            f"{label}\nn = {len(values)}", rotation=0, ha="right", va="center", fontsize=8, labelpad=12
        )
        axes.spines[["top", "right"]].set_visible(False)
    unit = chosen["unit"].iloc[0]
    rows[-1, 0].set_xlabel(f"{metric.replace('_', ' ')} ({method.replace('_', ' ')}), {unit}")
    what = [", ".join(sorted(set(chosen[name]))) for name in ("muscle", "level")]
    told = " ".join(text.replace("_", " ") for text in what if text and "," not in text) or "all segments"
    figure.suptitle(f"{told} by {grouping}; the line is the median", fontsize=9)
    figure.savefig(path, facecolor="white")
