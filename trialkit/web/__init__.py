"""The web application: the second door to the operations. A view decides nothing about the trial."""

from __future__ import annotations

from trialkit.faces import face

__getattr__, __dir__, __all__ = face(__name__, __file__)
