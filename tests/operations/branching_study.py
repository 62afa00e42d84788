"""A study of a few forms, for branching: what its dictionary says of items each test writes itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import chain

from trialkit import operations as op

HEADER = (
    "Variable / Field Name,Form Name,Section Header,Field Type,Field Label,"
    '"Choices, Calculations, OR Slider Labels",Field Note,Text Validation Type OR Show Slider Number,'
    "Text Validation Min,Text Validation Max,Identifier?,Branching Logic (Show field only if...),"
    "Required Field?,Custom Alignment,Question Number (surveys only),Matrix Group Name,Matrix Ranking?,"
    "Field Annotation"
)
STUDY = """
[study]
id = "T1"
title = "Case"
version = "1"
demonstration = true
[arms.a]
label = "A"
role = "reference"
ratio = 1
[arms.b]
label = "B"
role = "test"
ratio = 1
[sites.X]
name = "X"
target = 10
[visits.base]
label = "Baseline"
anchor = "consent"
target_days = 0
window_days = [0, 7]
[visits.m1]
label = "Month 1"
anchor = "consent"
target_days = 30
window_days = [20, 40]
[forms.person]
label = "Person"
entry = "double"
visits = ["base"]
[forms.habits]
label = "Habits"
entry = "single"
visits = ["base", "m1"]
[forms.drugs]
label = "Drugs"
entry = "single"
visits = ["base"]
repeating = true
row_key = "line"
[forms.dose]
label = "Dose"
entry = "single"
visits = ["base"]
for_arms = ["a"]
reveals_allocation = true
[forms.more]
label = "More"
entry = "single"
visits = ["base", "m1"]
[randomization]
method = "stratified_permuted_blocks"
concealment = "demonstration"
[blinding]
stated = "assessor-blinded"
blinded_roles = ["outcome_assessor", "statistician"]
runs_analysis = "statistician"
participants_blinded = false
[sample_size]
total = 20
per_arm = 10
difference = 2
sd = 1.5
power = 0.8
alpha = 0.05
sides = 2
attrition = 0.0
[analysis]
principle = "per_protocol"
"""


def row(name: str, form: str, branching: str = "", *, kind: str = "text", required: str = "y",
         codes: str = "", check: str = "", tag: str = "") -> str:  # fmt: skip
    cells = [name, form, "", kind, name, codes, "", check, "", "", "", branching, required, *[""] * 4, tag]
    return ",".join(f'"{cell}"' for cell in cells)


@contextmanager
def founded(folder: Path, items: Sequence[str]) -> Iterator[op.Trial]:
    """The study with these items, and X-001 enrolled."""
    definition = folder / "definition"
    definition.mkdir()
    (definition / "dictionary.csv").write_text("\n".join([HEADER, *items]) + "\n", encoding="utf-8")
    (definition / "study.toml").write_text(STUDY, encoding="utf-8")
    with chain.found_study(folder / "study", definition) as trial:
        op.enrol(trial, chain.COORDINATOR, site="X", consent_date=date(2024, 1, 1), subject_id="X-001")
        yield trial
