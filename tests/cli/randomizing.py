"""What tests of ``trialkit randomize`` ask again and again."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any


def arm_file(bench: Any, arm: str) -> str:
    """An arm's name where no list of processes shows it."""
    path = bench.folder / f"arm-{arm}"
    path.write_text(f"{arm}\n")
    return str(path)


def ask(bench: Any, login: str, subject: str, *values: str, confirm: str | None = None) -> Any:
    stated = [word for value in values for word in ("--value", value)]
    return bench.run("randomize enrol", login, "--subject", subject, *stated, "--confirm", confirm or subject)


def arm_told(out: str) -> str:
    line = next(line for line in out.splitlines() if line.startswith("Allocated to"))
    return line.rpartition("[")[2].rstrip("]")


def refused(said: Any) -> str:
    assert said.status == 2, said
    assert said.out == ""
    assert len(said.err.splitlines()) == 1
    assert "unexpected" not in said.err
    for arm in ("exercise", "control", "NSAID"):
        assert arm not in said.err
    return str(said.err)


def exported(bench: Any) -> list[dict[str, str]]:
    out = bench.folder / "export.csv"
    assert bench.run("randomize export", "open", "--out", out).status == 0
    with out.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def verified(bench: Any, folder: Path, passphrase: Path, *rest: object) -> Any:
    return bench.call(
        "randomize", "verify", "--reveal", folder / "seed.json", "--commitment", folder / "commitment.json",
        "--allocations", bench.folder / "export.csv", "--passphrase-file", passphrase, *rest,
    )  # fmt: skip
