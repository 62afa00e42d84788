"""Values and labels as a page prints them, and times in the zone of who reads them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from browsing import Browser
from screening import CONSENT, enrolled, entry_path, screened, typed

from trialkit.study.fields import YES_NO
from trialkit.study.model import Choice, Item
from trialkit.vocabulary import ItemType
from trialkit.web import Web
from trialkit.web.entry_fields import numbers_beside
from trialkit.web.obstacles import in_labels
from trialkit.web.pages import zone
from trialkit.web.value_shown import shown, written
from trialkit.wording import translated
from trialkit.wording.catalogues import translator


def _context(language: str, **labels: str) -> Any:
    return {"labels": labels, "translate": translator(language), "person": lambda login: f"Dr {login}"}


def _item(kind: ItemType, *choices: Choice) -> Item:
    return Item(name="an_item", form="a_form", label="An item", type=kind, choices=choices)


@dataclass
class _Write:
    what: str
    text: str


@pytest.mark.parametrize(
    ("language", "item", "text", "says"),
    [
        ("zh", _item(ItemType.YES_NO, *YES_NO), "1", "1 (是)"),
        ("en", _item(ItemType.YES_NO, *YES_NO), "0", "0 (No)"),
        ("zh", _item(ItemType.CODED, Choice("1", "Sometimes")), "1", "1 (Sometimes)"),
        ("en", _item(ItemType.TIME), "6:30", "06:30"),
        ("en", _item(ItemType.TIME), "half past six", "half past six"),
        ("en", _item(ItemType.TEXT), "6:30", "6:30"),
        ("zh", _item(ItemType.TEXT), "@not_done", "未做"),
    ],
)
def test_a_value_stands_in_the_pages_words(language: str, item: Item, text: str, says: str) -> None:
    assert shown(_context(language), text, item) == says


def test_a_study_may_say_yes_in_its_own_words() -> None:
    item = _item(ItemType.YES_NO, *YES_NO)
    assert shown(_context("zh", Yes="有"), "1", item) == "1 (有)"


def test_the_trail_of_a_field_says_people_values_and_decisions() -> None:
    item, context = _item(ItemType.TIME), _context("en")
    says = {
        ("first", "typing_error"): "typing error",
        ("pass", "clerk"): "Dr clerk",
        ("pass_1", "6:30"): "06:30",
        ("agreed", "@not_done"): "not done",
        ("answered", "see 6:30 in the diary"): "see 6:30 in the diary",
    }
    assert {key: written(context, _Write(*key), item) for key in says} == says


def test_the_record_and_a_history_are_read_in_chinese(coordinator: Browser, web: Web) -> None:
    number = screened(coordinator)
    with Browser(web) as reader:
        reader.sign_in("monitor_a")
        reader.post("/language", {"language": "zh", "csrf": reader.token()})
        form = f"/subjects/{number}/visits/baseline/forms/eligibility"
        assert "1 (是)" in reader.get(form).text
        history = reader.get(f"{form}/items/elig_able_to_exercise?row=").text
    assert "1 (是)" in history and "Yes" not in history


def test_a_number_that_the_label_begins_with_stands_there_once(web: Web) -> None:
    odi, demographics = (numbers_beside(web.trial.study.form(name)) for name in ("odi", "demographics"))
    assert set(odi.values()) == {""}, "1. Pain intensity"
    assert (demographics["sex"], demographics["age_years"]) == ("1", "2")


def test_a_form_entered_once_says_entered_and_no_pass(coordinator: Browser) -> None:
    form = f"/subjects/{screened(coordinator)}/visits/baseline/forms/demographics"
    history = coordinator.get(f"{form}/items/age_years").text.partition("<main")[2]
    assert history.count("67") == 1 and "<b>entered</b>: 67" in history and "pass" not in history


@pytest.mark.parametrize(
    ("place", "says"),
    [
        ("A-001/baseline/demographics/age_years", "A-001, Baseline: Demographics, Age at consent"),
        (
            "A-001/baseline/adverse_events/2/ae_term",
            "A-001, Baseline: Adverse events, line 2, Event, in the reporter's words",
        ),
        ("A-001/baseline/adverse_events/2", "A-001, Baseline: Adverse events, line 2"),
        ("line 2:ae_term", "line 2, Event, in the reporter's words"),
        ("A-001/baseline", "A-001, Baseline"),
        ("A-001/baseline/demographics/unknown/thing", "A-001/baseline/demographics/unknown/thing"),
        ("pass.csv:2:ae_term", "pass.csv:2:ae_term"),
        ("versions/2/study.toml", "versions/2/study.toml"),
    ],
)
def test_a_place_is_told_in_labels_down_to_its_item(web: Web, place: str, says: str) -> None:
    assert translated(in_labels(web.trial.study, place), str) == says


def test_a_refusal_says_in_labels_where_it_is_about(coordinator: Browser) -> None:
    path = f"/subjects/{screened(coordinator)}/visits/baseline/forms/demographics/items/height_cm/correction"
    sent = coordinator.form_at(path) | {"value": "158.5", "reason": "Misread"}
    for language, where in (("en", "Baseline: Demographics, Height"), ("zh", "基线：人口学资料，身高")):
        coordinator.post("/language", {"language": language, "csrf": coordinator.token()})
        refused = coordinator.post(path, sent)
        assert refused.status_code == 409
        told = refused.text.partition('role="alert"')[2].partition("</div>")[0]
        assert where in told and "height_cm" not in told


def _of_zones(web: Web, *zones: str) -> Any:
    sites = [SimpleNamespace(name=str(n), time_zone=one) for n, one in enumerate(zones)]
    by_name = {site.name: site for site in sites}
    return SimpleNamespace(trial=SimpleNamespace(study=SimpleNamespace(sites=sites, site=by_name.get)))


@pytest.mark.parametrize(
    ("zones", "site", "browser", "told"),
    [
        (("Asia/Shanghai", "Asia/Shanghai"), None, "Europe/Paris", "Asia/Shanghai"),
        (("Asia/Shanghai", "Europe/Rome"), "1", "Europe/Paris", "Europe/Rome"),
        (("Asia/Shanghai", "Europe/Rome"), None, "Europe/Paris", "Europe/Paris"),
        (("UTC",), None, "Asia/Shanghai", "Asia/Shanghai"),
        (("UTC",), "0", "", "UTC"),
        (("UTC",), "0", "../../etc/passwd", "UTC"),
    ],
)
def test_the_zone_is_the_sites_or_else_the_browsers(
    web: Web, zones: tuple[str, ...], site: str | None, browser: str, told: str
) -> None:
    assert zone(_of_zones(web, *zones), site, browser).key == told


def test_a_draft_is_kept_at_the_time_of_its_subjects_site(web: Web, coordinator: Browser) -> None:
    number = enrolled(coordinator)
    path = entry_path(number, "consent")
    answer = coordinator.post(f"{path}/draft", coordinator.form_at(path) | typed(CONSENT))
    assert json.loads(answer.text)["kept"] == "08:00:00+08:00"
    assert datetime(2027, 6, 1, tzinfo=UTC) == web.now()
