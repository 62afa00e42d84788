"""The package hands out its public names without importing what they need."""

from __future__ import annotations

import importlib
import inspect
import pkgutil

import pytest

import trialkit.stats
from trialkit.errors import TrialkitError

pytestmark = pytest.mark.analytic


@pytest.mark.parametrize("name", sorted(trialkit.stats.HOME_OF_NAME))
def test_every_public_name_is_where_the_table_says(name):
    found = getattr(trialkit.stats, name)
    assert not inspect.ismodule(found)
    if name.endswith("Error"):
        assert issubclass(found, TrialkitError)


def test_no_submodule_hides_a_public_name():
    """Importing trialkit.stats.x sets attribute x of the package: a function of that name would vanish."""
    submodules = {module.name for module in pkgutil.iter_modules(trialkit.stats.__path__)}
    assert submodules.isdisjoint(trialkit.stats.HOME_OF_NAME)


def test_an_error_is_one_class_wherever_it_is_asked_for():
    assert importlib.import_module("trialkit.errors").SeparationError is trialkit.stats.SeparationError
