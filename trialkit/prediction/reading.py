"""Data and reliability from CSV."""

from __future__ import annotations

import io
from pathlib import Path

import pandas as pd

from trialkit.limits import LARGEST_FILE_BYTES
from trialkit.prediction.errors import PredictionError
from trialkit.strict_csv import without_excel_hint
from trialkit.wording import said


def read_data(path: Path) -> pd.DataFrame:
    """One line a subject, texts and numbers as written; identifiers keep their leading zeros.

    Raises
    ------
    PredictionError
        No such file, not UTF-8, not a table, larger than any trial's, or a column name twice.
    """
    try:
        if path.stat().st_size > LARGEST_FILE_BYTES:
            raise PredictionError(
                expected=said("a file of at most {most} MB", most=LARGEST_FILE_BYTES // 1_000_000),
                found="a larger one",
                where=str(path),
                next_step="Keep the columns of the plan.",
            )
        table = without_excel_hint(path.read_text(encoding="utf-8-sig"))
        frame = pd.read_csv(io.StringIO(table.text), dtype={"subject_id": str, "scan": str}, sep=table.mark)
        header = pd.read_csv(io.StringIO(table.text), nrows=1, header=None, dtype=str, sep=table.mark)
        names = header.iloc[0].tolist()
    except FileNotFoundError:
        raise PredictionError(
            expected="a data file", found="none", where=str(path), next_step="Check the file's name."
        ) from None
    except (UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError, ValueError) as error:
        raise PredictionError(
            expected="a CSV table in UTF-8 with a line of names",
            found=type(error).__name__,
            where=str(path),
            next_step="Save the table as CSV (UTF-8).",
        ) from None
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise PredictionError(
            expected="each column once",
            found=said("{name!r} twice", name=twice[0]),
            where=f"{path}:{1 + table.skipped}",
            next_step="Rename one of them.",
        )
    return frame


def read_reliability(path: Path) -> dict[str, float]:
    """Feature -> lower limit of its ICC, from a CSV with columns ``feature`` and ``ci_lower``."""
    frame = read_data(path)
    for name in ("feature", "ci_lower"):
        if name not in frame.columns:
            raise PredictionError(
                expected=said("a column {name!r}", name=name),
                found="none",
                where=str(path),
                next_step="Write one line a feature: feature, ci_lower.",
            )
    return dict(zip(frame["feature"].astype(str), frame["ci_lower"].astype(float), strict=True))
