"""What the protocol promises: numbers, blinding, drugs, and what happens to missing outcomes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from trialkit.numbers import plain
from trialkit.stats import DataError, t_test_detectable_difference, t_test_power, t_test_sample_size
from trialkit.study.drugs import class_of
from trialkit.study.findings import Finding, Severity
from trialkit.study.model import SampleSize, Study
from trialkit.vocabulary import ArmRole, Concealment, Role, SecondPass

_FEWEST, _MOST = 0.95, 1.25  # of the number needed: rounding, and a cautious margin, are not contradictions


def sample_size_arithmetic(study: Study) -> Iterator[Finding]:
    stated = study.sample_size
    if stated is None:
        return
    arms = _compared(study, stated)
    needed = _needed(stated, arms)
    if needed is not None and _FEWEST * sum(needed) <= sum(arms.evaluable) <= _MOST * sum(needed):
        return
    evaluable = _counts(arms.evaluable)
    found = _detectable(stated, arms)
    reached = t_test_power(
        stated.difference, stated.sd, *arms.evaluable, alpha=stated.alpha, sides=stated.sides
    )
    wanted = _counts(needed) if needed else "more than ten million"
    unit = _difference_unit(stated.unit)
    yield Finding(
        "sample-size-arithmetic",
        Severity.CONTRADICTION,
        "The sample size does not follow from the difference it is said to detect",
        f"{stated.difference:g}{unit} at SD {stated.sd:g} needs {wanted} {arms.words} "
        f"for {plain(100 * stated.power, 0)}% power (alpha {stated.alpha:g}, "
        f"{_sides(stated)}), not {_counts(arms.planned)}. {_counts(arms.planned)} {arms.words} less "
        f"{plain(100 * stated.attrition, 0)}% is {evaluable}, which detects "
        f"{plain(found, 2)}{unit} at that power; for "
        f"{stated.difference:g}{unit} their power would be {_power_in_words(reached)}.",
        ("sample_size",),
        "Ask the trial's statistician which of the numbers is meant and amend the protocol.",
    )


def _difference_unit(unit: str) -> str:
    """After a number that is a difference: of two percentages it is in percentage points."""
    return f" {'percentage points' if unit == 'percent' else unit}" if unit else ""


def sample_size_totals(study: Study) -> Iterator[Finding]:
    stated = study.sample_size
    if stated is None:
        return
    smallest = min(arm.ratio for arm in study.arms)
    total = sum(stated.per_arm * arm.ratio // smallest for arm in study.arms)
    if total != stated.total:
        yield Finding(
            "sample-size-total",
            Severity.CONTRADICTION,
            "The arms do not add up to the total",
            f"{stated.per_arm} in the smallest arm make {total} in all; the total is stated as "
            f"{stated.total}.",
            ("sample_size",),
            "Correct one of the two.",
        )


def difference_below_the_mcid(study: Study) -> Iterator[Finding]:
    """A note, not a contradiction: significance would not show that the effect matters to a subject."""
    stated = study.sample_size
    primary = next((endpoint for endpoint in study.endpoints if endpoint.role == "primary"), None)
    score = next((score for score in study.scores if primary and score.name == primary.score), None)
    if stated is None or score is None or score.mcid is None or stated.unit != score.unit:
        return
    found = _detectable(stated, _compared(study, stated))
    if found < score.mcid:
        yield Finding(
            "detectable-below-mcid",
            Severity.NOTE,
            "The trial can find a difference smaller than the one that matters",
            f"It detects {plain(found, 2)}{_difference_unit(score.unit)}; the minimal clinically important "
            f"difference is {score.mcid:g}. A significant result may be below it.",
            ("sample_size", f"scores.{score.name}"),
            "Report the interval against the MCID, and the share of responders, beside the p-value.",
        )


def blinded_role_that_must_see(study: Study) -> Iterator[Finding]:
    blinding = study.blinding
    role = blinding.runs_analysis
    if role is None or role not in blinding.blinded_roles or blinding.masked_analysis_described:
        return
    yield Finding(
        "blinded-role-runs-analysis",
        Severity.CONTRADICTION,
        f"The {role.replace('_', ' ')} is blinded and runs the analysis",
        "The comparison of the arms needs the allocation; nothing says what is run before unblinding, and "
        "how.",
        ("blinding",),
        "Describe the masked analysis (swapped or scrambled labels until unblinding) or name another "
        "role, then set "
        "masked_analysis_described or runs_analysis.",
    )


def participants_who_report_open(study: Study) -> Iterator[Finding]:
    blinding = study.blinding
    if (
        Role.OUTCOME_ASSESSOR not in blinding.blinded_roles
        or blinding.participants_blinded
        or blinding.open_outcomes_described
    ):
        return
    reported = [endpoint for endpoint in study.endpoints if endpoint.reported_by == "participant"]
    if reported:
        names = ", ".join(endpoint.label for endpoint in reported)
        yield Finding(
            "open-participant-report",
            Severity.CONTRADICTION,
            f"Called {blinding.stated}, but participants who know their arm report outcomes",
            f"Reported by participants: {names}. A blinded assessor who reads out their answers does not "
            f"blind them.",
            ("blinding", *(f"endpoints.{endpoint.name}" for endpoint in reported)),
            "Say which outcomes are open (open_outcomes_described), or have them assessed.",
        )


def drugs_outside_their_class(study: Study) -> Iterator[Finding]:
    for component in study.components:
        for drug in component.drugs if component.drug_class else ():
            actual = class_of(drug)
            if actual is None:
                yield Finding(
                    "drug-class-unknown",
                    Severity.NOTE,
                    f"The class of {drug} cannot be checked",
                    f"{component.label} calls it {component.drug_class}; it is not in trialkit's list.",
                    (f"components.{component.name}",),
                    "Check it by hand.",
                )
            elif actual.casefold() != component.drug_class.casefold():
                arms = [arm.name for arm in study.arms if component.name in arm.components]
                yield Finding(
                    "drug-outside-class",
                    Severity.CONTRADICTION,
                    f"{drug} is called {component.drug_class} and is not one",
                    f"{component.label}, given in {len(arms)} of {len(study.arms)} arms, may be {drug}: "
                    f"{actual}.",
                    (f"components.{component.name}",),
                    f"Call the component what it is, or take {drug} off it; record which drug each "
                    f"subject got.",
                )


def missing_primary_unstated(study: Study) -> Iterator[Finding]:
    if study.analysis is None or study.analysis.principle != "intention_to_treat":
        return
    for endpoint in study.endpoints:
        if endpoint.role == "primary" and not endpoint.missing_data:
            yield Finding(
                "missing-primary-unstated",
                Severity.GAP,
                "Nothing says how a missing primary outcome enters the intention-to-treat analysis",
                f"{endpoint.label}: everyone randomized is to be analysed, and some will have no value.",
                ("analysis", f"endpoints.{endpoint.name}"),
                "State missing_data: the estimand, the imputation, and a sensitivity analysis.",
            )


def factors_left_out(study: Study) -> Iterator[Finding]:
    """What a randomization is balanced on is in its analysis; no covariate stated at all is said too."""
    if study.analysis is None:
        return
    balanced = [factor.name for factor in study.factors] + list(study.randomization.minimized_by)
    left_out = [name for name in balanced if name not in study.analysis.covariates]
    if left_out:
        yield Finding(
            "factor-left-out",
            Severity.GAP,
            "The analysis leaves out a variable the randomization was balanced on",
            f"Balanced on {', '.join(left_out)}; the covariates are "
            f"{', '.join(study.analysis.covariates) or 'not stated'}.",
            ("analysis", "randomization"),
            "Add it to the covariates, or say why not.",
        )


def list_without_custody(study: Study) -> Iterator[Finding]:
    """A real trial whose list is kept from nobody, or bound to no file of its maker."""
    stated = study.randomization
    if study.demonstration or stated.method == "external":
        return
    if stated.concealment is Concealment.DEMONSTRATION:
        yield Finding(
            "concealment-of-a-demonstration",
            Severity.CONTRADICTION,
            "A real trial keeps its list from nobody",
            "The study is no demonstration, and its allocation concealment is stated as that of one.",
            ("randomization",),
            "State 'server', or 'central' where one person who neither enrols nor assesses holds it.",
        )
    if stated.restriction_sha256 is None:
        yield Finding(
            "restriction-not-stated",
            Severity.GAP,
            "Nothing binds the list to the block lengths that were agreed",
            "Without the digest of the list maker's file no list is made or loaded for a real trial.",
            ("randomization",),
            "Ask the list maker for restriction_sha256.",
        )


def second_entry_is_told(study: Study) -> Iterator[Finding]:
    """The two entries of a form are not independent: whoever types second is told where hers differ."""
    if study.capture.second_pass is not SecondPass.VERIFICATION:
        return
    kept = [form.name for form in study.forms if form.is_measured]
    measured = f" Readings stay independent: {', '.join(kept)}." if kept else ""
    yield Finding(
        "second-entry-not-independent",
        Severity.NOTE,
        "The second entry is verified against the first, which is weaker than two independent entries",
        "Whoever types second is told where her value differs, and tends to give way to the first: an error "
        "of the first entry that she takes over is found by nobody, and the rate of discrepancies is no rate "
        "of two independent entries." + measured,
        ("capture",),
        "State second_pass = 'independent', or why verification is enough, in the data management plan.",
    )


def fields_not_captured(study: Study) -> Iterator[Finding]:
    lost = [field for field in study.skipped_fields if "no value" not in field.reason]
    if lost:
        yield Finding(
            "field-not-captured",
            Severity.NOTE,
            "The dictionary has fields that trialkit does not capture",
            "; ".join(f"{field.name}: {field.reason}" for field in lost) + ".",
            tuple(f"dictionary {field.name}" for field in lost),
            "Keep them elsewhere, or replace them with items.",
        )


def dictionary_read_otherwise(study: Study) -> Iterator[Finding]:
    if study.dictionary_notes:
        yield Finding(
            "dictionary-read-otherwise",
            Severity.NOTE,
            "Some of the dictionary was passed over or read otherwise than it stands",
            " ".join(study.dictionary_notes),
            ("dictionary",),
            "Look at each; where one matters, write it as docs/study-definition.md says.",
        )


@dataclass(frozen=True, slots=True)
class _Compared:
    """The two arms with least power between them: planned, and left after attrition; the test arm first."""

    planned: tuple[int, int]
    evaluable: tuple[int, int]
    ratio: float

    @property
    def words(self) -> str:
        return "per arm" if self.planned[0] == self.planned[1] else "(test and reference arm)"


def _compared(study: Study, stated: SampleSize) -> _Compared:
    """``per_arm`` is the smallest arm's; the others follow by the ratio."""
    smallest = min(arm.ratio for arm in study.arms)
    reference = next(arm.ratio for arm in study.arms if arm.role is ArmRole.REFERENCE)
    test = min(arm.ratio for arm in study.arms if arm.role is not ArmRole.REFERENCE)
    planned = (stated.per_arm * test // smallest, stated.per_arm * reference // smallest)
    left = tuple(int(n * (1 - stated.attrition) + 1e-9) for n in planned)
    return _Compared(planned, (left[0], left[1]), test / reference)


def _counts(numbers: tuple[int, int]) -> str:
    return str(numbers[0]) if numbers[0] == numbers[1] else f"{numbers[0]} + {numbers[1]}"


def _needed(stated: SampleSize, arms: _Compared) -> tuple[int, int] | None:
    """Subjects in the test and the reference arm for the power; None where ten million would not do."""
    try:
        size = t_test_sample_size(
            stated.difference,
            stated.sd,
            stated.power,
            alpha=stated.alpha,
            sides=stated.sides,
            ratio=arms.ratio,
        )
    except DataError:
        return None
    return size.n_test, size.n_reference


def _detectable(stated: SampleSize, arms: _Compared) -> float:
    found: float = t_test_detectable_difference(
        stated.sd, *arms.evaluable, stated.power, alpha=stated.alpha, sides=stated.sides
    )
    return found


def _power_in_words(power: float) -> str:
    return "above 99.9%" if power > 0.999 else f"{plain(100 * power, 1)}%"


def _sides(stated: SampleSize) -> str:
    return "one-sided" if stated.sides == 1 else "two-sided"
