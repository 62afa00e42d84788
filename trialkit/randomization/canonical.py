"""One way to write everything down, so that a digest means the same on every machine.

The rules are public in ``docs/methods/randomization.md``; a second implementation follows that page.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata

from trialkit.randomization.errors import LabelError
from trialkit.wording import said

GENERATOR_VERSION = "trialkit-randomization-1"

# Control, format, surrogate, private-use, unassigned, line and paragraph separators. Unassigned code points
# are refused because a later Unicode may normalize them differently; the others because nobody can see them.
_REFUSED_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_LONGEST_LABEL_BYTES = 200


def canonical_json(value: object) -> bytes:
    """JSON with one spelling: keys sorted, no space, UTF-8 unescaped; no floats are ever passed in."""
    return json.dumps(
        value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    ).encode("utf-8")


def tagged_digest(tag: str, value: object) -> str:
    """SHA-256 (hex) over a domain tag, a zero byte and the canonical JSON.

    The tag keeps a digest of one kind of thing from ever passing for a digest of another kind.
    """
    return hashlib.sha256(domain(tag) + canonical_json(value)).hexdigest()


def domain(tag: str) -> bytes:
    return f"{GENERATOR_VERSION}/{tag}".encode("ascii") + b"\x00"


def canonical_label(text: object, what: str, longest_bytes: int = _LONGEST_LABEL_BYTES) -> str:
    """A name in Unicode NFC, or a refusal.

    Raises
    ------
    LabelError
        Not text, empty, with outer space, too long, or with a character that is invisible, private or
        not assigned.
    """
    if not isinstance(text, str):
        raise LabelError(
            expected=said("{what} as text", what=what),
            found=said("a value of type {name}", name=type(text).__name__),
            next_step="Write it in quotes, for example '01'.",
        )
    label = unicodedata.normalize("NFC", text)
    if not label or label != label.strip():
        raise LabelError(
            expected=said("{what} that is not empty and has no outer space", what=what),
            found=repr(text),
            next_step="Correct the name.",
        )
    refused = [char for char in label if unicodedata.category(char) in _REFUSED_CATEGORIES]
    if refused:
        raise LabelError(
            expected=said("{what} of visible characters", what=what),
            found=said("U+{ord:04X}", ord=ord(refused[0])),
            next_step="Remove the character.",
        )
    size = len(label.encode("utf-8"))
    if size > longest_bytes:
        raise LabelError(
            expected=said(
                "{what} of at most {longest_bytes} bytes in UTF-8", what=what, longest_bytes=longest_bytes
            ),
            found=said("{size} bytes", size=size),
            next_step="Use a short code; keep the long name in the study's label.",
        )
    return label


def stratum_label(levels: dict[str, str]) -> str:
    """The name of a stratum: ``sex=female;site=A``, factors in code-point order; ``all`` without factors.

    ``%``, ``;`` and ``=`` inside a name are written ``%25``, ``%3B`` and ``%3D``, so that two different
    combinations never share a name.
    """
    if not levels:
        return "all"
    return ";".join(f"{_escaped(factor)}={_escaped(levels[factor])}" for factor in sorted(levels))


def _escaped(name: str) -> str:
    return name.replace("%", "%25").replace(";", "%3B").replace("=", "%3D")
