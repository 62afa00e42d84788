"""The prediction model of the demonstration: from the run's datasets and the measured scans to a calculator.

Everything the plan states, or for a quick run the same with fewer samples and logistic regression alone; the
folder says which.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from trialkit import resources
from trialkit.clock import Clock
from trialkit.demo.people import statistician
from trialkit.demo.scans import RADIOMICS, READINGS
from trialkit.demo.telling import Teller
from trialkit.numbers import plain
from trialkit.operations import Trial, look_at_test_set, open_trial
from trialkit.prediction import read_prediction_plan
from trialkit.prediction.audit import PERMUTATIONS, audit_pipeline
from trialkit.prediction.audit_file import write_audit
from trialkit.prediction.datasets_table import table_of_datasets
from trialkit.prediction.developed import Development
from trialkit.prediction.files import write_development
from trialkit.prediction.finished import developed
from trialkit.prediction.looks import LookRegister, Trail
from trialkit.prediction.plan import PredictionPlan
from trialkit.prediction.radiomics_columns import with_radiomics
from trialkit.prediction.reading import read_data
from trialkit.prediction.split_look import LookAhead

if TYPE_CHECKING:
    import pandas as pd

SERVED = {
    "calculator.html": "",
    "model_card.html": ".card",
    "report/index.html": ".report",
    "pathway.html": ".pathway",
}
"""Page of a development -> what its file is called where the web application serves it."""
QUICK_BOOTSTRAPS = 2
QUICK_PERMUTATIONS = 4
QUICK_LEARNERS = ("logistic",)


@dataclass(frozen=True)
class RiskModel:
    """Where to look."""

    report: Path
    calculator: Path


def develop_risk_model(tell: Teller, folder: Path, clock: Clock, *, full: bool) -> RiskModel | None:
    """Develop the model of response on what the run in ``folder`` left; None without the libraries for it.

    Writes ``prediction/`` and puts the calculator where the study's web application serves it.
    """
    tell.step("Developing the prediction model")
    if not _can_develop():
        tell.say('Left out: that needs python -m pip install "trialkit[prediction]".')
        return None
    into = folder / "prediction"
    into.mkdir()
    table, readings = _data(folder)
    table.to_csv(into / "table.csv", index=False, lineterminator="\n")
    with open_trial(folder / "study", clock=clock) as trial:
        desk = _Desk(tell, table, readings, clock, _trail(trial), full)
        served = folder / "study" / "calculators"
        served.mkdir()
        plan, made = desk.model("study_a_prediction.toml", into, served / "response")
        if full:
            desk.model("study_a_recurrence.toml", into / "recurrence", served / "recurrence")
    tell.say("The look at the test set is an act of the audit trail.")
    _tell(tell, plan, full, made.estimate(made.chosen, "optimism_corrected", "auc"))
    return RiskModel(into / "report" / "index.html", into / "calculator.html")


def _data(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The run's table with the radiomic features, as ``predict table --radiomics --sides mean`` makes it, and
    what each reader found of areas, fat fractions and features."""
    import pandas as pd

    table = table_of_datasets(folder / "datasets", "odi", "month_12", 10.0, times="recurrence")
    readings = read_data(folder / "imaging" / READINGS)
    files = sorted((folder / "imaging" / RADIOMICS).glob("*.csv"))
    if not files:
        return table, readings
    joined = with_radiomics(table, files, "mean")
    return joined.table, pd.concat([readings, joined.readings], ignore_index=True)


@dataclass(frozen=True)
class _Desk:
    """What every development here is given."""

    tell: Teller
    table: pd.DataFrame
    readings: pd.DataFrame
    clock: Clock
    trail: Trail
    full: bool

    def model(self, name: str, into: Path, served: Path) -> tuple[PredictionPlan, Development]:
        """Audited, developed, and put where the web application serves it."""
        self.audit(name, into)
        plan, made = self.develop(name, into)
        for page, kind in SERVED.items():
            shutil.copyfile(into / page, served.with_name(f"{served.name}{kind}.html"))
        return plan, made

    def develop(self, name: str, into: Path) -> tuple[PredictionPlan, Development]:
        plan = self._plan(name)
        self.tell.say(f"{plan.title}:")
        made = developed(
            self.table,
            plan,
            {},
            say=self.tell.say,
            progress=self.tell.progress("bootstrap samples"),
            opening=LookRegister(into, self.clock, "", self.trail).open,
            simulated=True,
            readings=self.readings,
        )
        write_development(into, made, self.table, pdf=self.full)
        return plan, made

    def audit(self, name: str, into: Path) -> None:
        times = PERMUTATIONS if self.full else QUICK_PERMUTATIONS
        found = audit_pipeline(self.table, self._plan(name), permutations=times, readings=self.readings)
        write_audit(into, found)
        worst = found.table["mean"].max()
        self.tell.say(
            f"Outcomes shuffled {times} times: AUC at most {plain(worst, 2)}; "
            f"with a leak planted {plain(found.planted, 2)}, {found.verdict()}."
        )

    def _plan(self, name: str) -> PredictionPlan:
        """Of the plan's radiomic features those that were extracted; the rest of it whole, or a try."""
        plan = read_prediction_plan(resources.folder("sap") / name)
        there = tuple(f for f in plan.features if not f.tag or f.name in self.table.columns)
        plan = replace(plan, features=there)
        return plan if self.full else plan.shortened(QUICK_BOOTSTRAPS, QUICK_LEARNERS)


def _can_develop() -> bool:
    from importlib.util import find_spec

    return all(find_spec(name) for name in ("sklearn", "shap", "lime", "skl2onnx"))


def _trail(trial: Trial) -> Trail:
    def record(look: LookAhead) -> None:
        look_at_test_set(
            trial,
            statistician(),
            plan_id=look.plan.id,
            plan_sha256=look.plan.sha256,
            data_sha256=look.data_sha256,
            chosen=look.chosen,
            subjects=look.subjects,
            people_sha256=look.people_sha256,
            outcome=", ".join(look.plan.outcome.columns),
        )

    return Trail(lambda plan, people: None, record)


def _tell(tell: Teller, plan: PredictionPlan, full: bool, area: tuple[float, float, float]) -> None:
    tell.say(
        f"Response: AUC {plain(area[0], 2)} (95 % CI {plain(area[1], 2)} to {plain(area[2], 2)}), "
        f"corrected for optimism."
    )
    if not full:
        tell.say(
            f"A try: {len(plan.learners)} of five learners, {plan.resampling.bootstraps} of 100 bootstraps; "
            "--full does the whole plan."
        )
