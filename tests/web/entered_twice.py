"""A form that was typed twice, by the pages, and not the same."""

from __future__ import annotations

import re

from browsing import Browser
from screening import entry_path

from trialkit.web import Web

_ITEMS = ("pain", "care", "lifting", "walking", "sitting", "standing", "sleeping", "social", "travelling")


def typed_odi(answers: str) -> dict[str, str]:
    return {f"r0.odi_{name}": text for name, text in zip(_ITEMS, answers, strict=True)}


def entered_twice(web: Web) -> str:
    """Somebody randomized, whose ODI was typed twice: the entries differ in two items."""
    with Browser(web) as first:
        first.sign_in("first_entry_a")
        found = re.search(r"/subjects/([0-9]+)/visits/", first.get("/").text)
        assert found
    path = entry_path(found[1], "odi")
    for login, answers in (("first_entry_a", "123123123"), ("second_entry_a", "223123124")):
        with Browser(web) as clerk:
            clerk.sign_in(login)
            done = clerk.post(path, clerk.form_at(path) | typed_odi(answers))
            assert done.status_code == 303, done.text
    return found[1]
