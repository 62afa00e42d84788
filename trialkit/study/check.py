"""A protocol held against itself: what it contradicts and what it leaves open."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from trialkit.study import (
    rules_design,
    rules_expressions,
    rules_import,
    rules_import_losses,
    rules_items,
    rules_kinds,
    rules_rights,
    rules_sight,
    rules_stated,
    rules_time,
)
from trialkit.study.findings import Finding, Severity
from trialkit.study.identifiers import identifiers_to_settle
from trialkit.study.model import Study

Rule = Callable[[Study], Iterator[Finding]]
RULES: tuple[Rule, ...] = (
    rules_design.sample_size_arithmetic,
    rules_design.sample_size_totals,
    rules_stated.texts_to_be_stated,
    rules_time.visits_without_an_anchor,
    rules_time.times_without_an_anchor,
    rules_time.times_that_conflict,
    rules_time.endpoints_off_their_visit,
    rules_design.blinded_role_that_must_see,
    rules_rights.hidden_forms_that_nobody_may_work_on,
    rules_design.drugs_outside_their_class,
    rules_design.participants_who_report_open,
    rules_time.events_incompletely_defined,
    rules_design.missing_primary_unstated,
    rules_design.factors_left_out,
    rules_design.list_without_custody,
    identifiers_to_settle,
    rules_import.import_that_cannot_be_made,
    rules_import_losses.import_that_loses_something,
    rules_import.import_read_by_names,
    rules_expressions.codes_that_are_no_choice,
    rules_kinds.kinds_that_do_not_fit,
    rules_sight.items_of_several_lines,
    rules_sight.branching_of_another_form,
    rules_items.ranges_without_a_value,
    rules_items.items_never_asked,
    rules_design.difference_below_the_mcid,
    rules_design.second_entry_is_told,
    rules_design.fields_not_captured,
    rules_design.dictionary_read_otherwise,
)
_ORDER = list(Severity)


def check_study(study: Study) -> tuple[Finding, ...]:
    """Everything in a definition that its authors have to settle.

    Each rule computes from the model's fields; none knows a particular study, and none corrects anything.

    Parameters
    ----------
    study
        From :func:`trialkit.study.load_study`.

    Returns
    -------
    tuple of Finding
        Contradictions first, then gaps, then notes; empty where there is nothing to say.
    """
    findings = [finding for rule in RULES for finding in rule(study)]
    return tuple(sorted(findings, key=lambda finding: _ORDER.index(finding.severity)))
