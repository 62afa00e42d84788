"""What every request has in common: the study, its desk, and where the application stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path

from trialkit.operations import Trial
from trialkit.operations.web_desk import DeskFile
from trialkit.study.labels import read_labels

IDLE_LIMIT = timedelta(minutes=30)
ABSOLUTE_LIMIT = timedelta(hours=12)
WARNED_BEFORE = timedelta(minutes=5)
REQUESTS_KEPT = timedelta(days=30)
"""How long the answer of a form or an API write is kept for whoever sends it again; no session is as old."""
LANGUAGE_COOKIE = "trialkit_language"
ZONE_COOKIE = "trialkit_zone"
LARGEST_BODY = 256 * 1024  # bytes: a form of 300 items is a tenth of it


@dataclass(frozen=True, slots=True)
class ShownAccount:
    """An account printed on the sign-in page: of a demonstration only."""

    login: str
    password: str
    role: str
    site: str


@cache
def _labels(folder: Path) -> Mapping[str, Mapping[str, str]]:
    """Read once: a mended file counts from the next start."""
    return read_labels(folder)


@dataclass(frozen=True, slots=True)
class Web:
    """The application's setting.

    Parameters
    ----------
    path_prefix
        Where a proxy in front mounts it, as ``/trial``; empty at the root.
    shown_accounts
        For the sign-in page of a demonstration.
    """

    trial: Trial
    desk: DeskFile
    path_prefix: str = ""
    shown_accounts: tuple[ShownAccount, ...] = ()

    @property
    def labels(self) -> Mapping[str, Mapping[str, str]]:
        """The dictionary's labels in other languages."""
        return _labels(self.trial.folder)

    @property
    def mark(self) -> str:
        """What tells this study, at this prefix, from others of the same host: eight hexadecimal digits."""
        return sha256(f"{self.path_prefix}/ {self.trial.study.id}".encode()).hexdigest()[:8]

    def url(self, path: str) -> str:
        return self.path_prefix + path

    def now(self) -> datetime:
        return self.trial.clock.now()
