"""The code on a paper confirmation: the paper shows that this study told it, and of which slot.

Nobody who lacks the key can make the code of another arm, so a paper that is entered again after a restore
is no way to guess at the list.
"""

from __future__ import annotations

import hmac

from trialkit.randomization.canonical import canonical_json, domain
from trialkit.randomization.sealing import SealedSlot

_DIGITS, _GROUP = 16, 4


def confirmation_code(
    key: bytes, *, subject_id: str, schedule_id: str, slot: SealedSlot, arm: str, allocated_at: str
) -> str:
    """Sixteen hexadecimal digits in groups of four.

    Parameters
    ----------
    key
        The study's audit key.
    subject_id, arm, allocated_at
        As on the paper; the time in UTC, ISO 8601 with microseconds.
    schedule_id, slot
        The slot's list, and its stratum and sequence number.
    """
    told = {
        "allocated_at": allocated_at,
        "arm": arm,
        "schedule_id": schedule_id,
        "sequence_number": slot.sequence_number,
        "stratum": slot.stratum,
        "subject_id": subject_id,
    }
    digits = hmac.digest(key, domain("confirmation") + canonical_json(told), "sha256").hex()[:_DIGITS]
    return "-".join(digits[start : start + _GROUP] for start in range(0, _DIGITS, _GROUP))


def same_code(typed: str, code: str) -> bool:
    """Whether what was typed is the code, whatever its case, spaces and dashes."""
    return hmac.compare_digest(_bare(typed).encode("utf-8"), _bare(code).encode("utf-8"))


def _bare(code: str) -> str:
    return "".join(code.lower().replace("-", "").split())
