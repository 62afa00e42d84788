"""A prediction plan from TOML, read strictly: an unknown key or an impossible number is refused."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

from trialkit.prediction.errors import PredictionError
from trialkit.prediction.plan import (
    LEARNERS,
    Arm,
    ArmRole,
    Feature,
    FeatureKind,
    Outcome,
    OutcomeKind,
    PenaltyRule,
    PredictionPlan,
    Preparation,
    Resampling,
    Selection,
    Stratum,
    Threshold,
    ThresholdRule,
    permitted,
)
from trialkit.prediction.plan_statements import known_names, read_comparators, read_provenance
from trialkit.strict_toml import Section, parse_toml
from trialkit.wording import said, written


def read_prediction_plan(path: Path | str) -> PredictionPlan:
    """The plan of a file.

    Raises
    ------
    PredictionError
        No such file, or a key, type, value or reference that does not hold; with file, line and key.
    """
    path = Path(path)
    try:
        raw = path.read_bytes()
        text = raw.decode("utf-8")
    except FileNotFoundError:
        raise PredictionError(
            expected="a prediction plan", found="none", where=str(path), next_step="Check the file's name."
        ) from None
    except UnicodeDecodeError:
        raise PredictionError(
            expected="UTF-8 text", found="other bytes", where=str(path), next_step="Save the plan as UTF-8."
        ) from None
    top = parse_toml(text, str(path), PredictionError)
    plan = _plan(top)
    top.done()
    return replace(plan, sha256=hashlib.sha256(raw).hexdigest())


def _plan(top: Section) -> PredictionPlan:
    head = top.section("plan")
    features = _features(top)
    names, beside = {f.name for f in features}, _features(top, "beside")
    if twice := sorted(names & {f.name for f in beside}):
        top.refuse(
            "beside", "features that are no candidates", twice[0], "Name the candidate in the comparator."
        )
    resampling = _resampling(top)
    plan = PredictionPlan(
        id=head.text("id"),
        title=head.text("title"),
        version=head.text("version"),
        seed=_at_least(head, "seed", None, 0),
        protocol=head.text("protocol", ""),
        intended_use=head.text("intended_use", ""),
        population=head.text("population", ""),
        title_zh=head.text("title_zh", ""),
        intended_use_zh=head.text("intended_use_zh", ""),
        population_zh=head.text("population_zh", ""),
        contact=head.text("contact", ""),
        licence=head.text("licence", ""),
        subject=head.text("subject", "subject_id"),
        site=head.text("site", ""),
        anticipated_auc=_between(head, "anticipated_auc", 0.8, 0.51, 0.99),
        subgroups=head.texts("subgroups", ()),
        baseline=known_names(head, "baseline", names),
        learners=_learners(head),
        decision_risks=_risks(head),
        outcome=_outcome(top.section("outcome")),
        features=features,
        arm=_arm(top, names),
        preparation=_preparation(top),
        selection=_selection(top),
        threshold=_threshold(top),
        resampling=resampling,
        beside=beside,
        comparators=read_comparators(top, names | {f.name for f in beside}),
        provenance=read_provenance(top),
        settings=_settings(top),
        pathway=_pathway(top),
    )
    head.done()
    return plan


def _features(top: Section, key: str = "features") -> tuple[Feature, ...]:
    features = []
    for name, section in top.named_sections(key):
        kind = cast(
            FeatureKind, section.one_of("kind", permitted(FeatureKind)) if "kind" in section else "number"
        )
        levels = section.texts("levels", ())
        if kind == "category" and len(set(levels)) < 2:
            section.refuse("levels", "at least two levels of a category", written(len(set(levels))))
        feature = Feature(
            name=name,
            label=section.text("label", name),
            label_zh=section.text("label_zh", ""),
            unit=section.text("unit", ""),
            unit_zh=section.text("unit_zh", ""),
            kind=kind,
            levels=levels,
            level_labels=_level_labels(section, "level_labels", levels) or levels,
            level_labels_zh=_level_labels(section, "level_labels_zh", levels),
            definition=section.text("definition", ""),
            definition_zh=section.text("definition_zh", ""),
            tag=section.text("tag", ""),
            group=section.text("group", "clinical"),
            lower=section.optional_number("lower"),
            upper=section.optional_number("upper"),
            alternative_unit=section.text("alternative_unit", ""),
            alternative_factor=section.number("alternative_factor", 1.0),
            knots=_knots(section, kind),
        )
        if feature.lower is not None and feature.upper is not None and feature.lower >= feature.upper:
            section.refuse(
                "upper",
                said("more than lower ({lower:g})", lower=feature.lower),
                said("{value:g}", value=feature.upper),
            )
        section.done()
        features.append(feature)
    if not features and key == "features":
        top.refuse("features", "at least one candidate", "none", "Add a table [features.NAME].")
    return tuple(features)


def _knots(section: Section, kind: FeatureKind) -> tuple[float, ...]:
    """None, or three to seven that rise, of a number."""
    knots = section.numbers("knots", ())
    rising = all(low < high for low, high in pairwise(knots))
    if knots and (kind == "category" or not 3 <= len(knots) <= 7 or not rising):
        section.refuse(
            "knots", "three to seven numbers that rise, of a feature that is a number", list(knots)
        )
    return knots


def _level_labels(section: Section, key: str, levels: tuple[str, ...]) -> tuple[str, ...]:
    """One a level, or none."""
    labels = section.texts(key, ())
    if labels and len(labels) != len(levels):
        section.refuse(
            key, said("{n_levels} labels, one a level", n_levels=len(levels)), written(len(labels))
        )
    return labels


def _outcome(section: Section) -> Outcome:
    kind = cast(OutcomeKind, section.one_of("kind", permitted(OutcomeKind)))
    label = section.text("label")
    common: dict[str, Any] = {
        "label": label,
        "label_zh": section.text("label_zh", ""),
        "better": section.boolean("better"),
    }
    if kind == "binary":
        outcome = Outcome(
            kind=kind, column=section.text("column"), positive=section.text("positive", "1"), **common
        )
    else:
        horizon = section.number("horizon_days")
        if horizon <= 0:
            section.refuse("horizon_days", "a number of days above 0", said("{value:g}", value=horizon))
        outcome = Outcome(
            kind=kind,
            time_days=section.text("time_days"),
            event=section.text("event"),
            horizon_days=horizon,
            followed_from_days=_between(section, "followed_from_days", horizon, 0, horizon),
            **common,
        )
    section.done()
    return outcome


def _arm(top: Section, names: set[str]) -> Arm:
    section = top.section("arm")
    role = cast(ArmRole, section.one_of("role", permitted(ArmRole)))
    if role == "absent":
        section.done()
        return Arm()
    reference, levels = section.text("reference"), section.texts("levels", ())
    if levels and (len(set(levels)) != 2 or levels[0] != reference):
        section.refuse("levels", "the two arms, the reference first", ", ".join(levels))
    arm = Arm(
        role,
        section.text("column", "arm"),
        reference,
        known_names(section, "modifies", names),
        section.text("label", Arm.label),
        section.text("label_zh", Arm.label_zh),
        levels,
        _level_labels(section, "level_labels", levels),
        _level_labels(section, "level_labels_zh", levels),
    )
    if (role == "effect_modifier") != bool(arm.modifies):
        section.refuse(
            "modifies", "the features it modifies, with role effect_modifier only", str(arm.modifies)
        )
    section.done()
    return arm


def _preparation(top: Section) -> Preparation:
    section = top.optional_section("preparation")
    if section is None:
        return Preparation()
    preparation = Preparation(
        _between(section, "most_missing", 0.2, 0, 1),
        _between(section, "correlation_limit", 0.9, 0, 1),
        _between(section, "icc_lower_limit", 0.75, -1, 1),
    )
    section.done()
    return preparation


def _selection(top: Section) -> Selection:
    section = top.optional_section("selection")
    if section is None:
        return Selection()
    penalty = section.one_of("penalty", permitted(PenaltyRule)) if "penalty" in section else "minimum"
    selection = Selection(
        folds=_at_least(section, "folds", 5, 2),
        penalty=cast(PenaltyRule, penalty),
        penalties=_at_least(section, "penalties", 20, 2),
        smallest_ratio=_between(section, "smallest_ratio", 0.05, 0.0001, 0.99),
        most=_at_least(section, "most", 0, 0),
    )
    section.done()
    return selection


def _threshold(top: Section) -> Threshold:
    section = top.optional_section("threshold")
    if section is None:
        return Threshold()
    rule = section.one_of("rule", permitted(ThresholdRule)) if "rule" in section else "youden"
    threshold = Threshold(
        cast(ThresholdRule, rule), _at_least(section, "folds", 2, 2), _between(section, "risk", 0.5, 0, 1)
    )
    section.done()
    return threshold


def _resampling(top: Section) -> Resampling:
    section = top.optional_section("resampling")
    if section is None:
        return Resampling()
    resampling = Resampling(
        _at_least(section, "bootstraps", 100, 2),
        _at_least(section, "folds", 5, 2),
        _between(section, "train_share", 0.7, 0.1, 0.9),
    )
    section.done()
    return resampling


def _learners(head: Section) -> tuple[str, ...]:
    names = head.texts("learners", LEARNERS)
    for name in names:
        if name not in LEARNERS:
            head.refuse(
                "learners", said("learners among {learners}", learners=", ".join(LEARNERS)), repr(name)
            )
    if not names:
        head.refuse("learners", "at least one learner", "none")
    return tuple(name for name in LEARNERS if name in names)


def _risks(head: Section) -> tuple[float, ...]:
    risks = head.numbers("decision_risks", (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8))
    if any(not 0 < risk < 1 for risk in risks):
        head.refuse("decision_risks", "risks above 0 and below 1", str(list(risks)))
    return tuple(sorted(risks))


def _settings(top: Section) -> dict[str, dict[str, float]]:
    from trialkit.prediction.learners import DEFAULTS

    settings: dict[str, dict[str, float]] = {}
    for name, section in top.named_sections("learners"):
        if name not in DEFAULTS:
            top.refuse(
                "learners", said("a learner among {learners}", learners=", ".join(LEARNERS)), repr(name)
            )
        settings[name] = {key: _setting(section, key, value) for key, value in DEFAULTS[name].items()}
        section.done()
    return settings


def _setting(section: Section, key: str, default: float) -> float:
    """Above 0; a ridge may be 0, which is none, for all but the logistic learner as for it."""
    number = section.number(key, default)
    if number < 0 or (number == 0 and key != "ridge"):
        section.refuse(key, "a number above 0", said("{value:g}", value=number))
    return number


def _pathway(top: Section) -> tuple[Stratum, ...]:
    strata = []
    for section in top.listed_sections("pathway"):
        strata.append(
            Stratum(
                section.text("name"),
                _between(section, "from_risk", 0, 0, 1),
                section.text("action"),
                section.number("review_weeks"),
                section.text("label_zh", ""),
                _between(section, "expected_change", 0, -1, 1),
            )
        )
        section.done()
        if strata[-1].review_weeks <= 0 or not strata[-1].action.strip():
            section.refuse("review_weeks", "an action, and a review after more than 0 weeks", "none")
    starts = [s.from_risk for s in strata]
    if len({s.name for s in strata}) < len(strata):
        top.refuse("pathway", "strata of different names", ", ".join(s.name for s in strata))
    if strata and (starts[0] != 0 or starts != sorted(set(starts))):
        top.refuse(
            "pathway", "strata that begin at risk 0 and rise", str(starts), "Put them in rising order."
        )
    return tuple(strata)


def _between(section: Section, key: str, default: float, lower: float, upper: float) -> float:
    number = section.number(key, default)
    if not lower <= number <= upper:
        section.refuse(
            key,
            said("a number from {lower:g} to {upper:g}", lower=lower, upper=upper),
            said("{value:g}", value=number),
        )
    return number


def _at_least(section: Section, key: str, default: int | None, least: int) -> int:
    number = section.integer(key) if default is None else section.integer(key, default)
    if number < least:
        section.refuse(key, said("a whole number of at least {least}", least=least), str(number))
    return number
