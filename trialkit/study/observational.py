"""A study that allocates nobody: a table of subjects, with a definition and a dictionary of its columns."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from trialkit.strict_toml import DefinitionError, parse_toml, read_toml
from trialkit.study.dictionary import read_dictionary
from trialkit.study.dictionary_file import dictionary_text
from trialkit.study.errors import StudyError
from trialkit.study.load import load_study
from trialkit.study.model import Blinding, Form, Randomization, Study
from trialkit.vocabulary import Concealment, EntryMode

FORM, VISIT = "subjects", "once"
NOBODY_ALLOCATED = "an observational study: nobody was allocated"


@dataclass(frozen=True)
class ObservationalStudy:
    """``study`` has one form, whose items are the columns of the data; ``simulated`` says what of the data is
    assumption, and is empty where they were observed."""

    study: Study
    design: str
    simulated: str


def load_either(folder: Path) -> Study:
    """The study of a folder: a trial, or one that allocates nobody and says its ``design``.

    Raises
    ------
    StudyError, DefinitionError
        As :func:`trialkit.study.load_study` and :func:`load_observational` raise them.
    """
    try:
        about = read_toml(folder / "study.toml")
    except DefinitionError:
        return load_study(folder)  # which says what is wrong
    allocates = "arms" in about or "randomization" in about
    designed = about.is_table("study") and "design" in about.section("study")
    return load_observational(folder).study if designed and not allocates else load_study(folder)


def load_observational(folder: Path) -> ObservationalStudy:
    """Read ``study.toml`` (id, title, version, design, simulated) and ``dictionary.csv`` of a folder.

    Raises
    ------
    StudyError, DefinitionError
        A file that is absent or does not read; a dictionary with a form other than ``subjects``.
    """
    definition = folder / "study.toml"
    read_toml(definition)  # for its errors: the text is read again to be kept
    text = definition.read_text(encoding="utf-8")
    words = dictionary_text(folder / "dictionary.csv")
    root = parse_toml(text, str(definition), StudyError)
    about = root.section("study")
    dictionary = read_dictionary(words, str(folder / "dictionary.csv"))
    strange = sorted({item.form for item in dictionary.items} - {FORM})
    if strange:
        raise StudyError(
            expected="one form, named subjects",
            found=", ".join(strange),
            where=str(folder / "dictionary.csv"),
            next_step="An observational study is one table, a row a subject.",
        )
    form = Form(FORM, "Subjects", EntryMode.SINGLE, (VISIT,), dictionary.items)
    study = Study(
        id=about.text("id"),
        title=about.text("title"),
        version=about.text("version"),
        arms=(),
        sites=(),
        factors=(),
        visits=(),
        forms=(form,),
        scores=(),
        criteria=(),
        thresholds=(),
        endpoints=(),
        randomization=Randomization("external", Concealment.DEMONSTRATION, reason_external=NOBODY_ALLOCATED),
        blinding=Blinding("", ()),
        sample_size=None,
        demonstration=True,
        definition_text=text,
        dictionary_text=words,
        sha256=hashlib.sha256(f"{text}\0{words}".encode()).hexdigest(),
        record_id=dictionary.record_id,
    )
    result = ObservationalStudy(study, about.text("design"), about.text("simulated", ""))
    about.done()
    root.done()
    return result
