"""Risk calculators: public, closed to every request, and nothing else of the folder."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from browsing import Browser

from trialkit.prediction.calculator import calculator_page
from trialkit.web import Web


@pytest.fixture
def served(web: Web) -> Path:
    import json

    case = json.loads((Path(__file__).parent / "calculator_case.json").read_text(encoding="utf-8"))
    folder = web.trial.folder / "calculators"
    folder.mkdir()
    page = folder / "response.html"
    page.write_text(calculator_page(case["model"], case["card"]), encoding="utf-8")
    return page


def test_anybody_is_shown_a_calculator_under_its_own_policy(anybody: Browser, served: Path) -> None:
    answer: Any = anybody.get("/calculators/response")
    assert answer.status_code == 200
    assert answer.text == served.read_text(encoding="utf-8")
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'sha256-") and "frame-ancestors 'none'" in policy
    assert "connect-src" not in policy and "'self'" not in policy  # no request to anywhere, here included
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "name", ["other", "..%2Fstudy", "%2e%2e%2fstudy", "Response", "response.html", "x" * 65]
)
def test_nothing_else_is_there(anybody: Browser, served: Path, name: str) -> None:
    assert anybody.get(f"/calculators/{name}").status_code == 404


def test_a_page_that_might_ask_others_is_not_served(anybody: Browser, served: Path) -> None:
    shutil.copyfile(served, served.with_name("open.html"))
    text = served.read_text(encoding="utf-8").replace("default-src 'none'", "default-src *")
    served.with_name("open.html").write_text(text, encoding="utf-8")
    assert anybody.get("/calculators/open").status_code == 404


CARD = b"<!doctype html><title>Card</title><style>p{}</style><script>1</script><p>Said.</p>"


def test_the_list_names_every_model_with_the_pages_that_are_there(anybody: Browser, served: Path) -> None:
    served.with_name("response.card.html").write_bytes(CARD)
    served.with_name("open.html").write_text("<title>Not ours</title>", encoding="utf-8")
    text = anybody.get("/calculators").text
    title = served.read_text(encoding="utf-8").split("<title>")[1].split("</title>")[0]
    assert title in text
    assert 'href="/calculators/response"' in text
    assert 'href="/calculators/response/card"' in text
    assert "/calculators/response/report" not in text
    assert "Not ours" not in text


def test_a_card_is_shown_in_a_sandbox_with_its_own_script_alone(anybody: Browser, served: Path) -> None:
    served.with_name("response.card.html").write_bytes(CARD)
    answer: Any = anybody.get("/calculators/response/card")
    assert answer.content == CARD
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert policy.endswith("sandbox allow-scripts")


@pytest.mark.parametrize("page", ["report", "html", "card.html", "..%2Fstudy"])
def test_no_other_page_of_a_model_is_there(anybody: Browser, served: Path, page: str) -> None:
    served.with_name("response.card.html").write_bytes(CARD)
    assert anybody.get(f"/calculators/response/{page}").status_code == 404


def test_without_a_folder_the_list_says_so(anybody: Browser) -> None:
    assert "None yet" in anybody.get("/calculators").text
