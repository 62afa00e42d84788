"""Reports: numbers that an operation counted, as tables, with a chart of each drawn on the server."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date

from starlette.responses import Response

from trialkit.entry import FormStatus, QueryStatus
from trialkit.numbers import plain
from trialkit.operations import error_rates, list_queries, list_serious_events, recruitment_counts
from trialkit.operations.balance import RecruitmentCounts
from trialkit.operations.open_forms import count_forms
from trialkit.study.model import Site
from trialkit.web.asking import Asked, NotHereError
from trialkit.web.charts import Bar, Course, bars, course
from trialkit.web.pages import SHAPES
from trialkit.web.value_shown import labelled
from trialkit.wording import said, translated
from trialkit.wording.catalogues import translator

AGES = ((0, 7), (8, 14), (15, 30), (31, None))
"""Days from and to, both counted, of the bands of a query's age."""


def listed(asked: Asked) -> Response:
    return asked.page("reports.html")


def recruitment(asked: Asked) -> Response:
    counts = recruitment_counts(asked.trial, asked.actor)
    sites = _sites(asked)
    return asked.page("recruitment.html", counts=counts, months=_months(counts), sites=sites)


def recruitment_chart(asked: Asked) -> Response:
    """Randomized subjects by site against the target, and by month."""
    counts = recruitment_counts(asked.trial, asked.actor)
    if asked.at("which") == "months":
        months = _months(counts)
        reached, total = [], 0
        for month in months:
            total += sum(n for (_, at), n in counts.randomized.items() if at == month)
            reached.append(total)
        targets = [site.target for site in _sites(asked)]
        goal = None if None in targets else sum(target for target in targets if target is not None)
        title = _words(asked, said("Randomized, cumulative, by month"))
        return _image(asked, course(title, Course(tuple(months), tuple(reached), goal)))
    if asked.at("which") != "sites":
        raise NotHereError
    rows = []
    for site in _sites(asked):
        n = sum(count for (code, _), count in counts.randomized.items() if code == site.code)
        text = (
            str(n) if site.target is None else _words(asked, said("{n} of {target}", n=n, target=site.target))
        )
        rows.append(Bar(f"{site.code} {_label(asked, site.name)}", (n,), text, site.target))
    return _image(asked, bars(_words(asked, said("Randomized by site, against the target")), rows))


def _months(counts: RecruitmentCounts) -> list[str]:
    """Every month from the first to the last, those without anybody too."""
    found = sorted(month for _, month in counts.randomized)
    if not found:
        return []
    year, month = map(int, found[0].split("-"))
    months = [found[0]]
    while months[-1] < found[-1]:
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
        months.append(date(year, month, 1).isoformat()[:7])
    return months


def _sites(asked: Asked) -> list[Site]:
    return [site for site in asked.trial.study.sites if asked.actor.site in (None, site.code)]


Counts = dict[str, Counter[FormStatus]]


def _completeness(asked: Asked) -> tuple[Counts, Counts]:
    """States of forms by form and by site. A typist is told none: it would tell of the other entry."""
    if asked.actor.types_blindly:
        raise NotHereError
    by_form: Counts = {}
    by_site: Counts = {}
    for (site, form, status), n in count_forms(asked.trial, asked.actor).items():
        by_form.setdefault(form, Counter())[status] += n
        by_site.setdefault(site, Counter())[status] += n
    return by_form, by_site


def completeness(asked: Asked) -> Response:
    by_form, by_site = _completeness(asked)
    order = [form.name for form in asked.trial.study.forms if form.name in by_form]
    return asked.page(
        "completeness.html",
        by_form={name: by_form[name] for name in order},
        by_site=dict(sorted(by_site.items())),
        states=list(SHAPES),
    )


def completeness_chart(asked: Asked) -> Response:
    by_form, _ = _completeness(asked)
    rows = []
    for form in asked.trial.study.forms:
        states = by_form.get(form.name)
        if states:
            done = states[FormStatus.COMPLETE] + states[FormStatus.NOT_DONE]
            total = sum(states.values())
            text = _words(asked, said("{n} of {total}", n=done, total=total))
            rows.append(Bar(_label(asked, form.label), (done, total - done), text))
    return _image(asked, bars(_words(asked, said("Forms complete or not done, of those expected")), rows))


def errors(asked: Asked) -> Response:
    """Rates an item of double entry: between the passes, and of each clerk against the final record."""
    rates = error_rates(asked.trial, asked.actor)
    return asked.page("error_rates.html", rates=rates)


def errors_chart(asked: Asked) -> Response:
    rates = error_rates(asked.trial, asked.actor)
    rows = [
        Bar(rates.person(rate.clerk), (rate.per_10000,), f"{plain(rate.per_10000, 1)}")
        for rate in rates.clerks
        if rate.by == "all" and rate.fields
    ]
    return _image(asked, bars(_words(asked, said("Errors in 10,000 fields, by clerk")), rows))


def _ages(asked: Asked) -> dict[tuple[int, int | None], Counter[QueryStatus]]:
    found: dict[tuple[int, int | None], Counter[QueryStatus]] = {band: Counter() for band in AGES}
    for query in list_queries(asked.trial, asked.actor):
        band = next(band for band in AGES if band[1] is None or query.age_days <= band[1])
        found[band][query.status] += 1
    return found


def queries(asked: Asked) -> Response:
    states = (QueryStatus.OPEN, QueryStatus.ANSWERED, QueryStatus.REOPENED)
    oldest = list_queries(asked.trial, asked.actor)[:20]
    return asked.page("query_ages.html", ages=_ages(asked), states=states, oldest=oldest)


def queries_chart(asked: Asked) -> Response:
    rows = []
    for (low, high), states in _ages(asked).items():
        n = sum(states.values())
        band = said("{low} to {high} days", low=low, high=high) if high else said("from {low} days", low=low)
        rows.append(Bar(_words(asked, band), (n,), str(n)))
    return _image(asked, bars(_words(asked, said("Queries that are not closed, by age")), rows))


def safety(asked: Asked) -> Response:
    """Serious events with the clocks of their reports; no arm."""
    return asked.page(
        "safety.html", events=list_serious_events(asked.trial, asked.actor), now=asked.web.now()
    )


def _words(asked: Asked, text: str) -> str:
    return translated(text, translator(asked.language))


def _label(asked: Asked, text: str) -> str:
    return labelled(text, asked.web.labels.get(asked.language, {}), translator(asked.language))


def _image(asked: Asked, drawing: str) -> Response:
    return Response(drawing, media_type="image/svg+xml")


CHARTS: dict[str, Callable[[Asked], Response]] = {
    "completeness": completeness_chart,
    "errors": errors_chart,
    "queries": queries_chart,
}


def chart(asked: Asked) -> Response:
    draw = CHARTS.get(asked.at("which"))
    if draw is None:
        raise NotHereError
    return draw(asked)
