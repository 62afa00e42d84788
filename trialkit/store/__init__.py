"""The only room that speaks SQL: models, migrations, triggers, reading, and the ledger that writes."""

from __future__ import annotations

from trialkit.faces import face

__getattr__, __dir__, __all__ = face(__name__, __file__)
