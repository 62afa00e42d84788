"""The end of data capture: what stands against it, freezing, the lock."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from starlette.responses import Response

from trialkit.errors import TrialkitError
from trialkit.operations import (
    FreezeScope,
    freeze,
    lift_freeze,
    lock,
    lock_place,
    obstacles,
    unlock,
    unlock_place,
)
from trialkit.operations.closing_state import closing_state
from trialkit.study.model import Study
from trialkit.web.asking import Asked, NotHereError, new_request_key
from trialkit.web.obstacles import ObstacleShown, in_labels, obstacle_shown
from trialkit.web.once import Done, once
from trialkit.web.views.record import proved_again
from trialkit.wording import said

_SHOWN = 25  # lines of one kind: a page of a thousand lines is read by nobody
_AT_ONCE = 100  # of a kind that was asked for, a page


def ask(asked: Asked) -> Response:
    return _page(asked)


def _page(asked: Asked, error: TrialkitError | None = None) -> Response:
    within = asked.request.query_params.get("within", "").strip()
    kind, start = asked.request.query_params.get("kind", ""), _start(asked)
    lines = slice(start, start + _AT_ONCE) if kind else slice(_SHOWN)
    against = _grouped(asked.trial.study, obstacles(asked.trial, asked.actor), within, kind, lines)
    standing = closing_state(asked.trial, asked.actor)
    return asked.page(
        "closing.html",
        groups=against,
        total=sum(group.count for group in against),
        within=within,
        kind=kind,
        start=start,
        at_once=_AT_ONCE,
        standing=standing,
        scopes=tuple(FreezeScope),
        typed=asked.form,
        place=asked.request.query_params.get("place", ""),
        error=error,
        keys=tuple(new_request_key() for _ in range(3)),
        status=HTTPStatus.CONFLICT if error else HTTPStatus.OK,
    )


def _start(asked: Asked) -> int:
    sent = asked.request.query_params.get("from", "0")
    return int(sent) if sent.isascii() and sent.isdecimal() and len(sent) < 9 else 0


@dataclass(frozen=True, slots=True)
class Group:
    """Obstacles of one kind; ``lines`` are those of them that the page shows."""

    kind: str
    count: int
    places: int
    lines: tuple[ObstacleShown, ...]


def _grouped(study: Study, told: Sequence[str], within: str, kind: str, lines: slice) -> list[Group]:
    """By kind, the commonest first, or one ``kind`` alone; of each the ``lines`` that are shown.

    ``within`` leaves those of a subject, or of a place that begins so.
    """
    kinds: dict[str, list[ObstacleShown]] = {}
    for one in (obstacle_shown(study, line) for line in told):
        if one.place.startswith(within) and kind in ("", one.kind):
            kinds.setdefault(one.kind, []).append(one)
    groups = [
        Group(name, sum(one.count for one in found), len(found), tuple(found[lines]))
        for name, found in kinds.items()
    ]
    return sorted(groups, key=lambda group: -group.count)


def frozen(asked: Asked) -> Response:
    """Freeze data, or lift a freeze."""
    act = {"freeze": freeze, "lift": lift_freeze}.get(asked.form.get("step", ""))
    scope = asked.form.get("scope", "")
    if act is None or scope not in set(FreezeScope):
        raise NotHereError

    def do() -> Done:
        place = asked.form.get("place", "").strip()
        reason = asked.form.get("reason", "")
        done = act(asked.trial, asked.actor, scope=FreezeScope(scope), place=place, reason=reason)
        place = in_labels(asked.trial.study, done.place) or said("the study")
        words = said("Frozen: {place}", place=place)
        lifted = said("No longer frozen: {place}", place=place)
        return Done(words if done.frozen else lifted, (), "/closing", said("To closing"))

    return _once(asked, do)


def locked(asked: Asked) -> Response:
    """Lock the study or lift its lock; signed with the password."""
    step = asked.form.get("step", "")

    def do() -> Done:
        reason = asked.form.get("reason", "")
        if step == "unlock":
            unlock(asked.trial, proved_again(asked), reason=reason)
            return Done(said("The lock is lifted"), (), "/closing", said("To closing"))
        done = lock(asked.trial, proved_again(asked), reason=reason)
        lines = (said("Bound to the content {digest}", digest=done.content_sha256[:16]),)
        return Done(said("The study is locked"), lines, "/closing", said("To closing"))

    if step not in ("lock", "unlock"):
        raise NotHereError
    return _once(asked, do)


def place_locked(asked: Asked) -> Response:
    """Lock a form, a subject or a site, or lift its lock; signed with the password."""
    step = {"lock": lock_place, "unlock": unlock_place}.get(asked.form.get("step", ""))
    scope = asked.form.get("scope", "")
    if step is None or scope not in set(FreezeScope):
        raise NotHereError

    def do() -> Done:
        done = step(
            asked.trial,
            proved_again(asked),
            scope=FreezeScope(scope),
            place=asked.form.get("place", "").strip(),
            reason=asked.form.get("reason", ""),
        )
        place = in_labels(asked.trial.study, done.place)
        words = said("Locked: {place}", place=place)
        lifted = said("No longer locked: {place}", place=place)
        lines = (said("Bound to the content {digest}", digest=done.content_sha256[:16]),)
        return Done(words if done.locked else lifted, lines, "/closing", said("To closing"))

    return _once(asked, do)


def _once(asked: Asked, act: Callable[[], Done]) -> Response:
    try:
        return once(asked, act)
    except TrialkitError as error:
        return _page(asked, error)
