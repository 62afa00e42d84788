"""The demonstration in mid-course behind the application, and its accounts, made once for a module."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from trialkit.demo import prepare_mid_course
from trialkit.demo.telling import Teller
from trialkit.operations import open_trial
from trialkit.operations.web_desk import open_web_desk
from trialkit.web import ShownAccount, Web


@contextmanager
def opened(folder: Path) -> Iterator[Web]:
    made = prepare_mid_course(folder, teller=Teller(io.StringIO()))
    with made.accounts_file.open(encoding="utf-8", newline="") as file:
        accounts = tuple(ShownAccount(**row) for row in csv.DictReader(file))
    with open_trial(made.study_folder) as trial:
        yield Web(trial, open_web_desk(trial), shown_accounts=accounts)
