"""What an archive says about the record: queries, signatures, ticks, flags and serious events, as tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from trialkit.operations.form_marks import SIGNED, MarkShown, marks_shown
from trialkit.operations.gate import Gate
from trialkit.operations.safety_list import events_of
from trialkit.operations.source_ticks import ticks_shown
from trialkit.store.reading.flags import FlagState, flags
from trialkit.store.reading.forms import FormKey

Table = tuple[tuple[str, ...], list[Sequence[object]]]

_FORM = ("subject_id", "visit", "form")
_FIELD = (*_FORM, "row", "item")
_QUERY = ("number", *_FIELD, "check", "step", "status", "at", "account", "said")
_MARK = (*_FORM, "kind", "account", "name", "meaning", "at", "content_sha256", "stands")
_TICK = ("field", "account", "at", "stands")
_FLAG = (*_FIELD, "at", "account", "stage", "check", "said")
_EVENT = (
    "number", "site", "subject_id", "term", "site_knew_at", "due_at", "report", "reported_at", "account",
    "criteria", "severity", "related", "expected", "outcome", "started", "ended", "visit", "row", "narrative",
)  # fmt: skip


def review_tables(gate: Gate) -> dict[str, Table]:
    """Name -> columns and lines, of everybody the gate's actor is shown."""
    return {
        "queries": (_QUERY, list(_queries(gate))),
        "signatures": (_MARK, [_mark(key, mark) for key, mark in marks_shown(gate)]),
        "ticks": (
            _TICK,
            [
                (tick.where, tick.account, tick.at.isoformat(), _stands(tick.void))
                for tick in ticks_shown(gate)
            ],
        ),
        "flags": (
            _FLAG,
            [(*_place(f), f.at.isoformat(), f.account, f.stage, f.check, f.said) for f in flags(gate.reader)],
        ),
        "serious_events": (_EVENT, list(_events(gate))),
    }


def marks_by_form(gate: Gate) -> dict[FormKey, list[str]]:
    """Signatures and verifications of each form as a printed form shows them (21 CFR 11.50)."""
    found: dict[FormKey, list[str]] = {}
    for key, mark in marks_shown(gate):
        who = f"{mark.name} ({mark.account})" if mark.kind == SIGNED else mark.account
        void = "; VOID: the form was changed or voided since" if mark.void else ""
        found.setdefault(key, []).append(
            f"{mark.kind.capitalize()} by {who}, {mark.at:%Y-%m-%d %H:%M} UTC: {mark.meaning}{void}"
        )
    return found


def _place(flag: FlagState) -> Sequence[object]:
    return (flag.subject_id, flag.visit, flag.form, flag.row, flag.item)


def _stands(void: bool) -> str:
    return "no" if void else "yes"


def _mark(key: FormKey, mark: MarkShown) -> Sequence[object]:
    facts = (mark.kind, mark.account, mark.name, mark.meaning, mark.at.isoformat(), mark.content_sha256)
    return (*key, *facts, _stands(mark.void))


def _queries(gate: Gate) -> Iterator[Sequence[object]]:
    for query in gate.queries():
        place = (query.subject_id, query.visit, query.form, query.row, query.item)
        for number, step in enumerate(query.steps, start=1):
            yield (
                query.id, *place, query.check, number, step.status.value, step.at.isoformat(), step.account,
                step.said,
            )  # fmt: skip


def _events(gate: Gate) -> Iterator[Sequence[object]]:
    for event in events_of(gate, {}):
        place = (event.number or "", event.site, event.subject_id, event.term, event.aware_at.isoformat())
        due = event.clock.initial_due_at.isoformat()
        for report in event.reports:
            yield (
                *place, due, report.number, report.at.isoformat(), report.account, " ".join(report.criteria),
                report.severity, report.related, report.expected, report.outcome, report.started,
                report.ended, report.visit, report.row, report.narrative,
            )  # fmt: skip
        if not event.reports:
            yield (*place, due, *[""] * 10, event.visit, event.row, "")
