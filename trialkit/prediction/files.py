"""What a development leaves in its folder, and the one look at the test set on record."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from importlib.resources import files as resource_files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trialkit.prediction.audit_file import audit_of
from trialkit.prediction.card import model_card
from trialkit.prediction.developed import Development
from trialkit.prediction.environment import FILE as ENVIRONMENT, environment_sha256, environment_text

if TYPE_CHECKING:
    import pandas as pd


MODEL_SCHEMA = "model.schema.json"


def write_development(folder: Path, development: Development, data: pd.DataFrame, *, pdf: bool) -> float:
    """Everything a development leaves; the largest difference of ``model.onnx`` from the model."""
    folder.mkdir(parents=True, exist_ok=True)
    audit = audit_of(folder, development.plan.sha256, development.data_sha256)
    development = replace(development, leak_audit=audit)
    development = replace(development, card=model_card(development))  # it names a leak that was found
    write_numbers(folder, development)
    write_pages(folder, development, pdf=pdf)
    return write_onnx_file(folder, development, data)


def write_numbers(folder: Path, development: Development) -> None:
    """``performance.csv``, ``performance.json``, ``model.json`` with its schema, ``environment.txt``; full
    precision."""
    development.performance.to_csv(folder / "performance.csv", index=False, lineterminator="\n")
    _write_json(folder / "performance.json", performance_document(development))
    _write_json(folder / "model.json", development.model)
    schema = (resource_files("trialkit.prediction") / MODEL_SCHEMA).read_text(encoding="utf-8")
    (folder / MODEL_SCHEMA).write_text(schema, encoding="utf-8")
    (folder / ENVIRONMENT).write_text(environment_text(), encoding="utf-8")


def write_pages(folder: Path, development: Development, *, pdf: bool = False) -> None:
    """``calculator.html``, ``model_card.html``, ``report/index.html``; ``pathway.html`` where the plan has
    one; ``report/report.pdf`` where asked for."""
    from trialkit.documents.html import write_html
    from trialkit.prediction.calculator import calculator_page
    from trialkit.prediction.card_page import card_page
    from trialkit.prediction.pathway_page import pathway_of, pathway_page
    from trialkit.prediction.report import development_page

    calculator = calculator_page(development.model, development.card)
    (folder / "calculator.html").write_text(calculator, encoding="utf-8")
    write_html(card_page(development), folder / "model_card.html")
    (folder / "report").mkdir(exist_ok=True)
    report = development_page(development)
    write_html(report, folder / "report" / "index.html")
    if development.plan.pathway:
        pathway_of(development).to_csv(folder / "pathway.csv", index=False, lineterminator="\n")
        write_html(pathway_page(development), folder / "pathway.html")
    if pdf:
        from trialkit.documents.pdf import write_pdf

        write_pdf(report, folder / "report" / "report.pdf")


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
        "without_outcome": development.without_outcome,
        "bootstraps": development.plan.resampling.bootstraps,
        "cut_short": development.plan.cut_short,
        "chosen": development.chosen,
        "choice": _records(development.choice.table),
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
        "cross_validation": {
            "folds": development.crossed.folds,
            "repeats": len(development.crossed.passes),
        },
        "brier_of_prevalence": development.brier_of_prevalence,
        "too_extreme": development.too_extreme,
        "missing_outcome": {
            "who": _records(development.missing.who),
            "weighed": _records(development.missing.weighed),
            "greatest_weight": development.missing.greatest,
        },
        "environment_sha256": environment_sha256(),
        "baseline": _records(development.baseline),
        "subgroups": _records(development.subgroups),
        "decision": _records(development.decision),
        "split": {
            "train": len(development.split.train),
            "test": len(development.split.test),
            "looked": development.split.looked,
            "record": development.split.words(),
        },
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
