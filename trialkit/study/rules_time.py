"""When things are measured: every time needs a day to count from, and only one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from trialkit.numbers import plain
from trialkit.study.findings import Finding, Severity
from trialkit.study.model import Endpoint, Study
from trialkit.study.stated_time import StatedTime, read_time

_SAME_DAYS = 7.0  # "6 months" is 182 or 183 days; a week apart is another time


def visits_without_an_anchor(study: Study) -> Iterator[Finding]:
    open_visits = [visit.name for visit in study.visits if visit.anchor is None or visit.target_days is None]
    if open_visits:
        yield Finding(
            "visit-without-anchor",
            Severity.GAP,
            "A visit has no day it is counted from",
            f"No anchor or no target day: {', '.join(open_visits)}. Its window cannot be computed.",
            tuple(f"visits.{name}" for name in open_visits),
            "State anchor and target_days of each visit.",
        )


def times_without_an_anchor(study: Study) -> Iterator[Finding]:
    """``"3 months"`` in one place and ``"3 months post-intervention"`` in another."""
    unanchored = [
        (where, label, time)
        for where, label, times in _all_stated(study)
        for time in times
        if time.anchor is None and time.days is not None
    ]
    if unanchored:
        places = "; ".join(f"{label}: {time.text!r}" for _, label, time in unanchored)
        yield Finding(
            "time-without-anchor",
            Severity.CONTRADICTION,
            "Times are given without the day they are counted from",
            f"{places}. The definition had to choose an anchor that these words do not give.",
            tuple(where for where, _, _ in unanchored),
            "Amend the sources so that every time names its anchor, and drop the open wording.",
        )


def times_that_conflict(study: Study) -> Iterator[Finding]:
    for where, label, times in _all_stated(study):
        clash = _clash(study, [time for time in times if time.anchor is not None])
        if clash:
            yield Finding(
                "conflicting-times",
                Severity.CONTRADICTION,
                f"{label} is timed in more than one way",
                clash,
                (where,),
                "Decide which one holds, amend the other, and analyse the other as a sensitivity analysis.",
            )


def endpoints_off_their_visit(study: Study) -> Iterator[Finding]:
    """An endpoint's one stated time differs from that of the visit it is measured at."""
    for endpoint in study.endpoints:
        times = [read_time(text) for text in endpoint.stated_times]
        if endpoint.visit is None or any(time.anchor is None for time in times) or _clash(study, times):
            continue
        visit = study.visit(endpoint.visit)
        if visit.anchor is None or visit.target_days is None or not times:
            continue
        own = StatedTime(f"visit {visit.label}", float(visit.target_days), visit.anchor)
        clash = _clash(study, [*times, own])
        if clash:
            yield Finding(
                "endpoint-off-its-visit",
                Severity.CONTRADICTION,
                f"{endpoint.label} is not timed like the visit it is measured at",
                clash,
                (f"endpoints.{endpoint.name}", f"visits.{visit.name}"),
                "Add a visit at that time, or amend the time.",
            )


def events_incompletely_defined(study: Study) -> Iterator[Finding]:
    for endpoint in study.endpoints:
        if "event" in endpoint.definition:
            yield from _event_without_origin(endpoint)
            yield from _new_episode_without_interval(endpoint)


def _event_without_origin(endpoint: Endpoint) -> Iterator[Finding]:
    within = endpoint.definition.get("within", "")
    if endpoint.definition.get("origin") or read_time(within).anchor is not None:
        return
    yield Finding(
        "event-without-origin",
        Severity.GAP,
        f"{endpoint.label}: nothing says when the time to the event starts",
        f"It is counted within {within!r}, from no stated day. Randomization and the end of the "
        f"intervention give "
        "other numbers of events at risk.",
        (f"endpoints.{endpoint.name}",),
        "State definition.origin.",
    )


def _new_episode_without_interval(endpoint: Endpoint) -> Iterator[Finding]:
    new = endpoint.definition.get("new_episode", "no").casefold() not in ("no", "")
    if not new or endpoint.definition.get("free_interval"):
        return
    yield Finding(
        "new-episode-without-interval",
        Severity.GAP,
        f"{endpoint.label}: nothing says what makes an episode new",
        "It asks for a new episode in subjects who have the condition already; without an interval free "
        "of it, a "
        "bad day of the old episode counts.",
        (f"endpoints.{endpoint.name}",),
        "State definition.free_interval, e.g. '30 days without pain'.",
    )


def _all_stated(study: Study) -> list[tuple[str, str, list[StatedTime]]]:
    """Of every visit and endpoint: its key, its label, the times its sources state."""
    places = [(f"visits.{visit.name}", visit.label, visit.stated_times) for visit in study.visits]
    places += [(f"endpoints.{each.name}", each.label, each.stated_times) for each in study.endpoints]
    return [(where, label, [read_time(text) for text in texts]) for where, label, texts in places]


def _clash(study: Study, times: Sequence[StatedTime]) -> str:
    """The times on one scale, where they are apart; empty where they agree."""
    if len(times) < 2:
        return ""
    days = [_after_randomization(study, time) for time in times]
    known = [day for day in days if day is not None]
    same_anchor = len({time.anchor for time in times}) == 1
    if len(known) == len(times):
        apart = max(known) - min(known)
        if apart <= _SAME_DAYS:
            return ""
        parts = [f"{time.text!r} is day {plain(day, 0)}" for time, day in zip(times, known, strict=True)]
        return f"{'; '.join(parts)} after randomization: {plain(apart, 0)} days apart."
    if same_anchor and _spread([time.days or 0.0 for time in times]) <= _SAME_DAYS:
        return ""
    return f"{'; '.join(f'{time.text!r} counts from {time.anchor}' for time in times)}: not the same day."


def _spread(values: Sequence[float]) -> float:
    return max(values) - min(values)


def _after_randomization(study: Study, time: StatedTime) -> float | None:
    offset = study.days_after_randomization(time.anchor)
    return None if offset is None or time.days is None else offset + time.days
