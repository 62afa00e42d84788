"""What is closed against an act: places that a lock or a freeze holds, of a form up to the whole study."""

from __future__ import annotations

from collections.abc import Collection

from trialkit.access import Act
from trialkit.operations.errors import OperationError
from trialkit.store.engine import Reader
from trialkit.store.reading.forms import FormKey
from trialkit.store.reading.review import frozen_places
from trialkit.store.reading.study import lock_stands
from trialkit.store.reading.subjects import sites_of
from trialkit.store.refusals import by_the_lock
from trialkit.wording import said

Place = tuple[str, str]
"""(scope, place)"""


def require_not_closed(reader: Reader, act: Act) -> None:
    """Say the lock before anything else that may be wrong with an act that no locked study takes.

    Raises
    ------
    StoreError
        As the database would at the end.
    """
    if act.closed_by_lock and lock_stands(reader):
        raise by_the_lock()


def locked_keys(reader: Reader, locked: Collection[Place], keys: Collection[FormKey]) -> set[FormKey]:
    """Those of these forms that are locked, by themselves, their subject or their site."""
    if not locked:
        return set()
    sites = sites_of(reader, {key[0] for key in keys})
    return {
        key
        for key in keys
        if not {("site", sites[key[0]]), ("subject", key[0]), ("form", "/".join(key))}.isdisjoint(locked)
    }


def closed_keys(reader: Reader, locked: Collection[Place], keys: Collection[FormKey]) -> set[FormKey]:
    """Those of these forms that a lock or a freeze holds, of the form up to the whole study."""
    held = {*locked, *frozen_places(reader)}
    if ("study", "") in held or lock_stands(reader):
        return set(keys)
    return locked_keys(reader, held, keys)


def require_unlocked(locked: Collection[Place], sites: Collection[str], subject_ids: Collection[str]) -> None:
    """Refuse to write about a subject, or a site, that is locked.

    Raises
    ------
    OperationError
        One is.
    """
    for scope, names in (("site", sites), ("subject", subject_ids)):
        for name in sorted(names):
            if (scope, name) in locked:
                raise _locked_here(scope, name, name)


def require_forms_unlocked(locked: Collection[Place], places: Collection[FormKey]) -> None:
    """Refuse to say anything about a form that is locked by itself.

    Raises
    ------
    OperationError
        It is.
    """
    for where in sorted("/".join(place) for place in places):
        if ("form", where) in locked:
            raise _locked_here("form", where, where)


def require_not_frozen(reader: Reader, places: Collection[FormKey]) -> None:
    """Refuse to change a form that is frozen, by itself, its subject, its site or the study.

    Raises
    ------
    OperationError
        It is.
    """
    frozen = frozen_places(reader)
    if not frozen:
        return
    sites = sites_of(reader, {place[0] for place in places})
    for place in sorted(places):
        where = "/".join(place)
        above = (("study", ""), ("site", sites[place[0]]), ("subject", place[0]), ("form", where))
        for scope, name in above:
            if (scope, name) in frozen:
                raise OperationError(
                    expected="data that are not frozen",
                    found=said("a freeze of the {scope} {name}", scope=scope, name=name),
                    where=where,
                    next_step="Ask the data manager to lift it, with a reason.",
                )


def _locked_here(scope: str, name: str, where: str) -> OperationError:
    return OperationError(
        expected="data that are not locked",
        found=said("a lock of the {scope} {name}", scope=scope, name=name),
        where=where,
        next_step="Ask the data manager to lift it, with a reason.",
    )
