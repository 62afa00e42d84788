"""``manifest.json``: what a run was made of, and the hash of everything it wrote."""

from __future__ import annotations

import hashlib
import json
from dataclasses import fields
from pathlib import Path

from trialkit.analysis.results import Results
from trialkit.analysis.software import hashes

NAME = "manifest.json"
OUTPUTS = ("results.*", "datasets/*", "report/*")


def write_manifest(results: Results, folder: Path | str, seed: int) -> Path:
    """Write the manifest of a folder of outputs, last of all.

    Nothing in it changes from run to run: the same snapshot, plan and software give the same bytes.
    """
    folder = Path(folder)
    provenance = {f.name: getattr(results.provenance, f.name) for f in fields(results.provenance)}
    outputs = {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(one for pattern in OUTPUTS for one in folder.glob(pattern))
        if path.is_file()
    }
    document = {
        "provenance": provenance,
        "packages": hashes(),
        "mode": results.mode.value,
        "seed": seed,
        "outputs": outputs,
    }
    target = folder / NAME
    text = json.dumps(document, indent=1, ensure_ascii=False, default=dict, sort_keys=True)
    target.write_text(text + "\n", encoding="utf-8", newline="\n")
    return target
