"""The valid name closest to a mistyped one."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from trialkit.wording import said


def advice(found: str, valid: Iterable[str], *, otherwise: str) -> str:
    """A next step for a name that is not among ``valid``: the nearest one, else ``otherwise``."""
    spelled = {name.casefold(): name for name in valid}
    matches = get_close_matches(found.casefold(), spelled, n=1, cutoff=0.6)
    return said("Did you mean {name!r}?", name=spelled[matches[0]]) if matches else otherwise


def listed(names: Iterable[str], limit: int = 8) -> str:
    """Names for an error text, in order, cut where there are many."""
    known = list(names)
    shown = ", ".join(known[:limit])
    n_more = len(known) - limit
    return said("{names} and {n_more} more", names=shown, n_more=n_more) if n_more > 0 else shown
