"""Which slice an area is taken on: chosen by a rule, and recorded."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from trialkit.imaging.errors import MeasurementError
from trialkit.imaging.grid import BoolArray, Grid, IntArray
from trialkit.imaging.muscle.settings import SliceRule
from trialkit.imaging.names import Structure
from trialkit.wording import said

_LANDMARK = {"mid_disc": "disc", "superior_endplate": "vertebra"}


def level_slices(
    rule: SliceRule, structures: Mapping[str, Structure], masks: Mapping[str, BoolArray], grid: Grid
) -> dict[str, int]:
    """Level -> slice, by the landmarks drawn; empty where the rule needs none.

    Raises
    ------
    MeasurementError
        The rule needs a landmark and none is drawn.
    """
    wanted = _LANDMARK.get(rule)
    if wanted is None:
        return {}
    axis = grid.axial_axis
    found: dict[str, int] = {}
    for name, structure in structures.items():
        if structure.muscle != wanted or not structure.level or not masks[name].any():
            continue
        counts = masks[name].sum(axis=tuple(other for other in range(3) if other != axis))
        drawn = np.flatnonzero(counts)
        if rule == "mid_disc":
            found[structure.level] = round(float(np.average(drawn, weights=counts[drawn])))
        else:
            found[structure.level] = int(drawn[-1] if grid.grows_towards(axis, 2) > 0 else drawn[0])
    if not found:
        raise MeasurementError(
            expected=said(
                "segments of the {wanted}s (such as {wanted}_L4), for the slice rule {rule}",
                wanted=wanted,
                rule=rule,
            ),
            found="none",
            next_step="Draw them, or choose another slice rule (--slice middle).",
        )
    return found


def slice_of(rule: SliceRule, counts: IntArray, level: str, by_level: Mapping[str, int]) -> int:
    """The slice of one segment, of which each slice holds so many voxels.

    Raises
    ------
    MeasurementError
        The level has no landmark, or the segment has no voxel on the level's slice.
    """
    if rule == "largest":
        return int(np.argmax(counts))
    if rule == "middle":
        drawn = np.flatnonzero(counts)
        return int(drawn[(len(drawn) - 1) // 2])
    if level not in by_level:
        raise MeasurementError(
            expected=said("a {landmark} at {level}", landmark=_LANDMARK[rule], level=level),
            found=", ".join(sorted(by_level)),
            next_step="Draw it, or choose another slice rule (--slice middle).",
        )
    return by_level[level]
