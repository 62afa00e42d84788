"""A study folder opened: its definition, its database, its keys, its anchors and its clock."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from trialkit.clock import Clock, SystemClock
from trialkit.entry.rules import StudyRules
from trialkit.operations.anchor_folder import BESIDE_KEYS, AnchorFolder
from trialkit.operations.definitions import FOUNDED, Definitions
from trialkit.operations.errors import TrialError
from trialkit.operations.keys import KeyFolder
from trialkit.safe_files import require_private
from trialkit.store.engine import Store, has_password
from trialkit.store.migrations import require_newest
from trialkit.strict_toml import read_toml
from trialkit.study.arm_names import ArmNames
from trialkit.study.labels import read_labels
from trialkit.study.load import load_study
from trialkit.study.model import Study
from trialkit.wording import said

SETTINGS_FILE = "trialkit.toml"
DATABASE_FILE = "trial.sqlite"
KEY_FOLDER = "keys"


@dataclass(frozen=True, eq=False)
class Trial:
    """Handle of an open study folder; every operation takes it first.

    Use it as a context manager, or call :meth:`close`.
    """

    folder: Path
    definitions: Definitions
    store: Store
    keys: KeyFolder
    anchors: AnchorFolder
    clock: Clock
    checked_bundles: set[str] = field(default_factory=set, repr=False)
    known_arm_names: dict[int, ArmNames] = field(default_factory=dict, repr=False)

    @property
    def study(self) -> Study:
        """The newest version that any site works by; it knows what every earlier one asked."""
        return self.definitions.current.study

    @property
    def version_number(self) -> int:
        return self.definitions.current.number

    @property
    def rules(self) -> StudyRules:
        """The same prepared for entry: items by name, branching parsed."""
        return self.definitions.current.rules

    @property
    def rules_without_arms(self) -> StudyRules:
        """The same as whoever is blinded has it: without the forms and items that tell an arm."""
        return self.definitions.current.rules_without_arms

    @property
    def hides_from_the_blinded(self) -> bool:
        """Whether the study has a form or item that tells an arm."""
        return len(self.rules_without_arms.items) < len(self.rules.items)

    @property
    def arm_names(self) -> ArmNames:
        """Of the version in force, with the study's labels in other languages as they were first read."""
        number = self.version_number
        if number not in self.known_arm_names:
            languages = read_labels(self.folder).values()
            self.known_arm_names[number] = self.definitions.current.arm_names_in(languages)
        return self.known_arm_names[number]

    def close(self) -> None:
        self.store.close()

    def __enter__(self) -> Trial:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@dataclass(frozen=True, slots=True)
class Settings:
    """What ``trialkit.toml`` says: where the database, the keys, the anchors, backups and analyses are."""

    database_url: str
    key_folder: Path
    anchors: AnchorFolder
    backups: Path | None = None
    analyses: Path | None = None


def read_settings(folder: Path) -> Settings:
    file = folder / SETTINGS_FILE
    if not file.is_file():
        raise TrialError(
            expected=said("a study folder with {settings_file}", settings_file=SETTINGS_FILE),
            found="none",
            where=str(folder),
            next_step="Name a folder that was made by creating a study.",
        )
    root = read_toml(file)
    database, keys, anchors = root.section("database"), root.section("keys"), root.optional_section("anchors")
    backups, analyses = root.optional_section("backups"), root.optional_section("analyses")
    if has_password(database.text("url")):
        require_private(file, said("a settings file with a password"))
    key_folder = folder / keys.text("folder", KEY_FOLDER)
    settings = Settings(
        _absolute(database.text("url"), folder),
        key_folder,
        AnchorFolder(folder / anchors.text("folder"), shared=True)
        if anchors
        else AnchorFolder(key_folder / BESIDE_KEYS),
        folder / backups.text("folder") if backups else None,
        folder / analyses.text("folder") if analyses else None,
    )
    for section in (database, keys, anchors, backups, analyses, root):
        if section is not None:
            section.done()
    return settings


def settings_text(database_url: str, key_folder: str, anchor_folder: str | None = None) -> str:
    anchors = (
        "\n# Every server of this study must name the same folder here.\n"
        f'[anchors]\nfolder = "{anchor_folder}"\n'
    )
    return (
        "# Where this study's database and keys are. Paths are relative to this folder.\n"
        f'[database]\nurl = "{database_url}"\n\n'
        "# Whoever can read this folder and the database can look ahead in the list.\n"
        f'[keys]\nfolder = "{key_folder}"\n'
    ) + (anchors if anchor_folder else "")


def _absolute(url: str, folder: Path) -> str:
    """SQLite's path is relative to the study folder, wherever the command is run."""
    prefix = "sqlite:///"
    if not url.startswith(prefix):
        return url
    path = (folder / url.removeprefix(prefix)).resolve()
    return f"{prefix}{path}"


def open_trial(folder: Path | str, *, clock: Clock | None = None) -> Trial:
    """Open a study folder.

    Parameters
    ----------
    folder
        Made by :func:`create_study`.
    clock
        The system's, unless a demonstration brings its own.

    Raises
    ------
    TrialError
        No study folder; or its definition is not the one the database was founded on.
    StoreError
        The database is absent or of another revision.
    """
    folder = Path(folder)
    settings = read_settings(folder)
    require_database_file(settings.database_url)
    store = Store(settings.database_url)
    try:
        with store.reading() as reader:
            require_newest(reader)
            definitions = Definitions.read(reader)
        if definitions is None:
            raise TrialError(
                expected="a founded study", found="an empty database", where=str(folder),
                next_step="Create the study again in another folder.",
            )  # fmt: skip
        _require_same_definition(folder, definitions.version(FOUNDED).study)
    except BaseException:
        store.close()
        raise
    return Trial(
        folder,
        definitions,
        store,
        KeyFolder(settings.key_folder),
        settings.anchors,
        clock or SystemClock(),
    )


def require_database_file(url: str) -> None:
    prefix = "sqlite:///"
    if url.startswith(prefix) and not Path(url.removeprefix(prefix)).is_file():
        raise TrialError(
            expected="the study's database file",
            found="none",
            where=url.removeprefix(prefix),
            next_step="Restore it from a backup; a new one would begin without the trial.",
        )


def _require_same_definition(folder: Path, study: Study) -> None:
    present = load_study(folder)
    if present.sha256 != study.sha256:
        raise TrialError(
            expected=said(
                "the definition with sha256 {sha256} that data are captured under", sha256=study.sha256[:12]
            ),
            found=said("one with {sha256}", sha256=present.sha256[:12]),
            where=str(folder),
            next_step="Put back study.toml and dictionary.csv as they were when the study was created.",
        )


def file_sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
