"""``[safety]`` and ``[capture]`` of ``study.toml``: what the forms tell of harm, and how soon what is due."""

from __future__ import annotations

from collections.abc import Mapping

from trialkit import permitted
from trialkit.nearest import advice
from trialkit.strict_toml import Section
from trialkit.study.conduct import Capture, Safety
from trialkit.study.known_names import require_known
from trialkit.study.model import Form, Item
from trialkit.vocabulary import ItemType, SecondPass
from trialkit.wording import said

_DEFAULT = Safety()
_YES = "1"


def read_safety(root: Section, forms: tuple[Form, ...], items: dict[str, Item]) -> Safety:
    """Which form and items tell of adverse events and of death."""
    table = root.optional_section("safety")
    if table is None:
        return _DEFAULT
    found = Safety(
        adverse_events=table.text("adverse_events", ""),
        term=table.text("term", ""),
        start=table.text("start", ""),
        serious=table.text("serious", ""),
        death_date=table.text("death_date", ""),
        report_within_hours=table.integer(
            "report_within_hours", _DEFAULT.report_within_hours, within=permitted.HOURS
        ),
        follow_up_days=table.integer("follow_up_days", _DEFAULT.follow_up_days, within=permitted.DAYS),
    )
    table.done()
    if found.adverse_events:
        require_known(table, "adverse_events", found.adverse_events, [form.name for form in forms], "a form")
    of_events = {name: item for name, item in items.items() if item.form == found.adverse_events}
    for key in ("term", "start", "serious"):
        name = getattr(found, key)
        if name or (found.adverse_events and key != "start"):
            require_known(
                table, key, name, list(of_events), said("an item of form {form}", form=found.adverse_events)
            )
    serious = of_events.get(found.serious)
    if serious is not None and _YES not in {choice.code for choice in serious.choices}:
        table.fault("serious", said("an item with a code {yes!r} for yes", yes=_YES), repr(found.serious))
    dates = [name for name, item in items.items() if item.type is ItemType.DATE]
    if found.death_date:
        require_known(table, "death_date", found.death_date, dates, "an item that is a date")
    return found


def require_identifiers(table: Section, key: str, names: tuple[str, ...], items: Mapping[str, Item]) -> None:
    """Refuse a name of this key that is no item marked as an identifier.

    Raises
    ------
    StudyError
        Naming the first, and the nearest that is one.
    """
    for name in names:
        if name not in items or not items[name].identifier:
            known = [item.name for item in items.values() if item.identifier]
            table.fault(
                key,
                said("items marked as identifiers: {known}", known=", ".join(known) or "none is"),
                repr(name),
                advice(name, known, otherwise="Remove it: the dictionary does not mark it."),
            )


def read_capture(root: Section, items: Mapping[str, Item]) -> Capture:
    """How the forms come in."""
    table = root.optional_section("capture")
    if table is None:
        return Capture()
    found = Capture(
        days_to_enter=table.integer("days_to_enter", Capture().days_to_enter, within=permitted.DAYS),
        second_person_at_entry=table.boolean("second_person_at_entry", False),
        allow_identifiers=table.texts("allow_identifiers", ()),
        second_pass=table.choice("second_pass", SecondPass, SecondPass.INDEPENDENT),
    )
    table.done()
    require_identifiers(table, "allow_identifiers", found.allow_identifiers, items)
    return found
