"""The list maker's ``randomization.toml``: the block lengths, which nobody who enrols may know.

The study holds only the file's digest. A salt keeps that digest from being found by trying 4, 6, 4 and 6 ...
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from trialkit.randomization.canonical import tagged_digest
from trialkit.randomization.errors import RestrictionError
from trialkit.randomization.files import read_custody_file
from trialkit.randomization.sealing import Entropy
from trialkit.wording import said

_SALT_BYTES = 16
_FIELDS = {"block_lengths", "salt", "subjects_per_stratum"}


@dataclass(frozen=True, slots=True)
class Restriction:
    """Block lengths (None: simple randomization), salt, and the list's length where it is stated."""

    block_lengths: tuple[int, ...] | None = field(repr=False)
    salt: str = field(repr=False)
    subjects_per_stratum: int | None = None

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of the content; this is what the study version holds."""
        content = {
            "block_lengths": None if self.block_lengths is None else sorted(self.block_lengths),
            "salt": self.salt,
            "subjects_per_stratum": self.subjects_per_stratum,
        }
        return tagged_digest("restriction", content)


def load_restriction(path: Path | str) -> Restriction:
    """Read a ``randomization.toml``.

    Parameters
    ----------
    path
        A TOML file with ``block_lengths`` (a list of whole numbers, or ``"none"`` for simple
        randomization), ``salt`` (32 lower-case hexadecimal digits) and, if wanted, ``subjects_per_stratum``.

    Raises
    ------
    CustodyFileError, RestrictionError
        The file cannot be read; it is not TOML, lacks a field, or has an unknown one.
    """
    text = read_custody_file(path)
    try:
        content = tomllib.loads(text)
    except (ValueError, RecursionError) as problem:
        raise _refused(path, "a TOML file", "text that is not TOML") from problem
    unknown = sorted(set(content) - _FIELDS)
    if unknown:
        raise _refused(
            path,
            said("only {fields}", fields=", ".join(sorted(_FIELDS))),
            said("{unknown!r} as well", unknown=unknown[0]),
        )
    return Restriction(_lengths(content, path), _salt(content, path), _size(content, path))


def restriction_text(
    block_lengths: Sequence[int] | None,
    subjects_per_stratum: int | None = None,
    entropy: Entropy = os.urandom,
) -> str:
    """The text of a new ``randomization.toml``, with a fresh salt."""
    lengths = '"none"' if block_lengths is None else str(sorted(block_lengths))
    size = "" if subjects_per_stratum is None else f"subjects_per_stratum = {subjects_per_stratum}\n"
    return (
        "# Held by the list maker alone: never on the server, never with the sites.\n"
        f'block_lengths = {lengths}\n{size}salt = "{entropy(_SALT_BYTES).hex()}"\n'
    )


def _lengths(content: dict[str, Any], path: Path | str) -> tuple[int, ...] | None:
    lengths = content.get("block_lengths")
    if lengths == "none":
        return None
    if not isinstance(lengths, list) or not lengths or any(type(length) is not int for length in lengths):
        raise _refused(path, 'block_lengths as a list of whole numbers, or "none"', "something else")
    return tuple(lengths)


def _salt(content: dict[str, Any], path: Path | str) -> str:
    salt = content.get("salt")
    digits = set("0123456789abcdef")
    if not isinstance(salt, str) or len(salt) != 2 * _SALT_BYTES or not set(salt) <= digits:
        raise _refused(
            path,
            said("salt as {salt_bytes} lower-case hexadecimal digits", salt_bytes=2 * _SALT_BYTES),
            "something else",
        )
    return salt


def _size(content: dict[str, Any], path: Path | str) -> int | None:
    size = content.get("subjects_per_stratum")
    if size is not None and (type(size) is not int or size < 1):
        raise _refused(path, "subjects_per_stratum as a whole number of at least 1", "something else")
    return size


def _refused(path: Path | str, expected: str, found: str) -> RestrictionError:
    return RestrictionError(expected=expected, found=found, where=str(path), next_step="Correct the file.")
