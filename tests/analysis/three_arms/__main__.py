"""Writes the run that the R program reads: ``python -m tests.analysis.three_arms OUT``."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.analysis.three_arms import three_arm_plan, three_arm_snapshot
from trialkit.analysis import Mode
from trialkit.report.delivery import deliver

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        plan, snapshot = three_arm_plan(Path(scratch)), three_arm_snapshot(Path(scratch))
        deliver(plan, snapshot, Path(sys.argv[1]), mode=Mode.UNBLINDED, print_too=False)
