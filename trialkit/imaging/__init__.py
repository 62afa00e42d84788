"""Images and segmentations to numbers: arrays and files in, frozen records out. Knows no trial.

Names are handed out when asked for; the heavy libraries of ``trialkit[imaging]`` are imported where they
are used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trialkit.imaging.reading.doors import read_image, read_segmentation
    from trialkit.imaging.volumes import Image, Notice, Segmentation

_HOME_OF_NAME = {
    "Image": "volumes",
    "Notice": "volumes",
    "Segmentation": "volumes",
    "read_image": "reading.doors",
    "read_segmentation": "reading.doors",
}

__all__ = ["Image", "Notice", "Segmentation", "read_image", "read_segmentation"]


def __getattr__(name: str) -> Any:
    home = _HOME_OF_NAME.get(name)
    if home is None:
        raise AttributeError(f"trialkit.imaging has no {name!r}")
    return getattr(importlib.import_module(f"trialkit.imaging.{home}"), name)
