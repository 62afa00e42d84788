"""The study at a glance: arms, sites, visits, and a table of forms by visits."""

from __future__ import annotations

from trialkit.study.model import Form, Study, Visit
from trialkit.vocabulary import EntryMode

LEGEND = (
    "1 entered once, 2 entered twice, + rows repeat, ? only when something happened, * tells the arm "
    "(hidden from "
    "blinded roles)"
)


def schedule_text(study: Study) -> str:
    """The schedule as lines of text, for a terminal or a log."""
    return "\n".join([*_arms(study), "", *_sites(study), "", *_visits(study), "", *_table(study), "", LEGEND])


def cell(form: Form, visit: str) -> str:
    """What stands in the table where a form meets a visit; empty where it is not filled in."""
    if visit not in form.visits:
        return ""
    passes = "2" if form.entry is EntryMode.DOUBLE else "1"
    return passes + ("+" if form.repeating else "") + ("?" if form.optional else "")


def window_text(visit: Visit) -> str:
    """``day 365 (335 to 425) after randomization``, or what is missing of it."""
    if visit.anchor is None or visit.target_days is None:
        return "no anchor or no day stated"
    window = f" ({visit.window_days[0]} to {visit.window_days[1]})" if visit.window_days else ", no window"
    return f"day {visit.target_days}{window} after {visit.anchor.replace('_', ' ')}"


def _arms(study: Study) -> list[str]:
    lines = ["Arms"]
    lines += [f"  {arm.name} ({arm.role}, ratio {arm.ratio}): {arm.label}" for arm in study.arms]
    factors = ", ".join(f"{factor.name} ({len(factor.levels)})" for factor in study.factors)
    strata = 1
    for factor in study.factors:
        strata *= len(factor.levels)
    method = study.randomization.method.replace("_", " ")
    by = f", by {factors}: {strata} strata" if factors else ""
    return [*lines, f"  randomization: {method}{by}"]


def _sites(study: Study) -> list[str]:
    lines = ["Sites"]
    for site in study.sites:
        target = f", target {site.target}" if site.target is not None else ""
        lines.append(f"  {site.code}: {site.name}{target}")
    return lines


def _visits(study: Study) -> list[str]:
    width = max(len(visit.name) for visit in study.visits)
    return ["Visits", *(f"  {visit.name:<{width}}  {window_text(visit)}" for visit in study.visits)]


def _table(study: Study) -> list[str]:
    names = [visit.name for visit in study.visits]
    labels = [form.label + (" *" if form.reveals_allocation else "") for form in study.forms]
    first = max(len(label) for label in [*labels, "Forms"]) + 2
    lines = ["Forms".ljust(first) + "  ".join(names)]
    for form, label in zip(study.forms, labels, strict=True):
        cells = "  ".join(cell(form, name).center(len(name)) for name in names)
        lines.append((label.ljust(first) + cells).rstrip())
    return lines
