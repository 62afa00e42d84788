"""The protocol as data: arms, factors, visits, forms and items, and the contradictions among them."""

from __future__ import annotations

from trialkit.faces import face

__getattr__, __dir__, __all__ = face(__name__, __file__)
