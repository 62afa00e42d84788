from trialkit.prediction.audit import audit_pipeline as audit_pipeline
from trialkit.prediction.cutoff import develop_cutoff as develop_cutoff
from trialkit.prediction.developed import Development as Development
from trialkit.prediction.development import develop_model as develop_model
from trialkit.prediction.frozen import (
    apply_frozen as apply_frozen,
    read_frozen as read_frozen,
    read_model as read_model,
)
from trialkit.prediction.model_file import apply_model as apply_model
from trialkit.prediction.notebook import develop as develop
from trialkit.prediction.plan import PredictionPlan as PredictionPlan
from trialkit.prediction.plan_file import read_prediction_plan as read_prediction_plan
