"""Items that identify a person: a study has those that its definition allows by name, and no others."""

from __future__ import annotations

from collections.abc import Iterator

from trialkit.study.errors import StudyError
from trialkit.study.findings import Finding, Severity
from trialkit.study.model import Study
from trialkit.wording import said

WHERE = "study.toml: [capture] allow_identifiers"


def identifiers_not_allowed(study: Study) -> tuple[str, ...]:
    """Items that the dictionary marks as identifiers and ``[capture] allow_identifiers`` does not name."""
    allowed = set(study.capture.allow_identifiers)
    return tuple(
        item.name
        for form in study.forms
        for item in form.items
        if item.identifier and item.name not in allowed
    )


def require_identifiers_allowed(study: Study) -> None:
    """Refuse to capture data under a definition that asks for what identifies people, and does not say so.

    Raises
    ------
    StudyError
        Naming the items, and what to do.
    """
    refused = identifiers_not_allowed(study)
    if refused:
        raise StudyError(
            expected="no item that identifies a person, unless the study allows it by name",
            found=said("marked as identifiers: {items}", items=", ".join(refused)),
            where=WHERE,
            next_step=_next_step(refused),
        )


def identifiers_to_settle(study: Study) -> Iterator[Finding]:
    """The same as a finding of ``study check``."""
    refused = identifiers_not_allowed(study)
    if refused:
        yield Finding(
            "identifier-not-allowed",
            Severity.CONTRADICTION,
            "The dictionary asks for what identifies a person, and the study does not allow it",
            f"Marked in the column Identifier?: {', '.join(refused)}. Such a study is not founded: people go "
            "by their number, and the list of names stays at the site.",
            ("capture",),
            _next_step(refused),
        )


def _next_step(refused: tuple[str, ...]) -> str:
    names = ", ".join(f'"{name}"' for name in refused)
    return said(
        "Take them out of the dictionary; or, where protocol and ethics committee permit it, state "
        "[capture] allow_identifiers = [{names}].",
        names=names,
    )
