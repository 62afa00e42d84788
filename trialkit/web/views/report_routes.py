"""Pages of numbers: recruitment, completeness, error rates, queries, safety."""

from __future__ import annotations

from trialkit.web.known import Known, MenuLine
from trialkit.web.views import analyses, reports
from trialkit.wording import said

ROUTES: tuple[Known, ...] = (
    Known("/recruitment", {"GET": reports.recruitment}),
    Known("/recruitment/{which}.svg", {"GET": reports.recruitment_chart}),
    Known("/reports", {"GET": reports.listed}),
    Known("/reports/completeness", {"GET": reports.completeness}),
    Known("/reports/errors", {"GET": reports.errors}),
    Known("/reports/queries", {"GET": reports.queries}),
    Known("/reports/safety", {"GET": reports.safety}),
    Known("/reports/{which}.svg", {"GET": reports.chart}),
    Known("/analyses", {"GET": analyses.listed}),
    Known("/analyses/{run}/{file}", {"GET": analyses.file}),
)

MENU: tuple[MenuLine, ...] = (
    MenuLine(said("Recruitment"), "/recruitment"),
    MenuLine(said("Reports"), "/reports"),
    MenuLine(said("Analyses"), "/analyses", "list_analyses"),
)
