"""A simulated trial as files: what typists would hand over, and the truth beside it."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from trialkit.simulation.errors import SimulationError
from trialkit.simulation.paper import Candidates, FieldKey, FormRow, TrialPaper, TypedPasses
from trialkit.simulation.truth import TrueEffect, TrueRecurrence
from trialkit.strict_csv import NamedRows
from trialkit.study.model import Study
from trialkit.vocabulary import EntryMode, ItemType
from trialkit.wording import said

KEYS = ("subject_id", "visit", "row")


@dataclass(frozen=True)
class SecondTurn:
    """What turn 2 adds to the files of turn 1."""

    paper: TrialPaper
    passes: TypedPasses
    effects: Sequence[TrueEffect]
    recurrence: TrueRecurrence | None


def write_simulation(folder: Path, study: Study, candidates: Candidates, second: SecondTurn | None) -> None:
    """Write a simulated trial.

    Parameters
    ----------
    folder
        New or empty.
    second
        None writes turn 1 only: ``candidates.csv`` and ``single/<form>.csv``, the single-entry forms of
        everybody screened. Turn 2 adds ``pass1/<form>.csv`` and ``pass2/<form>.csv`` (columns subject_id,
        visit, row and the form's items), ``visits.csv``, ``not_done.csv`` and ``truth.json``.

    Raises
    ------
    SimulationError
        As `check_empty`.
    """
    check_empty(folder)
    folder.mkdir(parents=True, exist_ok=True)
    _write_candidates(folder / "candidates.csv", study, candidates)
    single = {form.name for form in study.forms if form.entry is EntryMode.SINGLE}
    rows = [row for row in candidates.rows if row.form in single]
    if second is not None:
        rows += (row for row in second.paper.rows[_shared(second.paper, candidates) :] if row.form in single)
    _write_forms(folder / "single", study, rows)
    if second is not None:
        _write_second(folder, study, second)


def check_empty(folder: Path) -> None:
    """Refuse to write over anything.

    Raises
    ------
    SimulationError
        Where ``folder`` is a file or already holds something.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise SimulationError(
            expected="a new or empty folder",
            found="one with files in it" if folder.is_dir() else "a file",
            where=str(folder),
            next_step="Choose another folder.",
        )


def _shared(paper: TrialPaper, candidates: Candidates) -> int:
    """How many rows of the paper come from turn 1; they stand first."""
    before = {row.key for row in candidates.rows}
    return sum(row.key in before for row in paper.rows)


def _write_candidates(path: Path, study: Study, candidates: Candidates) -> None:
    factors = [factor.name for factor in study.factors if factor.item is not None]
    header = ["subject_id", "site", "consent_date", "eligible", "failure", "ready_on", *factors]
    lines = (
        [
            person.subject_id,
            person.site,
            person.consent_date.isoformat(),
            "1" if person.eligible else "0",
            person.failure,
            person.ready_on.isoformat() if person.ready_on else "",
            *(person.factors[name] for name in factors),
        ]
        for person in candidates.screened
    )
    _write(path, header, lines)


def _write_second(folder: Path, study: Study, second: SecondTurn) -> None:
    _write_forms(folder / "pass1", study, second.passes.first)
    _write_forms(folder / "pass2", study, second.passes.second)
    visits = (
        [
            visit.subject_id,
            visit.visit,
            visit.date.isoformat() if visit.date else "",
            visit.status,
            visit.reason,
        ]
        for visit in second.paper.visits
    )
    _write(folder / "visits.csv", ["subject_id", "visit", "date", "status", "reason"], visits)
    not_done = ([empty.subject_id, empty.visit, empty.form, empty.reason] for empty in second.paper.not_done)
    _write(folder / "not_done.csv", ["subject_id", "visit", "form", "reason"], not_done)
    text = json.dumps(truth_of(second), indent=1, ensure_ascii=False, default=_plain)
    (folder / "truth.json").write_text(text + "\n", encoding="utf-8")


def truth_of(second: SecondTurn) -> dict[str, Any]:
    """Everything the simulator knows and the trial does not, as plain values."""
    passes = second.passes
    return {
        "typists": [passes.first_typist, passes.second_typist],
        "fields": passes.fields,
        "fields_filled": passes.fields_filled,
        "planted_errors": [asdict(error) for error in passes.planted],
        "discordant_fields": _listed(passes.discordant),
        "identical_errors": _listed(passes.identical_errors),
        "subjects": [asdict(course) for course in second.paper.courses],
        "effects": [asdict(effect) for effect in second.effects],
        "recurrence": asdict(second.recurrence) if second.recurrence else None,
    }


def _listed(fields: Iterable[FieldKey]) -> list[dict[str, str]]:
    return [asdict(field) for field in sorted(fields)]


def _plain(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} does not belong in truth.json")


def _write_forms(folder: Path, study: Study, rows: Iterable[FormRow]) -> None:
    """One file a form; a form that nobody filled in has a file with a header only."""
    by_form: dict[str, list[FormRow]] = {}
    for row in rows:
        by_form.setdefault(row.form, []).append(row)
    folder.mkdir(exist_ok=True)
    for form in study.forms:
        if form.name in by_form:
            items = [item.name for item in form.items if item.type is not ItemType.DERIVED]
            lines = (
                [row.subject_id, row.visit, row.row, *(row.values[item] for item in items)]
                for row in by_form[form.name]
            )
            _write(folder / f"{form.name}.csv", [*KEYS, *items], lines)


def _write(path: Path, header: Sequence[str], lines: Iterable[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(lines)


def read_arms(path: Path) -> tuple[Mapping[str, str], Mapping[str, date]]:
    """Arms and, where the file has them, days of randomization, by subject.

    Parameters
    ----------
    path
        CSV with the columns ``subject_id`` and ``arm``, and optionally ``randomization_date``.

    Raises
    ------
    SimulationError
        For a column too few or too many, a subject twice, or a day that does not exist; the arm is not named.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise SimulationError(
            expected="UTF-8 text", found="another encoding", where=str(path), next_step="Save it as UTF-8."
        ) from None
    reader = NamedRows(text, str(path), restkey="beyond", restval="")
    columns = reader.fieldnames or ()
    if not {"subject_id", "arm"} <= set(columns) <= {"subject_id", "arm", "randomization_date"}:
        raise SimulationError(
            expected="the columns subject_id, arm and perhaps randomization_date",
            found=", ".join(columns) or "none",
            where=f"{path}:1",
        )
    arms: dict[str, str] = {}
    days: dict[str, date] = {}
    for line in reader:
        where = f"{path}:{reader.line_num}"
        subject = line["subject_id"]
        if subject in arms or "beyond" in line:
            found = (
                said("{subject} twice", subject=subject)
                if subject in arms
                else "more columns than the header has"
            )
            raise SimulationError(expected="each subject once, a cell a column", found=found, where=where)
        arms[subject] = line["arm"]
        if line.get("randomization_date"):
            days[subject] = _day(line["randomization_date"], said("{where}:randomization_date", where=where))
    return arms, days


def _day(text: str, where: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise SimulationError(expected="a date YYYY-MM-DD", found=repr(text), where=where) from None
