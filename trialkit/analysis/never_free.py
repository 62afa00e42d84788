"""Who was never free of what may recur: counted, since nothing can recur in them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from trialkit.analysis.context import Context
from trialkit.datasets.rows import holds
from trialkit.expressions import parse
from trialkit.plan import Analysis, Key, Place, PlanError, keys
from trialkit.plan.reachable import rule_on_rows
from trialkit.plan.references import rule_problems

if TYPE_CHECKING:
    import pandas as pd


def _check_rule(value: str, place: Place) -> Iterator[PlanError]:
    endpoint = place.plan.endpoints.get(keys.ENDPOINT.of(place.entry))
    forms = {form.name: form for form in place.study.forms}
    if endpoint is not None and value and endpoint.assessed_form in forms:
        items = {item.name for item in forms[endpoint.assessed_form].items}
        yield from rule_problems(value, items, place.where)
        yield from rule_on_rows(value, forms[endpoint.assessed_form], place.where)


NEVER_FREE = Key(
    "free_when",
    "when a contact found the subject free of what may recur: who never was is counted",
    "a rule on the items of the contact's form",
    lambda s, k: s.text(k),
    _check_rule,
    absent="",
)


def never_free(context: Context, entry: Analysis, data: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Of those asked at least once, how many were at no contact free of what would come again: nothing can
    recur in them, and they stay at risk in the analysis."""
    import pandas as pd

    endpoint = context.endpoint(entry)
    rule = parse(NEVER_FREE.of(entry), syntax="rule")
    asked, free = set(), set()
    for (subject_id, _, _), row in context.datasets.form_rows(endpoint.assessed_form):
        asked.add(subject_id)
        free |= {subject_id} if holds(rule, row) else set()
    rows = []
    for arm in context.arms:
        here = set(data.loc[data["arm"] == arm, "subject_id"]) & asked
        n = len(here - free)
        rows.append(
            {"arm": arm, "n": len(here), "count": n, "percent": 100 * n / len(here) if here else None}
        )
    return {"never_free": pd.DataFrame(rows)}
