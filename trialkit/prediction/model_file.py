"""The frozen model: one JSON file of plain numbers with a hash, read without running anything from it."""

from __future__ import annotations

import hashlib
import importlib
import json
from typing import Any

import numpy as np
import pandas as pd

from trialkit import __version__
from trialkit.prediction.arrays import Floats, Matrix
from trialkit.prediction.card import cautions
from trialkit.prediction.developed import Development
from trialkit.prediction.errors import ModelFileError
from trialkit.prediction.evaluating import frozen_risk
from trialkit.prediction.naming import arm_feature, column_labels
from trialkit.prediction.plan import PredictionPlan
from trialkit.prediction.preparation import ARM, Prepared, Term
from trialkit.prediction.table import as_level
from trialkit.wording import said

FORMAT = "trialkit-model-1"


def model_document(development: Development, data: pd.DataFrame) -> dict[str, Any]:
    """Everything a prediction needs and the card tells: features, ranges, columns, numbers, provenance."""
    plan, chosen = development.plan, development.chosen
    prepared = development.pipeline.prepared
    used = _used_features(prepared)
    labels, labels_zh = column_labels(plan), column_labels(plan, "zh")
    document: dict[str, Any] = {
        "format": FORMAT,
        "id": plan.id,
        "title": plan.title,
        "version": plan.version,
        "learner": chosen,
        "outcome": _outcome(plan),
        "features": [_feature(plan, name, data, prepared) for name in used],
        "columns": [
            {
                "name": column.name,
                "label": labels[column.name],
                "label_zh": labels_zh[column.name],
                "terms": [_term(term) for term in column.terms],
                "mean": float(mean),
                "scale": float(scale),
            }
            for column, mean, scale in zip(prepared.columns, prepared.mean, prepared.scale, strict=True)
        ],
        "model": development.pipeline.frozen[chosen],
        "threshold": development.threshold,
        "spread": {
            "at": list(development.spread.at),
            "lower": list(development.spread.lower),
            "upper": list(development.spread.upper),
        },
        "training": {
            "n": development.n,
            "events": development.events,
            "data_sha256": development.data_sha256,
        },
        "cautions": [f"{caution.head}: {caution.text}" for caution in cautions(development)],
        "plan_sha256": plan.sha256,
        "software": {"trialkit": __version__, **_libraries(chosen)},
    }
    document["sha256"] = digest(document)
    return document


def _term(term: Term) -> dict[str, Any]:
    """As the file keeps it; a spline's column with its knots."""
    of_spline = {"knots": list(term.knots), "curve": term.curve} if term.curve else {}
    return {"feature": term.feature, "level": term.level, **of_spline}


def _libraries(learner: str) -> dict[str, str]:
    """Versions of those a number may hang on."""
    of_learner = (learner,) if learner in ("xgboost", "lightgbm") else ()
    names = ("numpy", "scipy", "sklearn", *of_learner)
    return {name: str(importlib.import_module(name).__version__) for name in names}


def digest(document: dict[str, Any]) -> str:
    """SHA-256 of the document without its hash, keys sorted, numbers as Python prints them."""
    bare = {key: value for key, value in document.items() if key != "sha256"}
    return hashlib.sha256(json.dumps(bare, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def apply_model(document: dict[str, Any], data: pd.DataFrame, subject: str = "subject_id") -> pd.DataFrame:
    """Risk of each subject: ``subject_id probability``.

    Raises
    ------
    ModelFileError
        A column absent; a value missing, no number, no level, or outside the training range: nothing is
        filled in or clamped. All refused values are told, the first ten by name.
    """
    values: dict[str, Floats] = {}
    refused: list[str] = []
    for feature in document["features"]:
        if feature["name"] not in data.columns:
            raise ModelFileError(
                expected=said("a column {name!r}", name=feature["name"]),
                found=said("{n} others", n=len(data.columns)),
                where="the data",
                next_step="The model needs every feature on its card.",
            )
        column, wrong = _values(feature, data, subject)
        values[feature["key"]] = column
        refused += wrong
    if refused:
        raise ModelFileError(
            expected="every value present and within the training range",
            found="; ".join(refused[:10]) + (f"; {len(refused) - 10} more" if len(refused) > 10 else ""),
            where="the data",
            next_step="Mend or leave out these subjects: the model says nothing about them.",
        )
    probability = frozen_risk(document["model"], design_matrix(document, values))
    return pd.DataFrame({"subject_id": data[subject].astype(str), "probability": probability})


def design_matrix(document: dict[str, Any], values: dict[str, Floats]) -> Matrix:
    """Standardized columns as the file describes them."""
    columns = []
    for column in document["columns"]:
        product = None
        for term in column["terms"]:
            written = Term(term["feature"], term["level"], tuple(term.get("knots", ())), term.get("curve", 0))
            value = written.values(values[term["feature"]])
            product = value if product is None else product * value
        assert product is not None
        columns.append((product - column["mean"]) / column["scale"])
    return np.column_stack(columns)


def _values(feature: dict[str, Any], data: pd.DataFrame, subject: str) -> tuple[Floats, list[str]]:
    name = feature["name"]
    levels = feature["levels"]
    numbers, wrong = np.full(len(data), np.nan), []
    for i, (who, raw) in enumerate(zip(data[subject], data[name], strict=True)):
        if pd.isna(raw) or str(raw).strip() == "":
            wrong.append(f"{who} {name}: missing")
        elif levels:
            level = as_level(raw)
            if level not in levels:
                wrong.append(f"{who} {name}: {level} is not one of {', '.join(levels)}")
            else:
                numbers[i] = levels.index(level)
        else:
            number = pd.to_numeric(raw, errors="coerce")
            if not np.isfinite(number):
                wrong.append(f"{who} {name}: {raw!s} is no number")
            elif not feature["lower"] <= number <= feature["upper"]:
                wrong.append(f"{who} {name}: {raw!s} is outside {feature['lower']:g} to {feature['upper']:g}")
            else:
                numbers[i] = number
    return numbers, wrong


def _used_features(prepared: Prepared) -> list[str]:
    names: list[str] = []
    for column in prepared.columns:
        names += [t.feature for t in column.terms if t.feature not in names]
    return names


def _outcome(plan: PredictionPlan) -> dict[str, Any]:
    outcome = plan.outcome
    return {
        "label": outcome.label,
        "label_zh": outcome.label_zh,
        "better": outcome.better,
        "horizon_days": outcome.horizon_days or None,
    }


def _feature(plan: PredictionPlan, name: str, data: pd.DataFrame, prepared: Prepared) -> dict[str, Any]:
    if name == ARM:
        feature = arm_feature(plan, tuple(data[plan.arm.column].map(as_level)))
    else:
        feature = plan.feature(name)
    lower = upper = None
    if not feature.levels:
        column = pd.to_numeric(data[name], errors="coerce")
        lower, upper = float(column.min()), float(column.max())
    return {
        "name": name if name != ARM else plan.arm.column,
        "key": name,
        "label": feature.label,
        "label_zh": feature.label_zh,
        "unit": feature.unit,
        "unit_zh": feature.unit_zh,
        "definition": feature.definition,
        "definition_zh": feature.definition_zh,
        "tag": feature.tag,
        "levels": list(feature.levels),
        "level_labels": list(feature.level_labels or feature.levels),
        "level_labels_zh": list(feature.level_labels_zh),
        "lower": lower,
        "upper": upper,
        "typical": float(prepared.fill.get(name, 0.0)),
        "alternative_unit": feature.alternative_unit,
        "alternative_factor": feature.alternative_factor,
    }
