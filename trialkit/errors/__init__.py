"""One place to import any trialkit error from.

The base error is here; each room keeps its own errors in its ``errors`` module, and this page hands them
out by name when asked, so that importing it costs nothing and imports still run down the floors.
"""

from __future__ import annotations

from trialkit.faces import face

__getattr__, __dir__, __all__ = face(__name__, __file__)
