"""The pages in two languages: who gets which, and that it stays."""

from __future__ import annotations

from html import unescape

from browsing import Browser
from screening import enrolled

from trialkit.store.reading.subjects import subjects
from trialkit.web import Web
from trialkit.wording.catalogues import language_asked_for

CHINESE = {"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.5"}


def test_a_browser_says_what_it_would_rather_have() -> None:
    assert language_asked_for("zh-CN,zh;q=0.9,en;q=0.5") == "zh"
    assert language_asked_for("de, en;q=0.5, zh;q=0.2") == "en"
    assert language_asked_for("zh;q=0.2, en;q=0.5") == "en"
    assert language_asked_for("zh;q=0, *") == "en"
    for nonsense in ("", ";;;,,", "zh;q=x", "\x00" * 10_000):
        assert language_asked_for(nonsense) == "en"


def test_before_sign_in_the_browser_decides_and_then_its_cookie(anybody: Browser) -> None:
    assert '<html lang="en">' in anybody.get("/sign-in").text
    page = anybody.client.get("/sign-in", headers=CHINESE).text
    assert '<html lang="zh-Hans">' in page and "登录" in page
    answer = anybody.post("/language", {"language": "zh"}, Referer="http://testserver/sign-in?x=1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?x=1")
    assert '<html lang="zh-Hans">' in anybody.get("/sign-in").text


def test_a_language_stays_with_the_account_in_another_browser(coordinator: Browser, web: Web) -> None:
    token = coordinator.form_at("/subjects/new")["csrf"]
    coordinator.post("/language", {"language": "zh", "csrf": token})
    assert "受试者" in coordinator.get("/").text
    with Browser(web) as other:
        other.sign_in("coordinator_a")
        assert '<html lang="zh-Hans">' in other.get("/").text
        other.sign_in("investigator_a")
        assert '<html lang="en">' in other.get("/").text


def test_an_unknown_language_and_a_page_elsewhere_are_not_followed(anybody: Browser) -> None:
    assert anybody.post("/language", {"language": "../zh"}).status_code == 404
    for referer in ("https://elsewhere.example/x", "http://testserver//elsewhere.example", "\\\\elsewhere"):
        location = anybody.post("/language", {"language": "zh"}, Referer=referer).headers["location"]
        assert location in ("/", "/elsewhere.example"), referer


def test_what_was_done_is_said_in_the_language_of_who_reads_it(coordinator: Browser) -> None:
    form = coordinator.form_at("/subjects/new") | {"consent_date": "2027-05-31"}
    done = coordinator.post("/subjects/new", form).headers["location"]
    assert "is enrolled at" in coordinator.get(done).text
    coordinator.post("/language", {"language": "zh", "csrf": form["csrf"]})
    page = coordinator.get(done).text
    assert "is enrolled at" not in page and "已" in page


def test_a_refusal_is_said_in_chinese_all_four_fields(coordinator: Browser) -> None:
    form = coordinator.form_at("/subjects/new") | {"consent_date": "yesterday"}
    coordinator.post("/language", {"language": "zh", "csrf": form["csrf"]})
    page = coordinator.post("/subjects/new", form).text
    assert "yesterday" in page and "YYYY-MM-DD" in page
    assert "Type the date" not in page and "consent date" not in page


def test_times_are_those_of_the_site(coordinator: Browser) -> None:
    """The site lies eight hours east of Greenwich: midnight there is four in the afternoon here."""
    number = enrolled(coordinator)
    path = f"/subjects/{number}/visits/baseline/forms/consent/entry"
    form = coordinator.form_at(path)
    assert "08:00:00+08:00" in coordinator.post(f"{path}/draft", form).text
    assert "08:00:00+08:00" in coordinator.get(path).text


def test_labels_of_the_dictionary_are_those_of_the_study(coordinator: Browser, web: Web) -> None:
    """As its file has them; what is typed stays as it was typed, were it a label's very words."""
    number = enrolled(coordinator)
    path = f"/subjects/{number}/visits/baseline/forms/consent/entry"
    form = coordinator.form_at(path) | {"r0.consent_version": "Informed consent"}
    coordinator.post(f"{path}/draft", form)
    coordinator.post("/language", {"language": "zh", "csrf": form["csrf"]})
    page = coordinator.get(path).text
    assert "<h1>知情同意</h1>" in page and "受试者签署日期" in page
    assert 'value="Informed consent"' in page


def test_a_refused_code_is_told_with_the_labels_of_the_language(coordinator: Browser, web: Web) -> None:
    with web.trial.store.reading() as reader:
        number = next(n for n, one in subjects(reader).items() if one.site == "A" and one.allocated)
    coordinator.post("/language", {"language": "zh", "csrf": coordinator.token()})
    page = unescape(coordinator.get(f"/subjects/{number}/visits/week_6/forms/odi/entry").text)
    assert "0 (第 1 项陈述), 1 (第 2 项陈述)" in page and "0 (Statement 1)" not in page
