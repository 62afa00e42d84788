"""The analysis plan as data, read strictly and held against the study.

What an entry may say is declared by its method, above this room: ``trialkit.analysis.load_plan`` reads a plan
with the methods there are.
"""

from trialkit.plan.errors import PlanError
from trialkit.plan.method import Declaration, Key, Place
from trialkit.plan.model import Analysis, AnalysisRole, AnalysisSet, Endpoint, Plan

__all__ = [
    "Analysis",
    "AnalysisRole",
    "AnalysisSet",
    "Declaration",
    "Endpoint",
    "Key",
    "Place",
    "Plan",
    "PlanError",
]
