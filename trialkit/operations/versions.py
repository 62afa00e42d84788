"""By which version each site works, and what was recorded of each version."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from trialkit.access import Actor
from trialkit.access.acts.versions import LIST_VERSIONS
from trialkit.operations.binding import today_at
from trialkit.operations.definitions import FOUNDED
from trialkit.operations.gate import Gate, reading
from trialkit.operations.trial import Trial


@dataclass(frozen=True, slots=True)
class VersionRecorded:
    number: int
    version: str
    sha256: str
    consent_version: str


@dataclass(frozen=True, slots=True)
class SiteVersion:
    """A version at a site: ``effective_on`` and the rest are empty for the one founded on."""

    site: str
    version: str
    effective_on: date | None
    approval: str
    activated_by: str
    activated_at: str
    in_force: bool


@dataclass(frozen=True, slots=True)
class Versions:
    recorded: tuple[VersionRecorded, ...]
    by_site: tuple[SiteVersion, ...]


def list_versions(trial: Trial, actor: Actor) -> Versions:
    """Every version, and those of the sites that the actor is shown.

    Raises
    ------
    AccessError
        No right.
    """
    with reading(trial, actor, LIST_VERSIONS) as gate:
        versions = trial.definitions.versions
        recorded = tuple(
            VersionRecorded(one.number, one.study.version, one.study.sha256, one.study.consent.version)
            for one in versions
        )
        sites = [site.code for site in trial.study.sites if gate.sites is None or site.code in gate.sites]
        return Versions(recorded, tuple(line for site in sites for line in _of_site(gate, site)))


def _of_site(gate: Gate, site: str) -> list[SiteVersion]:
    definitions = gate.trial.definitions
    now = definitions.in_force(site, today_at(gate, site)).number
    founded = definitions.version(FOUNDED).study.version
    return [
        SiteVersion(site, founded, None, "", "", "", now == FOUNDED),
        *(
            SiteVersion(
                site,
                definitions.version(one.number).study.version,
                one.effective_on,
                one.approval,
                one.account,
                one.at,
                now == one.number,
            )
            for one in definitions.at_site(site)
        ),
    ]
