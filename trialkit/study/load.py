"""Reading a study definition: ``study.toml`` and the dictionary beside it."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from trialkit.strict_toml import Section, parse_toml
from trialkit.study.consent import read_consent
from trialkit.study.dictionary import Dictionary, read_dictionary
from trialkit.study.dictionary_file import dictionary_text
from trialkit.study.errors import StudyError
from trialkit.study.import_statement import read_import
from trialkit.study.model import Arm, Form, Item, Score, Site, Study, Visit
from trialkit.study.paper_numbers import numbered
from trialkit.study.required import absent_keys
from trialkit.study.resolve import (
    Names,
    check_checks,
    check_criteria,
    check_endpoints,
    check_items,
    check_no_circle,
    check_partial_dates,
)
from trialkit.study.retired import check_retired
from trialkit.study.safety import read_capture, read_safety, require_identifiers
from trialkit.study.sections import (
    read_anchors,
    read_arms,
    read_components,
    read_factors,
    read_forms,
    read_reference_ranges,
    read_scores,
    read_thresholds,
    read_visits,
)
from trialkit.study.sign_in import read_sign_in
from trialkit.study.site_section import read_sites
from trialkit.study.statements import (
    read_analysis,
    read_blinding,
    read_checks,
    read_criteria,
    read_endpoints,
    read_randomization,
    read_sample_size,
)
from trialkit.wording import said

DEFINITION = "study.toml"
DICTIONARIES = ("dictionary.csv", "dictionary.xlsx")


def load_study(folder: Path | str) -> Study:
    """Read the study definition kept in a folder.

    Parameters
    ----------
    folder
        Holds ``study.toml`` and ``dictionary.csv`` (or ``dictionary.xlsx``), both in UTF-8.

    Returns
    -------
    Study
        Every name in it resolved: visits, items, arms, units and expressions agree.

    Raises
    ------
    StudyError
        Naming file, line or row, and key or column, of the first thing that is wrong; ``also`` holds what
        else is wrong, in this file and the other, so that both are mended in one go.
    """
    folder = Path(folder)
    folder = Path(folder)
    definition = folder / DEFINITION
    if not definition.is_file():
        raise StudyError(
            expected=said("a file {definition}", definition=DEFINITION),
            found="none",
            where=str(folder),
            next_step="Name the folder that holds the study definition.",
        )
    present = [folder / name for name in DICTIONARIES if (folder / name).is_file()]
    if len(present) != 1:
        raise StudyError(
            expected=said("one data dictionary ({dictionaries})", dictionaries=" or ".join(DICTIONARIES)),
            found="none" if not present else "both",
            where=str(folder),
            next_step="Remove the one that is out of date." if present else "Add it.",
        )
    return study_from_texts(_utf8(definition), dictionary_text(present[0]), dictionary_file=present[0].name)


def study_from_texts(
    definition_text: str,
    dictionary_csv: str,
    *,
    definition_file: str = DEFINITION,
    dictionary_file: str = DICTIONARIES[0],
) -> Study:
    """A study from the two texts that a database or a snapshot keeps of it."""
    return _study(definition_text, dictionary_csv, definition_file, dictionary_file)


@lru_cache(maxsize=8)
def _study(definition_text: str, dictionary_csv: str, definition_file: str, dictionary_file: str) -> Study:
    """Read once: every opening of a trial asks twice, for the folder's texts and for the database's."""
    root = parse_toml(definition_text, definition_file, StudyError, collects=True)
    told = _Told([])
    absent, paths = absent_keys(tomllib.loads(definition_text), definition_file)
    root.told_already(paths)
    told.first = () if absent is None else (absent,)
    dictionary = told.tried(lambda: read_dictionary(dictionary_csv, dictionary_file))
    about = root.section("study")
    components = read_components(root)
    arms = read_arms(root, components)
    sites = read_sites(root)
    visits = read_visits(root, anchors := read_anchors(root))
    if dictionary is None:
        # What stands on items cannot be read without them; what does not is said in the same run.
        for alone in (read_criteria, read_blinding, read_sample_size, read_analysis, read_consent):
            told.tried(partial(alone, root))
        root.raise_faults(told.problems, first=told.first)
    forms = told.tried(lambda: read_forms(root, dictionary, visits, arms)) or ()
    scores = read_scores(root, forms)
    parts = _parts(root, about, told, dictionary, arms, sites, visits, forms, scores)
    study = Study(
        id=about.text("id"),
        title=about.text("title"),
        version=about.text("version"),
        registry=about.text("registry", ""),
        protocol=about.text("protocol", ""),
        demonstration=about.boolean("demonstration", False),
        arms=arms,
        sites=sites,
        visits=visits,
        forms=forms,
        scores=scores,
        definition_text=definition_text,
        dictionary_text=dictionary_csv,
        sha256=_digest(definition_text, dictionary_csv),
        record_id=dictionary.record_id,
        components=components,
        anchors=anchors,
        skipped_fields=dictionary.skipped,
        dictionary_notes=dictionary.notes,
        **parts,
    )
    _check_names(root, about, dictionary, study, told)
    return numbered(study)


def _parts(
    root: Section,
    about: Section,
    told: _Told,
    dictionary: Dictionary,
    arms: tuple[Arm, ...],
    sites: tuple[Site, ...],
    visits: tuple[Visit, ...],
    forms: tuple[Form, ...],
    scores: tuple[Score, ...],
) -> dict[str, Any]:
    """What stands on forms and people: each is read though another cannot be."""
    items = {item.name: item for item in dictionary.items}
    readers: dict[str, Callable[[], Any]] = {
        "factors": lambda: read_factors(root, sites, dictionary),
        "criteria": lambda: read_criteria(root),
        "thresholds": lambda: read_thresholds(root, items),
        "endpoints": lambda: read_endpoints(root, scores, items, visits),
        "randomization": lambda: read_randomization(root, items),
        "blinding": lambda: read_blinding(root),
        "sample_size": lambda: read_sample_size(root),
        "reference_ranges": lambda: read_reference_ranges(root, items, sites),
        "analysis": lambda: read_analysis(root),
        "import_mapping": lambda: read_import(root, forms, arms, sites, visits),
        "checks": lambda: read_checks(root, visits),
        "safety": lambda: read_safety(root, forms, items),
        "capture": lambda: read_capture(root, items),
        "consent": lambda: read_consent(root),
        "sign_in": lambda: read_sign_in(root),
        "identifiers_may_leave": lambda: _identifiers(about, items),
    }
    return {name: told.tried(read) for name, read in readers.items()}


@dataclass
class _Told:
    """Everything wrong with a definition, so that it is mended in one go."""

    problems: list[StudyError]
    first: tuple[StudyError, ...] = ()

    def tried(self, read: Callable[[], Any]) -> Any:
        try:
            return read()
        except StudyError as problem:
            self.problems.append(problem)
            return None


def _identifiers(about: Section, items: Mapping[str, Item]) -> tuple[str, ...]:
    """The identifiers that the protocol lets out, each of them marked as one in the dictionary."""
    names = about.texts("identifiers_may_leave", ())
    require_identifiers(about, "identifiers_may_leave", names, items)
    return names


def _check_names(root: Section, about: Section, dictionary: Dictionary, study: Study, told: _Told) -> None:
    """No key is left over, and every name is one that the study has; then everything that is wrong is raised.

    Where a table is wrong, so may be what hangs on it: formulas are then read when the names are right.
    """
    about.done()
    root.done()
    if not told.problems and not any(root.is_faulty(table) for table in ("forms", "visits", "scores")):
        names = Names(study.forms, study.scores, study.visits)
        for check in (
            lambda: check_partial_dates(dictionary),
            lambda: check_retired(study, dictionary),
            lambda: check_items(dictionary, names),
            lambda: check_no_circle(dictionary),
            lambda: check_criteria(root, study.criteria, names),
            lambda: check_checks(root, study.checks, names),
            lambda: check_endpoints(root, study.endpoints, names),
        ):
            told.tried(check)
    root.raise_faults(told.problems, first=told.first)


def _utf8(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise StudyError(
            expected="a definition in UTF-8",
            found=said("a byte that is not UTF-8 on line {line}", line=line),
            where=path.name,
            next_step="Save it as UTF-8 and try again.",
        ) from None


def _digest(definition_text: str, dictionary_csv: str) -> str:
    """Over both texts with their lengths, so that moving text from one to the other changes it."""
    digest = hashlib.sha256()
    for text in (definition_text, dictionary_csv):
        encoded = text.encode("utf-8")
        digest.update(len(encoded).to_bytes(8, "big") + encoded)
    return digest.hexdigest()
