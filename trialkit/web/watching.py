"""What is seen of requests from outside: how many, how slow, how they ended; and who asks too often.

Neither a log line nor a metric holds a path as it was asked for, a query, a body or a login: routes are named
by their template, accounts by a keyed digest. So no subject, arm, name or secret can stand in them.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import sys
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from threading import Lock

from prometheus_client import CollectorRegistry, Counter, Histogram, start_http_server
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from trialkit.web.guard import came_from_elsewhere, guarded
from trialkit.web.sessions import known_browser
from trialkit.web.setting import LANGUAGE_COOKIE, Web
from trialkit.wording.catalogues import LANGUAGES, language_asked_for

SEEN = "trialkit.seen"
_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
PROVING = ("/sign-in", "/first-password", "/first-factor")  # pages that look at a password of anybody
_REMEMBERED = 10_000  # addresses and browsers at a time
_log = logging.getLogger("trialkit.web.requests")


@dataclass(slots=True)
class Seen:
    """What the answering of one request leaves to be told of it."""

    route: str = "(none)"
    account: str = ""


def note(scope: Scope, *, route: str | None = None, login: str | None = None) -> None:
    """Leave a route's template, or whose session it is, for log and metrics."""
    seen = scope.get(SEEN)
    if isinstance(seen, Seen):
        seen.route = route or seen.route
        seen.account = login or seen.account


class Metrics:
    """Counters of one application; :meth:`serve` shows them to Prometheus on a port of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        labels = ["route", "method"]
        self.requests = Counter(
            "trialkit_requests", "Requests answered", [*labels, "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "trialkit_request_seconds", "Time to an answer", labels, buckets=_BUCKETS, registry=self.registry
        )
        self.refused = Counter("trialkit_requests_refused", "Requests over the rate", registry=self.registry)

    def serve(self, port: int, address: str = "127.0.0.1") -> None:
        start_http_server(port, addr=address, registry=self.registry)


@dataclass
class Rate:
    """So many requests a second of one asker, and so many more at once: a bucket that fills again."""

    a_second: float
    at_once: int
    _buckets: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def permits(self, asker: str, now: float) -> bool:
        with self._lock:
            tokens, then = self._buckets.pop(asker, (float(self.at_once), now))
            tokens = min(self.at_once, tokens + (now - then) * self.a_second)
            permitted = tokens >= 1
            self._buckets[asker] = (tokens - 1 if permitted else tokens, now)
            while len(self._buckets) > _REMEMBERED:
                self._buckets.popitem(last=False)
        return permitted


@lru_cache
def too_many(web: Web, language: str) -> str:
    """The page for whoever asks too often: made once, for it is asked for often."""
    from trialkit.web.pages import rendered  # it stands on what this module is loaded for

    return rendered(web, None, language, "too_many.html", {})


def _place(host: str) -> str:
    """An address, or of IPv6 the network of 64 bits: whoever has one address of it has them all."""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if isinstance(address, IPv6Address) and address.ipv4_mapped is None:
        return address.packed[:8].hex()
    return str(getattr(address, "ipv4_mapped", None) or address)


class Watched:
    """An application, watched: each request is counted, timed, logged, and refused where they are too many;
    each answer carries its headers, whoever gives it.

    A hospital of fifty clerks behind one address keeps well below both rates. Where somebody there uses them
    up, a browser in which an account has signed in before has as many again, of its own.
    """

    def __init__(self, app: ASGIApp, web: Web, metrics: Metrics) -> None:
        self.app, self.metrics, self._web = app, metrics, web
        self._key = web.trial.keys.audit_key or web.trial.study.sha256.encode()
        self._requests, self._sign_ins = Rate(100, 1000), Rate(1, 120)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun, status = time.perf_counter(), 0
        seen = scope[SEEN] = Seen()

        async def sent(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = int(message["status"])
                guarded(MutableHeaders(scope=message), scheme=scope["scheme"])
            await send(message)

        try:
            if await self._too_many(Request(scope)):
                self.metrics.refused.inc()
                refusal = self._refusal(Request(scope))
                await refusal(scope, receive, sent)
            else:
                await self.app(scope, receive, sent)
        except Exception:
            if not status:  # not even the page for defects could be made
                await PlainTextResponse("a defect\n", 500)(scope, receive, sent)
            raise
        finally:
            self._tell(scope["method"], seen, status or 500, time.perf_counter() - begun)

    def _refusal(self, request: Request) -> Response:
        """A page in the language of the browser; to programs a line."""
        headers = {"Retry-After": "5"}
        if "text/html" not in request.headers.get("accept", ""):
            return PlainTextResponse("too many requests\n", 429, headers)
        chosen = language_asked_for(request.headers.get("accept-language", ""))
        language = request.cookies.get(LANGUAGE_COOKIE, chosen)
        return HTMLResponse(too_many(self._web, language if language in LANGUAGES else chosen), 429, headers)

    async def _too_many(self, request: Request) -> bool:
        if not await self._permitted(request, self._requests):
            return True
        proving = request.method == "POST" and request.scope["path"].endswith(PROVING)
        if not proving or came_from_elsewhere(request):
            return False
        return not await self._permitted(request, self._sign_ins)

    async def _permitted(self, request: Request, rate: Rate) -> bool:
        """By its address, or else by its browser, if that holds a token that was issued to it."""
        now = time.monotonic()
        if rate.permits(_place(request.client.host if request.client else ""), now):
            return True
        browser = await run_in_threadpool(known_browser, self._web, request)
        return browser != "" and rate.permits(f"browser {browser}", now)

    def _tell(self, method: str, seen: Seen, status: int, seconds: float) -> None:
        known = method if method in ("GET", "HEAD", "POST") else "other"
        self.metrics.requests.labels(seen.route, known, str(status)).inc()
        self.metrics.seconds.labels(seen.route, known).observe(seconds)
        account = (
            hmac.new(self._key, seen.account.encode(), hashlib.sha256).hexdigest()[:12]
            if seen.account
            else ""
        )
        _log.info(
            "request",
            extra={
                "facts": {
                    "method": known,
                    "route": seen.route,
                    "status": status,
                    "ms": round(seconds * 1000, 1),
                    "account": account,
                }
            },
        )


class JsonLines(logging.Formatter):
    """One JSON object a line. Of an exception its kind alone: its words might hold a value."""

    def format(self, record: logging.LogRecord) -> str:
        told: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage().strip(),
        }
        if record.exc_info and record.exc_info[0] is not None:
            told["exception"] = record.exc_info[0].__name__
        return json.dumps(told | getattr(record, "facts", {}), ensure_ascii=False)


def log_to_stderr(*, requests: bool) -> None:
    """Warnings and defects as JSON lines on standard error; each request too where asked for."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    for name, level in (
        ("trialkit.web", logging.WARNING),
        (_log.name, logging.INFO if requests else logging.CRITICAL),
        ("uvicorn", logging.WARNING),
        ("uvicorn.error", logging.WARNING),
    ):
        logger = logging.getLogger(name)
        logger.setLevel(level)
    for name in ("trialkit.web", "uvicorn"):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [handler], False
