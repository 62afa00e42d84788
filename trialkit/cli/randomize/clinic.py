"""Commands at the clinic desk: one subject at a time."""

from __future__ import annotations

from pathlib import Path

import click

from trialkit.access.acts.closing import UNBLIND
from trialkit.access.acts.safety import EMERGENCY_UNBLIND
from trialkit.access.acts.subjects import RANDOMIZE, RECORD_MISTAKE
from trialkit.cli.door import FILE, Desk, at_desk, pairs, performs, refuse_existing, secret


@click.command()
@at_desk
@click.option("--subject", required=True, metavar="NUMBER", help="Screened, consented and eligible.")
@click.option(
    "--value", "values", multiple=True, metavar="FACTOR=LEVEL",
    help="A stratification value, read from the form; repeat for each. Asked for where left out.",
)  # fmt: skip
@click.option("--confirm", metavar="NUMBER", help="The subject's number once more, instead of the question.")
@click.option(
    "--paper", type=FILE, metavar="FILE", help="Write the confirmation to a new file too, to print."
)
@performs(RANDOMIZE)
def enrol(desk: Desk, subject: str, values: tuple[str, ...], confirm: str | None, paper: Path | None) -> None:
    """The slot is checked, recorded, and only then told.

    The stratification values are typed anew and held against the confirmed form. Asked again with the same
    values, the answer is the same allocation.
    """
    from trialkit.errors import TrialkitError
    from trialkit.operations import randomize
    from trialkit.randomization import write_custody_file
    from trialkit.randomization.errors import CustodyFileError
    from trialkit.report.confirmation import confirmation_text, filled_up, stratum_shown

    refuse_existing(paper)
    given = pairs(values, "--value")
    with desk.open() as (trial, actor):
        for factor in trial.study.factors:
            if factor.name not in given:
                shown = ", ".join(trial.study.level_shown(factor.name, level) for level in factor.levels)
                levels = click.Choice(factor.levels)
                question = f"{factor.name} ({shown})"
                given[factor.name] = click.prompt(question, type=levels, show_choices=False, err=True)
        if confirm is None:
            stratum = stratum_shown(trial.study, given)
            confirm = click.prompt(f"Randomize {subject}, {stratum}? Type the number once more", err=True)
        if confirm != subject:
            raise TrialkitError(
                expected="the subject's number once more",
                found="another text",
                where=subject,
                next_step="Nothing was done. Look at the form, then ask again.",
            )
        answer = randomize(trial, actor, subject_id=subject, stratum_values=given)
        text = confirmation_text(trial.study, answer, given, account=actor.account, role=actor.role)
        printed = text + "\n" + filled_up(trial.study, answer.arm)
    click.echo(text)
    if paper is not None:
        try:
            write_custody_file(paper, printed, private=True)
        except CustodyFileError as problem:  # the disk filled up meanwhile
            raise TrialkitError(
                expected=problem.expected,
                found=problem.found,
                where=str(paper),
                next_step="The allocation is recorded; ask again with the same values to print it.",
            ) from problem


@click.command()
@at_desk
@click.option("--subject", required=True, metavar="NUMBER", help="Randomized.")
@click.option(
    "--kind",
    type=click.Choice(["wrong_stratum", "ineligible", "duplicate", "wrong_treatment"]),
    required=True,
    help="What it was.",
)
@click.option("--reason", required=True, help="What happened, in words that name no treatment.")
@click.option(
    "--duplicate-of", metavar="NUMBER", help="With duplicate: the person's first number, which is kept."
)
@click.option(
    "--received-file", type=FILE, metavar="FILE",
    help="With wrong_treatment: the arm whose treatment was given; asked for otherwise.",
)  # fmt: skip
@performs(RECORD_MISTAKE)
def mistake(
    desk: Desk, subject: str, kind: str, reason: str, duplicate_of: str | None, received_file: Path | None
) -> None:
    """No slot is used again.

    After wrong_stratum the true value goes into the record by `trialkit correct`; the analysis shows both.
    """
    from trialkit.operations import MistakeKind, record_mistake

    received = None
    if received_file is not None or kind == "wrong_treatment":
        received = secret(received_file, "Arm whose treatment was given (its short name)", "an arm")
    with desk.open() as (trial, actor):
        record_mistake(
            trial,
            actor,
            subject_id=subject,
            kind=MistakeKind(kind),
            reason=reason,
            duplicate_of=duplicate_of,
            received_arm=received,
        )
    click.echo(f"Recorded: {kind} at {subject}. The allocation stays; nothing was undone.")


@click.command()
@at_desk
@click.option(
    "--subject", metavar="NUMBER", help="In an emergency: the one participant whose arm must be known."
)
@click.option("--for-analysis", is_flag=True, help="At the end: declare the locked study open.")
@click.option("--reason", required=True, help="Why, in words that name no treatment; it is recorded.")
@performs(EMERGENCY_UNBLIND, UNBLIND)
def unblind(desk: Desk, subject: str | None, for_analysis: bool, reason: str) -> None:
    """Or declare the locked study open for its analysis.

    Two acts, each signed with the password. --subject is for an investigator of the subject's site, blinded
    or not, or the unblinded statistician; nobody else's arm is told. --for-analysis is for the data manager;
    it tells no arm, but from then on roles that were blinded may see all of them.
    """
    from trialkit.errors import TrialkitError
    from trialkit.operations import emergency_unblind, unblind as open_for_analysis
    from trialkit.report.confirmation import arm_shown

    if (subject is None) != for_analysis:
        raise TrialkitError(
            expected="--subject or --for-analysis", found="both or neither", next_step="Give one of them."
        )
    with desk.open() as (trial, actor):
        if subject is None:
            stamp = open_for_analysis(trial, actor, reason=reason).stamp
            click.echo("The study is open for its analysis.")
        else:
            done = emergency_unblind(trial, actor, subject_id=subject, reason=reason)
            stamp = done.stamp
            click.echo(f"Subject {subject}: {arm_shown(trial.study, done.arm)}")
            if done.received is not None:
                click.echo(f"GIVEN BY MISTAKE INSTEAD: {arm_shown(trial.study, done.received)}")
            elif done.received_unreadable:
                click.echo("ANOTHER TREATMENT WAS GIVEN BY MISTAKE, and the key of that record is lost:")
                click.echo("ask whoever treated the subject which one it was.")
            click.echo("Tell only who must know it. Recorded with your name, time and reason.")
        click.echo(f"Audit record {stamp.number}, {stamp.at}")
