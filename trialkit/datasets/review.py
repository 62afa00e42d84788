"""The decisions of the blind data review, as the snapshot carries them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialkit.snapshot import Snapshot
from trialkit.snapshot.content import TABLES

if TYPE_CHECKING:
    import pandas as pd

EXCLUDE = "exclude"


def review_table(snapshot: Snapshot) -> pd.DataFrame:
    """``subject_id analysis_set decision reason decided_by decided_at``; empty where nothing was decided."""
    import pandas as pd

    columns, _ = TABLES["review"]
    return snapshot.tables.get("review", pd.DataFrame(columns=list(columns)))


def left_out_by(review: pd.DataFrame) -> dict[str, dict[str, str]]:
    """By analysis set, the reason for each subject that the review left out."""
    found: dict[str, dict[str, str]] = {}
    for row in review[review["decision"] == EXCLUDE].to_dict("records"):
        why = f"blind review: {row['reason']} ({row['decided_by']})"
        found.setdefault(str(row["analysis_set"]), {})[str(row["subject_id"])] = why
    return found
