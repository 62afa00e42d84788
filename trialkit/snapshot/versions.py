"""Which version of an amended study asked which item: what is missing apart from what was never asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from trialkit.snapshot.content import STUDY_VERSION, VERSIONS

if TYPE_CHECKING:
    import pandas as pd

NOT_ASKED = ("subject_id", "visit", "form", "row", "item", STUDY_VERSION)


class AskedBy:
    """Says of an item and a version whether that version asks it; of a study without amendments, always.

    Parameters
    ----------
    tables
        Those of a snapshot; ``versions`` and ``item_versions`` are there where the study was amended.
    """

    def __init__(self, tables: Mapping[str, pd.DataFrame]) -> None:
        self._order: dict[str, int] = {}
        self._span: dict[str, tuple[int, int]] = {}
        if VERSIONS not in tables:
            return
        versions = tables[VERSIONS]
        numbered = sorted(zip(versions["number"].astype(int), versions["version"], strict=True))
        self._order = {name: place for place, (_, name) in enumerate(numbered)}
        items = tables["item_versions"]
        spans = zip(items["item"], items["from_version"], items["until_version"], strict=True)
        for item, begin, end in spans:
            never = len(self._order)
            self._span[item] = (self._order.get(begin, never), self._order.get(end, never - 1))

    @property
    def amended(self) -> bool:
        return bool(self._order)

    def __call__(self, item: str, version: str) -> bool:
        if version not in self._order or item not in self._span:
            return True
        first, last = self._span[item]
        return first <= self._order[version] <= last


def not_asked(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """A row (of ``NOT_ASKED``) an item of a captured form that the form's own version did not ask.

    ``row`` is that of a repeating form. Empty where the study was never amended.
    """
    import pandas as pd

    asked = AskedBy(tables)
    if not asked.amended:
        return pd.DataFrame(columns=list(NOT_ASKED), dtype=object)
    values = tables["values"]
    keys = ["subject_id", "visit", "form", "row", STUDY_VERSION]
    there = set(values[["subject_id", "visit", "row", "item"]].itertuples(index=False, name=None))
    by_form = tables["item_versions"].groupby("form")["item"].agg(list)
    found = [
        (subject_id, visit, form, row, item, version)
        for subject_id, visit, form, row, version in values[keys]
        .drop_duplicates()
        .itertuples(index=False, name=None)
        for item in by_form.get(form, ())
        if not asked(item, version) and (subject_id, visit, row, item) not in there
    ]
    return pd.DataFrame(sorted(found), columns=list(NOT_ASKED), dtype=object)
