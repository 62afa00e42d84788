"""Lists to read: discrepancies between two entries, and recruitment."""

from __future__ import annotations

from starlette.responses import Response

from trialkit.operations import recruitment_counts
from trialkit.operations.worklist import discrepancy_worklist
from trialkit.web.asking import Asked


def discrepancies(asked: Asked) -> Response:
    rows = discrepancy_worklist(asked.trial, asked.actor, only_open=True)
    return asked.page("discrepancies.html", rows=rows)


def recruitment(asked: Asked) -> Response:
    counts = recruitment_counts(asked.trial, asked.actor)
    months = sorted({month for _, month in counts.randomized})
    sites = [site for site in asked.trial.study.sites if asked.actor.site in (None, site.code)]
    return asked.page("recruitment.html", counts=counts, months=months, sites=sites)
