"""A form with its author's question numbers, one of its items hidden: no page of the blinded has a gap."""

from __future__ import annotations

import csv
import io
import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from browsing import Browser
from small_trial import found

from trialkit import operations as op, resources
from trialkit.clock import SimulatedClock
from trialkit.operations.web_desk import open_web_desk
from trialkit.store.reading.subjects import subjects
from trialkit.web import Web

_COLUMN = "Question Number (surveys only)"
_HIDDEN = "education"


def _definition(folder: Path) -> Path:
    """Demographics with question numbers Q1 to Q7; what education somebody has tells the arm there."""
    shutil.copytree(resources.folder("sample_data"), folder)
    path = folder / "dictionary.csv"
    rows = list(csv.DictReader(io.StringIO(path.read_text("utf-8"))))
    for n, row in enumerate((row for row in rows if row["Form Name"] == "demographics"), start=1):
        row[_COLUMN] = f"Q{n}"
        if row["Variable / Field Name"] == _HIDDEN:
            row["Field Annotation"] += " @REVEALS-ALLOCATION"
    text = io.StringIO()
    write = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    write.writeheader()
    write.writerows(rows)
    path.write_text(text.getvalue(), "utf-8")
    return folder


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    found(tmp_path, definition=_definition(tmp_path / "definition")).close()
    clock = SimulatedClock(datetime(2027, 6, 1, tzinfo=UTC))
    with op.open_trial(tmp_path / "study", clock=clock) as trial:
        yield Web(trial, open_web_desk(trial))


def _seen(web: Web, login: str) -> tuple[str, list[str]]:
    """The record of a form, and the question numbers of the dictionary, as this account has them."""
    with web.trial.store.reading() as reader:
        number = next(n for n, state in subjects(reader).items() if state.site == "A" and state.allocated)
    with Browser(web) as browser:
        browser.sign_in(login)
        record = browser.get(f"/subjects/{number}/visits/baseline/forms/demographics")
        assert record.status_code == 200
        dictionary = csv.DictReader(io.StringIO(browser.get("/documents/dictionary.csv").text))
        return record.text, [row[_COLUMN] for row in dictionary if row[_COLUMN]]


def test_the_blinded_have_no_number_of_a_form_with_a_hidden_item(web: Web) -> None:
    record, numbers = _seen(web, "coordinator_a")
    assert "Highest education" in record and {"Q1", "Q7"} <= {*re.findall(r">(Q\d)<", record)}
    assert numbers == [f"Q{n}" for n in range(1, 8)]
    record, numbers = _seen(web, "outcome_assessor_a")
    assert "Highest education" not in record and "Smoking" in record
    assert re.findall(r">(Q\d)<", record) == [] and numbers == []
