"""`results.json`: every number of a run at full precision, and nothing that a second run would change."""

from __future__ import annotations

import json
import math
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trialkit.analysis.results import AnalysisResult, Results
from trialkit.documents.declared.rows import records_of

if TYPE_CHECKING:
    import pandas as pd


def results_text(results: Results) -> str:
    """The run as JSON; floats as Python prints them, so that they read back exactly.

    A missing number is ``null``; an infinite one (the df of a Wald z) is the text ``"inf"``: JSON has none.
    """
    document = {
        "provenance": {f.name: getattr(results.provenance, f.name) for f in fields(results.provenance)},
        "mode": results.mode.value,
        "arm_labels": dict(results.arm_labels),
        "notes": list(results.notes),
        "analyses": [_analysis(analysis) for analysis in results.analyses],
        "told": [_analysis(one) for one in results.told],
    }
    return json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False, default=dict) + "\n"


def write_results(results: Results, path: Path | str) -> None:
    """Write ``results_text`` to a file, over an earlier one."""
    path = Path(path)
    path.write_text(results_text(results), encoding="utf-8", newline="\n")


def _analysis(result: AnalysisResult) -> dict[str, Any]:
    plain = {
        f.name: getattr(result, f.name)
        for f in fields(result)
        if f.name not in ("defect", "counts", "tables", "notes", "warnings", "arms")
    }
    if result.arms:
        plain["arms"] = list(result.arms)
    tables = {name: _rows(table) for name, table in result.tables.items()}
    return {
        **plain,
        "notes": list(result.notes),
        "warnings": list(result.warnings),
        "counts": _rows(result.counts),
        "tables": tables,
    }


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{name: _cell(value) for name, value in row.items()} for row in records_of(table)]


def _cell(value: Any) -> Any:
    import numpy as np
    import pandas as pd

    if isinstance(value, np.generic):
        value = value.item()
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, float):
        if math.isnan(value):
            return None
        return value if math.isfinite(value) else ("inf" if value > 0 else "-inf")
    if isinstance(value, (bool, int, str)):
        return value
    return str(value)
