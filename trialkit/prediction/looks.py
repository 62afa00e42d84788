"""The one look at the test set, on record before it is taken: in the folder, and in a study's audit trail."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trialkit.clock import Clock
from trialkit.prediction.errors import PredictionError
from trialkit.prediction.plan import PredictionPlan
from trialkit.prediction.split_look import LookAhead
from trialkit.wording import said

LOOKS = "test_set_looks.jsonl"


@dataclass(frozen=True)
class Trail:
    """A study's audit trail, from above: ``require_first`` refuses early, ``record`` at the look."""

    require_first: Callable[[PredictionPlan], object]
    record: Callable[[LookAhead], object]
    simulated: bool = False  # the study is a demonstration


@dataclass(frozen=True)
class LookRegister:
    """Asked twice: before the work, so that none is lost, and when the test set is about to be opened."""

    folder: Path
    clock: Clock
    reason: str
    trail: Trail | None = None

    def require_first(self, plan: PredictionPlan) -> None:
        """Refuse a second look without a reason.

        Raises
        ------
        PredictionError, TrialkitError
            The folder, or the study's trail, tells of one.
        """
        if self.trail is not None:
            self.trail.require_first(plan)
        looks = earlier_looks(self.folder)
        if looks and not self.reason:
            raise PredictionError(
                expected=said("one look at the test set"),
                found=said("one already, at {at}", at=looks[-1]["at"]),
                where=str(self.folder / LOOKS),
                next_step="Say why another is needed with --look-again REASON; it goes on record.",
            )

    def open(self, look: LookAhead) -> None:
        """Put the look on record; a test set is opened only after this returned."""
        self.require_first(look.plan)
        if self.trail is not None:
            self.trail.record(look)
        self.folder.mkdir(parents=True, exist_ok=True)
        line = {
            "at": self.clock.now().isoformat(timespec="seconds"),
            "plan_id": look.plan.id,
            "plan_sha256": look.plan.sha256,
            "data_sha256": look.data_sha256,
            "chosen_before": look.chosen,
            "test_subjects": look.subjects,
            "reason": self.reason,
            "in_audit_trail": self.trail is not None,
        }
        with (self.folder / LOOKS).open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")


def earlier_looks(folder: Path) -> list[dict[str, Any]]:
    """The looks at a test set that this folder has on record."""
    path = folder / LOOKS
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
