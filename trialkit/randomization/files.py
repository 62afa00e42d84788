"""Reading and writing the files of the custody chain: never over an old one, never half."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from trialkit.randomization.canonical import GENERATOR_VERSION, canonical_json
from trialkit.randomization.errors import CustodyFileError, RandomizationError
from trialkit.safe_files import FileError, write_new
from trialkit.wording import said


def custody_text(kind: str, content: Mapping[str, Any]) -> str:
    """The text of a custody file: canonical JSON with its kind and the generator's version."""
    return canonical_json({**content, "kind": kind, "generator": GENERATOR_VERSION}).decode("utf-8") + "\n"


def custody_content(text: str, kind: str, fields: Mapping[str, type | tuple[type, ...]]) -> dict[str, Any]:
    """The fields of a custody file, each of the type it must have.

    Raises
    ------
    CustodyFileError
        Not JSON, another kind of file, another generator, a field missing, unknown, or of another type.
    """
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as problem:
        raise _malformed(kind, "text that is not JSON") from problem
    if not isinstance(content, dict) or content.get("kind") != kind:
        raise _malformed(kind, "another kind of file")
    if content.get("generator") != GENERATOR_VERSION:
        raise CustodyFileError(
            expected=said("a file of {generator_version}", generator_version=GENERATOR_VERSION),
            found="one of another generator",
            next_step="Use the trialkit version that made it.",
        )
    if set(content) != {*fields, "kind", "generator"}:
        raise _malformed(kind, "missing or unknown fields")
    for name, wanted in fields.items():
        if not isinstance(content[name], wanted):
            raise _malformed(kind, said("a field {name!r} of another type", name=name))
    return {name: content[name] for name in fields}


def hex_bytes(text: object, kind: str, length: int | None = None) -> bytes:
    """Bytes from lower-case hex, of the stated length."""
    try:
        data = bytes.fromhex(text) if isinstance(text, str) else b""
    except ValueError as problem:
        raise _malformed(kind, "a field that is not hexadecimal") from problem
    if not isinstance(text, str) or data.hex() != text or (length is not None and len(data) != length):
        raise _malformed(kind, "a hexadecimal field of another length or spelling")
    return data


def read_custody_file(path: Path | str) -> str:
    """The text of a file of the custody chain.

    Raises
    ------
    CustodyFileError
        The file is not there, cannot be read, or is not UTF-8.
    """
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise CustodyFileError(
            expected="a readable UTF-8 file",
            found="none" if isinstance(problem, FileNotFoundError) else "one that cannot be read",
            where=str(path),
            next_step="Check the path.",
        ) from problem


@contextmanager
def about_file(path: Path | str) -> Iterator[None]:
    """What is refused inside names this file, unless it names a place already."""
    try:
        yield
    except RandomizationError as problem:
        problem.where = problem.where or str(path)
        raise


def write_custody_file(path: Path | str, text: str, *, private: bool = False) -> None:
    """Write a new file, whole and on the disk before returning; ``private`` lets only its owner read it.

    Raises
    ------
    CustodyFileError
        The file is there already (a key or seed once overwritten is gone), or cannot be made.
    """
    try:
        write_new(path, text, private=private)
    except FileError as problem:
        raise CustodyFileError(
            expected=problem.expected, found=problem.found, where=problem.where, next_step=problem.next_step
        ) from problem


def _malformed(kind: str, found: str) -> CustodyFileError:
    return CustodyFileError(
        expected=said("a trialkit {kind} file", kind=kind),
        found=found,
        next_step="Check that this is the file you were sent.",
    )
