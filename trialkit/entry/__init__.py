"""Rules of data capture, pure: how a typed text is read, whether two entries agree, the life of a form.

Names are handed out when asked for, so that a rule on two values does not cost the import of pandas.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trialkit.entry.adjudication import (
        AdjudicationChoice,
        Decision,
        ReasonCode,
        RowDecision,
        adjudicate,
        check_row_decisions,
    )
    from trialkit.entry.agreement import TextRule, TypedValue, compare_texts, compare_values
    from trialkit.entry.comparison import ComparisonReport, compare
    from trialkit.entry.errors import AdjudicationError, ComparisonError, FormLifeError, PassError
    from trialkit.entry.final_record import (
        Discrepancy,
        FinalDraft,
        FinalValue,
        ItemRule,
        PassRow,
        RowPairs,
        UnmatchedRow,
        ValueOrigin,
        compare_rows,
        merge_passes,
        pair_rows,
        take_single_pass,
    )
    from trialkit.entry.form_life import (
        FORM_TRANSITIONS,
        QUERY_TRANSITIONS,
        FormStatus,
        QueryStatus,
        check_form_step,
        check_query_step,
        form_status,
    )
    from trialkit.entry.lock import FormStanding, Obstacle, ObstacleKind, lock_obstacles
    from trialkit.entry.passes import (
        AccountId,
        PassState,
        PassStatus,
        check_adjudicator,
        check_pass_may_be_voided,
        check_pass_may_change,
        live_passes,
        number_of_new_pass,
    )
    from trialkit.entry.rates import clopper_pearson
    from trialkit.entry.values import Reading, ReadValue, read_value, text_of

__all__ = [
    "FORM_TRANSITIONS",
    "QUERY_TRANSITIONS",
    "AccountId",
    "AdjudicationChoice",
    "AdjudicationError",
    "ComparisonError",
    "ComparisonReport",
    "Decision",
    "Discrepancy",
    "FinalDraft",
    "FinalValue",
    "FormLifeError",
    "FormStanding",
    "FormStatus",
    "ItemRule",
    "Obstacle",
    "ObstacleKind",
    "PassError",
    "PassRow",
    "PassState",
    "PassStatus",
    "QueryStatus",
    "ReadValue",
    "Reading",
    "ReasonCode",
    "RowDecision",
    "RowPairs",
    "TextRule",
    "TypedValue",
    "UnmatchedRow",
    "ValueOrigin",
    "adjudicate",
    "check_adjudicator",
    "check_form_step",
    "check_pass_may_be_voided",
    "check_pass_may_change",
    "check_query_step",
    "check_row_decisions",
    "clopper_pearson",
    "compare",
    "compare_rows",
    "compare_texts",
    "compare_values",
    "form_status",
    "live_passes",
    "lock_obstacles",
    "merge_passes",
    "number_of_new_pass",
    "pair_rows",
    "read_value",
    "take_single_pass",
    "text_of",
]

_NAMES_OF = {
    "adjudication": [
        "AdjudicationChoice",
        "Decision",
        "ReasonCode",
        "RowDecision",
        "adjudicate",
        "check_row_decisions",
    ],
    "agreement": ["TextRule", "TypedValue", "compare_texts", "compare_values"],
    "comparison": ["ComparisonReport", "compare"],
    "errors": ["AdjudicationError", "ComparisonError", "FormLifeError", "PassError"],
    "final_record": [
        "Discrepancy",
        "FinalDraft",
        "FinalValue",
        "ItemRule",
        "PassRow",
        "RowPairs",
        "UnmatchedRow",
        "ValueOrigin",
        "compare_rows",
        "merge_passes",
        "pair_rows",
        "take_single_pass",
    ],
    "form_life": [
        "FORM_TRANSITIONS",
        "QUERY_TRANSITIONS",
        "FormStatus",
        "QueryStatus",
        "check_form_step",
        "check_query_step",
        "form_status",
    ],
    "lock": ["FormStanding", "Obstacle", "ObstacleKind", "lock_obstacles"],
    "passes": [
        "AccountId",
        "PassState",
        "PassStatus",
        "check_adjudicator",
        "check_pass_may_be_voided",
        "check_pass_may_change",
        "live_passes",
        "number_of_new_pass",
    ],
    "rates": ["clopper_pearson"],
    "values": ["ReadValue", "Reading", "read_value", "text_of"],
}
_MODULE_OF = {name: module for module, names in _NAMES_OF.items() for name in names}


def __getattr__(name: str) -> Any:
    module = _MODULE_OF.get(name)
    if module is None:
        raise AttributeError(f"trialkit.entry has no {name!r}")
    return getattr(importlib.import_module(f"trialkit.entry.{module}"), name)
