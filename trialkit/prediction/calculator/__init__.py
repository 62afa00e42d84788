"""The calculator: one static page that evaluates the frozen model, offline, and sends nothing anywhere."""

from __future__ import annotations

import base64
import hashlib
import json
import math
from importlib.resources import files
from typing import Any

from trialkit import numbers

_SHOWN = {
    "auc": "AUC",
    "brier": "Brier score",
    "sensitivity": "Sensitivity",
    "specificity": "Specificity",
    "calibration_intercept": "Calibration intercept",
    "calibration_slope": "Calibration slope",
}


def calculator_page(model: dict[str, Any], card: dict[str, Any]) -> str:
    """HTML of the calculator of a frozen ``model`` (the content of ``model.json``) and its ``card``.

    ``window.trialkit.predict(inputs)`` gives what ``trialkit predict apply`` gives, to 1e-9.
    """
    from jinja2 import Environment

    folder = files(__package__)
    style, script = (_text(folder, name) for name in ("calculator.css", "calculator.js"))
    words = json.loads(_text(folder, "words.json"))
    template = Environment(autoescape=True).from_string(_text(folder, "calculator.html.j2"))
    return template.render(
        title=card["title"],
        style=_raw(style),
        script=_raw(script),
        style_hash=_hash(style),
        script_hash=_hash(script),
        model_json=_json(model),
        card_json=_json(card),
        words_json=_json(words),
        card_rows=card_rows(model, card),
    )


def card_rows(model: dict[str, Any], card: dict[str, Any]) -> list[tuple[str, str]]:
    """The model card as lines of name and value."""
    rows = [
        ("Intended use", card["intended_use"] or "Not stated."),
        ("People", card["population"] or "Not stated."),
        ("Outcome", card["outcome"]),
        ("Made on", f"{card['n']} people, {card['events']} with the outcome"),
        ("Model", f"{card['learner']}, chosen by {card['chosen_by']}"),
    ]
    for metric, label in _SHOWN.items():
        estimate, lower, upper = (_number(value) for value in card["performance"][metric])
        rows.append((label, f"{numbers.estimate_interval(estimate, lower, upper, 2)}, corrected"))
    rows += [("Validation", card["validation"])]
    rows += [("Said of it", text) for text in card["contradictions"]]
    if model["model"]["kind"] == "logistic":
        rows.append(("Equation", equation(model)))
    rows += [
        (name, value) for name, value in (("Licence", card["licence"]), ("Contact", card["contact"])) if value
    ]
    rows.append(("Version", f"{model['version']}, SHA-256 {model['sha256']}"))
    return rows


def equation(model: dict[str, Any]) -> str:
    """Log-odds in the features' own units."""
    slopes = [b / c["scale"] for b, c in zip(model["model"]["coefficients"], model["columns"], strict=True)]
    shift = sum(b * c["mean"] for b, c in zip(slopes, model["columns"], strict=True))
    terms = [f"{b:+.6g} × {c['name']}" for b, c in zip(slopes, model["columns"], strict=True)]
    return f"log-odds = {model['model']['intercept'] - shift:.6g} " + " ".join(terms)


def _number(value: float | None) -> float:
    return float("nan") if value is None else value


def _text(folder: Any, name: str) -> str:
    return str((folder / name).read_text(encoding="utf-8"))


def _raw(text: str) -> Any:
    from markupsafe import Markup

    return Markup(text)


def _json(value: Any) -> Any:
    """JSON that cannot end its script element."""
    text = json.dumps(_finite(value), ensure_ascii=False, allow_nan=False)
    return _raw(text.replace("<", "\\u003c"))


def _finite(value: Any) -> Any:
    """The same with null for what is no number."""
    if isinstance(value, dict):
        return {key: _finite(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_finite(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
