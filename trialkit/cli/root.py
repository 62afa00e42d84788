"""The root command: a list of names and one-line helps; the commands themselves are imported when used."""

from __future__ import annotations

import gc
import importlib
import keyword
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

import click

from trialkit import __version__
from trialkit.access.acts import ACTS
from trialkit.errors import TrialkitError

# Command -> one line of help, in the order a trial meets them. The module is trialkit.cli.<name>, with
# an underscore for a hyphen and after a keyword.
COMMANDS: dict[str, str] = {
    "demo": "Run the reference trial end to end, from the study definition to the report.",
    "example": "Run a published trial, or a study on simulated data, from its data to its documents.",
    "study": "Draft, check and show a study definition; amend a running one, site by site.",
    "simulate": "Make a trial's paper forms and typed passes, with the truth beside them.",
    "init": ACTS["create_study"].summary,
    "account": "Open accounts, give them roles, set passwords.",
    "enrol": ACTS["enrol"].summary,
    "randomize": "Make, load and use a sealed randomization list, and prove it at the end.",
    "screen-fail": ACTS["screen_fail"].summary,
    "withdraw": ACTS["withdraw"].summary,
    "correct-departure": ACTS["correct_departure"].summary,
    "reconsent": ACTS["record_consent"].summary,
    "reconsent-list": ACTS["list_reconsent"].summary,
    "visit": ACTS["record_visits"].summary,
    "not-done": ACTS["mark_not_done"].summary,
    "enter": ACTS["enter_passes"].summary,
    "import": ACTS["import_pass"].summary,
    "end-import": ACTS["end_import"].summary,
    "vouch": ACTS["vouch_for_file"].summary,
    "import-trial": ACTS["import_outside_data"].summary,
    "compare": "Compare two independent entries of the same forms, file against file.",
    "serve": "Serve the study to browsers: randomization, entry, lists.",
    "todo": ACTS["view_todo"].summary,
    "work": "Worklists of visits and forms, the missing-form report, and work by person.",
    "discrepancies": ACTS["list_discrepancies"].summary,
    "adjudicate": ACTS["adjudicate"].summary,
    "decide-rows": ACTS["decide_rows"].summary,
    "correct": ACTS["correct"].summary,
    "void": ACTS["void_pass"].summary,
    "error-rates": ACTS["view_error_rates"].summary,
    "flags": ACTS["list_flags"].summary,
    "corrections": "What was corrected; for the site: endorse a correction, or object to it.",
    "query": "Ask a site about the record, answer, close, ask again; list what is open.",
    "sae": "Serious adverse events: note, report, follow up; the clock and the line listing.",
    "verify-source": ACTS["verify_source"].summary,
    "sign": ACTS["sign_form"].summary,
    "freeze": ACTS["freeze"].summary,
    "redact": ACTS["redact"].summary,
    "decide-set": ACTS["decide_set"].summary,
    "lock": ACTS["lock"].summary,
    "unlock": ACTS["unlock"].summary,
    "snapshot": ACTS["write_snapshot"].summary,
    "check-table": "Check a published table from the summaries it prints.",
    "export-passes": "Write a pass of a form to a file, as it was typed.",
    "export": "Write a snapshot's values for spreadsheets, SPSS and Stata.",
    "audit": "Verify the audit trail, anchor it, and read it.",
    "backup": ACTS["back_up"].summary,
    "archive": ACTS["archive"].summary,
    "restore": "Make a study folder of a backup, on either engine, and verify it.",
    "upgrade": "Bring a study's database to the installed version, after a backup.",
    "imaging": "Measure segmented scans, and see how well two readers agree.",
    "sap": "Check a statistical analysis plan, and run it on a snapshot.",
    "predict": "Develop a prediction model by its plan, audit it for leaks, apply it.",
}

BAD_INPUT = 2
MOST_ERRORS = 200  # of one input; nobody mends more in one go
UNEXPECTED = 3
INTERRUPTED = 130
BROKEN_PIPE = 141
THREADS_OF_LINEAR_ALGEBRA = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
"""One, unless the user says otherwise: a trial's matrices are small, so that several threads wait for each
other for most of their time, and with one the sums have the same order on every machine.
"""
COLLECT_AFTER = (50_000, 20, 100)
"""Objects between two garbage collections, and how many of each age before the next: a trial's records are
hundreds of thousands of objects, and to look at them all for cycles cost a quarter of a long command.
"""


def _module_of(command: str) -> str:
    return command.replace("-", "_") + ("_" if keyword.iskeyword(command) else "")


class LazyGroup(click.Group):
    """A group whose commands are known by name and imported when one of them is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"trialkit.cli.{_module_of(cmd_name)}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="trialkit")
def root() -> None:
    """A small multi-site trial, from the first randomized participant to the last table."""


def main() -> None:
    """Run a command; whatever goes wrong reaches the user as one line, never a traceback."""
    gc.set_threshold(*COLLECT_AFTER)
    for name in THREADS_OF_LINEAR_ALGEBRA:
        os.environ.setdefault(name, "1")
    try:
        _refuse_undecodable(sys.argv[1:])
        status = root.main(prog_name="trialkit", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.ctx.get_help() if error.ctx else "")
        status = 0
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx else "trialkit"
        _fail(f"{error.format_message()} See `{command} --help`.", BAD_INPUT)
    except click.ClickException as error:
        _fail(error.format_message(), BAD_INPUT)
    except (click.Abort, KeyboardInterrupt):
        _fail("stopped; what was committed before stays.", INTERRUPTED)
    except TrialkitError as error:
        _fail_all([error, *error.also])
    except BrokenPipeError:
        # The reader went away (`| head`): nobody is left to tell, and Python must not try at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(BROKEN_PIPE)
    except OSError as error:
        _fail(f"{error.filename or 'the system'}: {error.strerror or error}", BAD_INPUT)
    except Exception as error:
        if os.environ.get("TRIALKIT_DEBUG"):
            raise
        _fail(
            f"unexpected: {type(error).__name__}. This is a defect in trialkit. "
            "Run again with TRIALKIT_DEBUG=1 and report what it prints.",
            UNEXPECTED,
        )
    sys.exit(status if isinstance(status, int) else 0)


def _refuse_undecodable(arguments: list[str]) -> None:
    """Bytes that are not text of the terminal's encoding could be kept nowhere: no file, no database."""
    for argument in arguments:
        if any("\ud800" <= character <= "\udfff" for character in argument):
            raise TrialkitError(
                expected="arguments in the terminal's encoding (UTF-8)",
                found=ascii(argument)[:80],
                where="the command line",
                next_step="Type it again, or rename the file; check LANG where this happens often.",
            )


def _fail(line: str, status: int) -> NoReturn:
    _complain(line)
    sys.exit(status)


def _fail_all(errors: Sequence[TrialkitError]) -> NoReturn:
    """One line for each thing that is wrong with the input, so that it is mended in one go."""
    for error in errors[:MOST_ERRORS]:
        _complain(str(error))
    if len(errors) > MOST_ERRORS:
        _complain(f"and {len(errors) - MOST_ERRORS} more.")
    sys.exit(BAD_INPUT)


def _complain(line: str) -> None:
    click.echo(f"trialkit: {' '.join(line.split())}", err=True)
