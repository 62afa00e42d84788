"""Error rates of entry, and the table that EpiData prints: read once, counted by pure code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from trialkit.access import Actor
from trialkit.access.acts.reading import VIEW_ERROR_RATES
from trialkit.entry import TypedValue, compare_values
from trialkit.entry.error_rates import (
    ComparedLines,
    EpiDataTable,
    ErrorRate,
    QuestionedField,
    epidata_table,
    rates_between,
    rates_of_clerks,
)
from trialkit.operations.errors import OperationError
from trialkit.operations.gate import Gate, reading
from trialkit.operations.people import names_at
from trialkit.operations.trial import Trial
from trialkit.store.reading.compared import (
    FieldState,
    LinesState,
    compared_lines,
    fields_in_question,
    lines_of_one_pass,
)
from trialkit.store.reading.quality import made_at_one_desk, passes_of_subjects
from trialkit.vocabulary import EntryMode, SecondPass


@dataclass(frozen=True, slots=True)
class ErrorRates:
    """``between`` the passes, and of each of the ``clerks``; ``epidata`` has a table a form.

    ``undecided`` counts discrepancies that nobody has decided: fields of no clerk yet; ``undecided_lines``
    those that one pass alone has, which are in no rate. Of all ``passes``, ``authenticated`` were proved by
    password or session; ``one_desk`` are the forms whose two came from one account of one machine's system:
    that two people typed them is then declared, and not established. ``verified_lines``
    were compared while the second entry was typed: a rate that holds them is none of independent entries.
    ``people`` has the name of each clerk by the login.
    """

    between: tuple[ErrorRate, ...]
    clerks: tuple[ErrorRate, ...]
    epidata: tuple[EpiDataTable, ...]
    undecided: int
    confidence_level: float
    verified_lines: int = 0
    undecided_lines: int = 0
    passes: int = 0
    authenticated: int = 0
    one_desk: tuple[str, ...] = ()
    people: Mapping[str, str] = field(default_factory=dict)

    def person(self, login: str) -> str:
        """Who a clerk is: the name, or a login that has none."""
        return self.people.get(login, login)


def error_rates(trial: Trial, actor: Actor, *, confidence_level: float = 0.95) -> ErrorRates:
    """How often the passes differ, and how often each clerk differs from the final record.

    Parameters
    ----------
    confidence_level
        Of the exact (Clopper-Pearson) intervals.

    Returns
    -------
    ErrorRates
        Of double-entered forms, at the sites of the actor's right, by form, item, site, month (UTC) and
        clerk. The final record is that in force: what a correction found wrong counts against both.

    Raises
    ------
    AccessError
        No right.
    OperationError
        A level that is none.

    Degenerate case: nothing compared gives no rates, and EpiData tables without percentages.
    """
    if not 0 < confidence_level < 1:
        raise OperationError(
            expected="a confidence level between 0 and 1", found=repr(confidence_level), next_step="Say 0.95."
        )
    with reading(trial, actor, VIEW_ERROR_RATES) as gate:
        items = {
            form: tuple(rule.name for rule in gate.rules.compared[form])
            for form, known in gate.rules.forms.items()
            if known.entry is EntryMode.DOUBLE
        }
        lines = [
            one
            for one in compared_lines(gate.reader)
            if _at_site(gate, one.site) and gate.sight.of_form(one.form)
        ]
        fields = [
            one
            for one in fields_in_question(gate.reader)
            if _at_site(gate, one.site) and gate.sight.of_item(one.form, one.item)
        ]
        tables = _epidata(gate, items, lines, fields)
        compared = [_lines(gate, one) for one in lines]
        questioned = [_questioned(gate, one) for one in fields]
        people = gate.subjects()
        passes = {
            key: n
            for key, n in passes_of_subjects(gate.reader).items()
            if key[0] in people and gate.sight.of_form(key[1])
        }
        desks = [
            key for key in made_at_one_desk(gate.reader) if key[0] in people and gate.sight.of_form(key[2])
        ]
        typed_by = {login for line in lines for login in (line.first_by, line.second_by)}
        names = {login: name for login, name in names_at(gate).items() if login in typed_by}
        left = [one for one in gate.unmatched_rows(only_open=True) if one.subject_id in people]
    return ErrorRates(
        tuple(rates_between(compared, questioned, items, confidence_level)),
        tuple(rates_of_clerks(compared, questioned, items, confidence_level)),
        tables,
        sum(one.wrong is None for one in questioned),
        confidence_level,
        sum(one.lines for one in compared if one.mode is SecondPass.VERIFICATION),
        len(left),
        sum(passes.values()),
        sum(n for (_, _, how), n in passes.items() if how in ("password", "session")),
        tuple("/".join(key) for key in desks),
        names,
    )


def _at_site(gate: Gate, site: str) -> bool:
    return gate.sites is None or site in gate.sites


def _lines(gate: Gate, found: LinesState) -> ComparedLines:
    rules = gate.asked_by(found.study_version)
    items = tuple(rule.name for rule in rules.compared.get(found.form, ()))
    clerks, months = (found.first_by, found.second_by), (found.first_month, found.second_month)
    return ComparedLines(
        found.form, found.site, clerks, months, found.lines, items, _mode(verified=found.verified)
    )


def _mode(*, verified: bool) -> SecondPass:
    return SecondPass.VERIFICATION if verified else SecondPass.INDEPENDENT


def _questioned(gate: Gate, found: FieldState) -> QuestionedField:
    wrong = None
    if found.final is not None:
        wrong = (_differs(gate, found, found.first), _differs(gate, found, found.second))
    return QuestionedField(
        found.form,
        found.item,
        found.site,
        (found.first_by, found.second_by),
        (found.first_month, found.second_month),
        found.discrepant,
        wrong,
        _mode(verified=found.verified),
    )


def _differs(gate: Gate, found: FieldState, typed: TypedValue) -> bool:
    assert found.final is not None
    kind = gate.rules.items[found.item].type
    return compare_values(typed, found.final, item_type=kind) is not None


def _epidata(
    gate: Gate, items: dict[str, tuple[str, ...]], lines: list[LinesState], fields: list[FieldState]
) -> tuple[EpiDataTable, ...]:
    counts: Counter[tuple[str, str]] = Counter()
    for line in lines:
        counts[line.form, "common_records"] += line.lines
    wrong = {(one.form, one.final_row) for one in fields if one.discrepant}
    for form, _ in wrong:
        counts[form, "records_with_errors"] += 1
    for one in fields:
        counts[one.form, "field_entries_with_errors"] += one.discrepant
    for form, site, number, n in lines_of_one_pass(gate.reader):
        if not _at_site(gate, site):
            continue
        counts[form, "missing_in_second" if number == 1 else "missing_in_first"] += n
    people = gate.subjects()
    for row in gate.unmatched_rows():
        if row.subject_id not in people:
            continue
        if row.reason == "only_in_this_pass":
            counts[row.form, "missing_in_second" if row.pass_number == 1 else "missing_in_first"] += 1
        else:
            side = "first" if row.pass_number == 1 else "second"
            counts[row.form, f"not_unique_in_{side}"] += 1
    return tuple(
        epidata_table(form, len(checked), lambda name, form=form: counts[form, name])  # type: ignore[misc]
        for form, checked in items.items()
    )
