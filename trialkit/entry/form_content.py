"""What a form says, as one hash: what a signature or a verification is bound to."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable

from trialkit.entry.agreement import TypedValue


def form_content_sha256(values: Iterable[tuple[str, str, TypedValue]]) -> str:
    """SHA-256 (64 hex digits) of the final values of one form.

    Parameters
    ----------
    values
        (line, item, value), in any order. None at all gives the hash of an empty form.
    """
    lines = sorted(
        [
            row,
            item,
            value.state.value,
            str(value.missing_code or ""),
            value.text or "",
        ]
        for row, item, value in values
    )
    return hashlib.sha256(json.dumps(lines, ensure_ascii=False).encode("utf-8")).hexdigest()
