"""Visits, forms and the parts around them in two versions of a study."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from trialkit.study.amended_parts import Change, ChangeKind, Finding, kept, refused, retirement, shown, told
from trialkit.study.model import Form, Study, Visit
from trialkit.study.schedule import window_text
from trialkit.wording import said

T = TypeVar("T")

_FORM_TOLD = {
    "label": ChangeKind.RELABELLED,
    "optional": ChangeKind.CHANGED,
    "signature_required": ChangeKind.CHANGED,
}
_FORM_KEPT = {
    "entry": "a form has one way of entry for good",
    "repeating": "its rows would not compare",
    "row_key": "its rows would not compare",
    "for_arms": "the allocation rests on who has it",
    "reveals_allocation": "what was shown cannot be hidden, nor the reverse",
}


def matched(
    kind: str,
    was: Sequence[T],
    now: Sequence[T],
    compared: Callable[[T, T], Iterator[Finding]],
    *,
    next_step: str,
    name: str = "name",
) -> Iterator[Finding]:
    """Named parts of two versions: those that are new, that differ, and that may not be absent."""
    present = {getattr(one, name): one for one in now}
    before = {getattr(one, name) for one in was}
    for one in was:
        key = getattr(one, name)
        if key not in present:
            yield refused(
                said("{kind} {key} as before: data may stand under it", kind=kind, key=key),
                "a definition without it",
                said("{kind} {key}", kind=kind, key=key),
                next_step,
            )
        else:
            yield from compared(one, present[key])
    for key in present:
        if key not in before:
            yield Change(ChangeKind.ADDED, f"{kind} {key}")


def visit_changes(was: Visit, now: Visit) -> Iterator[Finding]:
    what = said("visit {name}", name=was.name)
    yield from retirement(what, was.retired, now.retired)
    yield from told(what, was, now, {"label": ChangeKind.RELABELLED})
    if window_text(was) != window_text(now):
        yield Change(ChangeKind.CHANGED, f"{what}, day", window_text(was), window_text(now))


def form_changes(was: Form, now: Form) -> Iterator[Finding]:
    what = said("form {name}", name=was.name)
    for part, why in _FORM_KEPT.items():
        yield from kept(
            what,
            part,
            getattr(was, part),
            getattr(now, part),
            why,
            "Retire the form (retired = true), and make a new one under another name.",
        )
    yield from retirement(what, was.retired, now.retired)
    yield from told(what, was, now, _FORM_TOLD)
    for visit in was.visits:
        if visit not in now.visits:
            yield refused(
                said("visit {visit} in its list, since data may stand there", visit=visit),
                shown(now.visits),
                what,
                said("Leave it in visits, and name it in retired_visits = [{visit!r}] too.", visit=visit),
            )
    for visit in now.visits:
        if visit not in was.visits:
            yield Change(ChangeKind.ADDED, f"{what} at {visit}")
    for visit in sorted({*was.retired_visits, *now.retired_visits}):
        yield from retirement(f"{what} at {visit}", visit in was.retired_visits, visit in now.retired_visits)


_UNNAMED = {
    "title": ChangeKind.CHANGED,
    "protocol": ChangeKind.CHANGED,
    "registry": ChangeKind.CHANGED,
    "sample_size": ChangeKind.CHANGED,
    "analysis": ChangeKind.CHANGED,
    "consent": ChangeKind.CHANGED,
    "capture": ChangeKind.CHANGED,
    "safety": ChangeKind.CHANGED,
    "sign_in": ChangeKind.CHANGED,
    "identifiers_may_leave": ChangeKind.CHANGED,
    "reference_ranges": ChangeKind.CHANGED,
}
_NAMED = ("arms", "components", "anchors", "criteria", "checks", "scores", "thresholds", "endpoints")


def statement_changes(was: Study, now: Study) -> Iterator[Change]:
    """What the protocol says around the data: nothing of it is refused, all of it is told."""
    for part in _NAMED:
        kind = {"criteria": "criterion"}.get(part, part.removesuffix("s"))
        before = {one.name: one for one in getattr(was, part)}
        after = {one.name: one for one in getattr(now, part)}
        for name in dict.fromkeys([*before, *after]):
            yield from _statement(f"{kind} {name}", before.get(name), after.get(name))
    for part, how in _UNNAMED.items():
        if getattr(was, part) != getattr(now, part):
            yield Change(how, part.replace("_", " "), *_fields(getattr(was, part), getattr(now, part)))


def _statement(what: str, was: Any, now: Any) -> Iterator[Change]:
    if was is None:
        yield Change(ChangeKind.ADDED, what)
    elif now is None:
        yield Change(ChangeKind.CHANGED, what, "stated", "stated no more")
    elif was != now:
        yield Change(ChangeKind.CHANGED, what, *_fields(was, now))


def _fields(was: Any, now: Any) -> tuple[str, str]:
    """Two values as texts; of two objects the fields that differ alone."""
    names = getattr(type(was), "__slots__", ()) if type(was) is type(now) else ()
    if not names:
        return shown(was), shown(now)
    differ = [name for name in names if getattr(was, name) != getattr(now, name)]
    one, other = (
        "; ".join(f"{name} {shown(getattr(side, name)) or 'none'}" for name in differ) for side in (was, now)
    )
    return one, other
