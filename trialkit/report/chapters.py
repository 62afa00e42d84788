"""The chapters of a report in order, and where an analysis belongs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from trialkit.analysis.methods import all_methods
from trialkit.documents.page import Block, Entry, Figure
from trialkit.documents.table import LISTING, Table

CHAPTERS = {
    "participants": "Participants",
    "primary": "Primary outcome",
    "sensitivity": "Sensitivity analyses",
    "secondary": "Secondary outcomes",
    "supplementary": "Supplementary analyses",
    "safety": "Adverse events",
    "quality": "Quality of the data",
    "listings": "Listings",
}


def chapter_named(kind: str, role: str) -> str:
    """Where an analysis is printed: where its method belongs, else by its role in the plan."""
    method = all_methods().get(kind)
    if method is not None and method.page:
        return method.page
    return role if role in ("primary", "sensitivity", "supplementary") else "secondary"


def listings_apart(entries: Iterable[Entry]) -> tuple[list[Entry], list[Entry]]:
    """The entries without their listings, and all listings in the order of their numbers, which is ICH E3's.

    An entry that prints tables or figures too keeps these where it stands.
    """
    without, listings = [], []
    for entry in entries:
        own = tuple(block for block in entry.blocks if _is_listing(block))
        rest = tuple(block for block in entry.blocks if not _is_listing(block))
        if not own:
            without.append(entry)
        elif not any(isinstance(block, Table | Figure) for block in rest):
            listings.append(entry)
        else:
            without.append(replace(entry, blocks=rest))
            listings.append(Entry(f"{entry.anchor}-listing", entry.title, own, entry.tag))
    return without, sorted(listings, key=_number)


def _is_listing(block: Block) -> bool:
    return isinstance(block, Table) and block.kind == LISTING


def _number(entry: Entry) -> list[int]:
    """16.2.10.1 after 16.2.9.1."""
    listing = next(block for block in entry.blocks if isinstance(block, Table))
    return [int(part) for part in re.findall(r"\d+", listing.number)]
