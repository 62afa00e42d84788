"""The page that describes a plan file is what the methods declare."""

from __future__ import annotations

from pathlib import Path

from trialkit.analysis import all_methods
from trialkit.plan.page import methods_text

PAGE = Path(__file__).resolve().parents[2] / "docs" / "plan.md"


def test_the_page_of_the_plan_file_is_made_from_the_methods_declarations():
    assert methods_text(all_methods()).strip() in PAGE.read_text(encoding="utf-8")
