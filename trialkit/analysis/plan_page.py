"""Prints the part of ``docs/plan.md`` that the methods declare: ``python -m trialkit.analysis.plan_page``."""

from __future__ import annotations

from trialkit.analysis.methods import all_methods
from trialkit.plan.page import methods_text

if __name__ == "__main__":
    print(methods_text(all_methods()), end="")
