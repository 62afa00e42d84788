from trialkit.plan.model import (
    PublishedResult as PublishedResult,
)
from trialkit.report.delivery import (
    Delivered as Delivered,
    deliver as deliver,
)
from trialkit.report.errors import (
    ReportError as ReportError,
)
from trialkit.report.facts import (
    TrialFacts as TrialFacts,
    TrueEffect as TrueEffect,
    Truth as Truth,
    trial_facts as trial_facts,
)
from trialkit.report.page import (
    report_page as report_page,
    write_report as write_report,
)
