"""Requests to an application in process, each one call of its loop.

Starlette's own test client goes to the thread of the loop and back eight times a request, to hand over a
body in pieces while it is made. Here an answer is handed over whole: a test of the web waits half as long.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

import anyio
import httpx2
from starlette.testclient import TestClient


class OneCall(httpx2.BaseTransport):
    """Of a client that was entered; an exception of the application is an answer of status 500."""

    def __init__(self, client: TestClient) -> None:
        assert client.portal is not None, "enter the client first"
        self._portal, self._app, self._state = client.portal, client.app, client.app_state

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        scope, content = self._scope(request), request.read()
        status, headers, body = self._portal.call(self._answer, scope, content)
        stream = httpx2.ByteStream(b"" if request.method == "HEAD" else body)
        return httpx2.Response(status, headers=headers, stream=stream, request=request)

    def _scope(self, request: httpx2.Request) -> dict[str, Any]:
        url = request.url
        headers = [(name.lower().encode(), value.encode()) for name, value in request.headers.multi_items()]
        return {
            "type": "http",
            "http_version": "1.1",
            "method": request.method,
            "path": unquote(url.path),
            "raw_path": url.raw_path.split(b"?", 1)[0],
            "root_path": "",
            "scheme": url.scheme,
            "query_string": url.query,
            "headers": headers,
            "client": ("testclient", 50000),
            "server": [url.host, url.port or {"http": 80, "https": 443}[url.scheme]],
            "state": self._state.copy(),
        }

    async def _answer(
        self, scope: dict[str, Any], content: bytes
    ) -> tuple[int, list[tuple[str, str]], bytes]:
        asked = [{"type": "http.request", "body": content}]
        whole, parts, start = anyio.Event(), [], {}

        async def receive() -> dict[str, Any]:
            if asked:
                return asked.pop()
            await whole.wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                assert not start, "a second beginning of one answer"
                start.update(message)
            elif message["type"] == "http.response.body":
                assert start and not whole.is_set(), "a body before its answer begins, or after it ended"
                parts.append(bytes(message.get("body", b"")))
                if not message.get("more_body", False):
                    whole.set()

        try:
            await self._app(scope, receive, send)
        except Exception:
            if not start:
                return 500, [], b""
        headers = [(name.decode(), value.decode()) for name, value in start.get("headers", [])]
        return start["status"], headers, b"".join(parts)
