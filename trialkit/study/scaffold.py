"""A study definition to begin from: every table that must be there, with what is known so far."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

TO_BE_STATED = "to be stated"
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class FormSketch:
    """A form as far as another system's files tell: ``row_key`` where it repeats."""

    name: str
    visits: tuple[str, ...]
    label: str = ""
    row_key: str | None = None


@dataclass(frozen=True, slots=True)
class StudySketch:
    """What is known of a study before its protocol was written down here.

    ``arms``, ``sites`` and ``visits`` map names to labels; without arms there are two, to be stated.
    """

    id: str
    title: str
    forms: Sequence[FormSketch]
    visits: Mapping[str, str]
    sites: Mapping[str, str] = field(default_factory=dict)
    arms: Mapping[str, str] = field(default_factory=dict)


def definition_toml(sketch: StudySketch) -> str:
    """The text of a ``study.toml`` that can be read and checked; what is not known says so in words.

    Nothing is invented: visits have no anchor and no day, no sample size is stated, the list of allocations
    is bound to nothing. ``study check`` lists all of it.
    """
    arms = dict(sketch.arms) or {"control": TO_BE_STATED, "test": TO_BE_STATED}
    sites = dict(sketch.sites) or {"A": TO_BE_STATED}
    lines = ["# Drafted by trialkit. `trialkit study check` says what is left open."]
    lines += _table("study", id=sketch.id, title=sketch.title, version="0.1")
    for place, (name, label) in enumerate(arms.items()):
        lines += _table("arms", name, label=label, role="test" if place else "reference", ratio=1)
    for code, name in sites.items():
        lines += _table("sites", code, name=name)
    for name, label in sketch.visits.items():
        lines += _table("visits", name, label=label)
    for form in sketch.forms:
        repeats = {"repeating": True, "row_key": form.row_key} if form.row_key else {}
        label = form.label or form.name.replace("_", " ").capitalize()
        lines += _table("forms", form.name, label=label, entry="double", visits=list(form.visits), **repeats)
    lines += _table("randomization", method="stratified_permuted_blocks", concealment="central")
    lines += _table("blinding", stated=TO_BE_STATED, blinded_roles=[])
    return "\n".join(lines) + "\n"


def _table(*names: str, **keys: object) -> list[str]:
    header = ".".join(name if _BARE_KEY.fullmatch(name) else _quoted(name) for name in names)
    return ["", f"[{header}]", *(f"{key} = {_value(value)}" for key, value in keys.items())]


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return f"[{', '.join(_value(part) for part in value)}]"
    return _quoted(value) if isinstance(value, str) else str(value)


def _quoted(text: str) -> str:
    """A TOML basic string; JSON's escapes are among TOML's, but for DEL, which JSON leaves as it is."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
