"""The columns that the analysis datasets add of their own: label, unit, codes, origin and rule of each."""

from __future__ import annotations

from typing import NamedTuple


class Known(NamedTuple):
    """A column as the page of definitions tells it; ``origin``: a table of the snapshot, plan or derived."""

    label: str
    origin: str
    rule: str
    unit: str = ""
    codes: str = ""


TRUTH = "True, False"
DERIVED = "derived"
PRECISIONS = "day, month, year"

COLUMNS = {
    "subject_id": Known("Subject identifier", "subjects.csv", "as captured"),
    "site": Known("Site", "subjects.csv", "as captured"),
    "status": Known("Status of the subject", "subjects.csv", "as captured"),
    "status_reason": Known("Reason of the status", "subjects.csv", "as captured"),
    "consent_date": Known("Date of consent", "subjects.csv", "as captured"),
    "randomization_date": Known("Date of randomization", "subjects.csv", "as captured"),
    "stratum_randomized": Known(
        "Stratum used", "subjects.csv", "the stratum the allocation was drawn in, its levels joined by /"
    ),
    "stratum_true": Known(
        "Stratum in truth", "subjects.csv", "the stratum the data say, its levels joined by /"
    ),
    "planned_arm": Known("Planned arm", "allocations.csv", "what the list gave; empty in a blinded run"),
    "actual_arm": Known(
        "Actual arm",
        "allocations.csv",
        "the arm received: the planned one unless another was recorded; empty in a blinded run",
    ),
    "randomized": Known(
        "Randomized",
        DERIVED,
        "a date of randomization is there, or the status says so; not for a second number of one person",
        codes=TRUTH,
    ),
    "treated": Known(
        "Treated",
        DERIVED,
        "an arm stands as received (actual_arm); no record of treatment as delivered is asked for",
        codes=TRUTH,
    ),
    "duplicate_of": Known(
        "First number", "mistakes.csv", "the first number of a person randomized under two; else empty"
    ),
    "ineligible": Known(
        "Ineligible", "mistakes.csv", "found ineligible after randomization, and kept", codes=TRUTH
    ),
    "wrong_stratum": Known(
        "Wrong stratum",
        DERIVED,
        "the stratum used is not the true one, or was recorded as wrong",
        codes=TRUTH,
    ),
    "parameter": Known("Parameter", "plan", "the score or item, or the endpoint: see Parameters below"),
    "visit": Known("Visit of the plan", "plan", "the visit in whose window the assessment lies; else empty"),
    "crf_visit": Known("Visit of the form", "values.csv", "the visit its form names"),
    "date": Known("Date of the visit", "visits.csv", "as captured"),
    "day": Known("Study day", DERIVED, "date - randomization date", unit="days"),
    "value": Known("Value", DERIVED, "of the parameter: see Parameters below", unit="of the parameter"),
    "base": Known(
        "Baseline value", DERIVED, "the value that counts for the baseline visit", unit="of the parameter"
    ),
    "chg": Known("Change from baseline", DERIVED, "value - base", unit="of the parameter"),
    "analysis_flag": Known(
        "Counts for the visit", DERIVED, "the one assessment that the visit's rule chooses", codes=TRUTH
    ),
    "time_days": Known("Time", DERIVED, "end_date - origin_date", unit="days"),
    "event": Known("Event", DERIVED, "whether the time ends with the event", codes="1 = event, 0 = censored"),
    "event_description": Known("What happened", "plan", "the event, or why the time was censored"),
    "interval_lower_days": Known(
        "Event after",
        DERIVED,
        "the last assessment without the event before it, from the origin",
        unit="days",
    ),
    "interval_upper_days": Known(
        "Event by",
        DERIVED,
        "the latest day the event can have been, from the origin; empty where there was none",
        unit="days",
    ),
    "category": Known("Category", "values.csv", "what the plan groups the record by, in words"),
    "cause": Known("Cause", DERIVED, "which event ended the time; empty where none did"),
    "episode": Known("Period at risk", DERIVED, "the number of the period at risk of the subject"),
    "start_days": Known(
        "Period begins", DERIVED, "the day at which the period begins, from the origin", "days"
    ),
    "stop_days": Known(
        "Period ends",
        DERIVED,
        "the day at which it ends, by an event or by censoring, from the origin",
        "days",
    ),
    "origin_date": Known("Time zero", "plan", "the day from which the time is counted"),
    "end_date": Known(
        "End",
        DERIVED,
        "the day of the event, of what came first and competes with it, or of the last contact",
    ),
    "date_precision": Known(
        "Precision",
        DERIVED,
        "what of the event's date is known; the rest is the plan's rule",
        codes=PRECISIONS,
    ),
    "item": Known(
        "Item", "dictionary.csv", "the item that was not asked, and is missing for that reason alone"
    ),
    "study_version": Known(
        "Version of the study", "values.csv", "the version that the form was entered under"
    ),
    "row": Known("Row of the form", "values.csv", "the number of the row of a repeating form, from 1"),
    "analysis": Known("Entry of the plan", "plan", "the entry that made the row"),
    "imputation": Known("Completed data set", DERIVED, "its number, from 1"),
    "imputed": Known(
        "Imputed value",
        DERIVED,
        "drawn where nothing was observed, as the entry's method says",
        unit="of the parameter",
    ),
    "shifted": Known(
        "Shifted by delta", DERIVED, "a delta is added: nothing was observed from this visit on", codes=TRUTH
    ),
    "measure": Known("Measure", "plan", "what was delivered, in words, with its unit"),
    "source": Known(
        "Source rows",
        DERIVED,
        "the rows it was made from: visit/form, or visit/form/row, of the subject in values.csv",
    ),
}

OF_ONE_TABLE = {
    ("exposure", "value"): Known("Amount", DERIVED, "see derivation", unit="of the measure"),
    ("exposure", "derivation"): Known(
        "How the amount was made", "plan", "items and scores of the forms in source"
    ),
    ("visits", "status"): Known("Status of the visit", "visits.csv", "as captured"),
}
AS_CAPTURED = Known("Visit of the form", "values.csv, visits.csv", "as captured, whatever its day")
