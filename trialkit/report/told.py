"""What a report prints and no entry of the plan computes, as results: recruitment, the truth, publications.

They stand in ``results.csv`` and ``results.json`` under names that begin with ``_``, which no entry of a plan
may, so that every number of a page has a row to come from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from trialkit import numbers
from trialkit.analysis.modes import Mode
from trialkit.analysis.results import AnalysisResult, Results
from trialkit.report.published_words import PARTS, remarks, turn

if TYPE_CHECKING:
    import pandas as pd

    from trialkit.plan.model import PublishedResult
    from trialkit.report.facts import TrialFacts, Truth

RECRUITMENT, TRUTH, PUBLISHED = "_recruitment", "_truth", "_published"
ALL_SITES = "All"


def with_told(
    results: Results,
    facts: TrialFacts | None = None,
    truth: Truth | None = None,
    published: Sequence[PublishedResult] = (),
) -> Results:
    """The results with what else the report of them prints, in ``told``; what has no number is left out.

    Of groups that are masked, coded or shuffled, the effects that the simulator knows are not told.
    """
    told = [
        _recruitment(facts.recruitment, dict(facts.site_labels), facts.target)
        if facts is not None and facts.recruitment is not None and not facts.recruitment.empty
        else None,
        _truth(told_truth(truth, results)) if truth is not None else None,
        _published(published, results) if published else None,
    ]
    return replace(results, told=tuple(one for one in told if one is not None and one.tables))


def told_truth(truth: Truth | None, results: Results) -> Truth:
    """The truth as far as the mode lets it be told: the effects between arms only where they are known."""
    from trialkit.report.facts import Truth

    truth = truth or Truth()
    return truth if results.mode is Mode.UNBLINDED else replace(truth, effects=())


def consecutive_months(first: str, last: str) -> list[str]:
    """Every month from the first to the last, ``YYYY-MM``: a month without recruitment is a fact too."""
    year, month = (int(part) for part in first.split("-"))
    months = [first]
    while months[-1] < last:
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
        months.append(f"{year:04d}-{month:02d}")
    return months


def _recruitment(counted: pd.DataFrame, labels: dict[str, str], target: int | None) -> AnalysisResult:
    import pandas as pd

    by_month = {str(month): int(n) for month, n in counted.groupby("month")["n"].sum().items()}
    months = consecutive_months(min(by_month), max(by_month))
    monthly = pd.DataFrame({"month": months, "n": [by_month.get(month, 0) for month in months]})
    monthly["total"] = monthly["n"].cumsum()
    sites = [
        _site(str(site), labels.get(str(site), str(site)), rows) for site, rows in counted.groupby("site")
    ]
    sites.append({**_site("", ALL_SITES, counted), "first_month": "", "last_month": ""})
    tables = {"by_month": monthly, "by_site": pd.DataFrame(sites)}
    if target is not None:
        tables["target"] = pd.DataFrame([{"n": target}])
    return _told(RECRUITMENT, "Recruitment", "Counted by month of randomization", tables)


def _site(site: str, label: str, rows: pd.DataFrame) -> dict[str, str | int]:
    active = rows.loc[rows["n"] > 0, "month"]
    first, last = ("", "") if active.empty else (str(active.min()), str(active.max()))
    return {
        "site": site,
        "label": label,
        "n": int(rows["n"].sum()),
        "first_month": first,
        "last_month": last,
    }


def _truth(truth: Truth) -> AnalysisResult:
    import pandas as pd

    tables = {}
    if truth.effects:
        columns = ["analysis", "table", "definition", "value", "standard_error", "subjects"]
        tables["effects"] = pd.DataFrame(
            [{column: getattr(one, column) for column in columns} for one in truth.effects]
        )
    quality: dict[str, float | None] = {"residual_errors_per_10000": truth.residual_errors_per_10000}
    names = ("measured_errors_per_10000", "ci_lower", "ci_upper")
    quality |= dict(zip(names, truth.measured_errors_per_10000 or (None,) * 3, strict=True))
    if any(value is not None for value in quality.values()):
        tables["quality"] = pd.DataFrame([quality])
    return _told(TRUTH, "What the simulator knows", "Known because the trial was simulated", tables)


def _published(published: Sequence[PublishedResult], results: Results) -> AnalysisResult:
    import pandas as pd

    def line(one: PublishedResult, numbers: dict[str, float]) -> dict[str, str | float | None]:
        return {"label": one.label, "analysis": one.analysis, **numbers, "p_value": one.p_value}

    printed = [line(one, {part: float(getattr(one, part)) for part in PARTS}) for one in published]
    turned = [line(one, turn(one)) for one in published]
    beside = [
        {"label": one.label, "analysis": one.analysis, "line": which, "remark": remark}
        for one in published
        for which, remark in remarks(one, _our_contrast(one, results)).items()
    ]
    tables = {"as_printed": pd.DataFrame(printed), "test_minus_reference": pd.DataFrame(turned)}
    tables["remarks"] = pd.DataFrame(beside)
    return _told(PUBLISHED, "Published results", "As printed, and turned to test minus reference", tables)


def _our_contrast(published: PublishedResult, results: Results) -> dict[Any, Any] | None:
    """The contrast that stands beside a published result; None where there is not one and only one."""
    for one in results.analyses:
        if one.id == published.analysis or (not published.analysis and one.role == "primary"):
            found = one.tables.get("contrasts")
            row = None if found is None or len(found) != 1 else found.to_dict("records")[0]
            return row if row and not any(numbers.is_missing(row[part]) for part in PARTS) else None
    return None


def _told(name: str, title: str, method: str, tables: dict[str, pd.DataFrame]) -> AnalysisResult:
    import pandas as pd

    return AnalysisResult(
        id=name,
        kind="told",
        role="descriptive",
        title=title,
        method=method,
        analysis_set="Not of an analysis set",
        counts=pd.DataFrame(),
        tables=tables,
    )
