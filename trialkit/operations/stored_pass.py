"""The rows of one pass of one form, as the database holds them."""

from __future__ import annotations

from collections.abc import Sequence

from trialkit.entry import PassRow
from trialkit.operations.gate import OpenAct
from trialkit.store import models as m
from trialkit.store.reading.forms import PassOrigin, StoredRow


def new_instance(progress: OpenAct, subject_id: str, visit: str, form: str, version: int) -> int:
    """A form that nobody has touched, or whose earlier entry is void, bound to a version of the study."""
    instance = next(progress.next_ids(m.FormInstance))
    progress.add(
        m.FormInstance,
        id=instance,
        subject_id=subject_id,
        visit=visit,
        form=form,
        study_version=version,
    )
    return instance


def write_pass(
    progress: OpenAct, instance: int, number: int, origin: PassOrigin, rows: Sequence[PassRow]
) -> tuple[int, list[StoredRow]]:
    """The number of the pass, and its rows."""
    pass_id = next(progress.next_ids(m.FormPass))
    progress.add(
        m.FormPass,
        id=pass_id,
        form_instance=instance,
        pass_number=number,
        entered_by=origin.entered_by,
        imported_by=origin.imported_by,
        import_batch=origin.import_batch,
        authentication=origin.authentication,
    )
    row_ids = progress.next_ids(m.PassRow)
    stored = [StoredRow(next(row_ids), row) for row in rows]
    for position, place in enumerate(stored):
        progress.add(m.PassRow, id=place.id, form_pass=pass_id, position=position, row_key=place.row.row_key)
        progress.add_all(
            m.PassValue,
            [
                {
                    "pass_row": place.id,
                    "item": item,
                    "raw_text": value.text,
                    "state": value.state._value_,
                    "missing_code": value.missing_code and value.missing_code.value,
                }
                for item, value in place.row.values.items()
            ],
        )
    return pass_id, stored
