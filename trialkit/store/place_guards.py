"""What the database refuses of one place: rows about a locked form, subject or site, and forms of an import.

Acts ask first and name the place; these guards hold whoever writes. Every table whose rows tell something of
a subject says here how its place is found from a new row. Where nothing is locked, a row costs one look into
an empty table.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

_LOCKED = "the place is locked"
_CLAIMED = "the form is one of an import that stands half done"
_NEEDED = ("place_lock", "import_claim")


class _Path(NamedTuple):
    """``source``: from which tables, found by NEW; the rest: what of them names site, subject and form."""

    source: str
    site: str
    form: str


_SUBJECT = _Path("subject s WHERE s.subject_id = NEW.subject_id", "s.site", "")
_AT_FORM = _Path(
    "subject s WHERE s.subject_id = NEW.subject_id",
    "s.site",
    "NEW.subject_id || '/' || NEW.visit || '/' || NEW.form",
)
_OF_FORM = "i.subject_id || '/' || i.visit || '/' || i.form"


def _instance(joins: str, condition: str) -> _Path:
    return _Path(
        f"form_instance i JOIN subject s ON s.subject_id = i.subject_id {joins} WHERE {condition}",
        "s.site",
        _OF_FORM,
    )


_BY_INSTANCE = _instance("", "i.id = NEW.form_instance")
_FINAL_ROW = "JOIN final_row r ON r.form_instance = i.id"
_FINAL_VALUE = f"{_FINAL_ROW} JOIN final_value v ON v.final_row = r.id"
_PASS = "JOIN form_pass p ON p.form_instance = i.id"
_PASS_ROW = f"{_PASS} JOIN pass_row w ON w.form_pass = p.id"
_QUERY = _Path(
    "query q JOIN subject s ON s.subject_id = q.subject_id WHERE q.id = NEW.query",
    "s.site",
    "q.subject_id || '/' || q.visit || '/' || q.form",
)
_DEPARTURE = _Path(
    "subject_event e JOIN subject s ON s.subject_id = e.subject_id WHERE e.id = NEW.subject_event",
    "s.site",
    "",
)
_PATHS = {
    "adjudication": _instance(
        f"{_FINAL_ROW} JOIN discrepancy d ON d.final_row = r.id", "d.id = NEW.discrepancy"
    ),
    "allocation": _SUBJECT,
    "allocation_mistake": _SUBJECT,
    "challenge_outcome": _instance(
        "JOIN entry_challenge h ON h.form_instance = i.id", "h.id = NEW.challenge"
    ),
    "consent": _SUBJECT,
    "correction_answer": _instance(_FINAL_VALUE, "v.id = NEW.final_value"),
    "departure_correction": _DEPARTURE,
    "discrepancy": _instance(_FINAL_ROW, "r.id = NEW.final_row"),
    "entry_challenge": _BY_INSTANCE,
    "entry_flag": _AT_FORM,
    "external_allocation": _SUBJECT,
    "final_row": _BY_INSTANCE,
    "final_value": _instance(_FINAL_ROW, "r.id = NEW.final_row"),
    "form_instance": _AT_FORM,
    "form_mark": _BY_INSTANCE,
    "form_not_done": _BY_INSTANCE,
    "form_pass": _BY_INSTANCE,
    "form_void": _BY_INSTANCE,
    "pass_row": _instance(_PASS, "p.id = NEW.form_pass"),
    "pass_value": _instance(_PASS_ROW, "w.id = NEW.pass_row"),
    "query": _AT_FORM,
    "query_cited": _instance(_FINAL_VALUE, "v.id = NEW.final_value"),
    "query_raised": _QUERY,
    "query_step": _QUERY,
    "row_decision": _instance(_PASS_ROW, "w.id = NEW.pass_row"),
    "set_decision": _SUBJECT,
    "source_tick": _instance(_FINAL_VALUE, "v.id = NEW.final_value"),
    "study_activation": _Path("", "NEW.site", ""),
    "subject": _Path("", "NEW.site", ""),
    "subject_event": _SUBJECT,
    "unmatched_row": _BY_INSTANCE,
    "verified_pass": _instance(_PASS, "p.id = NEW.form_pass"),
    "visit_occurrence": _SUBJECT,
}
GUARDED = frozenset(_PATHS)
WITHOUT_PLACE = frozenset(
    {"import_batch", "import_claim", "import_end", "import_file", "import_run"}
    | {"schedule", "stratum", "slot", "study_version"}
)
"""Clinical tables whose rows are about a file, the list or the study, and not about a place."""


def _is_set(scope: str, place: str) -> str:
    return (
        f"(SELECT l.action FROM place_lock l WHERE l.scope = '{scope}' AND l.place = {place} "
        "ORDER BY l.id DESC LIMIT 1) = 'set'"
    )


def _locked(path: _Path) -> str:
    """Whether the place of the new row is locked, as a condition in NEW."""
    asked = [_is_set("site", path.site)]
    if path.source:
        asked.append(_is_set("subject", "s.subject_id"))
    if path.form:
        asked.append(_is_set("form", path.form))
    either = " OR ".join(asked)
    if not path.source:
        return f"EXISTS (SELECT 1 FROM place_lock) AND ({either})"
    source, _, condition = path.source.partition(" WHERE ")
    return (
        f"EXISTS (SELECT 1 FROM place_lock) AND "
        f"EXISTS (SELECT 1 FROM {source} WHERE {condition} AND ({either}))"
    )


_OWN_BATCH = {"form_pass": "coalesce(NEW.import_batch, 0)", "form_void": "0", "form_not_done": "0"}
"""The batch that a row may belong to though its form is claimed."""


def _claimed(own: str) -> str:
    return (
        "EXISTS (SELECT 1 FROM form_instance i JOIN import_claim c "
        "ON c.subject_id = i.subject_id AND c.visit = i.visit AND c.form = i.form "
        f"WHERE i.id = NEW.form_instance AND c.import_batch <> {own} "
        "AND NOT EXISTS (SELECT 1 FROM import_end e WHERE e.import_batch = c.import_batch))"
    )


_CONDITIONS = {f"{table}_place": (table, _locked(path), _LOCKED) for table, path in _PATHS.items()} | {
    f"{table}_claim": (table, _claimed(own), _CLAIMED) for table, own in _OWN_BATCH.items()
}
_NAME = "trialkit_{}"

SQLITE = {
    _NAME.format(name): (
        f"CREATE TRIGGER {_NAME.format(name)} BEFORE INSERT ON {table} WHEN {condition} "
        f"BEGIN SELECT RAISE(ABORT, '{message}: {table}'); END"
    )
    for name, (table, condition, message) in _CONDITIONS.items()
}
POSTGRESQL_FUNCTIONS = {
    _NAME.format(name): f"""
CREATE OR REPLACE FUNCTION {_NAME.format(name)}() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
IF {condition} THEN
RAISE EXCEPTION '{message}: {table}' USING ERRCODE = 'integrity_constraint_violation';
END IF;
RETURN NEW;
END
$body$"""
    for name, (table, condition, message) in _CONDITIONS.items()
}
POSTGRESQL = {
    _NAME.format(name): (
        f"CREATE TRIGGER {_NAME.format(name)} BEFORE INSERT ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {_NAME.format(name)}()"
    )
    for name, (table, _, _) in _CONDITIONS.items()
}
_STATEMENTS = frozenset({*SQLITE.values(), *POSTGRESQL.values()})


def has_its_tables(statement: str, tables: Collection[str]) -> bool:
    """Whether the tables of this revision have those that a guard reads."""
    return statement not in _STATEMENTS or all(name in tables for name in _NEEDED)
