"""What a header tells of scanner and sequence, under our own names and in stated units; never of the
person.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

ACQUISITION_COLUMNS = (
    "modality", "manufacturer", "model", "field_strength_t", "coil", "echo_time_ms", "repetition_time_ms",
    "flip_angle_deg", "slice_thickness_mm", "sequence", "dixon",
)  # fmt: skip

_DICOM = {
    "modality": "Modality",
    "manufacturer": "Manufacturer",
    "model": "ManufacturerModelName",
    "field_strength_t": "MagneticFieldStrength",
    "coil": "ReceiveCoilName",
    "echo_time_ms": "EchoTime",
    "repetition_time_ms": "RepetitionTime",
    "flip_angle_deg": "FlipAngle",
    "slice_thickness_mm": "SliceThickness",
    "sequence": "SequenceName",
}
_ENHANCED = {"EchoTime": "EffectiveEchoTime", "SequenceName": "PulseSequenceName"}
"""What an enhanced file calls the same."""
_BIDS_SECONDS = {"echo_time_ms": "EchoTime", "repetition_time_ms": "RepetitionTime"}
_TEXTS = ("modality", "manufacturer", "model", "coil", "sequence", "dixon")


def of_dicom(dataset: Any) -> dict[str, str | float]:
    """From the tags of one DICOM file; of an enhanced file also from its first frame's functional groups."""
    grouped = _of_groups(dataset)
    told = {
        name: dataset.get(keyword) or grouped.get(_ENHANCED.get(keyword, keyword))
        for name, keyword in _DICOM.items()
    }
    return _typed(told)


def _of_groups(dataset: Any) -> dict[str, Any]:
    """Every single value of the groups that all frames share, and of the first frame's own."""
    found: dict[str, Any] = {}
    for holder in ("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"):
        for groups in list(dataset.get(holder, ()))[:1]:
            for group in groups:
                if group.VR == "SQ" and len(group.value):
                    found |= {one.keyword: one.value for one in group.value[0] if one.VR != "SQ"}
    return found


def of_bids(content: Mapping[str, Any]) -> dict[str, str | float]:
    """From a BIDS sidecar, whose times are in seconds."""
    told = {name: content.get(keyword) for name, keyword in _DICOM.items()}
    told["model"] = content.get("ManufacturersModelName")
    for name, keyword in _BIDS_SECONDS.items():
        value = content.get(keyword)
        told[name] = value * 1000 if isinstance(value, int | float) else None
    return _typed(told)


def _typed(told: Mapping[str, Any]) -> dict[str, str | float]:
    typed: dict[str, str | float] = {}
    for name, value in told.items():
        if value in (None, ""):
            continue
        if name in _TEXTS:
            typed[name] = str(value)
            continue
        try:
            typed[name] = float(value)
        except (TypeError, ValueError):
            continue
    return typed
