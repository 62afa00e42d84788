"""Every version of the study's definition, and which of them binds a site on a day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from trialkit.entry.rules import StudyRules
from trialkit.store.engine import Reader
from trialkit.store.reading.study import (
    ActivationState,
    StudyVersionState,
    activations,
    count_versions,
    study_versions,
)
from trialkit.study.arm_names import ArmNames, arm_names
from trialkit.study.asked import without_retired
from trialkit.study.load import study_from_texts
from trialkit.study.model import Study
from trialkit.study.unseen import without_what_tells

FOUNDED = 1
"""The number of the version that the study was founded on."""


@dataclass(frozen=True, eq=False)
class Version:
    """One version, read; what is asked of new forms is it without what is retired."""

    number: int
    study: Study

    @cached_property
    def rules(self) -> StudyRules:
        """The definition prepared for entry: items by name, branching parsed."""
        return StudyRules(self.study)

    @cached_property
    def rules_without_arms(self) -> StudyRules:
        """The same as whoever is blinded has it: without the forms and items that tell an arm."""
        return StudyRules(without_what_tells(self.study))

    @cached_property
    def _asked(self) -> StudyRules:
        return _asked(self.rules)

    @cached_property
    def _asked_without_arms(self) -> StudyRules:
        return _asked(self.rules_without_arms)

    def seen(self, *, blinded: bool) -> StudyRules:
        """With everything that was ever asked."""
        return self.rules_without_arms if blinded else self.rules

    def asked(self, *, blinded: bool) -> StudyRules:
        """As a form under this version is filled in."""
        return self._asked_without_arms if blinded else self._asked

    @cached_property
    def arm_names(self) -> ArmNames:
        return arm_names(self.study)

    def arm_names_in(self, languages: Iterable[Mapping[str, str]]) -> ArmNames:
        """The same with the study's labels in other languages."""
        return arm_names(self.study, languages)


def _asked(rules: StudyRules) -> StudyRules:
    study = without_retired(rules.study)
    return rules if study is rules.study else StudyRules(study)


@dataclass(frozen=True)
class _Known:
    """What was read at one moment; replaced as a whole, so that no thread sees half of a change."""

    versions: tuple[Version, ...]
    activations: tuple[ActivationState, ...]
    by_site: dict[str, tuple[ActivationState, ...]]
    current: Version
    # Of subjects who stood alike.
    planned: dict[Any, Any] = field(default_factory=dict, init=False, compare=False)

    @classmethod
    def of(cls, versions: Sequence[Version], made: Sequence[ActivationState]) -> _Known:
        by_site: dict[str, list[ActivationState]] = defaultdict(list)
        for one in made:
            by_site[one.site].append(one)
        newest = max((one.number for one in made), default=FOUNDED)
        return cls(
            tuple(versions),
            tuple(made),
            {site: tuple(found) for site, found in by_site.items()},
            next(version for version in versions if version.number == newest),
        )


class Definitions:
    """The versions of one study as an open handle knows them; whoever opens the gate looks for newer ones.

    ``current`` is the newest version that any site works by or will: it knows every item and visit of those
    before it, since what is no longer asked is retired and never removed.
    """

    def __init__(self, versions: Sequence[Version], made: Sequence[ActivationState]) -> None:
        self._known = _Known.of(versions, made)

    @classmethod
    def read(cls, reader: Reader) -> Definitions | None:
        """From a database; None where it holds no study."""
        versions = [_version(state) for state in study_versions(reader)]
        return cls(versions, activations(reader)) if versions else None

    def follow(self, reader: Reader) -> None:
        """Take up versions and activations that were recorded meanwhile."""
        known = self._known
        if count_versions(reader) == (len(known.versions), len(known.activations)):
            return
        have = {version.number: version for version in known.versions}
        states = study_versions(reader)
        versions = [have.get(state.number) or _version(state) for state in states]
        self._known = _Known.of(versions, activations(reader))

    @property
    def current(self) -> Version:
        return self._known.current

    @property
    def amended(self) -> bool:
        """Whether any site works, or will work, by another version than the one founded on."""
        return bool(self._known.activations)

    @property
    def planned(self) -> dict[Any, Any]:
        """What ``plan_in_force`` worked out under these versions; forgotten with them."""
        return self._known.planned

    @property
    def versions(self) -> tuple[Version, ...]:
        return self._known.versions

    @property
    def activations(self) -> tuple[ActivationState, ...]:
        return self._known.activations

    def version(self, number: int) -> Version:
        return next(version for version in self._known.versions if version.number == number)

    def at_site(self, site: str) -> tuple[ActivationState, ...]:
        """What was activated at a site, in order."""
        return self._known.by_site.get(site, ())

    def in_force(self, site: str, day: date) -> Version:
        """The version that binds a site on a day: the last one that took effect by then."""
        effective = [one.number for one in self.at_site(site) if one.effective_on <= day]
        return self.version(max(effective, default=FOUNDED))

    def of_site(self, site: str) -> tuple[Version, ...]:
        """The versions a site has worked or will work by, the oldest first."""
        numbers = sorted({FOUNDED, *(one.number for one in self.at_site(site))})
        return tuple(self.version(number) for number in numbers)


def _version(state: StudyVersionState) -> Version:
    return Version(state.number, study_from_texts(state.definition_text, state.dictionary_text))
