"""Counts about the work itself: how much was entered twice, how often the passes differed."""

from __future__ import annotations

from trialkit.operations.gate import Gate
from trialkit.store.reading.challenges import challenge_counts, verified_forms
from trialkit.store.reading.quality import compared_rows, correction_counts, pass_counts
from trialkit.vocabulary import ItemType, SecondPass


def quality_counts(gate: Gate) -> list[dict[str, str]]:
    """One row a measure; forms and items out of sight are not counted.

    ``fields_compared`` is rows paired times items of the form, by the version it was entered under;
    ``fields_discordant`` the discrepancies; ``adjudicated`` those decided. These are of forms whose passes
    are two copies of paper; of forms read twice from a scan the same counts are ``readings_compared``,
    ``readings_discordant`` and ``readings_adjudicated``: two readers differ by more than slips of typing.
    ``values_corrected`` are changes to the final record after that. Where second
    entries are or were verified: ``forms_verified`` of them, ``challenges`` made, and how many of those
    values were ``challenges_retyped`` or ``challenges_kept``.
    """
    reader = gate.reader
    items = {
        (form.name, version.number): sum(item.type is not ItemType.DERIVED for item in form.items)
        for version in gate.trial.definitions.versions
        for form in gate.asked_by(version.number).study.forms
    }
    read = {
        form.name
        for version in gate.trial.definitions.versions
        for form in version.study.forms
        if form.is_measured
    }
    found = gate.discrepancies()
    leftover = gate.unmatched_rows()
    compared = {of: n * items.get(of, 0) for of, n in compared_rows(reader).items()}
    passes = {key: n for key, n in pass_counts(reader).items() if gate.sight.of_form(key[0])}
    counts = {
        "passes": sum(passes.values()),
        "passes_authenticated": sum(n for (_, how), n in passes.items() if how in ("password", "session")),
        "fields_compared": sum(n for (form, _), n in compared.items() if form not in read),
        "fields_discordant": sum(entry.form not in read for entry in found),
        "adjudicated": sum(entry.form not in read and not entry.open for entry in found),
        "rows_unmatched": len(leftover),
        "rows_unmatched_decided": sum(bool(row.decision) for row in leftover),
        "values_corrected": sum(
            n for place, n in correction_counts(reader).items() if gate.sight.of_item(*place)
        ),
    }
    if read:
        counts |= {
            "readings_compared": sum(n for (form, _), n in compared.items() if form in read),
            "readings_discordant": sum(entry.form in read for entry in found),
            "readings_adjudicated": sum(entry.form in read and not entry.open for entry in found),
        }
    counts |= _verification(gate)
    return [{"measure": measure, "value": str(value)} for measure, value in counts.items()]


def _verification(gate: Gate) -> dict[str, int]:
    """Nothing of a study whose second entries are all independent."""
    states = any(
        version.study.capture.second_pass is SecondPass.VERIFICATION
        for version in gate.trial.definitions.versions
    )
    if not states:
        return {}
    forms = {name: n for name, n in verified_forms(gate.reader).items() if gate.sight.of_form(name)}
    made = {
        (how, form, item): n for (form, item, how), n in challenge_counts(gate.reader).items()
        if gate.sight.of_item(form, item)
    }  # fmt: skip
    return {
        "forms_verified": sum(forms.values()),
        "challenges": sum(made.values()),
        "challenges_retyped": sum(n for (how, *_), n in made.items() if how == "retyped"),
        "challenges_kept": sum(n for (how, *_), n in made.items() if how == "kept"),
    }
