"""The one look at the test set, on record before it is taken: in the folder, beside the data, in a study's
audit trail.

Without a study nobody else can see that it was one: then the test set is opened only for a reason, which
report and card print.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from trialkit.clock import Clock
from trialkit.prediction.developed import LookRecord
from trialkit.prediction.digest import people_digest
from trialkit.prediction.errors import PredictionError
from trialkit.prediction.plan import PredictionPlan
from trialkit.prediction.split_look import LookAhead
from trialkit.wording import said

LOOKS = "test_set_looks.jsonl"


@dataclass(frozen=True)
class Trail:
    """A study's audit trail, from above: ``require_first`` (of a plan, and of who had which outcome) refuses
    early, ``record`` at the look."""

    require_first: Callable[[PredictionPlan, str], object]
    record: Callable[[LookAhead], object]
    simulated: bool = False  # the study is a demonstration


@dataclass(frozen=True)
class LookRegister:
    """Asked twice: before the work, so that none is lost, and when the test set is about to be opened.

    ``beside``: the folder of the data, whose looks count too. ``outside``: why there is no ``trail``.
    """

    folder: Path
    clock: Clock
    reason: str
    trail: Trail | None = None
    beside: Path | None = None
    outside: str = ""

    def require_first(self, plan: PredictionPlan, data: pd.DataFrame) -> None:
        """Refuse a second look without a reason, as :meth:`open` would after an hour's work.

        Raises
        ------
        PredictionError, TrialkitError
            The folder, the data's folder or the study's trail tells of one; or nothing can be written beside
            the data.
        """
        absent = {plan.subject, *plan.outcome.columns} - set(data.columns)
        self._require_first(plan, "" if absent else people_digest(data, plan))

    def open(self, look: LookAhead) -> LookRecord:
        """Put the look on record; a test set is opened only after this returned."""
        again = self._require_first(look.plan, look.people_sha256)
        if self.trail is not None:
            self.trail.record(look)
        line = {
            "at": self.clock.now().isoformat(timespec="seconds"),
            "plan_id": look.plan.id,
            "plan_sha256": look.plan.sha256,
            "data_sha256": look.data_sha256,
            "people_sha256": look.people_sha256,
            "outcome": ", ".join(look.plan.outcome.columns),
            "chosen_before": look.chosen,
            "test_subjects": look.subjects,
            "reason": self.reason,
            "outside_any_trail": self.outside,
            "in_audit_trail": self.trail is not None,
        }
        for folder in self._folders():
            folder.mkdir(parents=True, exist_ok=True)
            with (folder / LOOKS).open("a", encoding="utf-8") as file:
                file.write(json.dumps(line, ensure_ascii=False) + "\n")
        return LookRecord(self.trail is not None, self.outside, self.reason if again else "")

    def _folders(self) -> list[Path]:
        beside = (
            [] if self.beside is None or self.beside.resolve() == self.folder.resolve() else [self.beside]
        )
        return [self.folder, *beside]

    def _require_first(self, plan: PredictionPlan, people_sha256: str) -> bool:
        """Whether there was one before."""
        if self.trail is None and self.beside is not None and not os.access(self.beside, os.W_OK):
            raise PredictionError(
                expected=said("a folder of the data that the look can be recorded in"),
                found="one that cannot be written",
                where=str(self.beside),
                next_step="Copy the data to a folder of your own, or leave the test set closed.",
            )
        if self.trail is not None:
            self.trail.require_first(plan, people_sha256)
        looks = [(self.folder, look) for look in earlier_looks(self.folder)]
        for folder in self._folders()[1:]:
            looks += [(folder, look) for look in earlier_looks(folder) if _same(look, plan, people_sha256)]
        if looks and not self.reason:
            folder, look = looks[-1]
            raise PredictionError(
                expected=said("one look at the test set"),
                found=said("one already, at {at}, by plan {plan}", at=look["at"], plan=look["plan_id"]),
                where=str(folder / LOOKS),
                next_step="It is of the same plan, people or outcome, or its results stand in this folder. "
                "Say why another is needed with --look-again REASON, on record; another study goes to a "
                "folder of its own.",
            )
        return bool(looks) or bool(self.reason)


def _same(look: dict[str, Any], plan: PredictionPlan, people_sha256: str) -> bool:
    of_people = bool(people_sha256) and look.get("people_sha256") == people_sha256
    same_name = look.get("outcome") == ", ".join(plan.outcome.columns)
    return bool(look["plan_id"] == plan.id) or of_people or same_name


def earlier_looks(folder: Path) -> list[dict[str, Any]]:
    """The looks at a test set that this folder has on record.

    Raises
    ------
    PredictionError
        A record that cannot be read.
    """
    path = folder / LOOKS
    if not path.exists():
        return []
    try:
        looks = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        if all(isinstance(look, dict) and {"at", "plan_id"} <= look.keys() for look in looks):
            return looks
    except (UnicodeDecodeError, json.JSONDecodeError):
        pass
    raise PredictionError(
        expected="looks at a test set, one a line",
        found="something else",
        where=str(path),
        next_step="Restore the file: it tells whether the test set was looked at.",
    )
