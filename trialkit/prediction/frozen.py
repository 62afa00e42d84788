"""Frozen models and rules: read with their hash checked, and applied."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd

from trialkit.nearest import listed
from trialkit.prediction.cutoff import FORMAT as RULE, apply_rule
from trialkit.prediction.errors import ModelFileError
from trialkit.prediction.model_file import FORMAT, apply_model, digest
from trialkit.prediction.table import as_level
from trialkit.wording import said

_KEYS: dict[str, tuple[str, ...]] = {
    FORMAT: (
        "format",
        "id",
        "version",
        "outcome",
        "features",
        "columns",
        "model",
        "threshold",
        "training",
        "sha256",
    ),
    RULE: ("format", "marker", "side", "cutoff", "sha256"),
}


def read_frozen(path: Path | str, formats: tuple[str, ...] = tuple(_KEYS)) -> dict[str, Any]:
    """A frozen model or rule, its hash checked.

    Raises
    ------
    ModelFileError
        Not there, not JSON, another format, a key absent, or changed since it was written.
    """
    path = Path(path)
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ModelFileError(
            expected="a model file", found="none", where=str(path), next_step="Check the file's name."
        ) from None
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError):
        raise ModelFileError(
            expected="a model file (JSON)",
            found="something else",
            where=str(path),
            next_step="Take the model.json that `trialkit predict develop` wrote.",
        ) from None
    if not isinstance(document, dict) or document.get("format") not in formats:
        raise ModelFileError(
            expected=said("a file of format {format}", format=" or ".join(formats)),
            found="another",
            where=str(path),
            next_step="Take the model.json that `trialkit predict develop` wrote.",
        )
    absent = [key for key in _KEYS[document["format"]] if key not in document]
    if absent or digest(document) != document["sha256"]:
        raise ModelFileError(
            expected="the file as it was written, whose content gives its hash",
            found=said("{key} absent", key=absent[0]) if absent else "another content",
            where=str(path),
            next_step="Take an unchanged copy: a model that was edited is another model.",
        )
    return document


def read_model(path: Path | str) -> dict[str, Any]:
    """A model's file, as :func:`read_frozen` reads it."""
    path = Path(path)
    return read_frozen(path, (FORMAT,))


def apply_frozen(document: dict[str, Any], data: pd.DataFrame, subject: str = "subject_id") -> pd.DataFrame:
    """``subject_id`` with the ``probability`` of a model, or what a rule says (``positive``).

    Raises
    ------
    PredictionError
        No such column, no line, nobody's line, a subject twice; or as :func:`apply_model` and
        :func:`apply_rule` say.
    """
    if subject not in data.columns:
        raise ModelFileError(
            expected=said("a column {name!r}", name=subject),
            found=said("{n} others", n=len(data.columns)),
            where="the data",
            next_step="Name the column of the subject with --subject.",
        )
    data = data.dropna(how="all").reset_index(drop=True)
    if not len(data):
        raise ModelFileError(
            expected="people to apply it to, one line each",
            found="a table without lines",
            where="the data",
            next_step="Give a table with at least one subject.",
        )
    who = data[subject].map(as_level, na_action="ignore").astype(object)
    nobody = who.isna() | (who.astype(str).str.strip() == "")
    twice = sorted(set(who[who.duplicated() & ~nobody]))
    if nobody.any() or twice:
        raise ModelFileError(
            expected=said("one line a subject, each with its {name}", name=subject),
            found=said("{who} twice", who=listed(twice))
            if twice
            else said("{n} without", n=int(nobody.sum())),
            where="the data",
            next_step="Name each subject once.",
        )
    return _APPLY[document["format"]](document, data.assign(**{subject: who}), subject)


_APPLY = {FORMAT: apply_model, RULE: apply_rule}
