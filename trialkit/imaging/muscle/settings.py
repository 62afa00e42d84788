"""How muscles are measured; every setting is written beside every value."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Literal, get_args

from trialkit.imaging.errors import MeasurementError
from trialkit.wording import said, written

SliceRule = Literal["middle", "mid_disc", "superior_endplate", "largest"]
FatMethod = Literal["otsu", "kmeans", "gmm", "subcutaneous"]
ImageIs = Literal["intensity", "fat_fraction_percent", "fat_fraction_share"]
FAT_METHODS: tuple[FatMethod, ...] = get_args(FatMethod)


@dataclass(frozen=True)
class MeasureSettings:
    """Settings of ``measure``.

    Attributes
    ----------
    slice_rule
        The slice of the cross-sectional area: ``middle`` of the segment; ``mid_disc`` or
        ``superior_endplate`` of
        the level's ``disc_L4`` or ``vertebra_L4`` segment; ``largest``, the slice of greatest area.
    image_is
        ``intensity`` (arbitrary units; with a water image, the fat image), or a ready map of fat fractions.
    fat_methods
        How fat is told from muscle where there is no water image; ``subcutaneous`` only where a segment
        ``subcutaneous_fat`` is drawn.
    clusters
        2 (muscle, fat) or 3 (muscle, undefined, fat) of ``kmeans`` and ``gmm``.
    subcutaneous_share
        Fat is what reaches this share of the mean signal of subcutaneous fat.
    lean_below_percent
        A voxel is lean below this fat fraction (Dixon).
    goutallier_cuts_percent
        Where grades 1, 2, 3 and 4 begin. Goutallier's words fix only that grade 3 is as much fat as muscle;
        the band of 5 points around 50 %, and 5 and 15 % below, are this program's reading of them.
    kjaer_cuts_percent
        Where grades 1 and 2 begin.
    confounder_corrected
        The fat and water images come from a sequence that corrects T1 bias, T2* and the fat spectrum: then,
        and only then, the fraction is a proton density fat fraction.
    trust_grid
        Fat and water of one shape are taken voxel on voxel although their headers disagree.
    """

    slice_rule: SliceRule = "middle"
    image_is: ImageIs = "intensity"
    fat_methods: tuple[FatMethod, ...] = FAT_METHODS
    clusters: int = 3
    subcutaneous_share: float = 0.5
    lean_below_percent: float = 50.0
    goutallier_cuts_percent: tuple[float, float, float, float] = (5.0, 15.0, 45.0, 55.0)
    kjaer_cuts_percent: tuple[float, float] = (10.0, 50.0)
    confounder_corrected: bool = False
    trust_grid: bool = False

    def __post_init__(self) -> None:
        _one_of("slice_rule", self.slice_rule, get_args(SliceRule))
        _one_of("image_is", self.image_is, get_args(ImageIs))
        for method in self.fat_methods:
            _one_of("fat_methods", method, FAT_METHODS)
        _one_of("clusters", self.clusters, (2, 3))
        cuts = (self.goutallier_cuts_percent, self.kjaer_cuts_percent)
        if any(list(row) != sorted(row) for row in cuts):
            raise MeasurementError(expected="cuts that grow", found=written(cuts), where="settings")
        if not 0 < self.subcutaneous_share <= 1:
            raise MeasurementError(
                expected="a share above 0 and up to 1",
                found=written(self.subcutaneous_share),
                where="subcutaneous_share",
            )

    def as_text(self) -> str:
        """One line of JSON, the same for the same settings."""
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":"))


def _one_of(name: str, value: object, permitted: tuple[object, ...]) -> None:
    if value not in permitted:
        raise MeasurementError(
            expected=said("one of {permitted}", permitted=", ".join(map(str, permitted))),
            found=written(value),
            where=name,
        )
