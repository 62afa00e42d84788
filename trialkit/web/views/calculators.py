"""Risk calculators: static pages of the study folder, for anybody, without a session.

They are what ``trialkit predict develop`` wrote; whoever runs the host puts them there. A page brings the
content policy that it was made with, which permits its own script and no request to anywhere.
"""

from __future__ import annotations

import html
import re

from starlette.responses import HTMLResponse, Response

from trialkit.web.asking import Asked, NotHereError

FOLDER = "calculators"
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy" content="([^"]+)">')
_CLOSED = "default-src 'none'; "
_LARGEST = 64 * 1024 * 1024  # bytes: a forest of a thousand deep trees


def shown(asked: Asked) -> Response:
    """``calculators/NAME.html`` of the study folder, as it is."""
    name = str(asked.request.path_params["name"])
    file = asked.trial.folder / FOLDER / f"{name}.html"
    if not _NAME.fullmatch(name) or not file.is_file() or file.stat().st_size > _LARGEST:
        raise NotHereError
    text = file.read_text(encoding="utf-8", errors="replace")
    found = _POLICY.search(text)
    policy = html.unescape(found[1]) if found else ""
    if not policy.startswith(_CLOSED):  # no page of ours: it might ask others
        raise NotHereError
    return HTMLResponse(text, headers={"Content-Security-Policy": f"{policy}; frame-ancestors 'none'"})
