"""A stratum is told by the labels of its factors and levels, in the language of the page."""

from __future__ import annotations

import re
from html import unescape

from browsing import Browser

from trialkit import operations as op
from trialkit.operations import RecruitmentScope, RecruitmentState
from trialkit.operations.web_desk import act_in_session
from trialkit.store.reading.subjects import subjects
from trialkit.vocabulary import Role
from trialkit.web import Web

MANAGER = act_in_session("data_manager_a", Role.DATA_MANAGER, None, "")


def _read(browser: Browser, path: str) -> str:
    """The words of a page, without its tags."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", browser.get(path).text)).split())


def _in_chinese(browser: Browser) -> None:
    browser.post("/language", {"language": "zh", "csrf": browser.token()})


def test_the_state_of_the_study_names_its_strata(anybody: Browser) -> None:
    anybody.sign_in("administrator_a")
    assert "Site: A (Tertiary hospital 1); Sex: Female sex=female;site=A" in _read(anybody, "/state")
    _in_chinese(anybody)
    assert "中心: A (三级医院 1); 性别: 女 sex=female;site=A" in _read(anybody, "/state")


def test_a_stratum_that_is_paused_is_named_where_it_is_told(anybody: Browser, web: Web) -> None:
    name = "sex=male;site=A"
    paused = RecruitmentState.PAUSED
    op.set_recruitment(
        web.trial, MANAGER, scope=RecruitmentScope.STRATUM, state=paused, reason="supply", name=name
    )
    anybody.sign_in("coordinator_a")
    _in_chinese(anybody)
    assert "中心: A (三级医院 1); 性别: 男" in _read(anybody, "/") and name not in _read(anybody, "/")
    with Browser(web) as other:
        other.sign_in("administrator_a")
        assert "stratum Site: A (Tertiary hospital 1); Sex: Male: paused" in _read(other, "/state")


def test_the_confirmation_says_the_level_in_the_language_of_the_page(coordinator: Browser, web: Web) -> None:
    with web.trial.store.reading() as reader:
        number = next(n for n, state in subjects(reader).items() if state.site == "A" and state.allocated)
    path = f"/subjects/{number}/allocation"
    english = re.search(r"Stratum (.*?) Randomized", _read(coordinator, path))
    assert english and {*english[1].split("; ")} == {"Site: A (Tertiary hospital 1)", "Sex: Female"}
    _in_chinese(coordinator)
    chinese = _read(coordinator, path)
    assert "中心: A (三级医院 1)" in chinese and "Tertiary" not in chinese and "性别: 女" in chinese
