"""The formula behind every metric: unit, words and source; its id stands beside every value."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Formula:
    id: str
    unit: str
    text: str
    source: str


_AREA = "Crawford et al. and others, reviewed in PMC8274185"
FORMULAS: dict[str, Formula] = {
    formula.id.partition("/")[0]: formula
    for formula in (
        Formula("csa/1", "cm2", "pixels of the mask on the slice x pixel area in its own plane", _AREA),
        Formula("volume/1", "mL", "voxels of the mask x voxel volume", ""),
        Formula(
            "lean_csa/1", "cm2", "pixels of muscle on the slice x pixel area", "doi:10.1186/s12938-017-0350-y"
        ),
        Formula("fat_fraction/1", "percent", "100 F/(F+W), 0 where F+W = 0", "MuscleMap"),
        Formula("slice_fat_fraction/1", "percent", "fat_fraction on the slice of the area", "MuscleMap"),
        Formula("fat_infiltration/1", "percent", "100 x voxels called fat / voxels of the mask", _AREA),
        Formula("slice_fat_infiltration/1", "percent", "fat_infiltration on the slice of the area", _AREA),
        Formula(
            "undefined_share/1",
            "percent",
            "100 x voxels of the middle cluster / all",
            "doi:10.1016/j.xnsj.2024.100313",
        ),
        Formula("mean_intensity/1", "a.u.", "mean of the image in the mask", ""),
        Formula(
            "goutallier_grade/1",
            "grade",
            "from the fat share by the stated cuts, or as read",
            "Goutallier 1994",
        ),
        Formula("kjaer_grade/1", "grade", "from the fat share by the stated cuts, or as read", "Kjaer 2007"),
        Formula("asymmetry/1", "percent", "100 (larger - smaller) / larger of left and right", ""),
        Formula("muscle_to_vertebra_ratio/1", "ratio", "csa / csa of the vertebra of the level", ""),
        Formula(
            "muscle_fat_index/1",
            "ratio",
            "mean intensity of psoas / of multifidus and erector spinae",
            "doi:10.1186/s41747-022-00284-y",
        ),
        Formula(
            "vbq/1",
            "ratio",
            "median of the means of L1 to L4 / mean of CSF at L3, sagittal T1",
            "doi:10.1186/s13018-023-04268-5",
        ),
    )
}
