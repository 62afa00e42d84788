"""Risk models: static pages of the study folder, for anybody, without a session.

They are what ``trialkit predict develop`` wrote; whoever runs the host puts them there, and with a report
what it says of the arms. A calculator brings the content policy that it was made with, which permits its own
script and no request to anywhere; card, report and pathway get one as the pages of an analysis do.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path

from starlette.responses import HTMLResponse, Response

from trialkit.web.asking import Asked, NotHereError
from trialkit.web.views.analyses import policy_of
from trialkit.wording import Said, said

FOLDER = "calculators"
PAGES = {"card": said("Model card"), "report": said("Report"), "pathway": said("Care pathway")}
"""``NAME.card.html`` and so on, beside ``NAME.html``, the calculator."""
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy" content="([^"]+)">')
_TITLE = re.compile(r"<title>([^<]*)</title>")
_CLOSED = "default-src 'none'; "
_LARGEST = 64 * 1024 * 1024  # bytes: a forest of a thousand deep trees
_BEGINNING = 64 * 1024


def listed(asked: Asked) -> Response:
    """Every model that is served, with its pages."""
    return asked.page("calculators.html", models=list(_models(asked.trial.folder / FOLDER)))


def _models(folder: Path) -> Iterator[tuple[str, str, list[tuple[str, Said]]]]:
    """Name, title, and the pages that are there beside the calculator."""
    for file in sorted(folder.glob("*.html")):
        name = file.name.removesuffix(".html")
        if not _NAME.fullmatch(name):
            continue
        with file.open(encoding="utf-8", errors="replace") as opened:
            text = opened.read(_BEGINNING)
        if _own_policy(text):
            title = _TITLE.search(text)
            pages = [(page, words) for page, words in PAGES.items() if _beside(file, page).is_file()]
            yield name, html.unescape(title[1]) if title else name, pages


def shown(asked: Asked) -> Response:
    """``calculators/NAME.html`` of the study folder, as it is."""
    text = _file(asked).read_text(encoding="utf-8", errors="replace")
    policy = _own_policy(text)
    if not policy:  # no page of ours: it might ask others
        raise NotHereError
    return HTMLResponse(text, headers={"Content-Security-Policy": f"{policy}; frame-ancestors 'none'"})


def page(asked: Asked) -> Response:
    """``calculators/NAME.card.html``, ``NAME.report.html`` or ``NAME.pathway.html``, in a sandbox."""
    wanted = asked.at("page")
    beside = _beside(_file(asked), wanted)
    if wanted not in PAGES or not beside.is_file() or beside.stat().st_size > _LARGEST:
        raise NotHereError
    content = beside.read_bytes()
    headers = {"Content-Security-Policy": policy_of(content)}
    return Response(content, media_type="text/html; charset=utf-8", headers=headers)


def _file(asked: Asked) -> Path:
    """The calculator of the model that is asked for."""
    name = asked.at("name")
    file = asked.trial.folder / FOLDER / f"{name}.html"
    if not _NAME.fullmatch(name) or not file.is_file() or file.stat().st_size > _LARGEST:
        raise NotHereError
    return file


def _beside(file: Path, page: str) -> Path:
    return file.with_name(f"{file.name.removesuffix('.html')}.{page}.html")


def _own_policy(text: str) -> str:
    """The closed policy that a calculator brings; empty of any other page."""
    found = _POLICY.search(text)
    policy = html.unescape(found[1]) if found else ""
    return policy if policy.startswith(_CLOSED) else ""
