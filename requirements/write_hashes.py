"""Put the sha256 of every file of each pinned version beside its pin: `make hashes`, after a change of one.

`uv` asks the package index for them, for all platforms and Pythons, and resolves nothing: the pins stay what
they are, and so do the comments. Once all three files carry hashes the Makefile installs with
`--require-hashes`, and a package that was replaced on its way is refused.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parent
PIN = re.compile(r"([A-Za-z0-9._-]+)(\[[^\]]*\])?==([^\s;\\]+)([^\\]*)")


def pins(text: str) -> list[str]:
    """The lines of a file without their hashes: comments, and one pin a line."""
    joined = re.sub(r"\s*\\\n\s*", " ", text)
    return [re.sub(r"\s*--hash=\S+", "", line).rstrip() for line in joined.splitlines()]


def hashes(lines: list[str]) -> dict[str, list[str]]:
    """Normalized name -> its hashes, as the index has them."""
    asked = "\n".join(line for line in lines if PIN.match(line)) + "\n"
    answer = subprocess.run(
        [sys.executable, "-m", "uv", "pip", "compile", "-q", "--generate-hashes", "--no-deps", "--no-header",
         "--no-annotate", "--python-version", "3.11", "-"],
        input=asked, text=True, capture_output=True,
    )  # fmt: skip
    if answer.returncode:
        sys.exit(f"write_hashes: {answer.stderr.strip()}")
    found: dict[str, list[str]] = {}
    name = ""
    for line in answer.stdout.splitlines():
        if pin := PIN.match(line):
            name = normalized(pin[1])
            found[name] = []
        found.setdefault(name, []).extend(re.findall(r"--hash=(sha256:[0-9a-f]{64})", line))
    return found


def normalized(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def with_hashes(lines: list[str], found: dict[str, list[str]]) -> str:
    """The file anew; a pin the index gives no hash for ends it."""
    written = []
    for line in lines:
        pin = PIN.match(line)
        if pin is None:
            written.append(line)
            continue
        known = sorted(found.get(normalized(pin[1]), []))
        if not known:
            sys.exit(f"write_hashes: the index gives no hash of {line}")
        written.append(" \\\n".join([line, *(f"    --hash={one}" for one in known)]))
    return "\n".join(written) + "\n"


def main() -> None:
    for name in ("run.txt", "extras.txt", "test.txt"):
        lines = pins((FOLDER / name).read_text(encoding="utf-8"))
        (FOLDER / name).write_text(with_hashes(lines, hashes(lines)), encoding="utf-8")
        print(f"{name}: {sum(bool(PIN.match(line)) for line in lines)} pins with their hashes")


if __name__ == "__main__":
    main()
