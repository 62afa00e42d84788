"""Seconds and megabytes of a piece of work in R, measured inside R: its start is left out."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.clock import Reading
from benchmarks.measure import RPeer

PROGRAM = """
options(warn = -1)
d <- read.csv(commandArgs(TRUE)[1], stringsAsFactors = TRUE)
for (name in c(%(packages)s)) loadNamespace(name)
suppressPackageStartupMessages({ %(setup)s })
work <- function() {
%(work)s
}
reading <- function(times) {
  clock <- proc.time()
  for (i in seq_len(times)) value <<- work()
  spent <- proc.time() - clock
  (spent[["user.self"]] + spent[["sys.self"]]) / times
}
before <- sum(gc(reset = TRUE)[, 2])
best <- reading(1)
peak <- sum(gc()[, 6]) - before
if (best < 1) {
  times <- 1                                # R's clock ticks in milliseconds
  while ((best <- reading(times)) * times < 0.1 && times < 1e6) times <- 4 * times
  for (i in 1:2) best <- min(best, reading(times))
}
cat(sprintf("%%.9g %%.9g\\n", best, peak))
cat(sprintf("%%.15g", as.numeric(value)), "\\n")
"""


@dataclass(frozen=True)
class Absent:
    why: str


@cache
def versions(packages: tuple[str, ...]) -> dict[str, str] | Absent:
    """R's version and those of the packages; or what is not installed."""
    if shutil.which("Rscript") is None:
        return Absent("R is not installed")
    program = (
        "cat('R', paste(R.version$major, R.version$minor, sep = '.'), '\\n');"
        f"for (name in c({_quoted(packages)})) cat(name, if (requireNamespace(name, quietly = TRUE))"
        " format(packageVersion(name)) else '', '\\n')"
    )
    done = subprocess.run(["Rscript", "-e", program], capture_output=True, text=True, check=True)
    found = {words[0]: " ".join(words[1:]) for words in map(str.split, done.stdout.splitlines())}
    missing = [name for name, version in found.items() if not version]
    return Absent(f"not installed: {', '.join(missing)}") if missing else found


def read_off(peer: RPeer, data: Any) -> Reading | Absent:
    """The best of three readings, each of a tenth of a second or more; work over a second is done once.

    Memory is what R's own ``gc`` saw: what compiled code of a package takes for itself is not in it.
    """
    installed = versions(peer.packages)
    if isinstance(installed, Absent):
        return installed
    with tempfile.TemporaryDirectory() as folder:
        program, table = Path(folder, "program.R"), Path(folder, "data.csv")
        words = {"packages": _quoted(peer.packages), "setup": peer.setup, "work": peer.work}
        program.write_text(PROGRAM % words, encoding="utf-8")
        peer.table(data).to_csv(table, index=False)
        done = subprocess.run(
            ["Rscript", str(program), str(table)], capture_output=True, text=True, check=False
        )
    if done.returncode:
        raise RuntimeError(" ".join(done.stderr.split()[-20:]))
    times, answer = done.stdout.splitlines()[-2:]
    seconds, megabytes = map(float, times.split())
    return Reading(seconds, megabytes, np.array(answer.replace("NA", "nan").split(), dtype=float))


def _quoted(names: tuple[str, ...]) -> str:
    return ", ".join(f'"{name}"' for name in names)
