"""What a prediction plan states in words, and what its model is held beside: from its file."""

from __future__ import annotations

from dataclasses import fields

from trialkit.prediction.plan import Comparator, Provenance
from trialkit.strict_toml import Section

OF_DATA = ("source", "dates", "outcome_assessment", "missing_outcomes")
"""Keys of ``[data]``; the other fields of :class:`Provenance` are those of ``[imaging]``."""


def read_provenance(top: Section) -> Provenance:
    """``[data]`` and ``[imaging]``, each key a sentence; left out is "not stated"."""
    keys = [f.name for f in fields(Provenance)]
    told: dict[str, str] = {}
    for name, own in (("data", OF_DATA), ("imaging", tuple(key for key in keys if key not in OF_DATA))):
        section = top.optional_section(name)
        if section is not None:
            told |= {key: section.text(key, "") for key in own}
            section.done()
    return Provenance(**told)


def read_comparators(top: Section, names: set[str]) -> tuple[Comparator, ...]:
    """``[comparators.NAME]``: ``label``, and ``features`` that are candidates or stated under
    ``[beside.NAME]``."""
    found = []
    for name, section in top.named_sections("comparators"):
        features = known_names(section, "features", names)
        if not features:
            section.refuse("features", "at least one feature", "none")
        found.append(Comparator(section.text("label", name), features, section.text("label_zh", "")))
        section.done()
    labels = [comparator.label for comparator in found]
    if len(set(labels)) < len(labels):
        top.refuse("comparators", "comparators of different labels", ", ".join(labels))
    return tuple(found)


def known_names(section: Section, key: str, names: set[str]) -> tuple[str, ...]:
    """Features named under ``key``; another name is refused with the nearest."""
    from trialkit.nearest import advice

    wanted = section.texts(key, ())
    for name in wanted:
        if name not in names:
            section.refuse(
                key,
                "names of features of this plan",
                repr(name),
                advice(name, sorted(names), otherwise="Declare it as a feature."),
            )
    return wanted
