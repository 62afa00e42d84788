"""Whether names fit places: left on the patient's left, L1 above L2, each level at its own height."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

import numpy as np

from trialkit.imaging.names import LANDMARKS, read_structure
from trialkit.imaging.volumes import Notice, Segmentation
from trialkit.nearest import listed


def oddities(segmentation: Segmentation) -> list[Notice]:
    """What a reader would want to know before believing the numbers: ``misplaced``, names that tell no
    structure known here, muscles drawn on one slice.
    """
    structures = {name: read_structure(name, segmentation.stated.get(name)) for name in segmentation.segments}
    stated = {name for name, told in segmentation.stated.items() if told.get("muscle")}
    unknown = [name for name, it in structures.items() if not it.is_known and name not in stated]
    others = tuple(axis for axis in range(3) if axis != segmentation.grid.axial_axis)
    thin = [
        name
        for name, mask in segmentation.segments.items()
        if not structures[name].is_landmark and np.count_nonzero(mask.any(axis=others)) == 1
    ]
    notices = misplaced(segmentation)
    if unknown:
        text = "names that tell no known muscle, measured under their own name: "
        notices.append(Notice("unknown_name", text + listed(unknown)))
    if thin:
        text = "drawn on one slice, so that volume and 3D features are of that slice only: "
        notices.append(Notice("one_slice", text + listed(thin)))
    return notices


def misplaced(segmentation: Segmentation) -> list[Notice]:
    """What contradicts the anatomy: ``laterality`` and ``level``, one notice each.

    Centres are compared in the patient's axes, so that a flipped header or exchanged names are found.
    """
    centres: dict[tuple[str, str, str], tuple[float, float]] = {}
    for name, mask in segmentation.segments.items():
        structure = read_structure(name, segmentation.stated.get(name))
        if mask.any():
            index = np.argwhere(mask).mean(axis=0)[::-1]
            left, _, superior = segmentation.grid.position(index)
            centres[structure.muscle, structure.level, structure.side] = float(left), float(superior)
    return [*_laterality(centres), *_levels(centres)]


def _laterality(centres: dict[tuple[str, str, str], tuple[float, float]]) -> list[Notice]:
    wrong = [
        f"{muscle} {level}".strip()
        for (muscle, level, side), (left, _) in centres.items()
        if side == "left"
        and (muscle, level, "right") in centres
        and left <= centres[muscle, level, "right"][0]
    ]
    text = "segments called left lie to the right of those called right: "
    return [Notice("laterality", text + ", ".join(wrong))] if wrong else []


def _levels(centres: dict[tuple[str, str, str], tuple[float, float]]) -> list[Notice]:
    heights: dict[tuple[str, str], list[tuple[str, float]]] = defaultdict(list)
    for (muscle, level, side), (_, superior) in centres.items():
        if level.startswith("L") and muscle not in LANDMARKS:
            heights[muscle, side].append((level, superior))
    wrong = []
    for (muscle, side), levels in heights.items():
        ordered = sorted(levels)
        if any(above[1] <= below[1] for above, below in pairwise(ordered)):
            wrong.append(f"{muscle} {side}".strip())
    text = "levels do not follow each other from head to foot: "
    return [Notice("level", text + ", ".join(wrong))] if wrong else []
