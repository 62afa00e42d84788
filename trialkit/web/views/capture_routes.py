"""Pages of data capture after entry: reconciling, queries, the record of a form, closing."""

from __future__ import annotations

from trialkit.operations.import_upload import LARGEST_UPLOAD_BYTES
from trialkit.web.known import Known, MenuLine
from trialkit.web.views import (
    closing,
    correcting,
    endorsing,
    imports,
    queries,
    reconciling,
    reconciling_file,
    record,
)
from trialkit.wording import said

_FORM = "/subjects/{subject_id}/visits/{visit}/forms/{form}"

ROUTES: tuple[Known, ...] = (
    Known("/discrepancies", {"GET": reconciling.listed}),
    Known(
        "/discrepancies/workbook",
        {"GET": reconciling_file.ask, "POST": reconciling_file.decided},
        files=1,
        largest_body=LARGEST_UPLOAD_BYTES + 64 * 1024,
    ),
    Known("/discrepancies/workbook/{name}", {"GET": reconciling_file.workbook}),
    Known(_FORM + "/discrepancies", {"GET": reconciling.ask, "POST": reconciling.decided}),
    Known(_FORM + "/discrepancies/lines", {"POST": reconciling.lines_decided}),
    Known("/queries", {"GET": queries.listed}),
    Known("/queries/raised", {"POST": queries.raised}),
    Known("/queries/{number}", {"GET": queries.thread, "POST": queries.moved}),
    Known(_FORM, {"GET": record.show}),
    Known(_FORM + "/verification", {"POST": record.verified}),
    Known(_FORM + "/ticks", {"POST": record.ticked}),
    Known(_FORM + "/signature", {"POST": record.signed}),
    Known(_FORM + "/queries", {"POST": queries.opened}),
    Known(_FORM + "/items/{item}", {"GET": record.history}),
    Known(_FORM + "/items/{item}/correction", {"GET": correcting.ask, "POST": correcting.corrected}),
    Known("/corrections", {"GET": endorsing.listed}),
    Known("/corrections/{number}", {"POST": endorsing.answered}),
    *imports.ROUTES,
    Known("/closing", {"GET": closing.ask, "POST": closing.frozen}),
    Known("/closing/lock", {"POST": closing.locked}),
    Known("/closing/place-lock", {"POST": closing.place_locked}),
)

MENU: tuple[MenuLine, ...] = (
    MenuLine(said("Discrepancies"), "/discrepancies", "list_discrepancies"),
    MenuLine(said("Queries"), "/queries", "list_queries"),
    MenuLine(said("Corrections"), "/corrections", "list_corrections"),
    MenuLine(said("Imports"), "/imports", "import_pass"),
    MenuLine(said("Closing"), "/closing", "view_obstacles"),
)
