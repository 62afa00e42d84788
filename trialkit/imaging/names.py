"""What a segment's name says: which structure, at which level, on which side."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

SIDES = {"left": "left", "l": "left", "lt": "left", "right": "right", "r": "right", "rt": "right"}
MUSCLES: dict[str, tuple[str, ...]] = {
    "erector_spinae_multifidus": ("es mf", "mf es", "erector spinae multifidus", "multifidus erector spinae"),
    "multifidus": ("multifidus", "mf"),
    "erector_spinae": ("erector spinae", "es"),
    "psoas": ("psoas major", "psoas", "ps", "pm"),
    "quadratus_lumborum": ("quadratus lumborum", "ql"),
}
LANDMARKS: dict[str, tuple[str, ...]] = {
    "disc": ("intervertebral disc", "disc", "disk", "ivd"),
    "vertebra": ("vertebral body", "vertebra", "vb"),
    "csf": ("cerebrospinal fluid", "csf", "thecal sac"),
    "subcutaneous_fat": ("subcutaneous fat", "subcutaneous", "sat", "scf"),
}
_LEVEL = re.compile(r"\b([tls])(\d{1,2})(?: ?[tls]?\d{1,2})?\b")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_SEPARATORS = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True)
class Structure:
    """A muscle or landmark; ``level`` is ``L1`` to ``L5`` (of a disc, the vertebra above), ``side`` left,
    right or empty.
    """

    muscle: str
    level: str = ""
    side: str = ""

    @property
    def is_landmark(self) -> bool:
        return self.muscle in LANDMARKS

    @property
    def is_known(self) -> bool:
        return self.muscle in MUSCLES or self.is_landmark


def read_structure(name: str, stated: Mapping[str, str] | None = None) -> Structure:
    """The structure a segment's name tells, or what a labels file states in its place.

    ``multifidus_L4_left``, ``MF L4 L``, ``Right Psoas Major (L3)`` and ``disc L4/L5`` are read. Of a
    structure that is not known here (``iliacus L4 left``) level and side are read where a lumbar level is
    told; a name without one is its own structure, without level and side.
    """
    told = _read(name)
    stated = stated or {}
    return Structure(
        muscle=stated.get("muscle", "").strip() or told.muscle,
        level=stated.get("level", "").strip().upper() or told.level,
        side=SIDES.get(stated.get("side", "").strip().casefold(), told.side),
    )


@cache
def _read(name: str) -> Structure:
    words = _SEPARATORS.sub(" ", _CAMEL.sub(" ", name).casefold()).strip()
    level = _LEVEL.search(words)
    rest = _LEVEL.sub(" ", words)
    sides = [SIDES[word] for word in rest.split() if word in SIDES]
    rest = " ".join(word for word in rest.split() if word not in SIDES)
    for structure, spellings in (MUSCLES | LANDMARKS).items():
        if any(re.search(rf"\b{spelling}\b", rest) for spelling in spellings):
            return Structure(
                structure, f"{level[1].upper()}{int(level[2])}" if level else "", sides[0] if sides else ""
            )
    if level and level[1] == "l" and rest:
        return Structure(rest.replace(" ", "_"), f"L{int(level[2])}", sides[0] if sides else "")
    return Structure(name)
