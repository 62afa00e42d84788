"""The analysis plan as data, read strictly and held against the study."""

from trialkit.plan.errors import PlanError
from trialkit.plan.load import load_plan, load_plan_text
from trialkit.plan.model import Analysis, AnalysisRole, AnalysisSet, Endpoint, Plan

__all__ = [
    "Analysis",
    "AnalysisRole",
    "AnalysisSet",
    "Endpoint",
    "Plan",
    "PlanError",
    "load_plan",
    "load_plan_text",
]
