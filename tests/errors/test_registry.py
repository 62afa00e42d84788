"""`trialkit.errors` hands out every room's errors by name."""

from __future__ import annotations

import importlib
import inspect
import pkgutil

import trialkit
from trialkit import errors
from trialkit.errors import TrialkitError
from trialkit.faces import homes

ROOM_OF_ERROR = {
    name: home.split(".")[1] for name, home in homes(errors.__file__).items() if name != "TrialkitError"
}


def errors_of_the_rooms() -> dict[str, str]:
    found = {}
    for room in pkgutil.iter_modules(trialkit.__path__):
        name = f"trialkit.{room.name}.errors"
        if room.ispkg and room.name != "errors" and importlib.util.find_spec(name):
            module = importlib.import_module(name)
            found |= {
                kind: room.name
                for kind, value in inspect.getmembers(module, inspect.isclass)
                if issubclass(value, TrialkitError) and value.__module__ == name
            }
    return found


def test_every_error_of_a_room_is_handed_out_by_name():
    assert errors_of_the_rooms() == ROOM_OF_ERROR


def test_each_is_the_rooms_own_class():
    for name, room in ROOM_OF_ERROR.items():
        assert getattr(errors, name) is getattr(importlib.import_module(f"trialkit.{room}.errors"), name)
