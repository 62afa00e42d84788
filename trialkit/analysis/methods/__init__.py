"""The methods of a plan: one file each, found by being there.

A file declares one ``METHOD``: the keys of its entry with their checks, what it computes, its tables and
figures, and what of them would reveal an arm. Nothing else lists the methods.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from trialkit.analysis.method import Method


@cache
def all_methods() -> Mapping[str, Method]:
    """Every method by name, in alphabetical order."""
    found = {}
    for module in pkgutil.iter_modules(__path__):
        method: Method = importlib.import_module(f"{__name__}.{module.name}").METHOD
        assert method.name == module.name, f"{module.name}.py declares the method {method.name!r}"
        found[method.name] = method
    return MappingProxyType(found)
