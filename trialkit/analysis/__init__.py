"""Plan x datasets x methods, to results that carry where they came from."""

from __future__ import annotations

from trialkit.faces import face

__getattr__, __dir__, __all__ = face(__name__, __file__)
