"""What a development leaves in its folder, and the one look at the test set on record."""

from __future__ import annotations

import json
import math
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trialkit.prediction.developed import Development
from trialkit.prediction.errors import PredictionError
from trialkit.wording import said

if TYPE_CHECKING:
    import pandas as pd

LOOKS = "test_set_looks.jsonl"


def earlier_looks(folder: Path) -> list[dict[str, Any]]:
    """The looks at a test set that this folder has on record."""
    path = folder / LOOKS
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def require_first_look(folder: Path, reason: str | None) -> None:
    """Refuse a second look without a reason.

    The record covers this folder only: a look made elsewhere is known where a study's audit trail is told.
    """
    looks = earlier_looks(folder)
    if looks and not (reason and reason.strip()):
        raise PredictionError(
            expected="one look at the test set",
            found=said("one already, at {at}", at=looks[-1]["at"]),
            where=str(folder / LOOKS),
            next_step="Say why another is needed with --look-again REASON; it goes on record.",
        )


def record_look(folder: Path, development: Development, at: datetime, reason: str | None) -> None:
    """Add one line: when, which plan and data, why again."""
    look = {
        "at": at.isoformat(timespec="seconds"),
        "plan_sha256": development.plan.sha256,
        "data_sha256": development.data_sha256,
        "chosen_before": development.chosen,
        "test_subjects": len(development.split.test),
        "reason": reason or "",
    }
    with (folder / LOOKS).open("a", encoding="utf-8") as file:
        file.write(json.dumps(look, ensure_ascii=False) + "\n")


def write_numbers(folder: Path, development: Development) -> None:
    """``performance.csv``, ``performance.json``, ``model.json``; full precision."""
    development.performance.to_csv(folder / "performance.csv", index=False, lineterminator="\n")
    _write_json(folder / "performance.json", performance_document(development))
    _write_json(folder / "model.json", development.model)


def write_pages(folder: Path, development: Development) -> None:
    """``calculator.html``, ``model_card.html`` and ``report/index.html``."""
    from trialkit.documents.html import write_html
    from trialkit.prediction.calculator import calculator_page
    from trialkit.prediction.card_page import card_page
    from trialkit.prediction.report import development_page

    calculator = calculator_page(development.model, development.card)
    (folder / "calculator.html").write_text(calculator, encoding="utf-8")
    write_html(card_page(development), folder / "model_card.html")
    (folder / "report").mkdir(exist_ok=True)
    write_html(development_page(development), folder / "report" / "index.html")


def write_onnx_file(folder: Path, development: Development, data: pd.DataFrame) -> float:
    """``model.onnx`` of the chosen learner; the largest difference from it over the training data."""
    from trialkit.prediction.onnx_file import write_onnx
    from trialkit.prediction.pipeline import rows_of
    from trialkit.prediction.table import model_table

    rows = rows_of(model_table(data, development.plan), development.plan)
    matrix = development.pipeline.prepared.matrix(rows.values)
    name = development.chosen
    return write_onnx(folder / "model.onnx", name, development.pipeline.learners[name], matrix)


def performance_document(development: Development) -> dict[str, Any]:
    """Every number of the page, by table; NaN is null."""
    return {
        "plan": {"id": development.plan.id, "sha256": development.plan.sha256, "seed": development.plan.seed},
        "data_sha256": development.data_sha256,
        "n": development.n,
        "events": development.events,
        "known_outcomes": development.known,
        "chosen": development.chosen,
        "threshold": development.threshold,
        "sample_size": _size(development.sample_size),
        "sample_size_split": _size(development.sample_size_split),
        "contradictions": list(development.contradictions),
        "notes": list(development.notes),
        "performance": _records(development.performance),
        "optimism": _records(development.optimism),
        "selection": _records(development.selection),
        "stability": {
            "nogueira": _number(development.stability.nogueira),
            "ci_lower": _number(development.stability.ci_lower),
            "ci_upper": _number(development.stability.ci_upper),
        },
        "baseline": _records(development.baseline),
        "subgroups": _records(development.subgroups),
        "decision": _records(development.decision),
        "split": {"train": len(development.split.train), "test": len(development.split.test)},
    }


def _size(size: Any) -> dict[str, Any]:
    return {**vars(size), "needed": size.needed}


def _records(table: Any) -> list[dict[str, Any]]:
    return [{key: _number(value) for key, value in row.items()} for row in table.to_dict("records")]


def _number(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _write_json(path: Path, document: dict[str, Any]) -> None:
    path.write_text(
        json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False) + "\n", encoding="utf-8"
    )
