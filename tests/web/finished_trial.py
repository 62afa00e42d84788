"""A small trial at its end behind the web application: all typed twice and decided, nothing locked yet."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from shutil import copytree

import chain
from browsing import PASSWORD
from small_trial import AT_SITE_A

from trialkit import operations as op, resources
from trialkit.clock import SimulatedClock
from trialkit.operations.web_desk import open_web_desk
from trialkit.vocabulary import Role
from trialkit.web import Web


def finished(folder: Path, *, subjects: int = 6) -> chain.ChainRun:
    """With an account a role, as :func:`small_trial.found` has them."""
    definition = resources.folder("sample_data")
    trial = chain.found_study(folder / "study", definition)
    for role in Role:
        op.add_account(
            trial,
            chain.ADMIN,
            login=f"{role}_a",
            person_name="A Person",
            role=role,
            site="A" if role in AT_SITE_A else None,
            password=PASSWORD,
        )
    files = chain.make_list(trial.study, folder / "list", definition)
    return chain.run_chain(trial, definition, files, subjects)


@contextmanager
def copied(run: chain.ChainRun, folder: Path) -> Iterator[Web]:
    """The trial in a folder of this test's own, a day later."""
    with run.trial.store.reading():
        copytree(run.trial.folder, folder / "study")
    clock = SimulatedClock(run.trial.clock.now() + timedelta(days=1))
    with op.open_trial(folder / "study", clock=clock) as trial:
        yield Web(trial, open_web_desk(trial))
