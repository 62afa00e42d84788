"""Rules of data capture, pure: how a typed text is read, whether two entries agree, the life of a form.

Names are handed out when asked for, so that a rule on two values does not cost the import of pandas.
"""

from __future__ import annotations

from trialkit.faces import face

__getattr__, __dir__, __all__ = face(__name__, __file__)
