"""How features are extracted; what IBSI advises against is refused unless it is asked for in so many
words.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, get_args

from trialkit.imaging.errors import RadiomicsError
from trialkit.strict_toml import parse_toml
from trialkit.wording import said, written

FeatureClass = Literal[
    "shape",
    "first_order",
    "glcm",
    "glrlm",
    "glszm",
    "gldm",
    "local_intensity",
    "intensity_histogram",
    "gldzm",
    "ngtdm",
]
Aggregation = Literal[
    "3D, averaged",
    "3D, merged",
    "2D, averaged",
    "2D, slice-merged",
    "2.5D, direction-merged",
    "2.5D, merged",
]
Discretization = Literal["fixed_bin_number", "fixed_bin_width", "none"]
Intensities = Literal["arbitrary", "calibrated"]
Of = Literal["image", "fat_fraction"]
CLASSES: tuple[FeatureClass, ...] = get_args(FeatureClass)
SIX_CLASSES = CLASSES[:6]
AGGREGATIONS: tuple[Aggregation, ...] = get_args(Aggregation)


@dataclass(frozen=True)
class RadiomicsSettings:
    """Settings of ``radiomics``.

    Attributes
    ----------
    classes
        By default the six: shape, first_order, glcm, glrlm, glszm, gldm (IBSI's NGLDM); also local_intensity,
        intensity_histogram, gldzm, ngtdm.
    aggregations
        How texture matrices of directions and slices are joined, in IBSI's words.
    intensities
        ``arbitrary`` (raw MRI) or ``calibrated`` (fat fractions, Hounsfield units).
    discretization
        ``fixed_bin_number`` (``bins``), ``fixed_bin_width`` (``bin_width``, counted from the lower end of
        ``range``), or ``none`` for an image of whole grey levels.
    range
        Intensities outside are left out of all classes but shape; needed by ``fixed_bin_width``.
    of
        ``image``, as it is; or ``fat_fraction``, the map in percent of a Dixon pair, which is calibrated.
    against_advice
        Fixed bin width on arbitrary intensities, which IBSI's reference manual does not recommend, is done
        all the same.
    """

    classes: tuple[FeatureClass, ...] = SIX_CLASSES
    aggregations: tuple[Aggregation, ...] = ("3D, averaged",)
    intensities: Intensities = "arbitrary"
    discretization: Discretization = "fixed_bin_number"
    bins: int = 32
    bin_width: float = 0.0
    range: tuple[float, float] | None = None
    against_advice: bool = False
    of: Of = "image"

    def __post_init__(self) -> None:
        for name, values, permitted in (
            ("classes", self.classes, CLASSES),
            ("aggregations", self.aggregations, AGGREGATIONS),
            ("intensities", (self.intensities,), get_args(Intensities)),
            ("discretization", (self.discretization,), get_args(Discretization)),
            ("of", (self.of,), get_args(Of)),
        ):
            unknown = [value for value in values if value not in permitted]
            if unknown or not values:
                raise RadiomicsError(
                    expected=said("one or more of {permitted}", permitted=", ".join(map(repr, permitted))),
                    found=", ".join(map(repr, unknown)) or "none",
                    where=name,
                )
        if self.range is not None and not self.range[0] < self.range[1]:
            raise RadiomicsError(
                expected="a range from low to high", found=written(self.range), where="range"
            )
        if self.of == "fat_fraction" and self.intensities != "calibrated":
            raise RadiomicsError(
                expected="calibrated intensities of a fat-fraction map",
                found=repr(self.intensities),
                where="intensities",
                next_step='Say intensities = "calibrated"; a fat fraction is one.',
            )
        self._check_bins()

    def _check_bins(self) -> None:
        if self.discretization == "fixed_bin_number" and not 2 <= self.bins <= 1024:
            raise RadiomicsError(expected="2 to 1024 bins", found=written(self.bins), where="bins")
        if self.discretization != "fixed_bin_width":
            return
        if not self.bin_width > 0 or self.range is None:
            raise RadiomicsError(
                expected="a bin_width above 0, and the range it is counted from",
                found=said(
                    "bin_width {bin_width:g}, range {range}", bin_width=self.bin_width, range=self.range
                ),
                where="discretization",
                next_step="State both, e.g. bin_width = 2.5 and range = [0, 100] for fat fractions.",
            )
        if self.intensities == "arbitrary" and not self.against_advice:
            raise RadiomicsError(
                expected="a fixed bin number for intensities of arbitrary unit",
                found="a fixed bin width, which IBSI does not recommend there",
                where="discretization",
                next_step='Use fixed_bin_number, or say intensities = "calibrated" or against_advice = true.',
            )

    def as_text(self) -> str:
        """One line of JSON, the same for the same settings."""
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":"))


def read_settings(path: Path) -> RadiomicsSettings:
    """Read a settings file in TOML; every key has the name of an attribute, and unknown ones are refused.

    Raises
    ------
    RadiomicsError
        No such file, not TOML, an unknown key, a wrong type, or settings that do not go together.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise RadiomicsError(
            expected="a settings file in TOML", found="none that reads", where=str(path)
        ) from None
    stated = parse_toml(text, str(path), RadiomicsError)
    default = RadiomicsSettings()
    bounds = stated.numbers("range", ())
    if len(bounds) not in (0, 2):
        stated.refuse("range", "two numbers, low and high", list(bounds))
    settings = RadiomicsSettings(
        classes=stated.texts("classes", default.classes),  # type: ignore[arg-type]
        aggregations=stated.texts("aggregations", default.aggregations),  # type: ignore[arg-type]
        intensities=stated.text("intensities", default.intensities),  # type: ignore[arg-type]
        discretization=stated.text("discretization", default.discretization),  # type: ignore[arg-type]
        bins=stated.integer("bins", default.bins),
        bin_width=stated.number("bin_width", default.bin_width),
        range=(bounds[0], bounds[1]) if bounds else None,
        against_advice=stated.boolean("against_advice", default.against_advice),
        of=stated.text("of", default.of),  # type: ignore[arg-type]
    )
    stated.done()
    return settings
