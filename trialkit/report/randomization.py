"""The randomization report: recruitment, balance for those who may see it, and the certificate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from trialkit import numbers
from trialkit.documents.page import Block, Entry, Figure, Page, Section
from trialkit.documents.table import Cell, Column, Row, Table
from trialkit.figures.recruitment import draw_recruitment, draw_sites
from trialkit.numbers import plain
from trialkit.report.certificate import ListFacts, certificate_entry
from trialkit.report.told import consecutive_months
from trialkit.study.model import Site, Study


@dataclass(frozen=True, slots=True)
class RandomizationFacts:
    """What the report is made from.

    ``randomized`` is (site, ``YYYY-MM``) -> subjects; ``mistakes`` kind -> subjects. ``balance`` is
    (factor, level, arm) -> subjects, with the factor empty for the whole trial; None for readers who may
    not see it.
    """

    sites: Sequence[str]
    screened: Mapping[str, int]
    randomized: Mapping[tuple[str, str], int]
    undated: int
    mistakes: Mapping[str, int]
    lists: Sequence[ListFacts]
    audit_number: int
    audit_hash: str
    at: str
    withdrawn: int = 0
    emergency_unblindings: int = 0
    balance: Mapping[tuple[str, str, str], int] | None = None

    @property
    def total(self) -> int:
        return sum(self.randomized.values()) + self.undated


def randomization_page(study: Study, facts: RandomizationFacts) -> Page:
    """The report as a page.

    Parameters
    ----------
    study
        For names, targets and the stated concealment.
    facts
        As far as the reader may know them.
    """
    sections = [Section("recruitment", "Recruitment", (_recruitment(study, facts),))]
    if facts.balance is not None:
        sections.append(Section("balance", "Balance of the arms", (_balance(study, facts.balance),)))
    certificate = certificate_entry(
        study,
        randomized=(_at(study, facts), facts.total),
        mistakes=facts.mistakes,
        since=(facts.withdrawn, facts.emergency_unblindings),
        lists=facts.lists,
        audit=(facts.audit_number, facts.audit_hash, facts.at),
    )
    sections.append(Section("certificate", "Certificate", (certificate,)))
    target = _target(study, facts)
    return Page(
        title="Randomization report",
        kicker=f"Study {study.id}",
        state="with arms: keep from blinded readers" if facts.balance is not None else "without arms",
        state_tone="draft" if facts.balance is not None else "final",
        facts=(
            (f"Randomized{_at(study, facts)}", f"{facts.total} of {target}" if target else str(facts.total)),
            ("Withdrawn since", str(facts.withdrawn)),
            ("Emergency unblindings", str(facts.emergency_unblindings)),
            ("Audit record", str(facts.audit_number)),
            ("As of", facts.at[:16].replace("T", " ")),
        ),
        sections=tuple(sections),
        watermark="DEMONSTRATION" if study.demonstration else "",
        footer=f"Audit hash {facts.audit_hash}",
    )


def _target(study: Study, facts: RandomizationFacts) -> int | None:
    """The target of the sites that are counted: the whole trial's, or that of the one site."""
    if len(facts.sites) < len(study.sites):
        return study.site(facts.sites[0]).target
    return study.sample_size.total if study.sample_size else None


def _at(study: Study, facts: RandomizationFacts) -> str:
    """What follows the word "randomized" where the counts are of one site."""
    return f" at {facts.sites[0]}" if len(facts.sites) < len(study.sites) else ""


def _recruitment(study: Study, facts: RandomizationFacts) -> Entry:
    done = Counter[str]()
    for (code, _), n in facts.randomized.items():
        done[code] += n
    here = [site for site in study.sites if site.code in facts.sites]
    blocks: list[Block] = [_by_site(study, facts, here, done), _sites_figure(here, done)]
    if facts.randomized:
        blocks += [_months_figure(study, facts), _by_month(study, facts)]
    notes = []
    if facts.undated:
        notes.append(f"{facts.undated} allocated elsewhere on an unknown day.")
    if again := facts.mistakes.get("duplicate", 0):
        notes.append(f"{again} not counted: the second number of a person randomized under two.")
    sentences = tuple(map(Cell, notes))
    return Entry("recruitment-now", "Recruitment against target", tuple(blocks), notes=sentences)


def _by_site(
    study: Study, facts: RandomizationFacts, sites: Sequence[Site], done: Mapping[str, int]
) -> Table:
    rows = [
        _site_row(f"{site.code}  {site.name}", facts.screened.get(site.code, 0), done[site.code], site.target)
        for site in sites
    ]
    if len(rows) > 1:
        rows.append(_site_row("All", sum(facts.screened.values()), sum(done.values()), _target(study, facts)))
    return Table(
        number="1",
        title="Subjects screened and randomized, by site",
        columns=(
            Column("Site"),
            Column("Screened"),
            Column("Randomized"),
            Column("Target"),
            Column("Of target", note="%"),
        ),
        rows=tuple(rows),
        method="Counted in the database.",
    )


def _site_row(label: str, screened: int, done: int, target: int | None) -> Row:
    share = Cell(f"{plain(100 * done / target, 0)}") if target else Cell("", reason="no target stated")
    planned = Cell(numbers.integer(target)) if target else Cell("", reason="no target stated")
    return Row(label, (Cell(numbers.integer(screened)), Cell(numbers.integer(done)), planned, share))


def _sites_figure(sites: Sequence[Site], done: Mapping[str, int]) -> Figure:
    said = ", ".join(
        f"{site.code} {done[site.code]}" + (f" of {site.target}" if site.target else "") for site in sites
    )
    counts, targets = [done[site.code] for site in sites], [site.target for site in sites]
    return Figure(
        number="1",
        title="Recruitment against target, by site",
        drawing=draw_sites([site.code for site in sites], counts, targets, "randomization-report-1", said),
        alt=f"Bars by site with the target as a line: {said}.",
        method="Counted in the database.",
    )


def _months(facts: RandomizationFacts) -> list[str]:
    present = [month for _, month in facts.randomized]
    return consecutive_months(min(present), max(present))


def _months_figure(study: Study, facts: RandomizationFacts) -> Figure:
    by_month = Counter[str]()
    for (_, month), n in facts.randomized.items():
        by_month[month] += n
    months = _months(facts)
    alt = f"Bars by month with running total: {sum(by_month.values())} subjects randomized."
    counts = [by_month[month] for month in months]
    return Figure(
        number="2",
        title="Recruitment by month",
        drawing=draw_recruitment(months, counts, _target(study, facts), "randomization-report-2", alt),
        alt=alt,
        method="Counted by the month of randomization at the site.",
    )


def _by_month(study: Study, facts: RandomizationFacts) -> Table:
    sites = [site.code for site in study.sites if site.code in facts.sites]
    rows, running = [], 0
    for month in _months(facts):
        counts = [facts.randomized.get((site, month), 0) for site in sites]
        running += sum(counts)
        rows.append(Row(month, tuple(Cell(str(n)) for n in (*counts, sum(counts), running))))
    return Table(
        number="2",
        title="Subjects randomized, by month and site",
        columns=(Column("Month"), *(Column(site) for site in sites), Column("All"), Column("In total")),
        rows=tuple(rows),
        method="Counted by the month of randomization at the site.",
    )


def _balance(study: Study, balance: Mapping[tuple[str, str, str], int]) -> Entry:
    arms = [arm.name for arm in study.arms]
    groups: list[tuple[str, str, str]] = [("", "", "Whole trial")]
    for factor in study.factors:
        groups += [
            (factor.name, level, f"{factor.name}: {study.level_shown(factor.name, level)}")
            for level in factor.levels
        ]
    rows = []
    for factor_name, level, label in groups:
        counts = [balance.get((factor_name, level, arm), 0) for arm in arms]
        shares = [n / arm.ratio for n, arm in zip(counts, study.arms, strict=True)]
        cells = (*(Cell(str(n)) for n in counts), Cell(f"{max(shares) - min(shares):g}"))
        rows.append(Row(label, cells))
    table = Table(
        number="B1",
        title="Subjects by arm, overall and by factor",
        columns=(
            Column("Group"),
            *(Column(arm.label) for arm in study.arms),
            Column("Imbalance", note="largest less smallest, by ratio"),
        ),
        rows=tuple(rows),
        population="All randomized subjects, each person once, by the values as randomized",
        method="Counted from the allocations.",
    )
    return Entry("balance-now", "Subjects by arm", (table,))
