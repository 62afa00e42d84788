"""A browser without a screen: follows no link by itself, and fills in forms as they were rendered."""

from __future__ import annotations

import re
from html import unescape
from typing import Any, Self

import httpx2
from one_call import OneCall
from starlette.testclient import TestClient

from trialkit.web import Web, make_application

PASSWORD = "a password of tests"
_FIELD = re.compile(r"<input\b[^>]*>")
_ATTRIBUTE = re.compile(r'\b([a-z_-]+)="([^"]*)"')


def filled(path: str, **parts: str) -> str:
    """An address with its parts put in; one that nobody named is something that is not there."""
    return re.sub(r"\{(\w+)\}", lambda part: parts.get(part[1], "none"), path)


class Browser:
    def __init__(self, web: Web, base_url: str = "http://testserver") -> None:
        self.web = web
        self.client = TestClient(
            make_application(web), base_url=base_url, follow_redirects=False, raise_server_exceptions=False
        )

    def __enter__(self) -> Self:
        self.client.__enter__()
        self.client._transport = OneCall(self.client)
        return self

    def __exit__(self, *about: Any) -> None:
        self.client.__exit__(*about)

    def get(self, path: str) -> httpx2.Response:
        return self.client.get(path)

    def post(self, path: str, fields: dict[str, str], **headers: str) -> httpx2.Response:
        return self.client.post(
            path, data=fields, headers={k.replace("_", "-"): v for k, v in headers.items()}
        )

    def sign_in(self, login: str, password: str = PASSWORD) -> httpx2.Response:
        return self.post("/sign-in", {"login": login, "password": password})

    def complete(self, path: str, fields: dict[str, str]) -> httpx2.Response:
        """Press *Complete*, look at the blanks and oddities that the page lists, and press it again."""
        told = self.post(path, fields)
        assert told.status_code == 200 and "Look at these before the form is complete" in told.text
        return self.post(path, fields | pressed_again(told.text))

    def token(self) -> str:
        """The token that the forms of this session carry."""
        page = self.get("/me").text or self.get("/acting-as").text
        found = re.search(r'name="csrf" value="([^"]+)"', page)
        assert found
        return found[1]

    def form_at(self, path: str) -> dict[str, str]:
        """The fields of the page's own form as rendered, the token among them."""
        page = self.get(path)
        assert page.status_code == 200, (path, page.status_code, page.text[:500])
        return fields_in(page.text)


def pressed_again(page: str) -> dict[str, str]:
    """What a page that listed something adds to a form sent once more."""
    kept = ("looked", "request_key", "draft_version")
    return {name: text for name, text in fields_in(page).items() if name in kept}


def fields_in(page: str) -> dict[str, str]:
    """Input fields with a name, boxes that are not ticked left out."""
    found = {}
    for tag in _FIELD.findall(page.partition("<main")[2]):
        attributes = dict(_ATTRIBUTE.findall(tag))
        if "name" in attributes and attributes.get("type") != "checkbox":
            found[attributes["name"]] = unescape(attributes.get("value", ""))
    return found
