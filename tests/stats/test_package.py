"""The package hands out its public names without importing what they need."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import subprocess
import sys

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


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no 'anova2'"):
        trialkit.stats.anova2  # noqa: B018


def test_importing_the_package_imports_no_library():
    code = (
        "import sys, trialkit.stats; dir(trialkit.stats);"
        "sys.exit(any(name in sys.modules for name in ('numpy', 'pandas', 'scipy', 'statsmodels')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_table_of_names_is_sorted():
    assert list(trialkit.stats.HOME_OF_NAME) == sorted(trialkit.stats.HOME_OF_NAME)
    assert set(trialkit.stats.HOME_OF_NAME) <= set(dir(trialkit.stats))
    assert importlib.import_module("trialkit.errors").SeparationError is trialkit.stats.SeparationError
