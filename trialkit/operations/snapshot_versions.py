"""What a snapshot says of the versions of an amended study."""

from __future__ import annotations

from collections.abc import Iterable

from trialkit.operations.definitions import FOUNDED, Version
from trialkit.operations.gate import Gate
from trialkit.snapshot.content import STUDY_VERSION, VERSIONS

Table = list[dict[str, str]]


def version_tables(gate: Gate) -> dict[str, Table]:
    """The versions that any site works by, since when, and which of them asked each item."""
    definitions = gate.trial.definitions
    named = {one.number: one.study.version for one in definitions.versions}
    return {
        VERSIONS: [
            {"number": str(one.number), "version": one.study.version, "sha256": one.study.sha256}
            for one in _in_use(gate)
        ],
        "activations": [
            {
                "site": one.site,
                "version": named[one.number],
                "effective_on": one.effective_on.isoformat(),
                "approval": one.approval,
            }
            for one in definitions.activations
        ],
        "item_versions": _item_rows(gate),
    }


def say_version_of_rows(gate: Gate, tables: Iterable[Table]) -> None:
    """Adds to each row the version that its form was entered under; empty for a form nobody has begun."""
    named = {one.number: one.study.version for one in gate.trial.definitions.versions}
    bound = {key: named[state.study_version] for key, state in gate.forms().items()}
    for table in tables:
        for row in table:
            row[STUDY_VERSION] = bound.get((row["subject_id"], row["visit"], row["form"]), "")


def earlier_definitions(gate: Gate) -> dict[str, str]:
    """The two files of every version in use but the current one, by a name that says which."""
    current = gate.trial.definitions.current
    return {
        name: text
        for one in _in_use(gate)
        if one is not current
        for name, text in (
            (f"study.version-{one.number}.toml", one.study.definition_text),
            (f"dictionary.version-{one.number}.csv", one.study.dictionary_text),
        )
    }


def _in_use(gate: Gate) -> list[Version]:
    definitions = gate.trial.definitions
    numbers = {FOUNDED, *(one.number for one in definitions.activations)}
    return [one for one in definitions.versions if one.number in numbers]


def _item_rows(gate: Gate) -> Table:
    """Each item with the first and the last version that asks it; no last one where it is still asked."""
    asking: dict[str, list[str]] = {}
    for version in _in_use(gate):
        for item in version.asked(blinded=gate.sight.blinded).items:
            asking.setdefault(item, []).append(version.study.version)
    newest = gate.trial.study.version
    return [
        {
            "form": item.form,
            "item": name,
            "label": item.label,
            "from_version": asking[name][0] if name in asking else "",
            "until_version": "" if asking.get(name, [newest])[-1] == newest else asking[name][-1],
        }
        for name, item in gate.rules.items.items()
    ]
