"""Behind the real nginx with TLS and a path prefix, by the configuration that ``deploy/`` holds."""

from __future__ import annotations

import datetime
import ipaddress
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import httpx2
import pytest
from browsing import PASSWORD, fields_in
from starlette.datastructures import MutableHeaders

from trialkit import operations as op
from trialkit.web.guard import guarded

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
NGINX = shutil.which("nginx") or "/usr/sbin/nginx"

pytestmark = pytest.mark.skipif(not Path(NGINX).exists(), reason="nginx is not installed here")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _certificate(folder: Path) -> tuple[Path, Path]:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=2))
        .add_extension(names, critical=False).sign(key, hashes.SHA256())
    )  # fmt: skip
    public, private = folder / "certificate.pem", folder / "key.pem"
    public.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return public, private


class Served(NamedTuple):
    """A client of nginx, the log of requests, the port of the counters, and what stands behind nginx."""

    client: httpx2.Client
    log: Path
    metrics: int
    server: subprocess.Popen[bytes]


@pytest.fixture
def served(trial: op.Trial, tmp_path: Path) -> Iterator[Served]:
    metrics, port, upstream = _free_port(), _free_port(), _free_port()
    log = tmp_path / "requests.log"
    with log.open("wb") as errors:
        server = subprocess.Popen(
            [
                sys.executable, "-m", "trialkit", "serve", str(trial.folder), "--port", str(upstream),
                "--path-prefix", "/trial", "--metrics-port", str(metrics), "--log-requests",
            ],
            stdout=subprocess.PIPE, stderr=errors,
        )  # fmt: skip
    assert server.stdout is not None
    assert b"Serving" in server.stdout.readline()
    public, private = _certificate(tmp_path)
    proxy = tmp_path / "proxy.conf"
    proxy.write_text((DEPLOY / "nginx-proxy.conf").read_text().replace("UPSTREAM", str(upstream)))
    site = (DEPLOY / "nginx.conf").read_text()
    for name, text in {
        "PORT": str(port), "HOST": "localhost", "CERTIFICATE": str(public), "KEY": str(private),
        "PROXY": str(proxy), "HEADERS": str(DEPLOY / "nginx-headers.conf"),
    }.items():  # fmt: skip
        site = site.replace(f" {name} ", f" {text} ").replace(f" {name};", f" {text};")
    for rate, slow in {"rate=200r/s": "rate=6r/m", "burst=2000": "burst=30"}.items():
        assert rate in site
        site = site.replace(rate, slow)  # so that a test gets there
    whole = tmp_path / "nginx.conf"
    temp = "".join(
        f"{kind}_temp_path {tmp_path}/{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    whole.write_text(
        f"pid {tmp_path}/nginx.pid; error_log {tmp_path}/error.log; daemon off; master_process off;"
        f"events {{}} http {{ access_log off; {temp} {site} }}"
    )
    nginx = subprocess.Popen([NGINX, "-c", str(whole), "-p", str(tmp_path)])
    try:
        import ssl

        trusted = ssl.create_default_context(cafile=str(public))
        with httpx2.Client(base_url=f"https://127.0.0.1:{port}", verify=trusted) as client:
            for _ in range(100):
                try:
                    client.get("/")
                    break
                except httpx2.TransportError:
                    time.sleep(0.1)
            yield Served(client, log, metrics, server)
    finally:
        for process in (nginx, server):
            process.terminate()
            process.wait(20)
        server.stdout.close()


def test_the_pages_work_behind_tls_and_a_prefix(served: Served, trial: op.Trial) -> None:
    client, log, metrics, server = served
    outside = client.get("/")
    assert outside.status_code == 404, "nothing outside the prefix"
    assert client.get("/trial/health/ready").status_code == 200
    sent = {"login": "coordinator_a", "password": PASSWORD}
    lied = {"X-Forwarded-For": "10.9.9.9", "X-Forwarded-Proto": "http"}
    answer = client.post("/trial/sign-in", data=sent, headers=lied)
    assert (answer.status_code, answer.headers["location"]) == (303, "/trial/")
    assert (
        "__Host-trialkit-session-" in answer.headers["set-cookie"]
        and "Secure" in answer.headers["set-cookie"]
    )
    assert answer.headers["strict-transport-security"] and "server_tokens" not in answer.headers
    page = client.get("/trial/subjects/new")
    assert page.status_code == 200 and 'action="/trial/subjects/new"' in page.text
    form = fields_in(page.text) | {"consent_date": "2026-05-31"}
    done = client.post("/trial/subjects/new", data=form, headers={"Origin": str(client.base_url)})
    assert done.status_code == 303
    static = client.get(page.text.partition('rel="stylesheet" href="')[2].partition('"')[0])
    assert static.status_code == 200 and "immutable" in static.headers["cache-control"]
    hosts = {one.host for one in op.list_sign_ins(trial, _administrator(), days=30_000)}
    assert "10.9.9.9" not in hosts and "127.0.0.1" in hosts
    too_large = client.post("/trial/subjects/new", data={"x": "y" * 600_000})
    assert too_large.status_code == 413
    _a_large_file_goes_through(client)
    flood = _a_known_browser_does_not_wait_for_strangers(client)
    _told_without_secrets(log, metrics)
    server.terminate()
    server.wait(20)
    away = client.get("/trial/sign-in")
    assert away.status_code == 502
    for answer in (page, static, outside, too_large, flood, away):
        _carries_every_header_once(answer)


def _carries_every_header_once(answer: httpx2.Response) -> None:
    """Whoever answered: the application says what, nginx says the same of its own answers."""
    wanted = MutableHeaders()
    guarded(wanted, scheme="https")
    for name, text in wanted.items():
        found = answer.headers.get_list(name)
        assert len(found) == 1, (answer.status_code, name, found)
        if name not in ("content-security-policy", "cache-control"):  # tighter, or of an asset
            assert found == [text], (answer.status_code, name)
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


def _a_known_browser_does_not_wait_for_strangers(client: httpx2.Client) -> httpx2.Response:
    """One that somebody has signed in in before is let through while its address's rate is used up."""
    device = {name: text for name, text in client.cookies.items() if "-device-" in name}
    told = "; ".join(f"{name}={text}" for name, text in device.items())
    assert len(device) == 1
    client.cookies.clear()
    strangers = [client.get("/trial/health/live").status_code for _ in range(40)]
    assert strangers[0] == 200 and strangers[-1] == 429
    known = [client.get("/trial/health/live", headers={"Cookie": told}).status_code for _ in range(40)]
    assert set(known) == {200}
    refused = client.get("/trial/sign-in")
    assert refused.status_code == 429 and refused.headers["retry-after"] == "5"
    assert refused.headers["content-type"] == "text/html; charset=utf-8" and "请等待" in refused.text
    client.cookies.update(device)
    return refused


def _a_large_file_goes_through(client: httpx2.Client) -> None:
    """A file larger than any other body, looked at, refused and let go under the prefix."""
    form = fields_in(client.get("/trial/imports").text) | {"form": "vas", "visit": "baseline"}
    form.pop("file")
    rows = "".join(f"Z-{n:06d},41\n" for n in range(25_000))
    content = f"subject_id,vas_mm\n{rows}".encode()
    assert len(content) > 256 * 1024
    sent = client.post(
        "/trial/imports",
        data=form,
        files={"file": ("pass.csv", content)},
        headers={"Origin": str(client.base_url)},
    )
    path = sent.headers["location"]
    assert sent.status_code == 303 and path.startswith("/trial/imports/")
    page = client.get(path, timeout=60)
    assert page.status_code == 200 and f'action="{path}"' in page.text and "Z-000001" in page.text
    let_go = {"csrf": fields_in(page.text)["csrf"], "step": "let_go"}
    gone = client.post(path, data=let_go, headers={"Origin": str(client.base_url)})
    assert (gone.status_code, gone.headers["location"]) == (303, "/trial/imports")
    assert client.get(path).status_code == 404


def _administrator() -> object:
    from trialkit.access import Actor
    from trialkit.vocabulary import Role

    return Actor("administrator_a", Role.ADMINISTRATOR)


def _told_without_secrets(log: Path, metrics: int) -> None:
    import json

    lines = [json.loads(line) for line in log.read_text().splitlines()]
    asked = [line for line in lines if line["event"] == "request"]
    assert {"/sign-in", "/subjects/new"} <= {line["route"] for line in asked}
    assert any(line["account"] for line in asked)
    counters = httpx2.get(f"http://127.0.0.1:{metrics}/metrics").text
    assert 'trialkit_requests_total{method="POST",route="/sign-in",status="303"}' in counters
    for told in (log.read_text(), counters):
        for secret in (PASSWORD, "coordinator_a", "A-0", "consent", "127.0.0.1"):
            assert secret not in told, secret
