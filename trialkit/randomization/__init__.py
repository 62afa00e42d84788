"""Randomization: designs, the list, its custody and its proof. Pure: no database, no command line.

Names are handed out when asked for, so that importing the room costs nothing.
"""

from __future__ import annotations

from trialkit.faces import face

__getattr__, __dir__, __all__ = face(__name__, __file__)
