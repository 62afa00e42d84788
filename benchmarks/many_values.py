"""A million item values: imported twice and compared, read together, exported; and who waits meanwhile.

``python -m benchmarks.many_values``: a study of 100 items at 10 visits, at three sizes on both engines, for
about 20 minutes. A second process saves small forms throughout the imports; its longest wait is what people
at their desks feel.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import resource
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path

import pandas as pd
from click.testing import CliRunner

from benchmarks.founded_trial import ADMINISTRATOR, COORDINATOR, postgresql, sqlite
from benchmarks.machine import machine
from trialkit import operations as op
from trialkit.access import Actor
from trialkit.cli.root import root
from trialkit.entry import compare
from trialkit.vocabulary import Role

VISITS, ITEMS = 10, 100
SIZES = (100_000, 300_000, 1_000_000)
ENGINES: dict[str, Callable[[], AbstractContextManager[str]]] = {"SQLite": sqlite, "PostgreSQL": postgresql}
FIRST, SECOND = Actor("ada", Role.FIRST_ENTRY), Actor("bob", Role.SECOND_ENTRY)
DESK = Actor("eve", Role.FIRST_ENTRY)
MANAGER = Actor("dan", Role.DATA_MANAGER)
DIFFERS_ONE_IN = 200

_STUDY = """[study]
id = "MANY"
title = "A million values"
version = "1"
demonstration = true
[arms.a]
label = "A"
role = "test"
ratio = 1
[arms.b]
label = "B"
role = "reference"
ratio = 1
[sites.A]
name = "A"
time_zone = "UTC"
[factors.site]
[randomization]
method = "stratified_permuted_blocks"
concealment = "demonstration"
[blinding]
stated = "open"
blinded_roles = []
participants_blinded = false
"""


READING = """A study of 100 items at 10 visits, entered twice from files, one cell in 800 typed differently;
each size in a process of its own. *CPU seconds* of that process (those of a PostgreSQL server are not in it),
and in brackets how many times more they are than at the size before, for every time more values: 1 is linear.
*MB*: the most memory the process had, of about 190 with nothing but the modules in it. A second process saves
small forms all the while; the *longest wait* is that of its slowest save, by the clock, *alone* without an
import beside it."""
STEPS = (
    "import, first pass",
    "import, second pass, compared",
    "snapshot",
    "read together and export (CSV)",
    "compare two files",
    "audit verify",
)


@dataclass
class Measured:
    """CPU seconds of each step and its slope; the desk's longest waits: alone, and beside each import."""

    engine: str
    values: int
    cpu: dict[str, float] = field(default_factory=dict)
    waits: dict[str, float] = field(default_factory=dict)
    saves: dict[str, int] = field(default_factory=dict)
    megabytes: float = 0.0


def write_definition(folder: Path) -> None:
    """A form of 100 items at every visit, and a small one for whoever saves meanwhile."""
    visits = [f"v{n}" for n in range(VISITS)]
    text = _STUDY + "".join(
        f'[visits.{v}]\nlabel = "{v}"\nanchor = "consent"\ntarget_days = {30 * n}\n'
        f"window_days = [{30 * n}, {30 * n + 20}]\n"
        for n, v in enumerate(visits)
    )
    for form in ("big", "small"):
        text += f'[forms.{form}]\nlabel = "{form}"\nentry = "double"\nvisits = {json.dumps(visits)}\n'
    folder.mkdir(parents=True)
    (folder / "study.toml").write_text(text, encoding="utf-8")
    lines = ["field_name,form_name,field_type,field_label,select_choices_or_calculations,"
             "text_validation_type_or_show_slider_number,text_validation_min,text_validation_max,required_field",
             "subject_id,small,text,Number,,,,,y", "small_1,small,text,S,,integer,0,100,"]  # fmt: skip
    for n in range(ITEMS):
        kind = n % 4
        if kind == 0:
            lines.append(f'big_{n},big,radio,Item {n},"0, no | 1, some | 2, much",,,,')
        elif kind == 1:
            lines.append(f"big_{n},big,text,Item {n},,integer,0,1000,")
        elif kind == 2:
            lines.append(f"big_{n},big,text,Item {n},,number,0,1000,")
        else:
            lines.append(f"big_{n},big,text,Item {n},,,,,")
    (folder / "dictionary.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_pass(file: Path, subjects: list[str], *, seed: int, differing: int) -> None:
    """The same paper typed: each seed types it alike, but for its own slips."""
    paper, slips = random.Random(1), random.Random(seed)
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["subject_id", "visit", *(f"big_{n}" for n in range(ITEMS))])
        for subject in subjects:
            for visit in range(VISITS):
                cells = [_typed(paper, n) for n in range(ITEMS)]
                for n in range(1, ITEMS, 4):
                    if differing and slips.randrange(differing) == 0:
                        cells[n] = str((int(cells[n]) + 1) % 1000)
                writer.writerow([subject, f"v{visit}", *cells])


def _typed(paper: random.Random, n: int) -> str:
    kind = n % 4
    if kind == 0:
        return str(paper.randrange(3))
    if kind == 1:
        return str(paper.randrange(1000))
    if kind == 2:
        return f"{paper.randrange(10_000) / 10:.1f}"
    return f"note {paper.randrange(100)}"


@contextmanager
def founded(folder: Path, address: str) -> Iterator[op.Trial]:
    write_definition(folder / "definition")
    with op.create_study(
        folder / "study",
        definition=folder / "definition",
        administrator="root",
        person_name="R",
        database_url=address,
    ) as trial:
        for actor in (COORDINATOR, FIRST, SECOND, DESK, MANAGER):
            op.add_account(trial, ADMINISTRATOR, login=actor.account, person_name="P", role=actor.role)
        yield trial


def desk(folder: str, subjects: list[str]) -> None:
    """Saves one small form after another until its standard input closes; prints each wait in seconds."""
    with op.open_trial(folder) as trial:
        entries = [
            op.FormEntry(subject, f"v{visit}", "small", (op.EnteredRow({"small_1": "7"}),))
            for visit in range(VISITS)
            for subject in subjects
        ]
        for entry in entries:
            begun = time.monotonic()
            op.enter_pass(trial, DESK, entry=entry)
            print(time.monotonic() - begun, flush=True)
            if select.select([sys.stdin], [], [], 0.05)[0]:
                return


@contextmanager
def beside(found: Measured, when: str, trial: op.Trial, subjects: list[str]) -> Iterator[None]:
    """The desk at work while the block runs; afterwards its longest wait stands in ``found``."""
    words = [sys.executable, "-m", "benchmarks.many_values", "--desk", str(trial.folder), *subjects]
    process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None and process.stdout is not None
    process.stdout.readline()  # the first save is behind it: every module is imported
    try:
        yield
    finally:
        process.stdin.close()
        waits = [float(line) for line in process.stdout.read().split()]
        process.wait()
        found.waits[when], found.saves[when] = max(waits, default=0.0), len(waits)


def measure(engine: str, values: int) -> Measured:
    """Every step at one size."""
    found = Measured(engine, values)
    with tempfile.TemporaryDirectory() as name, ENGINES[engine]() as address:
        folder = Path(name)
        with founded(folder, address) as trial:
            subjects = [_enrolled(trial) for _ in range(values // (VISITS * ITEMS))]
            others = {when: [_enrolled(trial) for _ in range(200)] for when in ("alone", "first", "second")}
            with beside(found, "alone", trial, others["alone"]):
                time.sleep(5)
            for actor, when, step in ((FIRST, "first", STEPS[0]), (SECOND, "second", STEPS[1])):
                file = folder / f"{when}.csv"
                write_pass(file, subjects, seed=len(when), differing=DIFFERS_ONE_IN)
                with beside(found, when, trial, others[when]), _timed(found, step):
                    entered = op.import_pass(trial, actor, path=file, form="big")
                assert entered.forms == len(subjects) * VISITS
            _afterwards(trial, folder, found)
    found.megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return found


def _enrolled(trial: op.Trial) -> str:
    return op.enrol(trial, COORDINATOR, site="A", consent_date=date(2024, 1, 1)).subject_id


def _afterwards(trial: op.Trial, folder: Path, found: Measured) -> None:
    with _timed(found, STEPS[2]):
        op.write_snapshot(trial, MANAGER, folder=folder / "snapshot", blinded=True)
    with _timed(found, STEPS[3]):
        words = ["export", str(folder / "snapshot"), "--into", str(folder / "export"), "--form", "big"]
        done = CliRunner().invoke(root, words)
        assert done.exit_code == 0, done.output
    with _timed(found, STEPS[4]):
        first, second = (pd.read_csv(folder / f"{name}.csv", dtype=str) for name in ("first", "second"))
        compare(first, second, keys=["subject_id", "visit"])
    with _timed(found, STEPS[5]):
        assert op.verify_audit(trial).problems == ()


@contextmanager
def _timed(found: Measured, step: str) -> Iterator[None]:
    begun = time.process_time()
    yield
    found.cpu[step] = time.process_time() - begun
    print(
        f"{found.engine} {found.values:>9,} {step:<32} {found.cpu[step]:8.2f} s", file=sys.stderr, flush=True
    )


def page(measured: Sequence[Measured]) -> str:
    """The figures as Markdown."""
    lines = [
        "# What a million values cost",
        "",
        "Made by `python -m benchmarks.many_values --write docs/many-values.md`.",
        "",
        READING,
    ]
    for engine in dict.fromkeys(one.engine for one in measured):
        own = [one for one in measured if one.engine == engine]
        sizes = [f"{one.values:,}" for one in own]
        lines += ["", f"## {engine}", "", "| CPU seconds | " + " | ".join(sizes) + " |"]
        lines += ["|---|" + "---:|" * len(own)]
        lines += [f"| {step} | " + " | ".join(_with_slopes(own, step)) + " |" for step in STEPS]
        lines += ["| *MB* | " + " | ".join(f"{one.megabytes:,.0f}" for one in own) + " |"]
        lines += ["", "| longest wait of a save | " + " | ".join(sizes) + " |", "|---|" + "---:|" * len(own)]
        for when, words in (
            ("alone", "alone"),
            ("first", "beside the first pass"),
            ("second", "beside the second"),
        ):
            cells = [f"{one.waits[when]:.2f} s of {one.saves[when]} saves" for one in own]
            lines += [f"| {words} | " + " | ".join(cells) + " |"]
    busy = f"Made on {machine()} Processes waiting for a core meanwhile: {os.getloadavg()[2]:.0f}."
    return "\n".join([*lines, "", busy, ""])


def _with_slopes(own: Sequence[Measured], step: str) -> Iterator[str]:
    before: Measured | None = None
    for one in own:
        slope = "" if before is None else f" ({_slope(before, one, step):.2f})"
        yield f"{one.cpu[step]:.1f}{slope}"
        before = one


def _slope(before: Measured, one: Measured, step: str) -> float:
    return (one.cpu[step] / before.cpu[step]) / (one.values / before.values)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.many_values", description=__doc__)
    parser.add_argument("--engine", choices=list(ENGINES), action="append", help="both by default")
    parser.add_argument("--values", type=int, action="append", help="sizes; three by default")
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the page")
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--desk", nargs="+", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.desk:
        desk(asked.desk[0], asked.desk[1:])
        return 0
    if asked.one:
        print(json.dumps(asdict(measure(asked.one[0], int(asked.one[1])))))
        return 0
    measured = []
    for engine in asked.engine or ENGINES:
        for values in asked.values or SIZES:
            words = [sys.executable, "-m", "benchmarks.many_values", "--one", engine, str(values)]
            answer = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=True).stdout
            measured.append(Measured(**json.loads(answer.splitlines()[-1])))
    text = page(measured)
    print(text)
    if asked.write is not None:
        asked.write.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
