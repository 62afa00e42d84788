"""A trial that knows the truth, in two turns, for any study definition.

Turn 1: `candidates` come to be screened, with everything that is on paper before randomization. Then a real
allocation gives each of the eligible an arm: nothing here ever does. Turn 2: `outcomes` fills in the rest of
the paper, and `typed_passes` types it twice, with errors. `true_effect` and `true_recurrence` say what the
analysis should have found. Nothing here touches a database, a clock or any global random state.
"""

from __future__ import annotations

from trialkit.faces import face

__getattr__, __dir__, __all__ = face(__name__, __file__)
