"""The documentation names every key, tag, function, setting and finding there is."""

from __future__ import annotations

import re
from pathlib import Path

from trialkit.expressions.functions import FUNCTIONS
from trialkit.instruments import INSTRUMENTS
from trialkit.study.annotation_signs import OUR_TAGS
from trialkit.vocabulary import MissingCode, Role

ROOT = Path(__file__).resolve().parents[2]
DEFINITION = (ROOT / "docs" / "study-definition.md").read_text(encoding="utf-8")
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
STUDY = ROOT / "trialkit" / "study"


def _in_code(pattern: str, *names: str) -> set[str]:
    found: set[str] = set()
    for name in names:
        found |= set(re.findall(pattern, (STUDY / name).read_text(encoding="utf-8")))
    return found


def test_every_key_of_the_definition_is_documented() -> None:
    reads = r"(?:table|about|root|column)\.(?!wrong|where|has)\w+\(\s*\"(\w+)\""
    keys = _in_code(reads, "sections.py", "statements.py", "safety.py", "load.py")
    assert len(keys) > 60
    tables = {key for key in keys if f"[{key}" in DEFINITION}
    assert {key for key in keys - tables if f"`{key}`" not in DEFINITION} == set()


def test_every_finding_is_documented_and_no_other() -> None:
    codes = _in_code(
        r"Finding\(\s*\"([a-z\-]+)\"",
        "rules_time.py",
        "rules_design.py",
        "rules_import.py",
        "rules_import_losses.py",
        "rules_stated.py",
        "rules_expressions.py",
        "rules_items.py",
        "rules_kinds.py",
        "rules_rights.py",
        "rules_sight.py",
        "identifiers.py",
    )
    documented = set(re.findall(r"^\| `([a-z]+-[a-z\-]+)` \|", DEFINITION, re.MULTILINE))
    assert codes == documented


def test_every_tag_function_instrument_and_setting_is_documented() -> None:
    names = [f"`@{tag}" for tag in OUR_TAGS] + [f"`{name}`" for name in FUNCTIONS]
    names += [f"`{name}`" for name in INSTRUMENTS]
    names += [f"`{setting.name}`" for known in INSTRUMENTS.values() for setting in known.settings]
    names += [f"`{code}`" for code in MissingCode]
    assert [name for name in names if name not in DEFINITION] == []


def test_every_default_in_the_documentation_is_the_default() -> None:
    for known in INSTRUMENTS.values():
        for setting in known.settings:
            default = f"`{setting.default}`" if isinstance(setting.default, str) else f"{setting.default:g}"
            row = next(line for line in DEFINITION.splitlines() if line.startswith(f"| `{known.name}`"))
            assert f"`{setting.name}` ({default}" in row


def test_every_role_is_in_the_glossary() -> None:
    spoken = GLOSSARY.casefold()
    assert [role for role in Role if role.replace("_", " ").casefold() not in spoken] == []
