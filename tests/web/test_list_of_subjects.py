"""The list of subjects as a spreadsheet and as a matrix of visits: what the operations say, and no more."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter

import pytest
from browsing import Browser

from trialkit import operations as op
from trialkit.operations.open_forms import states_by_visit
from trialkit.operations.subject_list import list_subjects
from trialkit.operations.web_desk import act_in_session
from trialkit.vocabulary import Role
from trialkit.web import Web

MONITOR = act_in_session("monitor_a", Role.MONITOR, None, "")


def test_the_csv_has_the_lines_of_the_list_as_it_is_filtered(anybody: Browser, web: Web) -> None:
    anybody.sign_in("monitor_a")
    answer = anybody.get("/subjects?format=csv&site=A")
    assert answer.headers["content-type"].startswith("text/csv")
    assert f'filename="{web.trial.study.id}-subjects.csv"' in answer.headers["content-disposition"]
    assert "attachment" in answer.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    wanted = [one for one in list_subjects(web.trial, MONITOR) if one.site == "A"]
    assert [(row["subject_id"], row["standing"]) for row in rows] == [
        (one.subject_id, str(one.standing)) for one in wanted
    ]
    assert rows and set(rows[0]) == {
        "subject_id", "site", "standing", "consent_date", "randomized_on", "left_on",
    }  # fmt: skip


def test_the_matrix_counts_what_forms_now_lists(anybody: Browser, web: Web) -> None:
    found = states_by_visit(web.trial, MONITOR)
    wanted: dict[tuple[str, str], Counter[str]] = {}
    for now in op.forms_now(web.trial, MONITOR):
        wanted.setdefault((now.subject_id, now.visit), Counter())[now.status] += 1
    assert {place: +states for place, states in found.items()} == wanted
    anybody.sign_in("monitor_a")
    page = anybody.get("/subjects?view=matrix").text
    shown = [int(n) for n in re.findall(r'class="spoken">[^<]+</span>(\d+)', page)]
    assert sum(shown) == sum(sum(states.values()) for states in wanted.values())


@pytest.mark.parametrize("login", ["first_entry_a", "second_entry_a"])
def test_whoever_types_blindly_is_offered_no_matrix(anybody: Browser, login: str) -> None:
    anybody.sign_in(login)
    assert "view=matrix" not in anybody.get("/subjects").text
    assert 'class="matrix"' not in anybody.get("/subjects?view=matrix").text


def test_a_coordinator_has_the_subjects_of_the_own_site_alone(anybody: Browser, web: Web) -> None:
    anybody.sign_in("coordinator_a")
    rows = list(csv.DictReader(io.StringIO(anybody.get("/subjects?format=csv").text)))
    assert rows and {row["site"] for row in rows} == {"A"}
