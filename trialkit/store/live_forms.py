"""The one form of a place that is not void, kept by the database as forms are made and voided.

What is recorded is never changed, so no column of a form can say that it is void, and a unique key over the
live ones alone needs a table of their places. Triggers keep it, so that it holds whoever writes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from sqlalchemy import Table, except_, select

from trialkit.store.engine import Reader
from trialkit.store.models import FormInstance, FormVoid, LiveForm

_TAKEN = "one form of a place is not void: live_form"
_KEPT = "nothing recorded is changed or deleted: live_form"
_PLACE = ("subject_id", "visit", "form")
_COLUMNS = ", ".join((*_PLACE, "form_instance"))

SQLITE = {
    # RAISE comes before the row: with INSERT OR REPLACE the row would take the place of the one there.
    "trialkit_form_instance_live": (
        "CREATE TRIGGER trialkit_form_instance_live AFTER INSERT ON form_instance "
        f"BEGIN SELECT RAISE(ABORT, '{_TAKEN}') WHERE EXISTS (SELECT 1 FROM live_form WHERE "
        + " AND ".join(f"{name} = NEW.{name}" for name in _PLACE)
        + f"); INSERT INTO live_form ({_COLUMNS}) VALUES (NEW.subject_id, NEW.visit, NEW.form, NEW.id); END"
    ),
    "trialkit_form_void_live": (
        "CREATE TRIGGER trialkit_form_void_live AFTER INSERT ON form_void "
        "BEGIN DELETE FROM live_form WHERE form_instance = NEW.form_instance; END"
    ),
    "trialkit_live_form_delete": (
        "CREATE TRIGGER trialkit_live_form_delete BEFORE DELETE ON live_form WHEN NOT EXISTS "
        "(SELECT 1 FROM form_void WHERE form_instance = OLD.form_instance) "
        f"BEGIN SELECT RAISE(ABORT, '{_KEPT}'); END"
    ),
}

# The functions work with their owner's rights: a desk that may only add rows needs no right to delete.
POSTGRESQL_FUNCTIONS = {
    "trialkit_begin_form": f"""
CREATE OR REPLACE FUNCTION trialkit_begin_form() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path FROM CURRENT AS $body$
BEGIN
INSERT INTO live_form ({_COLUMNS}) SELECT subject_id, visit, form, id FROM added;
RETURN NULL;
END
$body$""",
    "trialkit_void_form": """
CREATE OR REPLACE FUNCTION trialkit_void_form() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path FROM CURRENT AS $body$
BEGIN
DELETE FROM live_form USING added WHERE live_form.form_instance = added.form_instance;
RETURN NULL;
END
$body$""",
    "trialkit_keep_live_form": f"""
CREATE OR REPLACE FUNCTION trialkit_keep_live_form() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
IF EXISTS (SELECT 1 FROM form_void WHERE form_instance = OLD.form_instance) THEN
RETURN OLD;
END IF;
RAISE EXCEPTION '{_KEPT}' USING ERRCODE = 'integrity_constraint_violation';
END
$body$""",
}
POSTGRESQL = {
    "trialkit_form_instance_live": (
        "CREATE TRIGGER trialkit_form_instance_live AFTER INSERT ON form_instance "
        "REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION trialkit_begin_form()"
    ),
    "trialkit_form_void_live": (
        "CREATE TRIGGER trialkit_form_void_live AFTER INSERT ON form_void "
        "REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION trialkit_void_form()"
    ),
    "trialkit_live_form_delete": (
        "CREATE TRIGGER trialkit_live_form_delete BEFORE DELETE ON live_form "
        "FOR EACH ROW EXECUTE FUNCTION trialkit_keep_live_form()"
    ),
    "trialkit_live_form_truncate": (
        "CREATE TRIGGER trialkit_live_form_truncate BEFORE TRUNCATE ON live_form "
        "FOR EACH STATEMENT EXECUTE FUNCTION trialkit_refuse_change()"
    ),
}

TABLES: tuple[Table, ...] = (FormInstance.__table__, FormVoid.__table__, LiveForm.__table__)  # type: ignore[assignment]


def has_its_table(statement: str, tables: Collection[str]) -> bool:
    """Whether the tables of this revision have the one that a trigger writes to."""
    return LiveForm.__tablename__ in tables or statement not in (*SQLITE.values(), *POSTGRESQL.values())


def differences(reader: Reader) -> Iterator[str]:
    """Where the places that are kept are not those of the forms that are not void."""
    voided = select(FormVoid.form_instance)
    live = select(FormInstance.subject_id, FormInstance.visit, FormInstance.form, FormInstance.id).where(
        FormInstance.id.not_in(voided)
    )
    kept = select(LiveForm.subject_id, LiveForm.visit, LiveForm.form, LiveForm.form_instance)
    for row in reader.execute(except_(live, kept)):
        yield f"the form {'/'.join(map(str, row[:3]))} counts, and nothing keeps another from its place"
    for row in reader.execute(except_(kept, live)):
        yield f"a place is kept for the form {'/'.join(map(str, row[:3]))}, which is void or not there"
