"""Which columns hold what a person wrote, so that a text written there by accident can be taken out.

What is the same word each time, a name of the study's own, or a key by which rows are found is no place of
redaction.
"""

from __future__ import annotations

from collections.abc import Mapping

WRITTEN: Mapping[str, tuple[str, ...]] = {
    "allocation_mistake": ("detail",),
    "correction_answer": ("said",),
    "data_freeze": ("reason",),
    "departure_correction": ("reason", "why"),
    "entry_challenge": ("typed",),
    "entry_flag": ("said",),
    "external_allocation": ("source",),
    "final_value": ("raw_text",),
    "form_mark": ("meaning",),
    "form_not_done": ("reason",),
    "form_void": ("reason",),
    "import_batch": ("file_name",),
    "import_end": ("reason",),
    "pass_value": ("raw_text",),
    "place_lock": ("reason",),
    "query_step": ("said",),
    "received_again": ("reason",),
    "recruitment_change": ("reason",),
    "resealing": ("reason",),
    "safety_report": ("criteria", "outcome", "narrative"),
    "serious_event": ("term",),
    "set_decision": ("reason",),
    "study_activation": ("approval",),
    "study_lock": ("reason",),
    "subject_event": ("reason",),
    "unblinding": ("reason",),
    "visit_occurrence": ("reason",),
}
"""Table -> columns in which a text can be taken out."""

KEYS: Mapping[str, tuple[str, ...]] = {
    "entry_challenge": ("row_key",),
    "entry_flag": ("row_key",),
    "final_row": ("row_key",),
    "pass_row": ("row_key",),
    "query": ("row_key",),
    "safety_report": ("row_key",),
    "subject": ("subject_id",),
}
"""Columns that a person wrote and rows are found by: a text stays there, and it is said."""

VALUES = ("pass_value", "final_value")
"""Tables of what was typed for an item: a value of another type than text goes as a whole."""
