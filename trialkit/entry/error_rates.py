"""Error rates of entry: between the passes, and of each clerk against the final record; pure.

Counts alone come in. A field is an item of a line that both passes have; a line that one pass lacks has no
fields to compare, and is counted as a line.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from math import nan

from trialkit.entry.rates import clopper_pearson
from trialkit.vocabulary import SecondPass

PER = 10_000


@dataclass(frozen=True, slots=True)
class ComparedLines:
    """How many lines two clerks both typed of a form at a site; ``months`` (YYYY-MM) of either pass.

    ``items`` are those that the form's version compares; None: those of the study. ``mode`` says whether the
    two entries are independent, or the second typist was told where hers differed.
    """

    form: str
    site: str
    clerks: tuple[str, str]
    months: tuple[str, str]
    lines: int
    items: tuple[str, ...] | None = None
    mode: SecondPass = SecondPass.INDEPENDENT


@dataclass(frozen=True, slots=True)
class QuestionedField:
    """A field on which the passes differ, or whose final value is another than they agreed on.

    Parameters
    ----------
    discrepant
        The passes differ.
    wrong
        Whether the first and the second pass say something else than the final record; None: nobody has
        decided.
    """

    form: str
    item: str
    site: str
    clerks: tuple[str, str]
    months: tuple[str, str]
    discrepant: bool
    wrong: tuple[bool, bool] | None
    mode: SecondPass = SecondPass.INDEPENDENT


@dataclass(frozen=True, slots=True)
class ErrorRate:
    """Errors in so many fields, per 10,000, with the exact interval.

    ``clerk`` is empty for the rate between the passes; ``by`` is ``all``, ``form``, ``item``, ``site``,
    ``month``, ``mode`` or ``clerks``, and ``group`` one of those; ``mode`` stands only where some second
    entries were verified against the first: their rate is none of independent entries. Without fields the
    rate and its limits are NaN.
    """

    clerk: str
    by: str
    group: str
    fields: int
    errors: int
    per_10000: float
    ci_lower: float
    ci_upper: float


Place = tuple[str, str]
"""``by`` and ``group``."""


def rates_between(
    lines: Iterable[ComparedLines],
    questioned: Iterable[QuestionedField],
    items: Mapping[str, tuple[str, ...]],
    confidence_level: float = 0.95,
) -> list[ErrorRate]:
    """How often the two passes differ, overall and by form, item, site, month and pair of clerks.

    Parameters
    ----------
    lines, questioned
        What was compared, and what was found.
    items
        Form -> the items that are compared; other forms are left out.
    confidence_level
        Of the Clopper-Pearson intervals.

    The month is that of the later pass, when the comparison was made.
    """
    fields: Counter[Place] = Counter()
    errors: Counter[Place] = Counter()
    for found in lines:
        if found.form in items:
            month, clerks = max(found.months), " + ".join(found.clerks)
            _count(fields, found, _compared(found, items), month, found.lines, clerks)
    for one in questioned:
        if one.discrepant and one.item in items.get(one.form, ()):
            month, clerks = max(one.months), " + ".join(one.clerks)
            _count(errors, one, (one.item,), month, 1, clerks)
    return _rates("", fields, errors, confidence_level)


def rates_of_clerks(
    lines: Iterable[ComparedLines],
    questioned: Iterable[QuestionedField],
    items: Mapping[str, tuple[str, ...]],
    confidence_level: float = 0.95,
) -> list[ErrorRate]:
    """How often each clerk typed something else than the final record has, overall and by its parts.

    A discrepancy that nobody has decided is no field yet. An error that both made alike is found where the
    final record was corrected. The month is that of the clerk's own pass.
    """
    fields: dict[str, Counter[Place]] = defaultdict(Counter)
    errors: dict[str, Counter[Place]] = defaultdict(Counter)
    for found in lines:
        if found.form in items:
            for clerk, month in zip(found.clerks, found.months, strict=True):
                _count(fields[clerk], found, _compared(found, items), month, found.lines)
    for one in questioned:
        if one.item not in items.get(one.form, ()):
            continue
        for side, (clerk, month) in enumerate(zip(one.clerks, one.months, strict=True)):
            if one.wrong is None:
                _count(fields[clerk], one, (one.item,), month, -1)
            elif one.wrong[side]:
                _count(errors[clerk], one, (one.item,), month, 1)
    return [
        rate
        for clerk in sorted(fields)
        for rate in _rates(clerk, fields[clerk], errors[clerk], confidence_level)
    ]


def _compared(lines: ComparedLines, items: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    return items[lines.form] if lines.items is None else lines.items


def _count(
    counts: Counter[Place],
    what: ComparedLines | QuestionedField,
    items: tuple[str, ...],
    month: str,
    number: int,
    clerks: str = "",
) -> None:
    whole = number * len(items)
    of_all = (("all", ""), ("form", what.form), ("site", what.site), ("month", month), ("mode", what.mode))
    for place in of_all:
        counts[place] += whole
    if clerks:
        counts["clerks", clerks] += whole
    for item in items:
        counts["item", item] += number


def _rates(
    clerk: str, fields: Counter[Place], errors: Counter[Place], confidence_level: float
) -> list[ErrorRate]:
    order = ("all", "form", "item", "site", "month", "mode", "clerks")
    mixed = ("mode", SecondPass.VERIFICATION) in fields
    return [
        rate_of(clerk, by, str(group), fields[by, group], errors[by, group], confidence_level)
        for by, group in sorted(fields, key=lambda place: (order.index(place[0]), place[1]))
        if mixed or by != "mode"
    ]


def rate_of(
    clerk: str, by: str, group: str, fields: int, errors: int, confidence_level: float = 0.95
) -> ErrorRate:
    """One rate with its exact interval, per 10,000."""
    lower, upper = clopper_pearson(errors, fields, confidence_level)
    rate = errors / fields if fields else nan
    return ErrorRate(clerk, by, group, fields, errors, rate * PER, lower * PER, upper * PER)


@dataclass(frozen=True, slots=True)
class EpiDataTable:
    """One form as EpiData prints two files: first entry is the main file, second entry the duplicate.

    Unlike EpiData's, records that one file lacks are counted and are in no denominator, void forms are in no
    count, and without common records there is no percentage.
    """

    form: str
    missing_in_first: int
    missing_in_second: int
    not_unique_in_first: int
    not_unique_in_second: int
    fields_checked: int
    common_records: int
    records_with_errors: int
    field_entries_with_errors: int

    @property
    def percent_records(self) -> float | None:
        return 100 * self.records_with_errors / self.common_records if self.common_records else None

    @property
    def percent_fields(self) -> float | None:
        entries = self.common_records * self.fields_checked
        return 100 * self.field_entries_with_errors / entries if entries else None


def epidata_table(form: str, fields_checked: int, count: Callable[[str], int]) -> EpiDataTable:
    """The table of one form; ``count`` says how many there are of each of its lines."""
    return EpiDataTable(
        form=form,
        missing_in_first=count("missing_in_first"),
        missing_in_second=count("missing_in_second"),
        not_unique_in_first=count("not_unique_in_first"),
        not_unique_in_second=count("not_unique_in_second"),
        fields_checked=fields_checked,
        common_records=count("common_records"),
        records_with_errors=count("records_with_errors"),
        field_entries_with_errors=count("field_entries_with_errors"),
    )
