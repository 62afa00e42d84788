"""What is half typed: kept for its account alone, never looked at, and never overwritten unseen."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from trialkit.errors import TrialkitError
from trialkit.operations.web_desk import draft_version
from trialkit.web.asking import Asked
from trialkit.wording import said

ANY_VERSION = "any"  # what a page sends that knows of the newer copy and means to replace it


@dataclass(frozen=True, slots=True)
class Draft:
    """``version`` is empty and ``kept_at`` None where nothing is kept."""

    typed: Mapping[str, str] = field(default_factory=dict)
    version: str = ""
    kept_at: datetime | None = None


def draft_at(asked: Asked) -> Draft:
    kept = asked.web.desk.draft(asked.login, place_of(asked))
    if kept is None:
        return Draft()
    fields, kept_at = kept
    return Draft(json.loads(fields), draft_version(fields), datetime.fromisoformat(kept_at))


def keep_draft(asked: Asked) -> Draft | None:
    """Keep what was sent; None where another window of this account kept something else meanwhile."""
    seen = asked.form.get("draft_version", ANY_VERSION)
    typed = typed_fields(asked.form)
    fields, now = json.dumps(typed), asked.web.now()
    kept = asked.web.desk.keep_draft(
        asked.login,
        place_of(asked),
        fields,
        now.isoformat(),
        seen=None if seen == ANY_VERSION else seen,
    )
    return Draft(typed, draft_version(fields), now) if kept else None


def newer_copy(asked: Asked, site: str) -> TrialkitError:
    """The refusal of a page that stands on an older copy than the one kept."""
    kept_at = draft_at(asked).kept_at
    if kept_at is None:
        return TrialkitError(
            expected="the copy of this form that was kept last",
            found="none: another window of yours threw it away, or an administrator emptied the desk",
            next_step="Look at the form on the subject's page. Complete again if it still waits for you.",
        )
    return TrialkitError(
        expected="the copy of this form that was kept last",
        found=said(
            "an older one; another window kept a newer copy at {time}", time=asked.time_of_day(kept_at, site)
        ),
        next_step="Compare them. Complete again to take this one; open the form anew to take the other.",
    )


def typed_fields(sent: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in sent.items() if name[:1] == "r" and "." in name}


def place_of(asked: Asked) -> str:
    return "/".join(asked.at(name) for name in ("subject_id", "visit", "form"))
