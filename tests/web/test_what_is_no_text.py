"""Characters that are no text, and file names that are no names: refused, and no defect."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from browsing import Browser
from test_api import Program, any_arguments

from trialkit.store.reading.audit import audit_head
from trialkit.store.reading.subjects import subjects
from trialkit.vocabulary import Role
from trialkit.web import Web
from trialkit.web.api.endpoints import ENDPOINTS
from trialkit.web.views.routes import ROUTES

TABLE = b"subject_id,vas_mm\n0001,41\n"
NAMES = {
    "U+0000": b"a\x00b.csv",
    "control characters": b"a\x01\x1b[31m\x7f\xc2\x85.csv",
    "lines": b"a%0D%0ASet-Cookie: x=1.csv",
    "folders": b"../../../study.csv",
    "folders of Windows": b"..\\..\\study.csv",
    "dots": b"....csv",
    "half a pair": b"a\xed\xa0\x80.csv",
    "no UTF-8": b"\xff\xfe\x80.csv",
    "other direction": "vas\u202evsc.exe.csv".encode(),
    "markup": b"<img src=x onerror=alert(1)>.csv",
    "quotes": b"a%22; filename=%22b.csv",
    "long": b"a" * 5000 + b".csv",
    "long, of many bytes": "第".encode() * 500 + b".csv",
    "a device": b"/dev/null",
    "none": b"",
}


def _records(web: Web) -> int:
    with web.trial.store.reading() as reader:
        return audit_head(reader)[0]


def _sent_file(browser: Browser, path: str, name: bytes, fields: dict[str, str], content: bytes) -> Any:
    parts = [
        b'--limit\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (key.encode(), text.encode())
        for key, text in fields.items()
    ]
    head = b'--limit\r\nContent-Disposition: form-data; name="file"; filename="%s"\r\n' % name
    parts.append(head + b"Content-Type: text/csv\r\n\r\n" + content + b"\r\n--limit--\r\n")
    kind = {"Content-Type": "multipart/form-data; boundary=limit"}
    return browser.client.post(path, content=b"".join(parts), headers=kind)


def _is_harmless(page: str) -> None:
    assert not [letter for letter in page if ord(letter) < 32 and letter not in "\n\t\r"]
    assert "\x7f" not in page and "\u202e" not in page and "<img src=x" not in page and "a" * 201 not in page
    assert "/tmp" not in page


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_a_file_by_any_name_is_looked_at_or_refused(anybody: Browser, web: Web, name: bytes) -> None:
    anybody.sign_in("first_entry_a")
    before = _records(web)
    form = {"csrf": anybody.token(), "form": "vas", "visit": "baseline", "typist": ""}
    answer = _sent_file(anybody, "/imports", name, form, TABLE)
    assert answer.status_code in (303, 400, 409), answer.text[:300]
    if answer.status_code == 303:
        assert answer.headers["location"].startswith("/imports/") and "x" not in answer.cookies
        answer = anybody.get(answer.headers["location"])
        assert answer.status_code == 200
    _is_harmless(answer.text)
    anybody.sign_in("adjudicator_a")
    form = anybody.form_at("/discrepancies/workbook")
    form.pop("file")
    answer = _sent_file(anybody, "/discrepancies/workbook", name, form, TABLE)
    assert answer.status_code in (400, 409)
    _is_harmless(answer.text)
    assert _records(web) == before


BAD = {"U+0000": "a\0b", "half a pair": "a\ud800b", "the other half": "\udfff"}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
def test_no_address_of_the_api_takes_what_is_no_text(anybody: Browser, web: Web, bad: str) -> None:
    """As a value of each argument, as the name of one, and within those that hold others."""
    with web.trial.store.reading() as reader:
        subject = next(n for n, state in subjects(reader).items() if state.site == "A")
    program = Program(web, anybody, "coordinator_a", Role.COORDINATOR, "A")
    before, tried = _records(web), 0
    for endpoint in ENDPOINTS:
        if not endpoint.writes:
            continue
        path = endpoint.path.replace("{subject_id}", subject).replace("{number}", "1")
        path = path.replace("{visit}", "baseline").replace("{form}", "vas").replace("{item}", "vas_mm")
        right = any_arguments(endpoint.operation, endpoint.in_path)
        for body in _spoilt(right, bad):
            answer = _posted(program, path, json.dumps(body))
            assert answer.status_code in (400, 403, 404, 409, 422), (path, body, answer.status_code)
            answer.json()
            tried += 1
    assert tried > 20
    assert _records(web) == before


def _spoilt(right: dict[str, Any], bad: str) -> list[Any]:
    each = [right | {name: bad} for name in right]
    within = [right | {name: [bad]} for name in right] + [right | {name: {bad: bad}} for name in right]
    return [*each, *within, right | {bad: "x"}, {bad: bad}, bad, [bad]]


def _posted(program: Program, path: str, content: str) -> Any:
    headers = {
        "Authorization": f"Bearer {program.token}",
        "Idempotency-Key": f"key-of-test-{next(program._keys)}",
        "Content-Type": "application/json",
    }
    return program.client.post(f"/api/v1{path}", content=content.encode(), headers=headers)


def test_a_form_with_what_is_no_text_is_refused_on_a_page(coordinator: Browser, web: Web) -> None:
    before = _records(web)
    form = coordinator.form_at("/subjects/new")
    for sent in (form | {"consent_date": "2027-05-31\0"}, form | {"a\0b": "x"}):
        answer = coordinator.post("/subjects/new", sent)
        assert answer.status_code == 400 and answer.headers["content-type"].startswith("text/html")
        assert "a character that is none (U+0000)" in answer.text and "Nothing was written" in answer.text
        assert 'href="/subjects"' in answer.text, "the page of a session, with its menu"
    large = coordinator.post("/subjects/new", form | {"consent_date": "x" * 300_000})
    assert large.status_code == 413 and "a form of at most 256 kB" in large.text
    assert _records(web) == before


def test_every_page_that_takes_a_form_refuses_what_is_no_text(coordinator: Browser) -> None:
    for known in ROUTES:
        if "POST" in known.views:
            answer = coordinator.post(known.path.replace("{", "").replace("}", ""), {"a": "\0"})
            assert answer.status_code == 400 and "<main" in answer.text, known.path


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.DATA_MANAGER, Role.INVESTIGATOR, Role.FIRST_ENTRY])
def test_digits_without_end_are_no_number(anybody: Browser, web: Web, role: Role) -> None:
    """Python reads none of more than 4,300 digits, and no database keeps one of twenty."""
    with web.trial.store.reading() as reader:
        subject = next(n for n, state in subjects(reader).items() if state.site == "A")
    anybody.sign_in(f"{role}_a")
    token = anybody.token()
    for digits in ("9" * 5000, "9" * 25, "9" * 4300 + "\u0663"):
        everything = {"csrf": token, "line": digits, "token": digits, "query": digits, "change": "revoke"}
        everything |= {f"r{digits}.odi_pain": "1", "item": "odi_pain", "reason": "x", "step": "close"}
        everything |= {
            "l0.place": f"{digits}:{digits}",
            "l0.fate": "keep",
            "days": digits,
            "scope.list_forms": "yes",
        }
        for known in ROUTES:
            path = known.path.replace("{subject_id}", subject).replace("{item}", "odi_pain")
            path = re.sub(r"\{\w+\}", digits, path.replace("{visit}/forms/{form}", "baseline/forms/odi"))
            asked = "&".join(
                f"{name}={digits}" for name in ("from", "before", "number", "row", "within", "days")
            )
            if "GET" in known.views:
                assert anybody.get(f"{path}?{asked}").status_code < 500, known.path
            if "POST" in known.views and known.path not in ("/sign-out", "/sign-in"):
                sent = everything | {"request_key": f"{known.path}{digits[:30]}{len(digits)}"}
                assert anybody.post(path, sent).status_code < 500, known.path
