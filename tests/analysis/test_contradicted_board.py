"""A plan that contradicts its study says so to the board too."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

from trialkit.analysis.monitoring import Board
from trialkit.plan import Plan
from trialkit.report.monitoring import deliver_board
from trialkit.snapshot import Snapshot, read_snapshot

CUTOFF = date(2025, 3, 31)


def test_the_board_is_told_what_of_the_plan_contradicts_the_study(
    plan: Plan, snapshot: Snapshot, tmp_path: Path
):
    blinded = read_snapshot(snapshot.folder, allocations=False)
    one = replace(plan, protocol="9.9", analyses=(plan.analysis("D2"),))
    made = deliver_board(one, blinded, tmp_path, board=Board.OPEN, cutoff=CUTOFF, print_too=False)
    assert any("9.9" in misfit.text for misfit in made.misfits)
    page = (tmp_path / "report" / "index.html").read_text(encoding="utf-8")
    assert page.index("The plan contradicts the study") < page.index("<table")
    sound = replace(plan, analyses=(plan.analysis("D2"),))
    again = deliver_board(sound, blinded, tmp_path, board=Board.OPEN, cutoff=CUTOFF, print_too=False)
    assert again.misfits == ()
