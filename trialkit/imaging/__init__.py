"""Images and segmentations to numbers: arrays and files in, frozen records out. Knows no trial.

Names are handed out when asked for; the heavy libraries of ``trialkit[imaging]`` are imported where they
are used.
"""

from __future__ import annotations

from trialkit.faces import face

__getattr__, __dir__, __all__ = face(__name__, __file__)
