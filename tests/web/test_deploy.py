"""What `deploy/` says, held against what reads it; and a server that takes over from another."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest
from browsing import PASSWORD, fields_in, pressed_again
from screening import CONFIRMED

from trialkit import operations as op

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
ENTRY = re.compile(r'href="(/subjects/[^"]+/entry)"')


def test_systemd_finds_nothing_wrong_with_the_unit(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("no systemd-analyze here: apt install systemd")
    unit = (DEPLOY / "trialkit.service").read_text(encoding="utf-8")
    assert "/opt/trialkit/bin/trialkit serve" in unit
    copy = tmp_path / "trialkit.service"
    copy.write_text(unit.replace("/opt/trialkit/bin/trialkit", sys.executable), encoding="utf-8")
    found = subprocess.run([analyze, "verify", str(copy)], capture_output=True, text=True, check=False)
    assert (found.returncode, found.stderr.replace("\n", "")) == (0, "")
    copy.write_text(unit.replace("ProtectClock", "ProtectClocks"), encoding="utf-8")
    found = subprocess.run([analyze, "verify", str(copy)], capture_output=True, text=True, check=False)
    assert "ProtectClocks" in found.stderr  # it does read the file


def test_a_container_is_sent_the_wheels_parts_and_the_pins_and_nothing_else() -> None:
    root = DEPLOY.parent
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    needed = {*wheel["packages"], *wheel["force-include"], "LICENSE", "README.md", "pyproject.toml"}
    steps = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
    needed |= set(re.findall(r"/src/(requirements/[a-z]+\.txt)", steps))
    lines = (root / ".dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*" and rules[-1] == "**/__pycache__"
    assert {rule.removeprefix("!") for rule in rules[1:-1]} == needed
    assert all(rule.startswith("!") and (root / rule[1:]).exists() for rule in rules[1:-1])


@contextmanager
def _server(study: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    program = [sys.executable, "-m", "trialkit", "serve", str(study), "--port", "0"]
    with subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout is not None
        address, told = None, []
        for line in process.stdout:
            told.append(line)
            if address := re.search(r"http://[0-9.:]+/", line):
                break
        assert address, told
        try:
            yield address[0].rstrip("/"), process
        finally:
            process.terminate()


def test_a_second_server_takes_over_sessions_and_drafts(trial: op.Trial) -> None:
    study = trial.folder
    with _server(study) as (first, leaving), httpx2.Client() as client:
        client.post(f"{first}/sign-in", data={"login": "first_entry_a", "password": PASSWORD})
        found = ENTRY.search(client.get(f"{first}/").text)
        assert found
        place = found[1].rpartition("/forms/")[0] + "/forms/odi/entry"
        sent = fields_in(client.get(first + place).text) | {"r0.odi_pain": "4"}
        kept = client.post(f"{first}{place}/draft", data=sent, headers={"X-Requested-With": "trialkit"})
        assert kept.status_code == 200, kept.text
        with _server(study) as (second, _):
            begun = time.monotonic()
            leaving.send_signal(signal.SIGTERM)
            assert leaving.wait(20) in (0, -signal.SIGTERM) and time.monotonic() - begun < 20
            page = client.get(second + place)
            assert page.status_code == 200 and 'value="4"' in page.text
            sent = fields_in(page.text) | CONFIRMED
            told = client.post(second + place, data=sent)
            assert told.status_code == 200 and "Look at these before the form is complete" in told.text
            done = client.post(second + place, data=sent | pressed_again(told.text))
            assert done.status_code == 303 and "/done/" in done.headers["location"]
