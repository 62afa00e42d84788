"""The server: one process, one study, threads for the pages."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

import uvicorn

from trialkit.errors import TrialkitError
from trialkit.operations import open_trial
from trialkit.operations.web_desk import open_web_desk
from trialkit.web.application import make_application
from trialkit.web.setting import ShownAccount, Web
from trialkit.web.watching import Metrics, log_to_stderr
from trialkit.wording import said


def serve(
    folder: Path,
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    path_prefix: str = "",
    shown_accounts: tuple[ShownAccount, ...] = (),
    metrics_port: int | None = None,
    log_requests: bool = False,
    tell: Callable[[str], None] = print,
) -> None:
    """Serve a study until interrupted.

    Parameters
    ----------
    folder
        A study folder.
    host, port
        Where to listen; port 0 takes a free one. In clear text: put a proxy with TLS in front of anything
        but this machine. From this machine a proxy's ``X-Forwarded-For`` and ``-Proto`` are believed.
    path_prefix
        Where the proxy mounts it, as ``/trial``: kept in the path it passes on.
    shown_accounts
        Printed on the sign-in page of a demonstration.
    metrics_port
        Where Prometheus finds counters, on this machine alone; None: nowhere.
    log_requests
        Whether each request is a line of the log.
    tell
        Told the address when requests are answered.

    Raises
    ------
    TrialkitError
        No study there; the port is taken; a prefix that is no path.
    """
    if path_prefix and (not path_prefix.startswith("/") or path_prefix.endswith("/")):
        raise TrialkitError(
            expected="a path prefix like /trial", found=repr(path_prefix), next_step="Begin it with a slash."
        )
    with open_trial(folder) as trial, _listening(host, port) as listening:
        web = Web(trial, open_web_desk(trial), path_prefix, shown_accounts)
        shown_host = f"[{host}]" if ":" in host else host
        address = f"http://{shown_host}:{listening.getsockname()[1]}{path_prefix}/"
        metrics = Metrics()
        log_to_stderr(requests=log_requests)
        if metrics_port is not None:
            metrics.serve(metrics_port)
        config = uvicorn.Config(
            make_application(web, metrics),
            http="h11",  # where another parser is installed beside it, too
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=True,
            forwarded_allow_ips="127.0.0.1",
        )
        _Telling(config, lambda: tell(address)).run(sockets=[listening])


class _Telling(uvicorn.Server):
    """Says when it answers."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise TrialkitError(
            expected=said("port {port} of {host} to be free", port=port, host=host),
            found=error.strerror or "an error of the system",
            next_step="Name another with --port; 0 takes any free one.",
        ) from None
    return listening
