"""A subject number stands on every list that blinded readers are shown: it names no arm."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import chain
import pytest

from trialkit import operations as op
from trialkit.errors import OperationError, TrialkitError

CONSENT = date(2024, 5, 1)


@pytest.mark.parametrize(
    "number",
    ["exercise-arm-1", "EXERCISE-0001", "A-exercise-1", "arm-1", "control01", "ex-arm-1", "Control.9"],
)
def test_a_number_that_names_an_arm_is_refused_and_the_refusal_names_none(
    trial: op.Trial, number: str, tmp_path: Path
) -> None:
    with pytest.raises(OperationError, match="names no treatment") as refused:
        op.enrol(trial, chain.COORDINATOR, site="A", consent_date=CONSENT, subject_id=number)
    assert "exercise" not in str(refused.value).casefold()
    path = tmp_path / "people.csv"
    path.write_text(f"{trial.study.record_id},site,consent_date\n{number},A,2024-05-01\n", encoding="utf-8")
    with pytest.raises(TrialkitError, match=r"people.csv:2.*names no treatment"):
        op.enrol_from_file(trial, chain.COORDINATOR, path=path)


@pytest.mark.parametrize("number", ["A-002", "TK-2024-0001", "Pat-004", "0041", "NSAID-1", "WB-12"])
def test_other_numbers_are_taken(trial: op.Trial, number: str) -> None:
    """Both arms have the drug, and one letter is a site or a series."""
    done = op.enrol(trial, chain.COORDINATOR, site="A", consent_date=CONSENT, subject_id=number)
    assert done.subject_id == number
