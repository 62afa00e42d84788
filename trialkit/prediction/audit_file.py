"""The leak audit in a development's folder, where its report finds it."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from trialkit.prediction.audit import Audit

LEAK_AUDIT = "leak_audit.json"


def write_audit(folder: Path, audit: Audit) -> None:
    """What was found, and of which plan and data."""
    document = {**vars(audit), "table": audit.table.to_dict("records"), "leak": audit.leak}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / LEAK_AUDIT).write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


def audit_of(folder: Path, plan_sha256: str, data_sha256: str) -> Audit | None:
    """The audit of this plan and these data; None where there is none, or one of others."""
    try:
        document = json.loads((folder / LEAK_AUDIT).read_text(encoding="utf-8"))
        document.pop("leak")
        audit = Audit(**{**document, "table": pd.DataFrame(document["table"])})
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None
    return audit if (audit.plan_sha256, audit.data_sha256) == (plan_sha256, data_sha256) else None
