"""What a person reads, kept as a template and its parameters, so that it can be said in another language."""

from __future__ import annotations

from trialkit.wording.text import (
    Said,
    Translate,
    packed,
    plain,
    said,
    said_count,
    translated,
    unpacked,
    written,
)

__all__ = ["Said", "Translate", "packed", "plain", "said", "said_count", "translated", "unpacked", "written"]
