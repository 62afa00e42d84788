"""The valid name closest to a mistyped one."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def advice(found: str, valid: Iterable[str], *, otherwise: str) -> str:
    """A next step for a name that is not among ``valid``: the nearest one, else ``otherwise``."""
    spelled = {name.casefold(): name for name in valid}
    matches = get_close_matches(found.casefold(), spelled, n=1, cutoff=0.6)
    return f"Did you mean {spelled[matches[0]]!r}?" if matches else otherwise


def listed(names: Iterable[str], limit: int = 8) -> str:
    """Names for an error text, in order, cut where there are many."""
    known = list(names)
    shown = ", ".join(known[:limit])
    return shown + (f" and {len(known) - limit} more" if len(known) > limit else "")
