"""Fifty clerks on PostgreSQL: server time of a form page and of a save, beside the same reads and inserts.

``python -m benchmarks.fifty_clerks`` starts ``trialkit serve`` on a PostgreSQL of its own. Each clerk
signs in and makes second entries of a form of ten items: opens its page, types an item every two seconds
or so (every pause keeps the draft, as the page's script does), completes it, and goes on. Second entries
are the dearer ones: they are compared and write the final values. Meanwhile, in a process of its own, the
statements that a form page and a save read and the rows that a save writes are read and inserted directly
into the same database, so that both sides meet the same load. Server time is what the server's own log of
requests says.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2

from benchmarks.direct_work import Direct, direct_work
from benchmarks.entry_desk import FORM, VISIT, EntryDesk
from benchmarks.founded_trial import ADMINISTRATOR, postgresql
from benchmarks.machine import processor
from trialkit import operations as op
from trialkit.vocabulary import Role

PASSWORD = "a password of fifty clerks"
AT_MOST = 3
"""Times the same work made directly, at the 95th percentile."""

LARGEST_PAGE = 100_000  # bytes
_ENTRY = "/subjects/{subject_id}/visits/{visit}/forms/{form}/entry"
_KINDS = {
    ("GET", _ENTRY): "a form page",
    ("POST", _ENTRY + "/draft"): "a draft kept",
    ("POST", _ENTRY): "a second entry completed",
}


@dataclass
class Load:
    """What a run found: milliseconds of the server by kind of request, page sizes, and what failed."""

    server: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    pages: list[int] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    begun: float = 0.0


def main() -> int:
    asked = _options()
    forms = int(asked.clerks * (asked.seconds / (10 * asked.think) + 2) + 1)
    desk = EntryDesk(forms, postgresql(), second=True)
    try:
        for n in range(asked.clerks):
            op.add_account(
                desk.trial, ADMINISTRATOR, login=f"clerk_{n}", person_name="P", role=Role.SECOND_ENTRY,
                password=PASSWORD,
            )  # fmt: skip
        load, direct = _run(desk, asked)
    finally:
        desk.close()
    page = _page(load, direct, asked)
    print(page)
    if asked.write is not None:
        asked.write.write_text(page, encoding="utf-8")
    return 0 if not load.failed else 1


def _run(desk: EntryDesk, asked: argparse.Namespace) -> tuple[Load, Direct]:
    load = Load()
    with tempfile.TemporaryFile("w+") as log:
        command = [
            sys.executable,
            "-m",
            "trialkit",
            "serve",
            str(desk.trial.folder),
            "--port",
            "0",
            "--log-requests",
        ]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True) as server:
            assert server.stdout is not None
            address = server.stdout.readline().split()[-1].rstrip("/")
            try:
                with direct_work(desk, asked.seconds) as direct:
                    asyncio.run(_clerks(desk, address, asked, load))
            finally:
                server.terminate()
        log.seek(0)
        for line in log:
            told: dict[str, Any] = json.loads(line)
            if told.get("event") != "request":
                load.failed.append(line.strip())
                continue
            kind = _KINDS.get((told["method"], told["route"]))
            if kind is not None and told["status"] in (200, 303):
                load.server[kind].append(told["ms"])
            elif told["status"] >= 400:
                load.failed.append(line.strip())
    return load, direct.result()


async def _clerks(desk: EntryDesk, address: str, asked: argparse.Namespace, load: Load) -> None:
    """Everybody signs in beforehand, one after the other: proving a password is meant to be slow."""
    waiting = [entry.subject_id for entry in desk.entries]
    async with contextlib.AsyncExitStack() as open_clients:
        clients = []
        for n in range(asked.clerks):
            client = await open_clients.enter_async_context(httpx2.AsyncClient(base_url=address, timeout=300))
            await client.post("/sign-in", data={"login": f"clerk_{n}", "password": PASSWORD})
            clients.append(client)
        load.begun = time.time()
        until = time.monotonic() + asked.seconds
        async with asyncio.TaskGroup() as group:
            for n, client in enumerate(clients):
                group.create_task(_clerk(random.Random(n), client, waiting, until, asked.think, load))


async def _clerk(
    draw: random.Random,
    client: httpx2.AsyncClient,
    waiting: list[str],
    until: float,
    think: float,
    load: Load,
) -> None:
    await asyncio.sleep(draw.uniform(0, 10 * think))  # nobody begins with the others
    while time.monotonic() < until and waiting:
        await _one_form(client, waiting.pop(), draw, think, load)


async def _one_form(
    client: httpx2.AsyncClient, subject_id: str, draw: random.Random, think: float, load: Load
) -> None:
    path = f"/subjects/{subject_id}/visits/{VISIT}/forms/{FORM}/entry"
    page = await client.get(path)
    if page.status_code != 200:
        load.failed.append(f"page: {page.status_code}")
        return
    load.pages.append(len(page.content))
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text))
    items = re.findall(r'name="(r0\.[^".]+)"', page.text)
    form = hidden | dict.fromkeys(items, "")
    for n, item in enumerate(items):
        await asyncio.sleep(think * draw.lognormvariate(-0.125, 0.5))  # mean: think
        form[item] = str(n % 6) if draw.random() > 0.01 else str((n + 1) % 6)
        kept = await client.post(f"{path}/draft", data=form, headers={"X-Requested-With": "trialkit"})
        if kept.status_code != 200:
            load.failed.append(f"draft: {kept.status_code}")
            return
        form["draft_version"] = kept.json()["version"]
    saved = await client.post(path, data=form)
    if saved.status_code != 303:
        load.failed.append(f"save: {saved.status_code}")
        return
    await client.get(saved.headers["location"])


def percentile(times: list[float], share: float) -> float:
    """Of at least two times, by linear interpolation between order statistics (R's type 7)."""
    return statistics.quantiles(times, n=100, method="inclusive")[round(share * 100) - 1]


_READING = (
    "Written by `python -m benchmarks.fifty_clerks --write docs/load.md`; do not edit.",
    "",
    "`trialkit serve` on PostgreSQL, one process. Each clerk makes second entries of a form of ten items:",
    "opens its page, keeps a draft after each item, completes it, goes on. Second entries are the dearer",
    "ones: they are compared and write the final values. Milliseconds are the server's own, from taking a",
    "request to its answer. *Directly*: the statements that the same page or save reads, and the rows",
    "that the save writes in one commit, sent by a bare program to the same database during the same",
    "minutes, so that both wait for the same processors. At most three times that is asked for, at the",
    "95th percentile.",
)


def _page(load: Load, direct: Direct, asked: argparse.Namespace) -> str:
    lines = [
        "# Fifty clerks at once",
        "",
        *_READING,
        "",
        f"{asked.clerks} clerks, {asked.seconds} s, an item every {asked.think:g} s; {_machine()}.",
        "",
        "| | requests | median, ms | 95th percentile, ms "
        "| directly, median | directly, 95th | ratio at the 95th |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for kind, beside in zip(_KINDS.values(), (direct.reads, None, direct.saves), strict=True):
        times = load.server[kind]
        if len(times) < 2:
            continue
        row = [kind, str(len(times)), *(f"{percentile(times, share):.1f}" for share in (0.5, 0.95))]
        if beside and len(beside) > 1:
            at_95 = percentile(times, 0.95) / percentile(beside, 0.95)
            verdict = "met" if at_95 <= AT_MOST else f"missed: at most {AT_MOST}"
            row += [
                *(f"{percentile(beside, share):.1f}" for share in (0.5, 0.95)),
                f"{at_95:.1f} ({verdict})",
            ]
        else:
            row += ["", "", ""]
        lines.append("| " + " | ".join(row) + " |")
    largest = max(load.pages, default=0)
    lines += ["", f"The largest form page: {largest / 1000:.1f} kB (at most {LARGEST_PAGE // 1000})."]
    if load.failed:
        lines += ["", f"{len(load.failed)} requests failed; the first: {load.failed[0][:300]}"]
    return "\n".join(lines) + "\n"


def _machine() -> str:
    return f"{processor()}, {os.cpu_count()} cores, load {os.getloadavg()[1]:.1f} over five minutes"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fifty_clerks", description=__doc__)
    parser.add_argument("--clerks", type=int, default=50)
    parser.add_argument("--seconds", type=int, default=180)
    parser.add_argument("--think", type=float, default=2.0, help="seconds an item, on average")
    parser.add_argument("--write", type=Path, metavar="FILE", help="write what is printed as a page too")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
