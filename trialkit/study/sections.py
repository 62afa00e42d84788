"""The tables of ``study.toml`` that say how the trial is built: arms, sites, factors, visits, forms."""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches

from trialkit import permitted
from trialkit.instruments import InstrumentError, check_item_count, instrument, settings_of
from trialkit.nearest import advice, listed
from trialkit.strict_toml import Section
from trialkit.study.conduct import ReferenceRange
from trialkit.study.dictionary import Dictionary
from trialkit.study.errors import StudyError
from trialkit.study.known_names import require_item, require_known
from trialkit.study.model import Anchor, Arm, Component, Factor, Form, Item, Score, Site, Threshold, Visit
from trialkit.vocabulary import ArmRole, Better, EntryMode, ItemType
from trialkit.wording import said

EVENTS = ("consent", "randomization")


def read_components(root: Section) -> tuple[Component, ...]:
    components = []
    for name, table in root.named_sections("components"):
        components.append(
            Component(
                name,
                table.text("label"),
                drug_class=table.text("drug_class", ""),
                drugs=table.texts("drugs", ()),
                weeks=table.optional_integer("weeks", within=permitted.WEEKS),
            )
        )
        table.done()
    return tuple(components)


def read_arms(root: Section, components: tuple[Component, ...]) -> tuple[Arm, ...]:
    arms = []
    for name, table in root.named_sections("arms"):
        arm = Arm(
            name,
            table.text("label"),
            role=table.choice("role", ArmRole),
            ratio=table.integer("ratio", within=permitted.RATIO),
            components=table.texts("components", ()),
        )
        table.done()
        known = [component.name for component in components]
        for component in arm.components:
            require_known(table, "components", component, known, "a component declared under [components]")
        arms.append(arm)
    references = sum(arm.role is ArmRole.REFERENCE for arm in arms)
    if references != 1 or len(arms) < 2:
        found = ", ".join(f"{arm.name}: {arm.role}" for arm in arms) or "no arm"
        unsaid = [name for name, table in root.named_sections("arms") if "role" not in table]
        if unsaid and len(arms) > 1:  # told by itself; which role the arm has is not known
            return tuple(arms)
        root.fault("arms", "one arm of role 'reference' and one or more of role 'test'", found)
    return tuple(arms)


def read_factors(root: Section, sites: tuple[Site, ...], dictionary: Dictionary) -> tuple[Factor, ...]:
    """Factors in the order of the file; the levels of an item are its codes, in dictionary order."""
    items = {item.name: item for item in dictionary.items}
    factors = []
    for name, table in root.named_sections("factors"):
        item_name = table.optional_text("item")
        cuts, bands = table.numbers("cuts", (), within=permitted.ANY), table.texts("levels", ())
        table.done()
        if item_name is None:
            if name != "site":
                table.fault(
                    None, "an item for every stratification factor but the site", "none", "Add item = ..."
                )
                continue
            factors.append(Factor("site", tuple(site.code for site in sites)))
            continue
        item = require_item(table, "item", item_name, items)
        if item is None:
            continue
        if cuts or bands:
            factors.append(_banded(table, name, item, cuts, bands))
            continue
        if item.type not in (ItemType.CODED, ItemType.YES_NO):
            table.fault(
                "item",
                "a coded item, since a stratum is a combination of levels",
                said("{name!r}, which is of type {type}", name=item.name, type=item.type),
                "Make it a radio, dropdown or yesno field, or cut a number into bands: cuts and levels.",
            )
        factors.append(Factor(name, tuple(choice.code for choice in item.choices), item.name))
    return tuple(factors)


def _banded(
    table: Section, name: str, item: Item, cuts: tuple[float, ...], levels: tuple[str, ...]
) -> Factor:
    """A factor that is derived from a number, such as an age band from the age."""
    if item.type not in (ItemType.INTEGER, ItemType.NUMBER, ItemType.DERIVED):
        found = said("{name!r}, of type {type}", name=item.name, type=item.type)
        table.fault("item", "a number to cut into bands", found)
    if list(cuts) != sorted(set(cuts)) or not cuts:
        table.fault("cuts", "the lower bounds of the bands after the first, ascending", list(cuts))
    if len(levels) != len(cuts) + 1 or len(set(levels)) < len(levels):
        table.fault("levels", said("{n} names of bands, each once", n=len(cuts) + 1), list(levels))
    return Factor(name, levels, item.name, cuts)


def read_anchors(root: Section) -> tuple[Anchor, ...]:
    anchors: list[Anchor] = []
    for name, table in root.named_sections("anchors"):
        anchor = Anchor(
            name,
            table.text("label"),
            after=table.text("after"),
            days=table.integer("days", within=permitted.DAY),
        )
        table.done()
        if name in EVENTS:
            table.fault(
                None, "another name: consent and randomization are events", repr(name), "Remove this table."
            )
        known = [*EVENTS, *(earlier.name for earlier in anchors)]
        require_known(table, "after", anchor.after, known, "an anchor declared above")
        anchors.append(anchor)
    return tuple(anchors)


def _window(table: Section, key: str) -> tuple[int, int] | None:
    if key not in table:
        return None
    days = table.integers(key, within=permitted.DAY)
    if len(days) != 2 or days[0] > days[1]:
        table.fault(key, "two whole numbers, the first not after the second", list(days))
        return None
    return (days[0], days[1])


def read_visits(root: Section, anchors: tuple[Anchor, ...]) -> tuple[Visit, ...]:
    known = [*EVENTS, *(anchor.name for anchor in anchors)]
    visits = []
    for name, table in root.named_sections("visits"):
        visit = Visit(
            name,
            table.text("label"),
            anchor=table.optional_text("anchor"),
            target_days=table.optional_integer("target_days", within=permitted.DAY),
            window_days=_window(table, "window_days"),
            stated_times=table.texts("stated_times", ()),
            retired=table.boolean("retired", False),
        )
        table.done()
        if visit.anchor is not None:
            require_known(table, "anchor", visit.anchor, known, "a known anchor")
        if visit.window_days and visit.target_days is not None:
            first, last = visit.window_days
            if not first <= visit.target_days <= last:
                table.fault(
                    "window_days",
                    said("a window that holds day {target_days}", target_days=visit.target_days),
                    [first, last],
                )
        visits.append(visit)
    if not visits:
        root.fault("visits", "at least one table [visits.NAME]", "none")
    return tuple(visits)


def read_forms(
    root: Section, dictionary: Dictionary, visits: tuple[Visit, ...], arms: tuple[Arm, ...]
) -> tuple[Form, ...]:
    """The forms in the order of the file, each with its items in dictionary order."""
    in_dictionary = dictionary.forms()
    forms = []
    unknown = False
    for name, table in root.named_sections("forms"):
        if name not in in_dictionary:
            table.fault(
                None,
                said("a form of the dictionary ({in_dictionary})", in_dictionary=listed(in_dictionary, 30)),
                repr(name),
                advice(
                    name, in_dictionary, otherwise="Add its items to the dictionary, or remove this table."
                ),
            )
            meant = get_close_matches(name, set(in_dictionary) - set(root.section("forms").names()), n=1)
            unknown = unknown or not meant
            name = meant[0] if meant else name  # so that what stands on the form is not refused as well
        items = tuple(item for item in dictionary.items if item.form == name)
        forms.append(_form(name, table, items, visits, arms))
    declared = [form.name for form in forms]
    for item in dictionary.items:
        if item.form not in declared and not unknown:
            raise StudyError(
                expected="a form declared in study.toml under [forms]",
                found=repr(item.form),
                where=dictionary.where(item.name, "Form Name"),
                next_step=advice(
                    item.form, declared, otherwise=said("Add a table [forms.{form}].", form=item.form)
                ),
            )
    return tuple(forms)


def _form(
    name: str, table: Section, items: tuple[Item, ...], visits: tuple[Visit, ...], arms: tuple[Arm, ...]
) -> Form:
    form = Form(
        name,
        table.text("label"),
        entry=table.choice("entry", EntryMode),
        visits=table.texts("visits"),
        items=items,
        repeating=table.boolean("repeating", False),
        row_key=table.optional_text("row_key"),
        optional=table.boolean("optional", False),
        for_arms=table.texts("for_arms", ()),
        reveals_allocation=table.boolean("reveals_allocation", False),
        signature_required=table.boolean("signature_required", False),
        retired=table.boolean("retired", False),
        retired_visits=table.texts("retired_visits", ()),
    )
    table.done()
    for visit in form.visits:
        require_known(
            table, "visits", visit, [known.name for known in visits], "a visit declared under [visits]"
        )
    for visit in form.retired_visits:
        require_known(table, "retired_visits", visit, list(form.visits), "a visit named under visits")
    for arm in form.for_arms:
        require_known(table, "for_arms", arm, [known.name for known in arms], "an arm declared under [arms]")
    if not form.visits:
        table.fault("visits", "at least one visit", "none")
    if form.for_arms and not form.reveals_allocation:
        table.fault(
            "reveals_allocation",
            "true, since a form that only some arms have tells the arm",
            "false",
            "Set reveals_allocation = true.",
        )
    if not items:  # no form of the dictionary: said already
        return form
    if form.row_key is not None:
        require_item(table, "row_key", form.row_key, {item.name: item for item in items})
        if not form.repeating:
            table.fault("row_key", "a row_key on a repeating form only", "a form that does not repeat")
    elif form.repeating:
        table.fault(None, "row_key, the item that holds the printed line number", "none", "Add row_key = ...")
    return form


def read_scores(root: Section, forms: tuple[Form, ...]) -> tuple[Score, ...]:
    scores = []
    for name, table in root.named_sections("scores"):
        score = Score(
            name,
            table.text("label"),
            instrument=table.text("instrument"),
            form=table.text("form"),
            items=table.texts("items", ()),
            unit=table.text("unit"),
            better=table.choice("better", Better) if "better" in table else None,
            mcid=table.optional_number("mcid", within=permitted.ABOVE_0),
            settings=table.mapping("settings", (int, float, str), "a number or text"),
        )
        table.done()
        known = [form.name for form in forms]
        if not require_known(table, "form", score.form, known, "a form declared under [forms]"):
            continue
        form = next(form for form in forms if form.name == score.form)
        own = {item.name: item for item in form.items}
        for item in score.items:
            require_item(table, "items", item, own)
        _check_instrument(table, score)
        if any(item.name == name for known in forms for item in known.items) and score.items != (name,):
            table.fault(None, "a score named unlike any item", repr(name))
        scores.append(score)
    return tuple(scores)


def _check_instrument(table: Section, score: Score) -> None:
    """The instrument must exist, take that many items and have those settings."""
    checks: tuple[tuple[str, Callable[[], object]], ...] = (
        ("instrument", lambda: instrument(score.instrument)),
        ("items", lambda: check_item_count(score.instrument, len(score.items))),
        ("settings", lambda: settings_of(score.instrument, score.settings)),
    )
    for key, check in checks:
        try:
            check()
        except InstrumentError as error:
            table.fault(key, error.expected, error.found, error.next_step)
            if key == "instrument":
                return
    unit = instrument(score.instrument).unit
    if unit and unit != score.unit:
        table.fault(
            "unit",
            said("the unit of {instrument}, which is {unit!r}", instrument=score.instrument, unit=unit),
            repr(score.unit),
        )


def read_thresholds(root: Section, items: dict[str, Item]) -> tuple[Threshold, ...]:
    thresholds = []
    for name, table in root.named_sections("thresholds"):
        threshold = Threshold(
            name,
            item=table.text("item"),
            value=table.number("value", within=permitted.ANY),
            unit=table.text("unit"),
            source=table.text("source", ""),
        )
        table.done()
        item = require_item(table, "item", threshold.item, items)
        if item is not None:
            _same_unit(table, threshold.unit, item)
        thresholds.append(threshold)
    return tuple(thresholds)


def read_reference_ranges(
    root: Section, items: dict[str, Item], sites: tuple[Site, ...]
) -> tuple[ReferenceRange, ...]:
    ranges = []
    for _, table in root.named_sections("reference_ranges"):
        found = ReferenceRange(
            item=table.text("item"),
            unit=table.text("unit"),
            low=table.optional_number("low", within=permitted.ANY),
            high=table.optional_number("high", within=permitted.ANY),
            sex=table.text("sex", ""),
            site=table.text("site", ""),
            sex_item=table.text("sex_item", "sex" if "sex" in table else ""),
            age_item=table.text("age_item", ""),
            age_from=table.optional_number("age_from", within=permitted.AGE),
            age_below=table.optional_number("age_below", within=permitted.AGE),
        )
        table.done()
        item = require_item(table, "item", found.item, items)
        _check_whom(table, found, items)
        if item is not None:
            _same_unit(table, found.unit, item)
        if found.site:
            require_known(
                table, "site", found.site, [site.code for site in sites], "a site declared under [sites]"
            )
        if found.low is None and found.high is None:
            table.fault(None, "low, high or both", "neither")
        if found.low is not None and found.high is not None and found.low >= found.high:
            table.fault(
                "low",
                said("a number below high ({high:g})", high=found.high),
                said("{value:g}", value=found.low),
            )
        ranges.append(found)
    return tuple(ranges)


def _check_whom(table: Section, found: ReferenceRange, items: dict[str, Item]) -> None:
    """For whom a range holds: a code of the item that holds the sex, years of the item that holds the age."""
    if found.sex:
        by = require_item(table, "sex_item", found.sex_item, items)
        codes = [choice.code for choice in by.choices] if by is not None else [found.sex]
        require_known(table, "sex", found.sex, codes, said("a code of {sex_item!r}", sex_item=found.sex_item))
    if found.age_from is not None or found.age_below is not None:
        if not found.age_item:
            table.fault(None, "age_item, the item that holds the age in years", "none", "Add age_item = ...")
        else:
            require_item(table, "age_item", found.age_item, items)
    if found.age_from is not None and found.age_below is not None and found.age_from >= found.age_below:
        table.fault("age_from", "an age below age_below", found.age_from)


def _same_unit(table: Section, unit: str, item: Item) -> None:
    if unit != (item.unit or ""):
        has = repr(item.unit) if item.unit else "none"
        table.fault(
            "unit",
            said("the unit of item {name!r}, which is {has}", name=item.name, has=has),
            repr(unit),
            "Convert the number to the item's unit, or correct @UNIT in the dictionary.",
        )
