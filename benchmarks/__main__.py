"""What each method costs beside its peers, in one table: CPU seconds in one thread, and their ratio."""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

from benchmarks import run, small_calls, table
from benchmarks.clock import ONE_THREAD
from benchmarks.machine import machine, r_and_packages
from benchmarks.measure import NotHere
from benchmarks.run import METHODS, Row, Wanted


def main() -> int:
    asked = _options()
    if asked.small:
        return _small(asked)
    wanted = Wanted(quick=asked.quick, slow=asked.slow, in_r=not asked.without_r)
    chosen = [(name, m) for name in asked.methods or METHODS for m in run.measures_of(name)]
    begun = time.monotonic()
    print(table.terminal_head(), flush=True)
    rows: list[Row] = []
    for position, (method, measure) in enumerate(chosen, start=1):
        _progress(f"{position} of {len(chosen)}: {method}, {measure.what}")
        try:
            for row in run.rows_of(method, measure, wanted):
                rows.append(row)
                _progress("")
                print(*table.terminal(row), sep="\n", flush=True)
        except NotHere as why:
            _progress("")
            print(f"{method}: {measure.what}: not run, {why}", flush=True)
    closing_words = (
        table.count_aims(rows).sentence(),
        f"Made in {_duration(time.monotonic() - begun)} on {machine()}",
        r_and_packages([measure for _, measure in chosen]) if wanted.in_r else "Without R.",
    )
    print("", *closing_words, sep="\n")
    if asked.write is not None:
        kept = asked.write.read_text(encoding="utf-8") if asked.write.exists() else ""
        page = table.with_rows(kept, rows) if asked.methods else _page(rows, closing_words)
        if not asked.methods and small_calls.HEADING in kept:  # made by --small, in a run of its own
            page = small_calls.put_into(page, small_calls.chapter_of(kept))
        asked.write.write_text(page, encoding="utf-8")
        print(f"Written: {asked.write}")
    without = sorted({row.method for row in rows for beside in row.beside if beside.failed})
    if without:
        print(f"A peer broke off or did not agree, and has no time: {', '.join(without)}", file=sys.stderr)
    return 1 if without else 0


def _small(asked: argparse.Namespace) -> int:
    """Small calls beside R; with --write their chapter of the page, or the lines of those named, replaced."""
    methods = tuple(asked.methods) or tuple(sorted(small_calls.METHODS))
    calls = []
    for call in small_calls.small_calls(methods):
        calls.append(call)
        theirs = "" if call.theirs is None else f"{call.theirs * 1e3:8.2f}"
        met = {True: "", False: "over its limit", None: "no R to compare"}[call.met]
        print(f"{call.method + ': ' + call.what:<70} {call.ours * 1e3:8.2f} {theirs:>8} ms {met}", flush=True)
    if asked.write is not None:
        page = asked.write.read_text(encoding="utf-8") if asked.write.exists() else ""
        load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
        words = (f"Made on {machine()}; load {load} when it ended.",)
        alone = asked.methods and small_calls.HEADING in page
        page = (
            small_calls.with_calls(page, calls)
            if alone
            else small_calls.put_into(page, small_calls.chapter(calls, words))
        )
        asked.write.write_text(page, encoding="utf-8")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    known = ", ".join(METHODS)
    parser.add_argument("methods", nargs="*", metavar="METHOD", help=f"all by default, or some of: {known}")
    parser.add_argument("--quick", action="store_true", help="tiny sizes, each once: does it run and agree?")
    parser.add_argument("--slow", action="store_true", help="also the peers that take minutes (glmer)")
    parser.add_argument("--without-r", action="store_true", help="leave R out even where it is installed")
    parser.add_argument(
        "--write", type=Path, metavar="FILE", help="write the page too; of some methods, only their rows"
    )
    parser.add_argument("--small", action="store_true", help="small calls beside R, each within its limit?")
    asked = parser.parse_args()
    unknown = sorted(set(asked.methods) - set(METHODS))
    if unknown:
        parser.error(f"unknown: {', '.join(unknown)}. Known: {known}")
    if asked.write is not None and asked.quick and not asked.small:
        parser.error("--write is for real sizes: leave --quick out")
    return asked


def _progress(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} seconds" if seconds < 120 else f"{seconds / 60:.0f} minutes"


def _page(rows: list[Row], closing_words: tuple[str, ...]) -> str:
    parts = (
        "# What each method costs beside its peers",
        "Generated by `make benchmarks`; do not edit.",
        table.READING,
        "Fifty clerks at once on the web application: [load.md](load.md), by "
        "`python -m benchmarks.fifty_clerks`.",
        "What a million values cost, and who waits for them, stands in [many-values.md](many-values.md)\n"
        "(`python -m benchmarks.many_values`); what entering a whole trial costs, in\n"
        "[entering.md](entering.md) (`python -m benchmarks.entering`).",
        "## Aims",
        closing_words[0],
        table.markdown(rows, aims_alone=True),
        "## Every method",
        *closing_words[1:],
        table.markdown(rows),
    )
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    if not ONE_THREAD.items() <= os.environ.items():
        os.execve(
            sys.executable,
            [sys.executable, "-m", "benchmarks", *sys.argv[1:]],
            {**os.environ, **ONE_THREAD},
        )
    sys.exit(main())
