"""The demonstration in mid-course: made, served in process, and entered with the accounts of its file."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from browsing import Browser

from trialkit.demo import prepare_mid_course
from trialkit.demo.telling import Teller
from trialkit.operations import open_trial
from trialkit.operations.web_desk import open_web_desk
from trialkit.vocabulary import Role
from trialkit.web import ShownAccount, Web


def test_everybody_gets_in_and_there_is_something_to_do(tmp_path: Path) -> None:
    made = prepare_mid_course(tmp_path, teller=Teller(io.StringIO()))
    with made.accounts_file.open(encoding="utf-8", newline="") as file:
        accounts = [ShownAccount(**row) for row in csv.DictReader(file)]
    assert {account.role for account in accounts} == set(Role)
    with open_trial(made.study_folder) as trial:
        web = Web(trial, open_web_desk(trial), shown_accounts=tuple(accounts))
        with Browser(web) as browser:
            page = browser.get("/sign-in").text
            homes = {}
            for account in accounts:
                assert account.login in page and account.password in page
                assert browser.sign_in(account.login, account.password).headers["location"] == "/"
                homes[account.role] = browser.get("/").text
    assert "/randomization" in homes["coordinator"]
    for title in ("Queries to answer", "Corrections to endorse", "Serious events to report"):
        assert title in homes["coordinator"], title
    assert "To sign again: changed since" in homes["investigator"]
    assert "To verify again: changed since" in homes["monitor"]
    assert "Queries that wait for a site" in homes["data_manager"]
    assert "/discrepancies" in homes["adjudicator"].partition("Discrepancies between two entries")[2]
    assert "/entry" in homes["second_entry"] and "/entry" in homes["first_entry"]
