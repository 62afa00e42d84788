"""Whoever acts at one site is told of another site's subject what a number is told that nobody has."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from chain import ADMIN, person
from test_randomize import STRATUM, screened

from trialkit import operations as op
from trialkit.access import Actor
from trialkit.entry.errors import EntryError
from trialkit.operations import EnteredRow, FormEntry
from trialkit.vocabulary import Role

FAR = person("far", Role.INVESTIGATOR, "B")
NOBODY = "Z-999"


def _entered(trial: op.Trial, actor: Actor, number: str, _: Path) -> object:
    rows = (EnteredRow({"vas_mm": "41"}),)
    return op.enter_pass(trial, actor, entry=FormEntry(number, "baseline", "vas", rows))


def _imported(trial: op.Trial, actor: Actor, number: str, folder: Path) -> object:
    file = folder / "pass.csv"
    file.write_text(f"subject_id,visit,vas_mm\n{number},baseline,41\n", encoding="utf-8")
    return op.import_pass(trial, actor, path=file, form="vas")


def _randomized(trial: op.Trial, actor: Actor, number: str, _: Path) -> object:
    return op.randomize(trial, actor, subject_id=number, stratum_values=STRATUM)


def _signed(trial: op.Trial, actor: Actor, number: str, _: Path) -> object:
    return op.sign_form(trial, actor, subject_id=number, visit="baseline", form="vas", meaning="mine")


@pytest.mark.parametrize("act", [_entered, _imported, _randomized, _signed])
def test_it_is_unknown_there(
    trial: op.Trial, tmp_path: Path, act: Callable[[op.Trial, Actor, str, Path], object]
) -> None:
    op.add_account(trial, ADMIN, login="far", person_name="F", role=Role.INVESTIGATOR, site="B")
    told = []
    for number in (screened(trial), NOBODY):
        with pytest.raises(EntryError) as caught:
            act(trial, FAR, number, tmp_path)
        error = caught.value
        told.append(f"{error.expected}|{error.found}|{error.where}|{error.next_step}".replace(number, "N"))
    assert told[0] == told[1] and "the number of a subject of this study" in told[0]
