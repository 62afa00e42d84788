"""Lists to read: recruitment."""

from __future__ import annotations

from starlette.responses import Response

from trialkit.operations import recruitment_counts
from trialkit.web.asking import Asked


def recruitment(asked: Asked) -> Response:
    counts = recruitment_counts(asked.trial, asked.actor)
    months = sorted({month for _, month in counts.randomized})
    sites = [site for site in asked.trial.study.sites if asked.actor.site in (None, site.code)]
    return asked.page("recruitment.html", counts=counts, months=months, sites=sites)
