"""Codecs: files of other systems to frozen records and back. Nothing here knows a database."""

from __future__ import annotations

from trialkit.faces import face

__getattr__, __dir__, __all__ = face(__name__, __file__)
