"""Rows of a form as records: one a row, with its category and the flags the plan defines on it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from trialkit.datasets.rows import form_rows, holds
from trialkit.expressions import parse
from trialkit.plan.model import RecordSource
from trialkit.study.model import Study

if TYPE_CHECKING:
    import pandas as pd


def record_dataset(values: pd.DataFrame, study: Study, source: RecordSource) -> pd.DataFrame:
    """Rows of ``source.form``: ``subject_id visit row source category``, and a true/false column a flag."""
    import pandas as pd

    item = study.form(source.form).item(source.category)
    rules = {label: parse(rule, syntax="rule") for label, rule in source.flags.items()}
    counted = parse(source.rule, syntax="rule") if source.rule else None
    records: list[dict[str, Any]] = []
    for key, row in form_rows(values, study, source.form):
        if counted is not None and not holds(counted, row):
            continue
        category = row.get(source.category)
        records.append(
            {
                **dict(zip(("subject_id", "visit", "row"), key, strict=True)),
                "source": f"{key[1]}/{source.form}/{key[2]}",
                "category": None if category is None else item.label_of(str(category)),
                **{label: holds(rule, row) for label, rule in rules.items()},
            }
        )
    columns = ["subject_id", "visit", "row", "source", "category", *rules]
    frame = pd.DataFrame(records, columns=columns)
    return frame.astype(dict.fromkeys(rules, bool))


def record_datasets(
    values: pd.DataFrame, study: Study, sources: Mapping[str, RecordSource]
) -> dict[str, pd.DataFrame]:
    return {name: record_dataset(values, study, source) for name, source in sources.items()}
