"""The names of people: what a page says of who did something, where a login is for signing in."""

from __future__ import annotations

from collections import Counter

from trialkit.access import Actor
from trialkit.access.acts.reading import READ_TRAIL
from trialkit.operations.gate import Gate, reading
from trialkit.operations.trial import Trial
from trialkit.store.reading.accounts import accounts


def names_of_people(trial: Trial, actor: Actor) -> dict[str, str]:
    """Login to the person's name, of every account that ever was; namesakes have their login beside it.

    Raises
    ------
    AccessError
        The account does not hold the role.
    """
    with reading(trial, actor, READ_TRAIL) as gate:
        return names_at(gate)


def names_at(gate: Gate) -> dict[str, str]:
    """The same, inside of an act."""
    names = {one.login: one.person_name for one in accounts(gate.reader)}
    times = Counter(names.values())
    return {login: name if times[name] == 1 else f"{name} ({login})" for login, name in names.items()}
