"""The reference trial from end to end, with the real parts of every room."""

from __future__ import annotations

from trialkit.faces import face

__getattr__, __dir__, __all__ = face(__name__, __file__)
