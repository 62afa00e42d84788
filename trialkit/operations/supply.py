"""What may be said of the list to whom: names and promises to all, counts to few, arms to nobody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import product
from typing import Any

from trialkit.access import Actor
from trialkit.access.acts.reading import COUNT_SUPPLY, VIEW_SUPPLY
from trialkit.operations.anchoring import suspension
from trialkit.operations.gate import reading
from trialkit.operations.recruitment import not_open
from trialkit.operations.trial import Trial
from trialkit.randomization import BundleHeader, remaining_supply
from trialkit.randomization.canonical import stratum_label
from trialkit.store.reading.allocations import ScheduleState, sealings
from trialkit.store.reading.recruitment import stratum_use
from trialkit.study.model import Study


@dataclass(frozen=True, slots=True)
class ScheduleInUse:
    """``bundle_digest`` is of the bundle committed to; ``resealed`` of each later sealing, in order."""

    schedule_id: str
    commitment: str
    bundle_digest: str
    resealed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StratumSupply:
    """``supply`` is "enough" or "low", and "exhausted" for whoever may count; counts are None for the others.

    The last slot of a list ends a block: whoever enrols is told of it by the refusal, and not before.
    """

    label: str
    supply: str
    used: int | None = None
    left: int | None = None
    shown: str = ""
    """The stratum with labels beside its codes, ``sex 1 (Female), site A``; empty where no code has one."""


@dataclass(frozen=True, slots=True)
class Supply:
    schedules: tuple[ScheduleInUse, ...]
    not_open: tuple[str, ...]
    suspended: str | None
    strata: tuple[StratumSupply, ...]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def supply_of(trial: Trial, actor: Actor) -> Supply:
    """How the lists stand: the strata of the actor's sites, with numbers where the role may count.

    Raises
    ------
    AccessError
        No right.
    """
    with reading(trial, actor, VIEW_SUPPLY) as gate:
        counted, reader = gate.permits(COUNT_SUPPLY), gate.reader
        suspended = suspension(trial, reader)
        every_sealing = sealings(reader)
        shut = not_open(reader)
        use = stratum_use(reader)
    header = every_sealing[-1].header_json if every_sealing else None
    here = None
    if gate.sites is not None:
        here = set() if header is None else _labels_at(trial, header, sorted(gate.sites))
    strata, in_words = [], _in_words(trial.study)
    for stratum in use:
        if here is not None and stratum.label not in here:
            continue
        left = stratum.slots - stratum.used
        supply = "exhausted" if counted and not left else remaining_supply(left)
        used, free = (stratum.used, left) if counted else (None, None)
        strata.append(StratumSupply(stratum.label, supply, used, free, in_words.get(stratum.label, "")))
    return Supply(
        _in_use(every_sealing),
        tuple(f"{name or 'the study'}: {state}" for (_, name), state in sorted(shut.items())),
        suspended,
        tuple(strata),
    )


def strata_of(study: Study) -> dict[str, dict[str, str]]:
    """Label of each stratum of a study -> its level of every factor, in the study's order of factors."""
    names = [factor.name for factor in study.factors]
    combinations = product(*(factor.levels for factor in study.factors))
    every = (dict(zip(names, chosen, strict=True)) for chosen in combinations)
    return {stratum_label(levels): levels for levels in every}


def _in_words(study: Study) -> dict[str, str]:
    """Label of a stratum -> its levels with their labels, where any has one."""
    found = {}
    for label, levels in strata_of(study).items():
        shown = {name: study.level_shown(name, level) for name, level in levels.items()}
        if shown != levels:
            found[label] = ", ".join(f"{name} {level}" for name, level in shown.items())
    return found


def _in_use(every_sealing: Sequence[ScheduleState]) -> tuple[ScheduleInUse, ...]:
    by_list: dict[int, list[ScheduleState]] = {}
    for sealing in every_sealing:
        by_list.setdefault(sealing.id, []).append(sealing)
    return tuple(
        ScheduleInUse(
            first.schedule_id, first.commitment, first.bundle_digest, tuple(s.bundle_digest for s in later)
        )
        for first, *later in by_list.values()
    )


def _labels_at(trial: Trial, header_json: str, sites: Sequence[str]) -> set[str]:
    """Labels of the strata that these sites have; all of them where the list does not stratify by site."""
    header = BundleHeader.from_json(header_json)
    by_site = {factor.name for factor in trial.study.factors if factor.item is None}
    names = [name for name, _ in header.factors]
    levels = [list(sites) if name in by_site else list(known) for name, known in header.factors]
    return {header.stratum_of(dict(zip(names, chosen, strict=True))) for chosen in product(*levels)}
