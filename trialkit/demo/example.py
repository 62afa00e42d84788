"""A trial that was run and published elsewhere, through the same chain: its data file in, its page out."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path

from trialkit import resources
from trialkit.access import Actor
from trialkit.analysis import Results, load_plan
from trialkit.demo.telling import Teller
from trialkit.errors import TrialkitError
from trialkit.numbers import plain
from trialkit.operations import (
    OutsideDataImported,
    Trial,
    create_study,
    grant_role,
    import_outside_data,
    lock,
    log_in,
    set_password,
    unblind,
    verify_audit,
    write_snapshot,
)
from trialkit.plan import Plan
from trialkit.report import deliver
from trialkit.snapshot import read_snapshot
from trialkit.vocabulary import Role
from trialkit.wording import said

STEPS = 5
OPERATOR = "operator"
ROLES = (Role.DATA_MANAGER, Role.UNBLINDED_STATISTICIAN)


@dataclass(frozen=True)
class ExampleOutcome:
    """Where to look."""

    report: Path
    results: Path
    study_folder: Path
    snapshot: Path


def example_folder(name: str) -> Path:
    """The folder of an example, with its definition and plan.

    Raises
    ------
    TrialkitError
        There is none of that name.
    """
    examples = resources.folder("examples")
    known = sorted(entry.name for entry in examples.iterdir() if (entry / "plan.toml").is_file())
    if name not in known:
        raise TrialkitError(
            expected=said("an example: {known}", known=", ".join(known)),
            found=repr(name),
            next_step="Name one of them; its README says where its data are.",
        )
    return examples / name


def run_example(
    name: str, data: Path, folder: Path, *, encoding: str | None = None, teller: Teller | None = None
) -> ExampleOutcome:
    """Run an example on its data file.

    Parameters
    ----------
    name
        Of the example, such as ``acupuncture``.
    data
        The file that the example's ``[import]`` describes.
    folder
        New or empty. Gets ``study/``, ``snapshot/``, ``results.json`` and ``report/index.html``.
    encoding
        Of the data file; None: UTF-8.

    Raises
    ------
    TrialkitError
        The file does not fit; the study in ``folder`` is then as it was founded.
    """
    definition = example_folder(name)
    tell = teller or Teller(steps=STEPS)
    tell.step("Founding the study")
    with _found(folder / "study", definition) as trial:
        tell.say(f"{trial.study.title}, definition {trial.study.version}.")
        tell.step("Importing the data file")
        _tell_import(
            tell, import_outside_data(trial, _operator(Role.ADMINISTRATOR), path=data, encoding=encoding)
        )
        tell.step("Locking, unblinding, and writing the snapshot")
        _close(trial, folder / "snapshot")
        checked = verify_audit(trial)
        checked.require_whole()
        tell.say(f"Audit trail: {checked.records} records, one an act; chain, codes and all rows hold.")
    snapshot = read_snapshot(folder / "snapshot")
    plan = load_plan(definition / "plan.toml")
    tell.step("Running the analysis plan")

    def show(results: Results) -> None:
        _tell_published(tell, plan, results)
        tell.step("Writing the report")

    delivered = deliver(plan, snapshot, folder, computed=show)
    return ExampleOutcome(delivered.page, folder / "results.json", folder / "study", folder / "snapshot")


def _operator(role: Role) -> Actor:
    """Whoever runs the command, as the host's operator declares."""
    return Actor(OPERATOR, role)


def _signing(trial: Trial, role: Role) -> Actor:
    """The same person with a password drawn for this run: a lock and an unblinding are signed."""
    password = secrets.token_urlsafe()
    set_password(trial, _operator(Role.ADMINISTRATOR), login=OPERATOR, password=password)
    return log_in(trial, login=OPERATOR, password=password, role=role)


def _found(folder: Path, definition: Path) -> Trial:
    trial = create_study(
        folder, definition=definition, administrator=OPERATOR, person_name="Operator of this computer"
    )
    for role in ROLES:
        grant_role(trial, _operator(Role.ADMINISTRATOR), login=OPERATOR, role=role)
    return trial


def _close(trial: Trial, folder: Path) -> None:
    manager = _signing(trial, Role.DATA_MANAGER)
    lock(trial, manager, reason="Imported as published; nothing more is to be entered")
    unblind(trial, manager, reason="A published trial: its plan may be run")
    write_snapshot(trial, _operator(Role.UNBLINDED_STATISTICIAN), folder=folder, blinded=False)


def _tell_import(tell: Teller, done: OutsideDataImported) -> None:
    tell.say(
        f"{done.subjects} subjects, {done.forms:,} forms; {done.forms_not_done} more have no value: not done."
    )
    tell.say(f"{done.allocations} allocations recorded as made outside trialkit, sealed; none took a slot.")
    if done.set_aside:
        tell.say(f"{done.set_aside} values set aside: they mean nothing where another column is missing.")
    for flag in done.flags:
        tell.say(f"Look at {flag}")


def _tell_published(tell: Teller, plan: Plan, results: Results) -> None:
    failed = [analysis for analysis in results.analyses if analysis.failure]
    tell.say(
        f"{len(results.analyses) - len(failed)} of {len(results.analyses)} entries of plan {plan.version}."
    )
    for one in plan.published:
        if results[one.analysis].failure:
            continue
        row = results[one.analysis].tables["contrasts"].iloc[0]
        tell.say(
            f"{one.label}: test minus reference {plain(row['estimate'], 2)} "
            f"({plain(row['ci_lower'], 2)} to {plain(row['ci_upper'], 2)})."
        )
        turned = ", reference minus test" if one.sign < 0 else ""
        tell.say(f"  Published{turned}: {one.estimate} ({one.ci_lower} to {one.ci_upper}). {one.source}.")
