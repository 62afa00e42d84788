"""The tables of ``study.toml`` that say what the protocol promises: endpoints, blinding, sample size."""

from __future__ import annotations

from trialkit import permitted
from trialkit.strict_toml import Section
from trialkit.study.known_names import require_item, require_known
from trialkit.study.model import (
    AnalysisStatement,
    Blinding,
    Check,
    Criterion,
    Endpoint,
    Item,
    Randomization,
    SampleSize,
    Score,
    Visit,
)
from trialkit.vocabulary import Concealment, Role
from trialkit.wording import said

METHODS = ("stratified_permuted_blocks", "external")
PRINCIPLES = ("intention_to_treat", "per_protocol")
# What happened, how soon, counted from when, whether it must be new, and what makes it new.
DEFINITION_KEYS = ("event", "within", "origin", "new_episode", "free_interval")
REPORTERS = ("participant", "assessor", "investigator", "laboratory", "")


def read_criteria(root: Section) -> tuple[Criterion, ...]:
    criteria = []
    for name, table in root.named_sections("criteria"):
        criteria.append(
            Criterion(
                name,
                kind=table.one_of("kind", ("inclusion", "exclusion")),
                label=table.text("label"),
                rule=table.text("rule"),
            )
        )
        table.done()
    return tuple(criteria)


def read_checks(root: Section, visits: tuple[Visit, ...]) -> tuple[Check, ...]:
    """``[checks.NAME]``: what the study itself wants to be asked about."""
    checks = []
    for name, table in root.named_sections("checks"):
        check = Check(
            name,
            rule=table.text("rule"),
            message=table.text("message"),
            hard=("severity" in table and table.one_of("severity", ("soft", "hard")) == "hard"),
            at=table.texts("visits", ()),
        )
        table.done()
        for visit in check.at:
            require_known(table, "visits", visit, [known.name for known in visits], "a visit")
        checks.append(check)
    return tuple(checks)


def read_endpoints(
    root: Section, scores: tuple[Score, ...], items: dict[str, Item], visits: tuple[Visit, ...]
) -> tuple[Endpoint, ...]:
    measured = [score.name for score in scores] + list(items)
    endpoints = []
    for name, table in root.named_sections("endpoints"):
        endpoint = Endpoint(
            name,
            table.text("label"),
            role=table.one_of("role", ("primary", "secondary")),
            score=table.optional_text("score"),
            visit=table.optional_text("visit"),
            stated_times=table.texts("stated_times", ()),
            reported_by=table.one_of("reported_by", REPORTERS) if "reported_by" in table else "",
            missing_data=table.text("missing_data", ""),
            definition=table.mapping("definition"),
        )
        table.done()
        for key in endpoint.definition:
            require_known(table, "definition", key, list(DEFINITION_KEYS), "a part of an event's definition")
        if endpoint.score is not None:
            require_known(table, "score", endpoint.score, measured, "a score or an item")
        if endpoint.visit is not None:
            require_known(table, "visit", endpoint.visit, [visit.name for visit in visits], "a visit")
        endpoints.append(endpoint)
    return tuple(endpoints)


def read_randomization(root: Section, items: dict[str, Item]) -> Randomization:
    table = root.section("randomization")
    found = Randomization(
        method=table.one_of("method", METHODS),
        concealment=table.choice("concealment", Concealment),
        restriction_sha256=table.optional_text("restriction_sha256"),
        reason_external=table.text("reason_external", ""),
        minimized_by=table.texts("minimized_by", ()),
    )
    for item in found.minimized_by:
        require_item(table, "minimized_by", item, items)
    for key in ("block_length", "block_lengths", "blocks"):
        if key in table:
            table.fault(
                key,
                "no block length in the study definition: whoever reads it could guess allocations",
                said("the key {key!r}", key=key),
                "Keep it in the restriction file of the person who makes the schedule.",
            )
    table.done()
    if found.minimized_by and found.method != "external":
        table.fault("minimized_by", "method = 'external', where allocation was minimized", repr(found.method))
    if found.method == "external" and not found.reason_external:
        table.fault(None, "reason_external, why allocations were made outside trialkit", "none")
    return found


def read_blinding(root: Section) -> Blinding:
    table = root.section("blinding")
    found = Blinding(
        stated=table.text("stated"),
        blinded_roles=table.choices("blinded_roles", Role),
        runs_analysis=table.choice("runs_analysis", Role) if "runs_analysis" in table else None,
        masked_analysis_described=table.boolean("masked_analysis_described", False),
        participants_blinded=table.boolean("participants_blinded", False),
        open_outcomes_described=table.boolean("open_outcomes_described", False),
    )
    table.done()
    return found


def read_sample_size(root: Section) -> SampleSize | None:
    table = root.optional_section("sample_size")
    if table is None:
        return None
    found = SampleSize(
        total=table.integer("total", within=permitted.SUBJECTS),
        per_arm=table.integer("per_arm", within=permitted.SUBJECTS),
        difference=table.number("difference", within=permitted.ABOVE_0),
        sd=table.number("sd", within=permitted.ABOVE_0),
        power=table.number("power", within=permitted.POWER),
        alpha=table.number("alpha", within=permitted.ALPHA_OF_DESIGN),
        sides=table.integer("sides", within=permitted.SIDES),
        attrition=table.number("attrition", within=permitted.ATTRITION),
        unit=table.text("unit", ""),
    )
    table.done()
    if found.per_arm * (1 - found.attrition) < 2:
        table.fault("per_arm", "at least two subjects per arm after attrition", found.per_arm)
    return found


def read_analysis(root: Section) -> AnalysisStatement | None:
    table = root.optional_section("analysis")
    if table is None:
        return None
    found = AnalysisStatement(
        principle=table.one_of("principle", PRINCIPLES),
        method=table.text("method", ""),
        covariates=table.texts("covariates", ()),
    )
    table.done()
    return found
