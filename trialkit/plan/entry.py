"""One ``[[analysis]]`` of a plan, read by the keys its method declares."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from trialkit.errors import TrialkitError
from trialkit.plan.comparisons import read_contrasts, read_pair
from trialkit.plan.errors import PlanError
from trialkit.plan.method import ABSENT, Declaration, Declarations
from trialkit.plan.model import Analysis, AnalysisRole
from trialkit.strict_toml import Section
from trialkit.wording import said

ESTIMAND = "estimand"


def read_entry(section: Section, methods: Declarations) -> Analysis:
    """Read an entry.

    Raises
    ------
    DefinitionError, PlanError
        An unknown method or key, a wrong type, or something that matters left unsaid; with its line.
    """
    method = methods[section.one_of("method", sorted(methods))]
    role = section.choice("role", AnalysisRole)
    _require(section, method, role)
    own = {key.name for key in method.every_key}  # a method's own key has its own meaning
    result = Analysis(
        id=section.text("id"),
        method=method.name,
        role=role,
        title=section.text("title"),
        set=section.text("set"),
        where=section.where(),
        estimand=section.text(ESTIMAND, ""),
        reveals_arm=section.boolean("reveals_arm", False),
        arms=() if "arms" in own else read_pair(section),
        of=section.text("of", ""),
        assumption=section.text("assumption", ""),
        contrasts=None if "contrasts" in own else read_contrasts(section),
        keys={
            key.name: key.read(section, key.name) if key.name in section else key.absent
            for key in method.every_key
            if key.name in section or key.absent is not ABSENT
        },
    )
    section.done()
    return result


def read_entry_or_fault(section: Section, methods: Declarations) -> Analysis:
    """The same, where an entry that cannot be read keeps its place and says why."""
    try:
        return read_entry(section, methods)
    except TrialkitError as error:
        role = _text_or(section, "role", "")
        known = {each.value for each in AnalysisRole}
        return Analysis(
            id=_text_or(section, "id", section.where()),
            method=_text_or(section, "method", ""),
            role=AnalysisRole(role) if role in known else AnalysisRole.DESCRIPTIVE,
            title=_text_or(section, "title", "An entry that cannot be read"),
            set=_text_or(section, "set", ""),
            where=section.where(),
            fault=error,
            estimand=_text_or(section, ESTIMAND, ""),
            readable=_readable(section, methods),
        )


def _readable(section: Section, methods: Declarations) -> dict[str, Any]:
    """The keys that can be read of an entry that cannot as a whole: what they name is checked."""
    method = methods.get(_text_or(section, "method", ""))
    found = {}
    for key in method.every_key if method else ():
        if key.name in section:
            with suppress(TrialkitError):
                found[key.name] = key.read(section, key.name)
    return found


def _text_or(section: Section, key: str, otherwise: str) -> str:
    try:
        return section.text(key)
    except TrialkitError:
        return otherwise


def _require(section: Section, method: Declaration, role: AnalysisRole) -> None:
    descriptive = role is AnalysisRole.DESCRIPTIVE
    required = set(method.required(descriptive=descriptive))
    if not descriptive:
        required.add(ESTIMAND)
    missing = sorted(required - set(section.names()))
    if missing:
        raise PlanError(
            expected=said(
                "a {value} {name} analysis to say {missing}",
                value=role.value,
                name=method.name,
                missing=", ".join(missing),
            ),
            found="nothing, and there is no default for what matters",
            where=section.where(),
            next_step="State it in the plan.",
        )
