"""A listing by subject: one line a record, numbered as ICH E3 orders listings."""

from __future__ import annotations

from trialkit.documents.declared.output import Chapter
from trialkit.documents.declared.shown import Shown
from trialkit.documents.page import Block
from trialkit.documents.table import LISTING, Cell, Column, Row, Table


class Listing:
    """Every row, whatever their number: a listing that stops is none.

    ``listing`` holds the rows (``subject_id arm`` and the columns that ``heads`` names, ``column label`` and
    where several share a head ``group``, in order); ``section`` says where it is numbered.
    """

    name = "listing"
    chapter = Chapter.LISTINGS
    reveals_arm = True

    def printed(self, shown: Shown) -> list[Block]:
        rows = shown.rows("listing")
        heads = {str(row["column"]): row for row in shown.rows("heads")}
        arm = ("arm",) if len(shown.arms) != 1 else ()  # of everybody together there is nothing to say
        section = next((str(row["section"]) for row in shown.rows("section")), self.chapter.value)
        lines = [
            Row(
                str(row["subject_id"]),
                tuple(
                    Cell(shown.label(row["arm"]) if name == "arm" else str(row[name]), (row.reference(name),))
                    for name in (*arm, *heads)
                ),
            )
            for row in rows
        ]
        return [
            Table(
                number=shown.number("table", section),
                title=shown.title,
                columns=(
                    Column("Subject"),
                    *(Column("Arm") for _ in arm),
                    *(
                        Column(str(head["label"]), align="left", group=str(head.get("group") or ""))
                        for head in heads.values()
                    ),
                ),
                rows=tuple(lines),
                population=shown.population,
                method=shown.method,
                footnotes=() if rows else ("No records.",),
                source=shown.source,
                kind=LISTING,
            )
        ]
