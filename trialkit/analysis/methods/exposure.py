"""Treatment as it was delivered: what was done and taken, for how long, and who complied."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from trialkit.analysis.context import Context
from trialkit.analysis.method import Answer, Method
from trialkit.documents.declared import Chapter, Col, Count, Listed, MeanSD, Of, Percent, Plain, Span
from trialkit.documents.declared.wording import with_unit
from trialkit.expressions import Name, evaluate, parse
from trialkit.plan import Analysis, Key, Place, PlanError
from trialkit.plan.errors import PlanWarning
from trialkit.plan.reachable import rule_on_subjects
from trialkit.plan.references import rule_problems, unknown
from trialkit.plan.used_twice import at_key, twice
from trialkit.strict_toml import Section
from trialkit.vocabulary import ItemType
from trialkit.wording import said

if TYPE_CHECKING:
    import pandas as pd

Pairs = Mapping[str, tuple[str, str]]
NUMBERS = (ItemType.INTEGER, ItemType.NUMBER, ItemType.DERIVED)


def _known(place: Place) -> set[str]:
    items = {item.name for form in place.study.forms if not form.repeating for item in form.items}
    return items | {score.name for score in place.study.scores}


def _check_names(value: tuple[str, ...], place: Place) -> Iterator[PlanError]:
    for name in value:
        if name not in _known(place):
            yield unknown("an item or score of a form filled in once", name, place.where, _known(place))


def _check_names_at(names: tuple[str, ...], place: Place, *path: str) -> Iterator[PlanError]:
    """Known names, told with the line of the key they stand under."""
    for name in names:
        if name not in _known(place):
            where = at_key(place.entry, place.plan, *path)
            yield unknown("an item or score of a form filled in once", name, where, _known(place))


def _check_days(value: Pairs, place: Place) -> Iterator[PlanError]:
    """Days are counted between dates: two numbers or words would be read as dates, or end the run."""
    yield from _check_pairs(value, place, "days", ItemType.DATE)
    orders = [[item.name for item in form.items] for form in place.study.forms if not form.repeating]
    for label, (first, last) in value.items():
        if any({first, last} <= set(names) and names.index(first) > names.index(last) for names in orders):
            yield PlanWarning(
                expected="the item of the first day, then that of the last, as on the form",
                found=said("{first}, then {last}", first=first, last=last),
                where=at_key(place.entry, place.plan, "days", label),
                next_step="Swap them: days counted backwards are below zero.",
            )


def _check_used(value: Pairs, place: Place) -> Iterator[PlanError]:
    """What came back is taken from what was given out: two numbers."""
    yield from _check_pairs(value, place, "used", *NUMBERS)


def _check_pairs(value: Pairs, place: Place, key: str, *wanted: ItemType) -> Iterator[PlanError]:
    items = {item.name: item for form in place.study.forms if not form.repeating for item in form.items}
    fit = sorted(name for name, item in items.items() if item.type in wanted)
    for label, pair in value.items():
        yield from _check_names_at(pair, place, key, label)
        for name in pair:
            if name in _known(place) and name not in fit:
                found = unknown(
                    "an item that is a date" if ItemType.DATE in wanted else "an item that is a number",
                    name,
                    at_key(place.entry, place.plan, key, label),
                    fit,
                )
                kind = said(
                    "{name}, {kind}", name=name, kind=items[name].type.value if name in items else "a score"
                )
                yield PlanError(
                    expected=found.expected, found=kind, where=found.where, next_step=found.next_step
                )


def _check_rules(value: Mapping[str, str], place: Place) -> Iterator[PlanError]:
    for rule in value.values():
        yield from rule_problems(rule, _known(place), place.where)
        yield from rule_on_subjects(rule, place.study, place.where)


def _read_pairs(section: Section, key: str) -> Pairs:
    here = section.section(key)
    found = {}
    for label in here.names():
        names = here.texts(label)
        if len(names) != 2:
            here.refuse(label, "two items, the first and the last", str(list(names)))
        found[label] = (names[0], names[1])
    here.done()
    return found


def _read_rules(section: Section, key: str) -> Mapping[str, str]:
    here = section.section(key)
    found = {label: here.text(label) for label in here.names()}
    here.done()
    return found


ITEMS: Key[tuple[str, ...]] = Key(
    "items", "amounts as captured", "items or scores", lambda s, k: s.texts(k), _check_names
)
DAYS: Key[Pairs] = Key(
    "days", "durations, first and last day counted", "label = [item of the first day, item of the last day]",
    _read_pairs, _check_days, absent={},
)  # fmt: skip
USED: Key[Pairs] = Key(
    "used", "what was given out and did not come back", "label = [item given out, item returned]",
    _read_pairs, _check_used, absent={},
)  # fmt: skip
SHARES: Key[Mapping[str, str]] = Key(
    "shares", "who did enough", "label = a rule on items and scores", _read_rules, _check_rules, absent={}
)


def _check_splits(value: Mapping[str, str], place: Place) -> Iterator[PlanError]:
    coded = {item.name for form in place.study.forms for item in form.items if item.choices}
    amounts = set(ITEMS.of(place.entry))
    for name, by in value.items():
        if name not in amounts:
            yield unknown("an amount among the entry's items", name, place.where, amounts)
        if by not in coded:
            yield unknown("an item with choices", by, place.where, coded)


SPLITS: Key[Mapping[str, str]] = Key(
    "by", "amounts described apart, as doses of different drugs are", "amount = an item with choices",
    _read_rules, _check_splits, absent={},
)  # fmt: skip


def check(place: Place) -> Iterator[PlanError]:
    """Each amount and duration has a line of its own, under its label."""
    labels = {item.name: item.label for form in place.study.forms for item in form.items}
    amounts = [labels.get(name, name) for name in ITEMS.of(place.entry)]
    for label in twice([*amounts, *DAYS.of(place.entry), *USED.of(place.entry)]):
        yield PlanError(
            expected="a label of its own for every amount and duration",
            found=said("{label!r} twice", label=label),
            where=place.where,
            next_step="Rename one of them: their lines would be one.",
        )


def compute(context: Context, entry: Analysis) -> Answer:
    import pandas as pd

    subjects = context.subjects(entry)
    amounts = dict(_amounts(context, entry, subjects))
    rows = [row for label, values in amounts.items() for row in _described(context, subjects, label, values)]
    tables = {"exposure": pd.DataFrame(rows)}
    if SHARES.of(entry):
        tables["shares"] = pd.DataFrame(list(_shares(context, entry, subjects)))
    known = _any_known(amounts)
    return Answer(
        datasets={"exposure": _delivered(context, entry, subjects, amounts)},
        tables=tables,
        counts=context.counts(subjects, known, "no record of treatment"),
        method=f"As captured, {context.by_arm_words(entry)}; "
        "a subject without a record is not counted as zero",
    )


def recorded(context: Context, entries: Sequence[Analysis], subjects: pd.DataFrame) -> pd.Series:
    """Whether each subject has any amount, duration or count that the plan's entries on treatment as
    delivered (one at least) ask for: True or False by the index of ``subjects``."""
    import pandas as pd

    each = [_any_known(dict(_amounts(context, entry, subjects))) for entry in entries]
    return pd.concat(each, axis=1).any(axis=1)


def _any_known(amounts: Mapping[str, pd.Series]) -> pd.Series:
    import pandas as pd

    return pd.concat([values.notna() for values in amounts.values()], axis=1).any(axis=1)


def _amounts(context: Context, entry: Analysis, subjects: pd.DataFrame) -> Iterator[tuple[str, pd.Series]]:
    import pandas as pd

    who = subjects["subject_id"]
    for name in ITEMS.of(entry):
        label = with_unit(*context.label_and_unit(name))
        found = context.datasets.by_subject([name])
        known = [found.get(str(one), {}).get(name) for one in who]
        values = pd.Series(known, index=subjects.index, dtype=float)
        if name not in SPLITS.of(entry):
            yield label, values
            continue
        by = SPLITS.of(entry)[name]
        codes = who.map(context.datasets.item_values(by))
        for choice in context.study.item(by).choices:
            yield f"{label}: {choice.label}", values.where(codes == choice.code)
    for label, (first, last) in DAYS.of(entry).items():
        start, stop = (pd.to_datetime(who.map(context.datasets.item_values(i))) for i in (first, last))
        yield label, ((stop - start).dt.days + 1).astype(float)
    for label, (given, returned) in USED.of(entry).items():
        out, back = (pd.to_numeric(who.map(context.datasets.item_values(i))) for i in (given, returned))
        yield label, (out - back).astype(float)


def _delivered(
    context: Context, entry: Analysis, subjects: pd.DataFrame, amounts: Mapping[str, pd.Series]
) -> pd.DataFrame:
    """One row a subject and measure, with the forms it was read from."""
    import pandas as pd

    read: list[tuple[str, ...]] = []
    made: list[str] = []
    for name in ITEMS.of(entry):
        by = SPLITS.of(entry).get(name)
        parts = (
            [f"{name} where {by} = {one.code}" for one in context.study.item(by).choices] if by else [name]
        )
        read += [(name, by) if by else (name,)] * len(parts)
        made += parts
    for first, last in DAYS.of(entry).values():
        read.append((first, last))
        made.append(f"{last} - {first} + 1 day")
    for given, returned in USED.of(entry).values():
        read.append((given, returned))
        made.append(f"{given} - {returned}")
    scores = {score.name: score.form for score in context.study.scores}
    frames = []
    for (label, values), names, derivation in zip(amounts.items(), read, made, strict=True):
        forms = {scores[name] for name in names if name in scores}
        items = [i.name for form in forms for i in context.study.form(form).items] or list(names)
        source = subjects["subject_id"].map(context.datasets.sources(items))
        frame = pd.DataFrame({"subject_id": subjects["subject_id"], "measure": label, "value": values})
        frames.append(frame.assign(derivation=derivation, source=source)[values.notna()])
    return pd.concat(frames, ignore_index=True)


def _described(
    context: Context, subjects: pd.DataFrame, label: str, values: pd.Series
) -> Iterator[dict[str, Any]]:
    for arm in context.arms:
        here = values[subjects["arm"] == arm].dropna()
        yield {
            "measure": label, "arm": arm, "n": len(here), "mean": here.mean(), "sd": here.std(),
            "median": here.median(), "q1": here.quantile(0.25), "q3": here.quantile(0.75),
            "lowest": here.min(), "highest": here.max(),
        }  # fmt: skip


def _shares(context: Context, entry: Analysis, subjects: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Of those about whom the rule can be decided."""
    for label, text in SHARES.of(entry).items():
        rule = parse(text, syntax="rule")
        known = context.datasets.by_subject([name.item for name in rule.names])
        answers = {one: _decide(rule, row) for one, row in known.items()}
        for arm in context.arms:
            mine = [answers.get(str(one)) for one in subjects.loc[subjects["arm"] == arm, "subject_id"]]
            decided = [one for one in mine if one is not None]
            yield {
                "measure": label, "arm": arm, "count": sum(decided), "n": len(decided),
                "percent": 100 * sum(decided) / len(decided) if decided else None,
            }  # fmt: skip


def _decide(rule: Any, row: Mapping[str, float]) -> bool | None:
    def look_up(name: Name) -> float | None:
        return row.get(name.item)

    answer = evaluate(rule, look_up)
    return answer if isinstance(answer, bool) else None


METHOD = Method(
    name="exposure",
    says="Treatment as it was delivered, and compliance, by the arm of the entry's set.",
    keys=(ITEMS,),
    optional=(DAYS, USED, SHARES, SPLITS),
    outputs=(
        Listed(
            source="exposure",
            title="{title}",
            label=Plain("measure"),
            head="Measure",
            columns=(
                Col("n", Count("n")),
                Col("Mean (SD)", MeanSD("mean", "sd")),
                Col("Median (Q1–Q3)", Span("q1", "q3", "median", spread="sd")),
            ),
            chapter=Chapter.SUBJECTS,
            by_arm=True,
            reveals_arm=True,
        ),
        Listed(
            source="shares",
            title="{title}: who did enough",
            label=Plain("measure"),
            head="Measure",
            columns=(Col("n (%)", Percent("count", "percent")), Col("n / N known", Of("count", "n"))),
            chapter=Chapter.SUBJECTS,
            by_arm=True,
            reveals_arm=True,
        ),
    ),
    page="participants",
    check=check,
    compute=compute,
    compares=False,
)
