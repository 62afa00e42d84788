"""The code on a paper confirmation."""

from __future__ import annotations

import hmac
import json
from dataclasses import replace

import pytest

from trialkit.randomization import SealedSlot, confirmation_code, same_code

KEY = bytes(range(32))
SLOT = SealedSlot("sex=female;site=A", 3, b"", b"")
PAPER = {
    "subject_id": "A-001",
    "schedule_id": "0" * 16,
    "slot": SLOT,
    "arm": "exercise",
    "allocated_at": "2025-03-04T01:02:03.000004+00:00",
}


def test_the_code_changes_with_every_line_of_the_paper_with_the_slot_and_with_the_key() -> None:
    changed = [
        {"subject_id": "A-002"},
        {"schedule_id": "1" * 16},
        {"slot": replace(SLOT, sequence_number=4)},
        {"slot": replace(SLOT, stratum="sex=male;site=A")},
        {"arm": "control"},
        {"allocated_at": "2025-03-04T01:02:03.000005+00:00"},
    ]
    codes = {confirmation_code(KEY, **(PAPER | change)) for change in changed}
    codes |= {confirmation_code(bytes(32), **PAPER), confirmation_code(KEY, **PAPER)}
    assert len(codes) == len(changed) + 2


def test_a_code_is_read_whatever_its_case_spaces_and_dashes() -> None:
    code = confirmation_code(KEY, **PAPER)
    assert len(code) == 19
    assert same_code(f" {code.upper().replace('-', ' ')} ", code)
    assert not same_code(code[:-1], code)
    assert not same_code("", code)
    assert not same_code("Ä" * 16, code)


@pytest.mark.independent_reimplementation
def test_the_code_is_what_the_page_says() -> None:
    """docs/methods/randomization.md, section 7."""
    form = {
        "allocated_at": PAPER["allocated_at"],
        "arm": "exercise",
        "schedule_id": "0" * 16,
        "sequence_number": 3,
        "stratum": "sex=female;site=A",
        "subject_id": "A-001",
    }
    text = json.dumps(form, sort_keys=True, separators=(",", ":")).encode("utf-8")
    digits = hmac.new(KEY, b"trialkit-randomization-1/confirmation" + bytes(1) + text, "sha256").hexdigest()
    assert confirmation_code(KEY, **PAPER).replace("-", "") == digits[:16]
