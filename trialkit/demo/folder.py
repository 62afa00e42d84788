"""Where the demonstration writes: a new folder, or one that an earlier demonstration marked as its own."""

from __future__ import annotations

import shutil
from pathlib import Path

from trialkit.errors import TrialkitError

MARK = ".trialkit-demo"


def clear_earlier_demo(folder: Path) -> None:
    """Make the folder empty if a demonstration made what is in it; refuse to touch anything else.

    Raises
    ------
    TrialkitError
        Something is in the folder that no demonstration put there.
    """
    if folder.is_dir() and (folder / MARK).is_file():
        shutil.rmtree(folder)
    elif folder.is_dir() and any(folder.iterdir()):
        raise TrialkitError(
            expected="a new or empty folder, or that of an earlier demonstration",
            found="one with other files in it",
            where=str(folder),
            next_step="Name another folder.",
        )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARK).write_text("Made by trialkit demo; the next one may replace it.\n", encoding="utf-8")
