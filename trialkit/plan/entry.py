"""One ``[[analysis]]`` of a plan, read by the keys its method declares."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from trialkit.plan.comparisons import read_contrasts, read_pair
from trialkit.plan.errors import PlanError
from trialkit.plan.method import ABSENT, Declaration, Declarations, meant
from trialkit.plan.model import Analysis, AnalysisRole
from trialkit.strict_toml import Section
from trialkit.wording import said

ESTIMAND = "estimand"


def read_entry(section: Section, methods: Declarations) -> Analysis:
    """Read an entry.

    What cannot be read of it is its ``fault``, with everything else that is wrong ``also``: an unknown method
    or key, a wrong type, or something that matters left unsaid. Such an entry keeps its place, and in
    ``readable`` the keys that can be read, so that what they name is checked.
    """
    method = methods[section.one_of("method", sorted(methods))]
    known = not section.is_unread(
        "method"
    )  # what an unknown method requires, or does not know, nobody can say
    role = section.choice("role", AnalysisRole)
    if known:
        section.tried(lambda: _require(section, method, role))
    own = {key.name for key in method.every_key} if known else set()  # a method's own key has its own meaning
    result = Analysis(
        id=section.text("id"),
        method=method.name if known else section.text("method"),
        role=AnalysisRole.DESCRIPTIVE if section.is_unread("role") else role,
        title=section.text("title"),
        set=section.text("set"),
        where=section.where(),
        estimand=section.text(ESTIMAND, ""),
        reveals_arm=section.boolean("reveals_arm", False),
        arms=() if "arms" in own else section.tried(lambda: read_pair(section)) or (),
        of=section.text("of", ""),
        assumption=section.text("assumption", ""),
        contrasts=None if "contrasts" in own else section.tried(lambda: read_contrasts(section)),
        keys=_keys(section, method) if known else _keys_as_meant(section, methods),
    )
    if known:
        section.done()
    faults = section.faults()
    if not faults:
        return result
    return replace(
        result,
        id=result.id or section.where(),
        title=result.title or "An entry that cannot be read",
        fault=type(faults[0]).all_of(faults),
        keys={},
        readable={name: value for name, value in result.keys.items() if not section.is_unread(name)},
    )


def _keys(section: Section, method: Declaration) -> dict[str, Any]:
    """What the entry says under the keys of its method, and what it means where it says nothing."""
    found = {}
    for key in method.every_key:
        if key.name in section:
            found[key.name] = section.tried(partial(key.read, section, key.name))
        elif key.absent is not ABSENT:
            found[key.name] = key.absent
    return found


def _keys_as_meant(section: Section, methods: Declarations) -> dict[str, Any]:
    """What the entry of an unknown method says under the keys of the method that its name is most like."""
    likely = meant(section.text("method"), methods)
    return _keys(section, likely) if likely else {}


def _require(section: Section, method: Declaration, role: AnalysisRole) -> None:
    descriptive = role is AnalysisRole.DESCRIPTIVE or section.is_unread("role")
    required = set(method.required(descriptive=descriptive))
    if not descriptive:
        required.add(ESTIMAND)
    missing = sorted(required - set(section.names()))
    if missing:
        values = {key.name: key.values for key in method.every_key}
        raise PlanError(
            expected=said(
                "a {value} {name} analysis to say {missing}",
                value=role.value,
                name=method.name,
                missing=", ".join(missing),
            ),
            found="nothing, and there is no default for what matters",
            where=f"{section.where()} ({section.text('id')})",
            next_step=said(
                "State it in the plan: {keys}.",
                keys="; ".join(f"{name} = {values.get(name, 'the name of an estimand')}" for name in missing),
            ),
        )
