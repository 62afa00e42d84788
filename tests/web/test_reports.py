"""Reports on screen: the numbers of the operations, and charts that are images and nothing else."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from browsing import Browser

from trialkit import operations as op
from trialkit.operations import error_rates, recruitment_counts
from trialkit.operations.web_desk import act_in_session
from trialkit.store.reading.subjects import subjects
from trialkit.vocabulary import Role
from trialkit.web import Web
from trialkit.web.charts import Bar, Course, bars, course

SVG = "{http://www.w3.org/2000/svg}"


def _numbers(page: str) -> list[list[str]]:
    rows = re.findall(r"<tr>(.*?)</tr>", page, re.DOTALL)
    return [
        [re.sub(r"<[^>]*>", "", cell).strip() for cell in re.findall(r"<t[hd].*?</t[hd]>", row)]
        for row in rows
    ]


def test_recruitment_stands_against_its_target(anybody: Browser, web: Web) -> None:
    anybody.sign_in("data_manager_a")
    counts = recruitment_counts(web.trial, act_in_session("data_manager_a", Role.DATA_MANAGER, None, ""))
    page = anybody.get("/recruitment").text
    assert 'src="/recruitment/sites.svg"' in page and 'src="/recruitment/months.svg"' in page
    drawing = ElementTree.fromstring(anybody.get("/recruitment/sites.svg").text)
    texts = [found.text or "" for found in drawing.iter(f"{SVG}text")]
    for site in web.trial.study.sites:
        n = sum(found for (code, _), found in counts.randomized.items() if code == site.code)
        assert f"{n} of {site.target}" in texts
    assert anybody.get("/recruitment/arms.svg").status_code == 404


def test_completeness_counts_every_expected_form_once(anybody: Browser) -> None:
    anybody.sign_in("data_manager_a")
    table = _numbers(anybody.get("/reports/completeness").text)
    rows = [row for row in table if row and row[-1].isdecimal()]
    by_site = [row for row in rows if row[0][1:2] == ","]
    by_form = [row for row in rows if row not in by_site]
    assert by_form and by_site
    assert sum(int(row[-1]) for row in by_form) == sum(int(row[-1]) for row in by_site)
    for row in rows:
        assert sum(int(cell) for cell in row[1:-1] if cell.isdecimal()) == int(row[-1])


@pytest.mark.parametrize("login", ["first_entry_a", "second_entry_a"])
def test_a_typist_is_told_no_states(anybody: Browser, login: str) -> None:
    anybody.sign_in(login)
    for path in (
        "/reports/completeness",
        "/reports/completeness.svg",
        "/reports/errors",
        "/reports/errors.svg",
    ):
        assert anybody.get(path).status_code == 404
    assert "/reports/completeness" not in anybody.get("/reports").text


def test_error_rates_are_those_of_the_operation(anybody: Browser, web: Web) -> None:
    anybody.sign_in("data_manager_a")
    rates = error_rates(web.trial, act_in_session("data_manager_a", Role.DATA_MANAGER, None, ""))
    page = anybody.get("/reports/errors").text
    shown = [rate for rate in (*rates.clerks, *rates.between) if rate.by in ("all", "form") and rate.fields]
    if not shown:
        assert "No form was entered twice yet." in page
    for rate in shown:
        assert f"<td>{rate.fields}</td><td>{rate.errors}</td><td>{rate.per_10000:.1f}</td>" in page
    picture = anybody.get("/reports/errors.svg").text
    for login in {rate.clerk for rate in rates.clerks if rate.fields}:
        assert rates.person(login) != login and f'<th scope="row">{rates.person(login)}</th>' in page
        assert f'<th scope="row">{login}</th>' not in page and f">{login}<" not in picture


def test_the_age_of_queries_and_the_safety_list_are_there(anybody: Browser) -> None:
    anybody.sign_in("data_manager_a")
    assert "15–30" in anybody.get("/reports/queries").text
    assert "0 events, 0 with a report overdue." in anybody.get("/reports/safety").text


def test_a_chart_is_an_image_without_styles_or_scripts(anybody: Browser) -> None:
    anybody.sign_in("data_manager_a")
    for path in (
        "/recruitment/sites.svg",
        "/recruitment/months.svg",
        "/reports/completeness.svg",
        "/reports/queries.svg",
    ):
        answer = anybody.get(path)
        assert answer.headers["content-type"] == "image/svg+xml"
        assert "style" not in answer.text and "<script" not in answer.text
        ElementTree.fromstring(answer.text)


def test_bars_are_as_long_as_their_numbers_and_a_label_is_only_text() -> None:
    drawing = ElementTree.fromstring(bars("T", [Bar("<b>&", (1.0, 3.0), "1", 4.0), Bar("x", (2.0,), "2")]))
    widths = [float(found.get("width", "")) for found in drawing.iter(f"{SVG}rect")]
    assert widths == pytest.approx([105, 315, 210])
    assert next(found.text for found in drawing.iter(f"{SVG}text")) == "<b>&"


def test_a_course_ends_at_the_top_where_the_goal_is_reached() -> None:
    drawing = ElementTree.fromstring(course("T", Course(("2027-01", "2027-02"), (1, 4), 4)))
    line = next(drawing.iter(f"{SVG}polyline")).get("points", "").split()
    goal = next(found for found in drawing.iter(f"{SVG}path") if found.get("stroke-dasharray"))
    assert line[-1].partition(",")[2] == re.findall(r"M\d+ ([\d.]+)H", goal.get("d", ""))[0]
    assert ElementTree.fromstring(course("T", Course((), (), None))) is not None


def test_reports_are_in_the_language_of_the_page_to_their_pictures_and_places(
    anybody: Browser, web: Web
) -> None:
    with web.trial.store.reading() as reader:
        number = next(iter(subjects(reader)))
    manager = act_in_session("data_manager_a", Role.DATA_MANAGER, None, "")
    place = {"subject_id": number, "visit": "baseline", "form": "demographics", "item": "height_cm"}
    op.open_query(web.trial, manager, text="On which scale?", **place)
    anybody.sign_in("data_manager_a")
    assert (
        f"Query 1: {number}, Baseline, Demographics: Height, 0 days" in anybody.get("/reports/queries").text
    )
    anybody.post("/language", {"language": "zh", "csrf": anybody.token()})
    page = anybody.get("/reports/queries").text
    assert "人口学资料：身高" in page.replace(": ", "：") and '<th scope="row">31 及以上' in page
    picture = anybody.get("/reports/completeness.svg").text
    assert "人口学资料" in picture and "Demographics" not in picture


def test_a_site_has_its_name_in_the_language_of_the_page(anybody: Browser) -> None:
    """On pages and pictures, and where a site is chosen; its code stays."""
    reports = ("/recruitment", "/reports/completeness", "/recruitment/sites.svg")
    read = {
        "data_manager_a": reports,
        "coordinator_a": ("/subjects/new",),
        "administrator_a": ("/accounts", "/accounts/monitor_a"),
    }
    for login, shown in read.items():
        anybody.sign_in(login)
        for page in shown:
            assert "Tertiary hospital 1" in anybody.get(page).text, page
        anybody.post("/language", {"language": "zh", "csrf": anybody.token()})
        for page in shown:
            text = anybody.get(page).text
            assert "三级医院 1" in text and "Tertiary" not in text, page
        anybody.post("/language", {"language": "en", "csrf": anybody.token()})
