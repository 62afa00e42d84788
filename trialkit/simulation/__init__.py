"""A trial that knows the truth, in two turns, for any study definition.

Turn 1: `candidates` come to be screened, with everything that is on paper before randomization. Then a real
allocation gives each of the eligible an arm: nothing here ever does. Turn 2: `outcomes` fills in the rest of
the paper, and `typed_passes` types it twice, with errors. `true_effect` and `true_recurrence` say what the
analysis should have found. Nothing here touches a database, a clock or any global random state.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trialkit.simulation.check import check_scenario
    from trialkit.simulation.default import default_scenario
    from trialkit.simulation.follow_up import outcomes
    from trialkit.simulation.light import simulated_analysis_data
    from trialkit.simulation.paper import (
        Candidate,
        Candidates,
        Decision,
        FieldKey,
        FormNotDone,
        FormRow,
        PlantedError,
        SubjectCourse,
        TrialPaper,
        TypedPasses,
        VisitRecord,
    )
    from trialkit.simulation.scenario import Scenario
    from trialkit.simulation.scenario_file import load_scenario
    from trialkit.simulation.screening import candidates
    from trialkit.simulation.truth import TrueEffect, TrueRecurrence, true_effect, true_recurrence
    from trialkit.simulation.typists import adjudicate, residual_errors, typed_passes

__all__ = [
    "Candidate",
    "Candidates",
    "Decision",
    "FieldKey",
    "FormNotDone",
    "FormRow",
    "PlantedError",
    "Scenario",
    "SubjectCourse",
    "TrialPaper",
    "TrueEffect",
    "TrueRecurrence",
    "TypedPasses",
    "VisitRecord",
    "adjudicate",
    "candidates",
    "check_scenario",
    "default_scenario",
    "load_scenario",
    "outcomes",
    "residual_errors",
    "simulated_analysis_data",
    "true_effect",
    "true_recurrence",
    "typed_passes",
]

_MODULE_OF = {
    **dict.fromkeys(
        [
            "Candidate",
            "Candidates",
            "Decision",
            "FieldKey",
            "FormNotDone",
            "FormRow",
            "PlantedError",
            "SubjectCourse",
            "TrialPaper",
            "TypedPasses",
            "VisitRecord",
        ],
        "paper",
    ),
    **dict.fromkeys(["TrueEffect", "TrueRecurrence", "true_effect", "true_recurrence"], "truth"),
    **dict.fromkeys(["adjudicate", "residual_errors", "typed_passes"], "typists"),
    "Scenario": "scenario",
    "candidates": "screening",
    "check_scenario": "check",
    "default_scenario": "default",
    "load_scenario": "scenario_file",
    "outcomes": "follow_up",
    "simulated_analysis_data": "light",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"trialkit.simulation has no {name!r}")
    return getattr(importlib.import_module(f"trialkit.simulation.{_MODULE_OF[name]}"), name)
