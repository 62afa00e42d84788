from trialkit.analysis.files import (
    results_text as results_text,
    write_results as write_results,
)
from trialkit.analysis.methods import (
    all_methods as all_methods,
)
from trialkit.analysis.plans import (
    check_plan as check_plan,
    load_plan as load_plan,
    load_plan_text as load_plan_text,
    plan_problems as plan_problems,
)
from trialkit.analysis.results import (
    AnalysisResult as AnalysisResult,
    Provenance as Provenance,
    Results as Results,
)
from trialkit.analysis.run import (
    run_plan as run_plan,
)
