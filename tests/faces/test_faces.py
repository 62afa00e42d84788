"""What a room hands out stands once, in its stub: typed to a checker, lazy at run time."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

import trialkit
from trialkit.faces import homes

PACKAGE = Path(trialkit.__file__).parent
ROOMS = sorted(path.parent.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("__init__.pyi"))


def test_the_rooms_whose_libraries_are_heavy_have_a_face():
    assert {"analysis", "documents", "entry", "report", "simulation", "stats", "store", "study"} <= set(ROOMS)


@pytest.mark.parametrize("room", ROOMS)
def test_every_name_of_a_stub_is_handed_out_from_where_the_stub_says(room):
    module = importlib.import_module(f"trialkit.{room}")
    home_of = homes(str(PACKAGE / room / "__init__.py"))
    assert module.__all__ == list(home_of) == sorted(home_of)
    for name, home in home_of.items():
        assert getattr(module, name) is getattr(importlib.import_module(home), name)
    assert set(home_of) <= set(dir(module))


@pytest.mark.parametrize("room", ROOMS)
def test_an_unknown_name_is_an_attribute_error(room):
    with pytest.raises(AttributeError, match=rf"trialkit\.{room} has no 'anova2'"):
        _ = importlib.import_module(f"trialkit.{room}").anova2


def test_importing_every_face_imports_no_heavy_library():
    code = (
        f"import sys, importlib; [importlib.import_module('trialkit.' + room) for room in {ROOMS}];"
        "sys.exit(any(n in sys.modules for n in ('numpy', 'pandas', 'scipy', 'sqlalchemy', 'matplotlib')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_no_room_writes_a_lazy_lookup_of_its_own():
    written = [p for p in PACKAGE.rglob("*.py") if "def __getattr__(name" in p.read_text(encoding="utf-8")]
    assert not written
