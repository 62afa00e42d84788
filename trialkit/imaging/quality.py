"""A look at many scans at once: who was scanned with what, and which values stand apart at their site."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from trialkit.imaging.reading.acquisition import ACQUISITION_COLUMNS
from trialkit.imaging.volumes import Image, Notice

if TYPE_CHECKING:
    import pandas as pd

_OUTLYING = 3.5
_MAD_TO_SD = 1.4826


def acquisition_table(images: Mapping[str, Image], site_of: Mapping[str, str] | None = None) -> pd.DataFrame:
    """One row a scan: site, voxel size and what the headers tell of scanner and sequence."""
    import pandas as pd

    rows = [
        {
            "scan": scan,
            "site": (site_of or {}).get(scan, ""),
            **{name: image.acquisition.get(name, "") for name in ACQUISITION_COLUMNS},
            "spacing_mm": " x ".join(f"{value:.3g}" for value in image.spacing_mm[::-1]),
        }
        for scan, image in images.items()
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


def draw_by_site(
    measurements: pd.DataFrame, site_of: Mapping[str, str], metric: str, method: str, path: Path
) -> None:
    """Histograms of one metric, a row a site on one axis, so that a site that measures otherwise is seen."""
    from matplotlib.figure import Figure

    chosen = measurements[(measurements["metric"] == metric) & (measurements["method"] == method)]
    sites = chosen["scan"].map(site_of).fillna("")
    names = sorted(set(sites))
    edges = np.histogram_bin_edges(chosen["value"].dropna(), bins=24)
    figure = Figure(figsize=(6.4, 0.7 + 1.0 * len(names)), dpi=110, layout="constrained")
    rows: Any = figure.subplots(len(names), 1, sharex=True, sharey=True, squeeze=False)
    for axes, site in zip(rows[:, 0], names, strict=True):
        values = chosen.loc[sites == site, "value"].dropna()
        axes.hist(values, bins=edges, color="#0072b2")
        axes.axvline(values.median(), color="#d55e00", linewidth=1.2)
        axes.set_ylabel(
            f"{site or 'no site'}\nn = {len(values)}", rotation=0, ha="right", va="center", fontsize=8
        )
        axes.spines[["top", "right"]].set_visible(False)
    unit = chosen["unit"].iloc[0] if len(chosen) else ""
    rows[-1, 0].set_xlabel(f"{metric.replace('_', ' ')} ({method.replace('_', ' ')}), {unit}")
    figure.savefig(path, facecolor="white")
