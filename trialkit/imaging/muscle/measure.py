"""``measure``: an image and a segmentation to a table, one value a row, each with where it came from."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from trialkit import __version__
from trialkit.imaging.muscle.formulas import FORMULAS
from trialkit.imaging.muscle.regions import cut_out
from trialkit.imaging.muscle.settings import MeasureSettings
from trialkit.imaging.muscle.values import Value, values_of
from trialkit.imaging.volumes import Image, Segmentation

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("scan", "segment", "muscle", "level", "side", "metric", "method", "value", "unit")
PROVENANCE = (
    "formula",
    "slice_rule",
    "slice_index",
    "voxels",
    "note",
    "settings",
    "software",
    "image_sha256",
    "water_sha256",
    "segmentation_sha256",
)

_TYPES = {"value": float, "voxels": int}


def measure(
    image: Image,
    segmentation: Segmentation,
    water: Image | None = None,
    settings: MeasureSettings | None = None,
    scan: str = "",
    grades: Sequence[Value] = (),
    metrics: Collection[str] | None = None,
) -> pd.DataFrame:
    """Measure every segment of a scan.

    Parameters
    ----------
    image
        The fat image of a Dixon pair, a map of fat fractions, or a T1- or T2-weighted image.
    segmentation
        Segments named by muscle, level and side (``multifidus_L4_left``), and landmarks: ``vertebra_L4``,
        ``disc_L4``, ``csf_L3``, ``subcutaneous_fat``. Other names are measured under their own name.
    water
        The water image of a Dixon pair.
    settings
        None: the defaults of ``MeasureSettings``.
    scan
        What the scan is called in the table; empty: nothing.
    grades
        Grades as read by a person, set beside those computed from the fat share (``read_grades``).
    metrics
        Which of the table's metrics are wanted, such as ``csa``; None: all.

    Returns
    -------
    DataFrame
        scan segment muscle level side metric method value unit, then formula slice_rule slice_index voxels
        note
        settings software image_sha256 water_sha256 segmentation_sha256. Areas in cm2, volumes in mL, fat in
        percent.

    Raises
    ------
    GeometryError
        Image, water and segmentation do not fit.
    SegmentationError
        A segment lies outside the image.
    MeasurementError
        A landmark that the slice rule needs is missing, or a segment holds values that are no intensities.

    Degenerate cases
    ----------------
    A segment of one slice has a volume, and a note that says so. A segment without voxels has no row (the
    segmentation's notices name it). Intensities all alike have no fat infiltration. A mixture that did not
    converge gives NaN and says so. The slice of a landmark may miss the segment: its area is then 0.

    Equivalent elsewhere: MuscleMap's ``mm_extract_metrics`` (methods dixon, kmeans, gmm, average).

    References
    ----------
    Each formula's source stands in ``trialkit.imaging.muscle.formulas``.
    """
    chosen = settings or MeasureSettings()
    regions = cut_out(image, segmentation, water, chosen)
    read = [grade for grade in grades if metrics is None or grade.metric in metrics]
    values = [*values_of(regions, chosen, _field_note(image), metrics), *read]
    provenance = (
        chosen.as_text(),
        f"trialkit {__version__}",
        image.sha256,
        water.sha256 if water else "",
        segmentation.sha256,
    )
    rows = [
        (
            scan,
            v.segment,
            v.structure.muscle,
            v.structure.level,
            v.structure.side,
            v.metric,
            v.method,
            v.value,
            FORMULAS[v.metric].unit,
            FORMULAS[v.metric].id,
            chosen.slice_rule if v.slice_index is not None else "",
            v.slice_index,
            v.voxels,
            v.note,
            *provenance,
        )
        for v in values
    ]
    return _table(rows)


def _table(rows: Sequence[tuple[Any, ...]]) -> pd.DataFrame:
    """Texts as one block of objects: pandas would look at each of many columns and texts several times."""
    import numpy as np
    import pandas as pd

    names = [*COLUMNS, *PROVENANCE]
    if not rows:
        return pd.DataFrame(columns=names).astype({"slice_index": "Int64"})
    cells = np.empty((len(rows), len(names)), dtype=object)
    cells[:] = rows
    table = pd.DataFrame(cells, columns=names, dtype=object)
    for name, kind in _TYPES.items():
        place = names.index(name)
        table.isetitem(place, np.array(cells[:, place], dtype=kind))
    place = names.index("slice_index")
    table.isetitem(place, pd.array(cells[:, place], dtype="Int64"))
    return table


def _field_note(image: Image) -> str:
    """VBQ depends on the field: 2.77 at 1.5 T beside 2.20 at 3 T in one cohort (JOSR 2023)."""
    field = image.acquisition.get("field_strength_t")
    stated = f"at {field:g} T" if isinstance(field, float) else "field strength not stated"
    return f"{stated}; never pool field strengths unadjusted"
