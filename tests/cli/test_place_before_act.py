"""A command that acts and then writes a file tries the place first, before anything is recorded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

ACTS = {
    "randomize enrol --paper": ("randomize enrol", "cara", "--paper"),
    "snapshot": ("snapshot", "dm", "--out"),
    "archive": ("archive", "dm", "--out"),
    "backup": ("backup", "dm", "--out"),
    "query list": ("query list", "dm", "--csv"),
    "error-rates": ("error-rates", "dm", "--xlsx"),
    "discrepancies": ("discrepancies", "ada", "--csv"),
}
FILES_NEED_THEIR_FOLDER = {"randomize enrol --paper", "query list", "error-rates", "discrepancies"}


def _places(folder: Path, name: str) -> list[Path]:
    (folder / "a-file").write_text("x", encoding="utf-8")
    too_long = folder / ("n" * 300)
    places = [folder / "a-file", folder / "a-file" / "out", too_long, Path("/proc/out")]
    return [*places, folder / "no" / "such" / "out"] if name in FILES_NEED_THEIR_FOLDER else places


@pytest.mark.parametrize("name", ACTS)
def test_nothing_is_recorded_where_the_place_cannot_be_written(bench: Any, tmp_path: Path, name: str) -> None:
    command, login, option = ACTS[name]
    subject = bench.screened()
    values = ["--value", "site=A", "--value", "sex=female", "--confirm", subject, "--subject", subject]
    rest = values if command == "randomize enrol" else []
    records = bench.records()
    for place in _places(tmp_path, name):
        said = bench.run(command, login, *rest, option, place)
        assert (said.status, bench.records()) == (2, records), (place, said)
        assert str(place) in said.err and "unexpected" not in said.err, said.err
    assert sorted(path.name for path in tmp_path.iterdir() if "partial" in path.name) == []
