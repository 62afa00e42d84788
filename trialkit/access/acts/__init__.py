"""The registry of acts: the system's table of contents.

Role table, audit vocabulary, help texts and documentation come from here; the rights themselves are
tested against a hand-written table, ``tests/expected_rights.csv``.
"""

from __future__ import annotations

from trialkit.access.act import Act
from trialkit.access.acts import (
    accounts,
    capture,
    closing,
    lists,
    queries,
    reading,
    redaction,
    safety,
    subjects,
    versions,
)

_TOPICS = (accounts, lists, subjects, versions, capture, queries, safety, closing, redaction, reading)

ACTS: dict[str, Act] = {
    act.name: act for topic in _TOPICS for act in vars(topic).values() if isinstance(act, Act)
}


def act_named(name: str) -> Act:
    return ACTS[name]
