"""Strata are told with labels beside their codes: in the supply, the balance and the certificate."""

from __future__ import annotations

import shutil
from pathlib import Path

import chain

from trialkit import operations as op
from trialkit.documents.page import Table
from trialkit.report.certificate import _study_rows
from trialkit.report.randomization import _balance


def test_a_stratum_of_codes_is_told_with_their_labels(tmp_path: Path, definition: Path) -> None:
    folder = tmp_path / "coded"
    shutil.copytree(definition, folder)
    for name, old, new in (
        ("dictionary.csv", "female, Female | male, Male", "1, Female | 2, Male"),
        ("study.toml", 'sex = "female"', 'sex = "1"'),
        ("study.toml", 'sex = "male"', 'sex = "2"'),
    ):
        text = (folder / name).read_text("utf-8")
        assert old in text
        (folder / name).write_text(text.replace(old, new), "utf-8")
    trial = chain.found_study(tmp_path / "study", folder)
    files = chain.make_list(trial.study, tmp_path / "list", folder, per_stratum=4)
    op.load_schedule(
        trial, chain.ADMIN, bundle=files.bundle, commitment=files.commitment, allocation_key=files.key
    )
    shown = {one.label: one.shown for one in op.supply_of(trial, chain.MANAGER).strata}
    assert shown["sex=1;site=A"] == "site A, sex 1 (Female)"
    assert dict(_study_rows(trial.study))["Stratified by"].endswith("sex (1 (Female), 2 (Male))")
    table = _balance(trial.study, {}).blocks[0]
    assert isinstance(table, Table)
    assert [row.label for row in table.rows][-2:] == ["sex: 1 (Female)", "sex: 2 (Male)"]
    trial.close()


def test_a_stratum_whose_codes_say_all_is_not_said_twice(trial: op.Trial) -> None:
    assert {one.shown for one in op.supply_of(trial, chain.MANAGER).strata} == {""}
