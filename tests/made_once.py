"""What a run makes of one snapshot for one plan, made once a process; every run of the tests gets a copy.

Most runs of the tests are of the same snapshot, and three quarters of a run of one entry are its datasets.
Whoever asks :func:`trialkit.datasets.build_datasets` itself has them made anew.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from typing import Any

import pandas as pd
import pytest

from trialkit.analysis import modes
from trialkit.datasets import Datasets
from trialkit.datasets.captured import named_forms
from trialkit.plan import Plan
from trialkit.snapshot import Snapshot
from trialkit.study.model import Study

_MOST = 16


class _Kept:
    """The last answers, with the tables they were made of: a table that is kept has its ``id`` to itself."""

    def __init__(self) -> None:
        self._of: OrderedDict[Any, tuple[Any, Any]] = OrderedDict()

    def answer(self, key: Any, of: Any, make: Any) -> Any:
        if key not in self._of:
            self._of[key] = (of, make())
        self._of.move_to_end(key)
        while len(self._of) > _MOST:
            self._of.popitem(last=False)
        return self._of[key][1]


def _tables(snapshot: Snapshot) -> tuple[tuple[str, int], ...]:
    return tuple((name, id(table)) for name, table in sorted(snapshot.tables.items()))


def _copied(datasets: Datasets) -> Datasets:
    """One whose frames may be written to."""
    own: dict[str, Any] = {"made": {}}
    for field in fields(datasets):
        value = getattr(datasets, field.name)
        if isinstance(value, pd.DataFrame):
            own[field.name] = value.copy()
    own["records"] = {name: frame.copy() for name, frame in datasets.records.items()}
    return replace(datasets, **own)


@contextmanager
def datasets_made_once() -> Iterator[None]:
    build, blind = modes.build_datasets, modes.without_what_reveals
    built, blinded = _Kept(), _Kept()

    def built_once(snapshot: Snapshot, study: Study, plan: Plan) -> Datasets:
        of_plan = (plan.sets, plan.records, plan.endpoints, plan.visits, named_forms(plan, study))
        of_day = (snapshot.manifest.taken_at, snapshot.blinded)
        key = (_tables(snapshot), *of_day, study.sha256, str(of_plan))
        return _copied(built.answer(key, snapshot, lambda: build(snapshot, study, plan)))

    def blinded_once(snapshot: Snapshot, study: Study, kept: frozenset[str] = frozenset()) -> Snapshot:
        key = (_tables(snapshot), study.sha256, kept)
        seen = blinded.answer(key, snapshot, lambda: blind(snapshot, study, kept))
        manifest = replace(snapshot.manifest, blinded=True)
        return replace(snapshot, manifest=manifest, tables=dict(seen.tables))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(modes, "build_datasets", built_once)
        patch.setattr(modes, "without_what_reveals", blinded_once)
        yield
