"""One pass of one form, as it was typed, for whoever cleans the data; to the blinded as everywhere."""

from __future__ import annotations

from collections.abc import Sequence

from trialkit.access import Actor
from trialkit.access.acts.reading import EXPORT_PASSES
from trialkit.entry.errors import EntryError
from trialkit.interchange.data_export import VERSION, FormTable, form_table
from trialkit.nearest import advice
from trialkit.operations.gate import reading
from trialkit.operations.trial import Trial
from trialkit.store.reading.forms import pass_rows


def pass_table(
    trial: Trial, actor: Actor, *, form: str, pass_number: int, identifiers: Sequence[str] = ()
) -> FormTable:
    """Every live pass of one number of one form, at the sites the actor is shown, as a table.

    Parameters
    ----------
    pass_number
        1 or 2; a voided pass is in none.
    identifiers
        Items marked as identifiers that are asked for by name.

    Raises
    ------
    AccessError
        The role does not read passes.
    EntryError
        No such form, or none that these eyes may see.
    """
    with reading(trial, actor, EXPORT_PASSES) as gate:
        study = gate.rules.study
        known = gate.rules.forms.get(form)
        if known is None:
            near = advice(form, list(gate.rules.forms), otherwise="")
            raise EntryError(expected="a form of the study", found=repr(form), next_step=near)
        people = set(gate.subjects())
        states = [state for state in gate.forms(people).values() if state.form == form]
        ids = {state.pass_ids[pass_number]: state for state in states if pass_number in state.pass_ids}
        rows = pass_rows(gate.reader, list(ids)) if ids else {}
        visible = gate.rules.form_items[form]
        versions = {one.number: one for one in gate.trial.definitions.versions}
        amended = gate.trial.definitions.amended
    by_name = {one.study.version: one.asked(blinded=gate.sight.blinded).items for one in versions.values()}
    values = [
        {
            "subject_id": ids[pass_id].subject_id,
            "visit": ids[pass_id].visit,
            "form": form,
            "row": stored.row.row_key,
            "item": item,
            "value": value.text or "",
            "state": str(value.state),
            "missing_code": str(value.missing_code or ""),
            **({VERSION: versions[ids[pass_id].study_version].study.version} if amended else {}),
        }
        for pass_id, lines in rows.items()
        for stored in lines
        for item, value in stored.row.values.items()
        if item in visible
    ]
    return form_table(
        study, known, values, identifiers, lambda item, version: not version or item in by_name[version]
    )
