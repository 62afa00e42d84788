from trialkit.analysis.difference import (
    compare_results as compare_results,
)
from trialkit.analysis.files import (
    results_text as results_text,
    write_results as write_results,
)
from trialkit.analysis.manifest import (
    write_manifest as write_manifest,
)
from trialkit.analysis.methods import (
    all_methods as all_methods,
)
from trialkit.analysis.modes import (
    Mode as Mode,
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
from trialkit.analysis.results_csv import (
    write_results_csv as write_results_csv,
)
from trialkit.analysis.run import (
    prepared_run as prepared_run,
    run_plan as run_plan,
)
