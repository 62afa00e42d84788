"""The adjudicator's desk, and the simulator's truth held against what the comparison found."""

from __future__ import annotations

from dataclasses import dataclass

from trialkit.demo.people import adjudicator
from trialkit.entry import AdjudicationChoice, ReasonCode, clopper_pearson
from trialkit.operations import Trial, Verdict, adjudicate
from trialkit.simulation import Decision, FieldKey, Scenario, TrialPaper, TypedPasses, residual_errors
from trialkit.simulation import adjudicate as decide_from_paper
from trialkit.store.reading.discrepancies import discrepancies
from trialkit.study.model import Study

PER = 10_000


@dataclass(frozen=True)
class Reconciled:
    """What was found and decided. ``as_planted``: the discrepancies found are the planted ones, as sets."""

    found: int
    as_planted: bool
    decided_wrongly: int
    residual_errors: int
    fields: int

    @property
    def residual_per_10000(self) -> float:
        return PER * self.residual_errors / self.fields

    @property
    def residual_interval_per_10000(self) -> tuple[float, float]:
        lower, upper = clopper_pearson(self.residual_errors, self.fields, 0.95)
        return PER * lower, PER * upper


def reconcile(
    trial: Trial, study: Study, scenario: Scenario, paper: TrialPaper, passes: TypedPasses, seed: int
) -> Reconciled:
    """Decide every discrepancy with the paper in hand, erring at the scenario's rate."""
    with trial.store.reading() as reader:
        found = {
            FieldKey(d.subject_id, d.visit, d.form, d.row, d.item)
            for d in discrepancies(reader, only_open=True)
        }
    decisions = decide_from_paper(study, paper, passes, scenario, seed)
    adjudicate(trial, adjudicator(), verdicts=[_verdict(decision) for decision in decisions])
    return Reconciled(
        found=len(found),
        as_planted=found == passes.discordant,
        decided_wrongly=sum(not decision.correct for decision in decisions),
        residual_errors=len(residual_errors(passes, decisions)),
        fields=passes.fields,
    )


def _verdict(decision: Decision) -> Verdict:
    field = decision.field
    choice = AdjudicationChoice(decision.choice)
    return Verdict(
        subject_id=field.subject_id,
        visit=field.visit,
        form=field.form,
        row=field.row,
        item=field.item,
        choice=choice,
        reason=ReasonCode.MISREAD if choice is AdjudicationChoice.NEW_VALUE else ReasonCode.TYPING_ERROR,
        new_value=decision.value if choice is AdjudicationChoice.NEW_VALUE else None,
    )
