"""The randomization certificate for the trial master file: what is on record, and what it does not prove."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from trialkit.documents.page import Entry, Notice
from trialkit.documents.table import Cell, Column, Row, Table
from trialkit.study.model import Study
from trialkit.vocabulary import Concealment, SecondPass

WHO_IS_KEPT_FROM_THE_LIST = {
    Concealment.SERVER: "Sites reach the list only through the service: whoever enrols or assesses cannot "
    "look ahead. Not kept from it are the list maker, and whoever holds the machine of the service account, "
    "which has both database and key.",
    Concealment.CENTRAL: "The sites: whoever enrols or assesses cannot look ahead. Not kept from it are the "
    "list maker; the one person, who neither enrols nor assesses, whose machine holds database and key; and "
    "whoever copies the study folder from there.",
    Concealment.DEMONSTRATION: "Nobody: this is a demonstration.",
}
_MISTAKES = {
    "wrong_stratum": "wrong stratum",
    "ineligible": "found ineligible",
    "duplicate": "second number of one person",
    "wrong_treatment": "wrong treatment issued",
}
_NOT_PROVED = (
    "That the list used is the list committed to: that is proved at the end, from the seed, with the command "
    "trialkit randomize verify. And no record can prove that the list maker drew only one seed."
)
_GUESSING = (
    "Where the treatment of earlier participants is known at a site, the next one can be known for certain "
    "in the share of allocations that the list maker found before the trial (trialkit randomize properties), "
    "and in no more: nobody who enrols or assesses is shown block lengths, the ends of blocks, or how many "
    "slots are left."
)


@dataclass(frozen=True, slots=True)
class ListFacts:
    """The public facts of one list."""

    schedule_id: str
    commitment: str
    bundle_digest: str
    resealed: Sequence[str] = ()


def certificate_entry(
    study: Study,
    *,
    randomized: tuple[str, int],
    mistakes: Mapping[str, int],
    since: tuple[int, int],
    lists: Sequence[ListFacts],
    audit: tuple[int, str, str],
) -> Entry:
    """The certificate as a block of the page.

    Parameters
    ----------
    study
        For names, ratio, factors and the stated concealment.
    randomized
        Where (empty for the whole trial, or " at A"), and how many persons, each counted once.
    mistakes
        Kind -> subjects, as far as the reader may know.
    since
        How many of the randomized withdrew, and how often an arm was opened in an emergency.
    lists
        Every list in use, in order.
    audit
        Number, hash and time of the last audit record.
    """
    number, link, at = audit
    where, persons = randomized
    rows = [
        *_study_rows(study),
        *_list_rows(lists),
        (f"Subjects randomized{where}", str(persons)),
        (f"Mistakes{where}, kept and never undone", _mistakes(mistakes)),
        (f"Withdrawn after randomization{where}", str(since[0])),
        (f"Emergency unblindings{where}", str(since[1])),
        ("Last audit record", f"{number}, {at[:19].replace('T', ' ')} UTC"),
        ("Its hash", link),
        ("Filed by, date, signature", ""),
    ]
    table = Table(
        number="C1",
        title="Randomization certificate for the trial master file",
        columns=(Column("Fact"), Column("Value", align="left")),
        rows=tuple(Row(label, (Cell(value),)) for label, value in rows),
        method="Block lengths are held by the list maker alone.",
    )
    kept = WHO_IS_KEPT_FROM_THE_LIST[study.randomization.concealment]
    notices = (
        Notice("Who is kept from the list", kept),
        Notice("What can be guessed", _GUESSING),
        Notice("What this certificate does not prove", _NOT_PROVED),
    )
    return Entry("certificate-now", "Certificate", (table, *notices))


def _study_rows(study: Study) -> list[tuple[str, str]]:
    arms = " : ".join(arm.label for arm in study.arms)
    ratio = " : ".join(str(arm.ratio) for arm in study.arms)
    factors = "; ".join(
        f"{factor.name} ({', '.join(study.level_shown(factor.name, level) for level in factor.levels)})"
        for factor in study.factors
    )
    stated = study.randomization.restriction_sha256
    verified = study.capture.second_pass is SecondPass.VERIFICATION
    rows = [
        ("Study", f"{study.id}: {study.title}"),
        ("Registration", study.registry),
        ("Protocol", study.protocol),
        ("Definition", study.version),
        ("Arms", f"{arms} = {ratio}"),
        ("Method", study.randomization.method.replace("_", " ")),
        ("Stratified by", factors or "nothing"),
        ("Concealment", str(study.randomization.concealment)),
        ("Restriction file, SHA-256", stated or "not stated by the study"),
        ("Second entry of forms", "verified against the first, not independent" if verified else ""),
    ]
    return [(label, value) for label, value in rows if value]


def _list_rows(lists: Sequence[ListFacts]) -> list[tuple[str, str]]:
    rows = []
    for number, used in enumerate(lists, start=1):
        name = f"List {number}" if len(lists) > 1 else "List"
        rows += [
            (f"{name}: schedule", used.schedule_id),
            (f"{name}: commitment", used.commitment),
            (f"{name}: sealed bundle, SHA-256", used.bundle_digest),
            *((f"{name}: sealed again after a lost key, SHA-256", digest) for digest in used.resealed),
        ]
    return rows or [("List", "none is loaded")]


def _mistakes(mistakes: Mapping[str, int]) -> str:
    found = [f"{mistakes[kind]} {what}" for kind, what in _MISTAKES.items() if mistakes.get(kind)]
    return "; ".join(found) or "none recorded"
