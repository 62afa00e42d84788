"""The calculator: one static page that evaluates the frozen model, offline, and sends nothing anywhere."""

from __future__ import annotations

import base64
import hashlib
import json
import math
from importlib.resources import files
from typing import Any

from trialkit.prediction.calculator.card_rows import card_rows


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
        simulated=card.get("simulated", False),
        no_better=card.get("no_better_than_chance", False),
        no_gain=card.get("no_better_than_prevalence", False),
        plainer=card.get("better_plainer", []),
        leaks=card.get("leaks", False),
        too_extreme=card.get("too_extreme", False),
        style=_raw(style),
        script=_raw(script),
        style_hash=_hash(style),
        script_hash=_hash(script),
        model_json=_json(model),
        card_json=_json(card),
        words_json=_json(words),
        cards=[(language, card_rows(model, card, language)) for language in words],
    )


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
