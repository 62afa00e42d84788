"""A training copy: the same forms, in a study and a database of its own, under a title that says so."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Any

from trialkit.operations.definition_files import label_files
from trialkit.operations.errors import TrialError
from trialkit.operations.founding import create_study
from trialkit.operations.trial import Trial
from trialkit.study.load import DEFINITION
from trialkit.wording import said

WATERMARK = "TRAINING COPY - NOT THE STUDY: "
_SUFFIX = "-training"


def create_training_copy(folder: Path | str, *, definition: Path | str, **founding: Any) -> Trial:
    """Found a study to practise in: never the study itself, and never its database.

    Its id ends in ``-training``, so that no list, backup or snapshot of one passes for the other's; its
    title, which every page, form and report prints, begins with a watermark; and it is a demonstration.

    Parameters
    ----------
    folder, founding
        As for :func:`create_study`.
    definition
        Of the study, or the folder of a founded one: ``study.toml`` and ``dictionary.csv`` are read,
        and the labels in other languages.

    Raises
    ------
    TrialError, StudyError
        As :func:`create_study`; a training copy of a training copy.
    """
    source = Path(definition)
    with tempfile.TemporaryDirectory() as name:
        changed = Path(name)
        for file in (*source.glob("dictionary.*"), *label_files(source)):
            (changed / file.name).write_bytes(file.read_bytes())
        text = (source / DEFINITION).read_text(encoding="utf-8") if (source / DEFINITION).is_file() else ""
        if text:
            (changed / DEFINITION).write_text(training_text(text), encoding="utf-8")
        return create_study(folder, definition=changed, **founding)


def training_text(text: str) -> str:
    """A definition's text with what makes it that of a training copy; every other line stays as it is."""
    if WATERMARK in text:
        raise TrialError(
            expected="the definition of a study",
            found="that of a training copy",
            where=DEFINITION,
            next_step=said("Name the study's own {file}.", file=DEFINITION),
        )
    table, lines = "", []
    for line in text.splitlines(keepends=True):
        if found := re.match(r"\s*\[([^\]]*)\]\s*(#.*)?$", line):
            table = found.group(1)
        if table == "study":
            line = re.sub(r'^(id\s*=\s*"[^"]*)"', rf'\g<1>{_SUFFIX}"', line)
            line = re.sub(r'^(title\s*=\s*")', rf"\g<1>{WATERMARK}", line)
            line = re.sub(r"^demonstration\s*=.*", "", line)
        if table == "randomization":
            line = re.sub(r'^concealment\s*=\s*"[^"]*"', 'concealment = "demonstration"', line)
        lines.append(line)
        if table == "study" and line.strip().startswith("[study]"):
            lines.append("demonstration = true\n")
    return "".join(lines)
