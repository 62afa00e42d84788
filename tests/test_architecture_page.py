"""The page of the architecture says what the code does: floors, rooms, files and names."""

from __future__ import annotations

import importlib
import re
import tomllib
from pathlib import Path

import pytest

import trialkit

ROOT = Path(trialkit.__file__).parent.parent
ROOMS = ROOT / "trialkit"
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
FLOORS = re.search(r"```\n(doors.*?)```", PAGE, re.DOTALL)


def on_the_page() -> list[set[str]]:
    """Rooms a floor, from the doors down; what a line says after several blanks is a remark."""
    assert FLOORS is not None
    lines = [
        re.sub(r"^(doors|shown|jobs|knowledge|tools|ground)", "", line) for line in FLOORS[1].splitlines()
    ]
    lines = [re.split(r"\s{20,}(?=[a-z]+[, ])", line.strip())[0] for line in lines]
    return [set(re.findall(r"[a-z_]+", line.split("  never")[0])) for line in lines]


def in_the_contract() -> list[set[str]]:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    return [set(re.findall(r"[a-z_]+", floor)) for floor in contracts["contracts"][0]["layers"]]


def test_the_floors_are_those_that_the_imports_are_held_to() -> None:
    page, contract = on_the_page(), in_the_contract()
    assert set().union(*page) == set().union(*contract)
    height = {room: i for i, floor in enumerate(contract) for room in floor}
    drawn = {room: i for i, floor in enumerate(page) for room in floor}
    for one in height:
        for other in height:
            if height[one] < height[other]:
                assert drawn[one] <= drawn[other], f"{one} is above {other}"


def test_every_room_has_its_line_and_no_line_is_of_a_room_that_is_not_there() -> None:
    told = set(
        re.findall(r"`([a-z_]+)`", " ".join(re.findall(r"^\| ((?:`\w+`,? ?)+)\|", PAGE, re.MULTILINE)))
    )
    rooms = {path.stem for path in ROOMS.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    assert {room for room in rooms - told if not room.startswith("__")} == set()
    snapshot_files = {"manifest", "study"}
    assert told - rooms - snapshot_files == set()


def test_every_file_of_the_ground_floor_of_stats_is_named_there() -> None:
    start = PAGE.index("The ground floor of `stats`")
    named = set(re.findall(r"`([a-z_]+)`", PAGE[start : PAGE.index("A result holds", start)])) - {"stats"}
    assert named == {path.stem for path in (ROOMS / "stats").glob("*.py") if path.stem != "__init__"}


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`([a-z_]+(?:\.\w+)+)(?:\(|`| ->)", PAGE))))
def test_every_name_on_the_page_is_there(name: str) -> None:
    room, *path = name.split(".")
    if room == "trialkit":
        room, *path = path
    if not (ROOMS / room).exists() or name.rpartition(".")[2] in ("toml", "csv", "json", "po", "md"):
        return  # a file, or another program
    thing = importlib.import_module(f"trialkit.{room}")
    for step in path:
        try:
            thing = getattr(thing, step)
        except AttributeError:
            thing = importlib.import_module(f"{thing.__name__}.{step}")


def test_no_file_is_too_long_to_be_read() -> None:
    long = {
        str(path.relative_to(ROOMS)): n
        for path in (ROOMS / "stats").rglob("*.py")
        if (n := len(path.read_text(encoding="utf-8").splitlines())) >= 400
    }
    assert long == {}
