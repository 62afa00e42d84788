"""``[sites.CODE]`` of ``study.toml``: where subjects come from, and in which time zone their days are."""

from __future__ import annotations

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from trialkit import permitted
from trialkit.nearest import advice
from trialkit.strict_toml import Section
from trialkit.study.model import Site


def read_sites(root: Section) -> tuple[Site, ...]:
    sites = []
    for code, table in root.named_sections("sites"):
        site = Site(
            code,
            table.text("name"),
            kind=table.text("kind", ""),
            time_zone=table.text("time_zone", "UTC"),
            target=table.optional_integer("target", within=permitted.PLANNED),
        )
        table.done()
        _require_zone(table, site.time_zone)
        sites.append(site)
    if not sites:
        root.fault("sites", "at least one table [sites.CODE]", "none")
    return tuple(sites)


def _require_zone(table: Section, name: str) -> None:
    """A zone that dates can be told in: a misspelt one would end the first entry of its site."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        zones = sorted(available_timezones())
        table.fault(
            "time_zone",
            "a time zone by its name, e.g. 'Asia/Shanghai' or 'UTC'",
            repr(name),
            advice(name, zones, otherwise="Take one of the IANA time zone database."),
        )
