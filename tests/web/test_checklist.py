"""The checklist before randomizing shows what each criterion was judged by, and on which form it stands."""

from __future__ import annotations

import re
from html import unescape

from browsing import Browser
from screening import ELIGIBLE, enrolled, screened

from trialkit.web import Web


def _lines(browser: Browser, number: str) -> list[str]:
    page = browser.get(f"/subjects/{number}/randomization").text
    checks = page.partition('<ul class="checks">')[2].partition("</ul>")[0]
    return [" ".join(unescape(re.sub(r"<[^>]+>", " ", one)).split()) for one in checks.split("<li")[1:]]


def test_each_criterion_shows_its_value_and_form(coordinator: Browser) -> None:
    number = screened(coordinator, ELIGIBLE | {"elig_odi_percent": "64"})
    lines = _lines(coordinator, number)
    age = next(line for line in lines if "Age 60" in line)
    assert "holds 67 years Eligibility, 1" in age
    odi = next(line for line in lines if "ODI from" in line)
    assert "does not hold 64 percent Eligibility, 3" in odi
    surgery = next(line for line in lines if "Previous lumbar surgery" in line)
    assert "0 (No) Eligibility" in surgery
    page = coordinator.get(f"/subjects/{number}/randomization").text
    link = f"/subjects/{number}/visits/baseline/forms/eligibility"
    assert f'href="{link}"' in page and coordinator.get(link).status_code == 200


def test_what_was_not_entered_says_which_form_is_missing(coordinator: Browser, web: Web) -> None:
    lines = _lines(coordinator, enrolled(coordinator))
    assert all("no value yet" in line for line in lines[1:])
    assert any("no value yet Informed consent, 1" in line for line in lines)
    assert web.trial.study.criteria and len(lines) == len(web.trial.study.criteria) + 1
