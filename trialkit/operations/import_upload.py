"""A pass that comes as an upload: looked at first, with everything that is wrong in its rows; then taken.

Both are :func:`trialkit.operations.import_pass`, on the very bytes that were sent.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from trialkit.access import Actor
from trialkit.access.acts.capture import IMPORT_PASS
from trialkit.errors import TrialkitError
from trialkit.operations.errors import OperationError
from trialkit.operations.gate import reading
from trialkit.operations.importing import import_pass
from trialkit.operations.passes import PassesEntered
from trialkit.operations.trial import Trial
from trialkit.operations.vouching import FileVouched, vouch_for_file
from trialkit.table_files.errors import FileFormatError
from trialkit.wording import said

LARGEST_UPLOAD_BYTES = 20 * 1024 * 1024
"""Of one file: 300,000 typed values; a larger one goes in by ``trialkit import``."""

ENDINGS = (".csv", ".tsv", ".txt", ".xlsx")
_WORKBOOK = b"PK\x03\x04"
_NO_TABLE = (_WORKBOOK, b"%PDF", b"MZ", b"\xd0\xcf\x11\xe0", b"\x89PNG", b"\x7fELF", b"{\\rtf")
_LONGEST_NAME = 200  # bytes: of a longer one its end is kept
_NAME = re.compile(r"[^\w .()+-]")
_PLACE = re.compile(r"(?P<file>.*?)(?::(?:[a-z]+ )?(?P<line>\d+))?(?::(?P<column>[^:/]+))?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it was sent, and how it is to be read: the options of :func:`import_pass`."""

    name: str
    content: bytes
    form: str | None = None
    visit: str | None = None
    typist: str | None = None
    encoding: str | None = None
    part: str | None = None
    date_order: str = "ymd"
    decimal_comma: bool = False

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class RowRefused:
    """One thing wrong: ``line`` and ``column`` of the file, or else its ``place``; empty: about all of it."""

    line: str
    column: str
    place: str
    expected: str
    found: str
    next_step: str


@dataclass(frozen=True, slots=True)
class UploadLookedAt:
    """What the import would take, or everything that stands against it; nothing was written."""

    entered: PassesEntered | None
    refused: tuple[RowRefused, ...]


def file_name_of(sent: str) -> str:
    """A file's own name, without folders and without what no file needs in its name.

    Raises
    ------
    FileFormatError
        No table file by its ending.
    """
    own = _NAME.sub("_", sent.replace("\\", "/").rpartition("/")[2]).strip(" .")
    name = own.encode()[-_LONGEST_NAME:].decode(errors="ignore")
    if not name.lower().endswith(ENDINGS):
        raise FileFormatError(
            expected="a file .csv, .tsv, .txt or .xlsx",
            found=repr(name) if name else "none",
            next_step="Save the table as one of these. EpiData's own files are taken in by a data manager, "
            "where the study folder is.",
        )
    return name


def look_at_upload(trial: Trial, actor: Actor, upload: Upload) -> UploadLookedAt:
    """What importing a file would do, told by doing all of it but the writing.

    Raises
    ------
    AccessError
        No right to import.
    """
    with reading(trial, actor, IMPORT_PASS):
        pass
    try:
        with on_disk(upload) as path:
            entered = _imported(trial, actor, upload, path, rehearsed=True)
    except TrialkitError as error:
        return UploadLookedAt(None, rows_refused(error, upload.name))
    return UploadLookedAt(entered, ())


def import_upload(
    trial: Trial,
    actor: Actor,
    upload: Upload,
    *,
    seen_sha256: str,
    confirmed: bool = False,
    confirmed_by: str | None = None,
    second_person: Actor | None = None,
) -> PassesEntered:
    """Take a file in that was looked at.

    Parameters
    ----------
    seen_sha256
        Of the file that was looked at.
    confirmed, confirmed_by, second_person
        As in :func:`import_pass`.

    Raises
    ------
    OperationError
        Another file than the one looked at; nothing was written.
    TrialkitError
        As :func:`import_pass`.
    """
    _require_seen(upload, seen_sha256)
    with on_disk(upload) as path:
        return _imported(
            trial,
            actor,
            upload,
            path,
            confirmed=confirmed,
            confirmed_by=confirmed_by,
            second_person=second_person,
        )


def vouch_for_upload(trial: Trial, actor: Actor, upload: Upload, *, seen_sha256: str) -> FileVouched:
    """State that one typed a file that was looked at, so that somebody else may import the same bytes.

    Raises
    ------
    AccessError, OperationError
        As :func:`trialkit.operations.vouch_for_file`; another file than the one looked at, or one whose
        typist was said to be somebody else.
    """
    _require_seen(upload, seen_sha256)
    if upload.typist not in (None, actor.account):
        raise OperationError(
            expected=said("a file that {account} typed", account=actor.account),
            found=said("one said to be typed by {typist}", typist=upload.typist),
            where=upload.name,
            next_step="Let the typist upload it and say so.",
        )
    with on_disk(upload) as path:
        return vouch_for_file(trial, actor, path=path)


def _require_seen(upload: Upload, seen_sha256: str) -> None:
    if upload.sha256 != seen_sha256:
        raise OperationError(
            expected="the file that was looked at",
            found="another one",
            where=upload.name,
            next_step="Upload it again and look at it.",
        )


@contextmanager
def on_disk(upload: Upload) -> Iterator[Path]:
    """The file in a folder that nobody else enters, gone afterwards; errors name it without that folder.

    Raises
    ------
    FileFormatError
        Another kind of file than its ending says.
    """
    workbook = upload.name.lower().endswith(".xlsx")
    if workbook != upload.content.startswith(_WORKBOOK) or (
        not workbook and upload.content.startswith(_NO_TABLE)
    ):
        raise FileFormatError(
            expected="a file that is what its ending says",
            found="another kind of file",
            where=upload.name,
            next_step="Save it anew from the program that wrote it.",
        )
    with TemporaryDirectory(prefix="trialkit-upload-") as folder:
        path = Path(folder) / upload.name
        path.write_bytes(upload.content)
        try:
            yield path
        except TrialkitError as error:
            for one in (error, *error.also):
                one.where = str(one.where).replace(f"{folder}/", "")
            raise


def _imported(
    trial: Trial,
    actor: Actor,
    upload: Upload,
    path: Path,
    *,
    confirmed: bool = False,
    confirmed_by: str | None = None,
    second_person: Actor | None = None,
    rehearsed: bool = False,
) -> PassesEntered:
    return import_pass(
        trial,
        actor,
        path=path,
        form=upload.form,
        visit=upload.visit,
        typist=upload.typist,
        encoding=upload.encoding,
        part=upload.part,
        date_order=upload.date_order,
        decimal_comma=upload.decimal_comma,
        confirmed=confirmed or confirmed_by is not None,
        confirmed_by=confirmed_by,
        second_person=second_person,
        rehearsed=rehearsed,
    )


def rows_refused(error: TrialkitError, name: str) -> tuple[RowRefused, ...]:
    """Everything that an error says of the file of this name, by row and column, in the order of the file."""
    found = [_refused(one, name) for one in (error, *error.also)]
    return tuple(sorted(found, key=lambda one: int(one.line or 0)))


def _refused(error: TrialkitError, name: str) -> RowRefused:
    place = _PLACE.fullmatch(error.where)
    if place is None or not place["line"]:
        other = "" if error.where == name else str(error.where)
        return RowRefused("", "", other, error.expected, error.found, error.next_step)
    return RowRefused(place["line"], place["column"] or "", "", error.expected, error.found, error.next_step)
