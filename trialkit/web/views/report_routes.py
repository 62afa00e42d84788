"""Pages of numbers: recruitment, completeness, error rates, queries, safety."""

from __future__ import annotations

from trialkit.web.known import Known, MenuLine
from trialkit.web.views import analyses, audit_trail, documents, mistakes, reports, rights
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
    Known("/mistakes", {"GET": mistakes.listed}),
    Known("/audit-trail", {"GET": audit_trail.listed}),
    Known("/audit-trail/verification", {"GET": audit_trail.verified}),
    Known("/documents", {"GET": documents.listed}),
    Known("/documents/{name}", {"GET": documents.file}),
    Known("/instructions", {"GET": documents.instructions}),
    Known("/rights", {"GET": rights.table}),
    Known("/analyses", {"GET": analyses.listed}),
    Known("/analyses/{run}/{file}", {"GET": analyses.file}),
)

MENU: tuple[MenuLine, ...] = (
    MenuLine(said("Recruitment"), "/recruitment"),
    MenuLine(said("Reports"), "/reports"),
    MenuLine(said("Analyses"), "/analyses", "list_analyses"),
    MenuLine(said("Audit trail"), "/audit-trail", "read_trail"),
    MenuLine(said("Documents"), "/documents"),
)
