"""Counts about the work itself: how much was entered twice, how often the passes differed."""

from __future__ import annotations

from trialkit.operations.gate import Gate
from trialkit.store.reading.quality import compared_rows, correction_counts, pass_counts
from trialkit.vocabulary import ItemType


def quality_counts(gate: Gate) -> list[dict[str, str]]:
    """One row a measure; forms and items out of sight are not counted.

    ``fields_compared`` is rows paired times items of the form, by the version it was entered under;
    ``fields_discordant`` the discrepancies;
    ``adjudicated`` those decided; ``values_corrected`` changes to the final record after that.
    """
    reader = gate.reader
    items = {
        (form.name, version.number): sum(item.type is not ItemType.DERIVED for item in form.items)
        for version in gate.trial.definitions.versions
        for form in gate.asked_by(version.number).study.forms
    }
    found = gate.discrepancies()
    leftover = gate.unmatched_rows()
    passes = {key: n for key, n in pass_counts(reader).items() if gate.sight.of_form(key[0])}
    counts = {
        "passes": sum(passes.values()),
        "passes_authenticated": sum(n for (_, how), n in passes.items() if how in ("password", "session")),
        "fields_compared": sum(n * items.get(of, 0) for of, n in compared_rows(reader).items()),
        "fields_discordant": len(found),
        "adjudicated": sum(not entry.open for entry in found),
        "rows_unmatched": len(leftover),
        "rows_unmatched_decided": sum(bool(row.decision) for row in leftover),
        "values_corrected": sum(
            n for place, n in correction_counts(reader).items() if gate.sight.of_item(*place)
        ),
    }
    return [{"measure": measure, "value": str(value)} for measure, value in counts.items()]
