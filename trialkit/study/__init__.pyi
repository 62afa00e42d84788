from trialkit.study.check import (
    check_study as check_study,
)
from trialkit.study.errors import (
    StudyError as StudyError,
)
from trialkit.study.findings import (
    Finding as Finding,
    Severity as Severity,
)
from trialkit.study.load import (
    load_study as load_study,
    study_from_texts as study_from_texts,
)
from trialkit.study.model import (
    Study as Study,
)
