"""Heavy libraries, imported where they are used; a missing one is an error that says how to get it."""

from __future__ import annotations

import importlib
from typing import Any

from trialkit.imaging.errors import MissingLibraryError
from trialkit.wording import said

_EXTRA = 'Run: python -m pip install "trialkit[imaging]"'
# z-rad names Qt and OpenCV among its dependencies, which its radiomics never imports.
ZRAD_LINE = "python -m pip install --no-deps z-rad==26.9.0"
_INSTALL = {"zrad": f"{_EXTRA} && {ZRAD_LINE}"}


def library(name: str) -> Any:
    """The module ``name``, or a ``MissingLibraryError`` with the line that installs it."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        package = name.partition(".")[0]
        if error.name is None or error.name.partition(".")[0] not in {package, *_OF_ZRAD.get(package, ())}:
            raise
        raise MissingLibraryError(
            expected=said("the library {name}", name=error.name),
            found="it is not installed here",
            next_step=_INSTALL.get(package, _EXTRA),
        ) from None


_OF_ZRAD = {"zrad": ("pywt", "SimpleITK", "skimage", "joblib", "pydicom")}
