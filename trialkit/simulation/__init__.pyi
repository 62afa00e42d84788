from trialkit.simulation.check import (
    check_scenario as check_scenario,
)
from trialkit.simulation.default import (
    default_scenario as default_scenario,
)
from trialkit.simulation.follow_up import (
    outcomes as outcomes,
)
from trialkit.simulation.light import (
    simulated_analysis_data as simulated_analysis_data,
    simulated_visits as simulated_visits,
)
from trialkit.simulation.paper import (
    Candidate as Candidate,
    Candidates as Candidates,
    Decision as Decision,
    FieldKey as FieldKey,
    FormNotDone as FormNotDone,
    FormRow as FormRow,
    PlantedError as PlantedError,
    SubjectCourse as SubjectCourse,
    TrialPaper as TrialPaper,
    TypedPasses as TypedPasses,
    VisitRecord as VisitRecord,
)
from trialkit.simulation.scenario import (
    Scenario as Scenario,
)
from trialkit.simulation.scenario_file import (
    load_scenario as load_scenario,
)
from trialkit.simulation.screening import (
    candidates as candidates,
)
from trialkit.simulation.truth import (
    TrueEffect as TrueEffect,
    TrueRecurrence as TrueRecurrence,
    true_effect as true_effect,
    true_recurrence as true_recurrence,
    true_values as true_values,
)
from trialkit.simulation.typists import (
    adjudicate as adjudicate,
    residual_errors as residual_errors,
    typed_passes as typed_passes,
)
