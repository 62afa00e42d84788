"""Reports of the analysis: the pages that a run wrote, below a bar that leads back, to who may read it.

A page is a document of its own with its own style and script. It is shown in a sandbox (no cookie, no form,
no request to anywhere); its script and style sheets are permitted by their hashes, and style attributes, of
which figures are made, by kind.
"""

from __future__ import annotations

import base64
import hashlib
import re

from starlette.responses import Response

from trialkit.operations.analysis_runs import AnalysisRun, analysis_file, list_analysis_runs
from trialkit.web.asking import Asked, NotHereError
from trialkit.web.pages import rendered
from trialkit.wording import said

MODES = {
    "": said("cannot be read"),
    "dry-run": said("dry run: shuffled arms"),
    "masked": said("masked: groups A and B"),
    "blinded": said("blinded: all arms together"),
    "coded": said("closed report: groups A and B"),
    "unblinded": said("unblinded: the true arms"),
}
NAMES = {
    "index.html": said("Report"),
    "plan.html": said("Analysis plan"),
    "report.pdf": "PDF",
    "report.docx": "Word",
    "report.rtf": "RTF",
    "tables.xlsx": said("Tables"),
}
_TYPES = {
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "rtf": "application/rtf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_SHOWN = "html"
_INLINE = re.compile(rb"<(script|style)\b[^>]*>(.*?)</\1>", re.DOTALL)


def listed(asked: Asked) -> Response:
    runs = [(run, _files(run)) for run in list_analysis_runs(asked.trial, asked.actor)]
    return asked.page("analyses.html", runs=runs, modes=MODES)


def _files(run: AnalysisRun) -> list[tuple[str, str]]:
    return [(name, words) for name, words in NAMES.items() if name in run.files]


def file(asked: Asked) -> Response:
    name = asked.at("file")
    kind = _TYPES.get(name.rpartition(".")[2])
    content = analysis_file(asked.trial, asked.actor, name=asked.at("run"), file=name)
    if content is None or kind is None or name not in NAMES:
        raise NotHereError
    if name.endswith(_SHOWN):
        content = _with_a_way_back(asked, content)
        headers = {"Content-Security-Policy": policy_of(content)}
    else:
        kept_as = f"{asked.trial.study.id}-{asked.at('run')}-{name}"
        headers = {"Content-Disposition": f'attachment; filename="{kept_as}"'}
    return Response(content, media_type=kind, headers=headers)


def _with_a_way_back(asked: Asked, page: bytes) -> bytes:
    """The page as its run wrote it, below a bar with the way back, in the language of who reads it."""
    bar = rendered(asked.web, asked.session, asked.language, "way_back.html", {}).encode()
    head, body, rest = page.partition(b"<body")
    tag, end, content = rest.partition(b">")
    return head + body + tag + end + bar + content if body else page


def policy_of(page: bytes) -> str:
    """What a page of a run may do: its own scripts and styles as they are, pictures in it, and no more."""
    hashes: dict[bytes, list[str]] = {b"script": [], b"style": []}
    for kind, text in _INLINE.findall(page):
        # a browser hashes the text it has parsed, in which a line ends with LF
        digest = hashlib.sha256(text.replace(b"\r\n", b"\n")).digest()
        hashes[kind].append(f"'sha256-{base64.b64encode(digest).decode()}'")
    script, style = (" ".join(dict.fromkeys(hashes[kind])) or "'none'" for kind in (b"script", b"style"))
    return (
        f"default-src 'none'; script-src {script}; style-src-elem {style}; style-src-attr 'unsafe-inline'; "
        "img-src data:; font-src data:; form-action 'none'; base-uri 'none'; frame-ancestors 'none'; "
        "sandbox allow-scripts"
    )
