"""Scores from their items, by the instrument and the settings the study names."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from trialkit.datasets.typed import numeric_column
from trialkit.instruments import score as score_items
from trialkit.study.measured import measured_items
from trialkit.study.model import Score, Study

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ["subject_id", "visit", "parameter", "value"]


def score_table(values: pd.DataFrame, study: Study, names: Collection[str] | None = None) -> pd.DataFrame:
    """Every score of every form of a study.

    Parameters
    ----------
    values
        Rows of the snapshot that hold a value.
    names
        Of the scores wanted; None: all.

    Returns
    -------
    DataFrame
        ``subject_id visit parameter value``; NaN where the instrument's missing rule gives no score, so that
        a form that was filled in and could not be scored is still seen.
    """
    import pandas as pd

    tables = [_scored(values, score) for score in study.scores if names is None or score.name in names]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=COLUMNS)


def item_table(values: pd.DataFrame, study: Study, names: Collection[str]) -> pd.DataFrame:
    """Items that the plan analyses as they are, in the columns of :func:`score_table`.

    Parameters
    ----------
    names
        Of them, those that :func:`measured_items` knows are taken; a choice counts as its code.

    Raises
    ------
    DatasetError
        A stored value is not a number.
    """
    import pandas as pd

    tables = []
    for name, (form, item) in measured_items(study).items():
        if name in names:
            here = values[(values["form"] == form.name) & (values["item"] == name)]
            numbers = numeric_column(item, here["value"])
            tables.append(here[["subject_id", "visit"]].assign(parameter=name, value=numbers))
    return pd.concat(tables, ignore_index=True)[COLUMNS] if tables else pd.DataFrame(columns=COLUMNS)


def _scored(values: pd.DataFrame, score: Score) -> pd.DataFrame:
    import pandas as pd

    rows = []
    here = values[values["form"] == score.form]
    forms: dict[tuple[str, str], dict[str, str]] = {}
    for subject_id, visit, item, value in zip(
        here["subject_id"], here["visit"], here["item"], here["value"], strict=True
    ):
        forms.setdefault((subject_id, visit), {})[item] = value
    for (subject_id, visit), answered in sorted(forms.items()):
        number = score_items(score.instrument, [answered.get(item) for item in score.items], score.settings)
        rows.append((subject_id, visit, score.name, number))
    return pd.DataFrame(rows, columns=COLUMNS).astype({"value": float})
