"""Results to one page: ``write_report`` and what it may be told."""

from __future__ import annotations

from trialkit.faces import face

__getattr__, __dir__, __all__ = face(__name__, __file__)
