"""The adjudicator's desk, and the simulator's truth held against what the comparison found."""

from __future__ import annotations

from dataclasses import dataclass

from trialkit.demo.people import adjudicator, data_manager
from trialkit.entry import AdjudicationChoice, ReasonCode, clopper_pearson, compare_values
from trialkit.operations import Trial, Verdict, adjudicate
from trialkit.simulation import (
    Decision,
    FieldKey,
    Scenario,
    TrialPaper,
    TypedPasses,
    adjudicate as decide_from_paper,
    residual_errors,
)
from trialkit.store.reading.discrepancies import discrepancies
from trialkit.store.reading.finals import final_values
from trialkit.study.model import Study
from trialkit.vocabulary import EntryMode

PER = 10_000


@dataclass(frozen=True)
class Reconciled:
    """What was found and decided.

    ``as_planted``: the discrepancies found are the planted ones, as sets. ``planted_residue`` are the fields
    the simulator knows to be wrong in the final record; ``residue`` those that differ from paper.
    """

    found: int
    as_planted: bool
    decided_wrongly: int
    typed_alike: int
    planted_residue: frozenset[FieldKey]
    residue: frozenset[FieldKey]
    fields: int

    @property
    def known_per_10000(self) -> float:
        return PER * len(self.planted_residue) / self.fields

    @property
    def measured_per_10000(self) -> tuple[float, float, float]:
        """Rate and exact 95 % limits."""
        wrong = len(self.residue)
        lower, upper = clopper_pearson(wrong, self.fields, 0.95)
        return PER * wrong / self.fields, PER * lower, PER * upper


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
    verdicts = [_verdict(decision) for decision in decisions]
    adjudicate(trial, adjudicator(), verdicts=verdicts, second_person=data_manager())
    return Reconciled(
        found=len(found),
        as_planted=found == passes.discordant,
        decided_wrongly=sum(not decision.correct for decision in decisions),
        typed_alike=len(passes.identical_errors),
        planted_residue=residual_errors(passes, decisions),
        residue=_differing_from_paper(trial, paper),
        fields=passes.fields,
    )


def _differing_from_paper(trial: Trial, paper: TrialPaper) -> frozenset[FieldKey]:
    """The final record of the double-entry forms, held against every line of paper."""
    double = {form.name for form in trial.study.forms if form.entry is EntryMode.DOUBLE}
    on_paper = {
        row.key: trial.rules.read_row(row.form, row.values) for row in paper.rows if row.form in double
    }
    with trial.store.reading() as reader:
        finals = final_values(reader, forms=double)
    wrong = set()
    for final in finals:
        true = on_paper[final.subject_id, final.visit, final.form, final.row][final.item].value
        item = trial.rules.items[final.item]
        if compare_values(true, final.value, item_type=item.type) is not None:
            wrong.add(FieldKey(final.subject_id, final.visit, final.form, final.row, final.item))
    return frozenset(wrong)


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
