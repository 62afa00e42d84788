"""Prediction models, developed honestly and frozen: above the statistics, knowing no trial.

``develop(data, outcome=, features=, plan=)`` is the notebook's door. Names are handed out when asked for.
"""

from __future__ import annotations

from trialkit.faces import face

__getattr__, __dir__, __all__ = face(__name__, __file__)
