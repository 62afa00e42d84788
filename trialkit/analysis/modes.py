"""What a run may know of the arms: applied once, between the snapshot and the methods.

=============  =====================================================================================
unblinded      the true arms; the snapshot must hold allocations and the signed unblinding on record
masked         after the lock: the true groups as A and B by a secret draw. Only what turns into its mirror
               image when A and B change places is shown: sizes, losses and errors of one group would tell
               which it is to whoever knows them. Of more than two groups only a test of all together is
dry-run        before the lock: arms drawn anew within strata, without looking at the true ones
coded          the true groups as A and B, each with its own numbers: for a monitoring board behind closed
               doors; what reveals an arm by itself stays withheld, but for the count of adverse events that
               the plan lets the board see
blinded        no arms at all: everybody together
=============  =====================================================================================

Whatever reveals an arm by itself (forms of one arm, items marked so) is taken out of the snapshot first in
every mode but the first.
"""

from __future__ import annotations

import random
import string
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from trialkit.analysis.errors import AnalysisError
from trialkit.datasets import Datasets, build_datasets
from trialkit.plan import Plan
from trialkit.snapshot import Snapshot
from trialkit.study.model import Study
from trialkit.wording import said

if TYPE_CHECKING:
    import pandas as pd

ALL = "all"
LETTERS = string.ascii_uppercase  # the names of masked groups
WITHHELD = "available after unblinding"
WITHHELD_FROM_THE_BOARD = (
    "withheld from the closed report too: what it shows only one arm has, or its categories name a "
    "treatment, and so it would tell which group is which"
)
CLOSED_REPORT = "closed_report"  # the key of an entry whose events the board sees, counted as a whole
LOCKED = "locked"


class Mode(StrEnum):
    UNBLINDED = "unblinded"
    MASKED = "masked"
    DRY_RUN = "dry-run"
    CODED = "coded"
    BLINDED = "blinded"

    @property
    def watermark(self) -> str:
        return {Mode.DRY_RUN: "SHUFFLED ALLOCATION", Mode.MASKED: "MASKED GROUPS", Mode.CODED: "CLOSED"}.get(
            self, ""
        )


def withheld_words(mode: Mode) -> str:
    """What stands in the place of what a mode does not show, after "is"."""
    return WITHHELD_FROM_THE_BOARD if mode is Mode.CODED else WITHHELD


@dataclass(frozen=True)
class Prepared:
    """Datasets as the mode lets them be seen, with the plan's roles and the arms' labels to go with them."""

    mode: Mode
    plan: Plan
    datasets: Datasets
    arm_labels: Mapping[str, str]  # test arm first
    masking: Mapping[str, str]  # A, B, ... -> arm; empty unless masked


def prepare(
    mode: Mode, plan: Plan, study: Study, snapshot: Snapshot, masking: Mapping[str, str] | None = None
) -> Prepared:
    """Build the datasets of a run.

    Parameters
    ----------
    masking
        Of a masked run: which arm is A, which B and so on, drawn in secret by whoever calls.

    Raises
    ------
    AnalysisError
        A mode the snapshot does not allow.
    """
    require_allowed(mode, snapshot)
    kept = _forms_for_the_board(plan) if mode is Mode.CODED else frozenset()
    seen = snapshot if mode is Mode.UNBLINDED else without_what_reveals(snapshot, study, kept)
    datasets = build_datasets(seen, study, plan)
    if mode is Mode.UNBLINDED:
        labels = {arm: study.arm(arm).label for arm in plan.arms}
        return Prepared(mode, plan, datasets, labels, {})
    if mode is Mode.BLINDED:
        arms = dict.fromkeys(datasets.subjects["subject_id"], ALL)
        return Prepared(mode, replace(plan, arms=(ALL,)), _with_arms(datasets, arms), {ALL: "All"}, {})
    if mode is Mode.DRY_RUN:
        arms = drawn_anew(datasets.subjects, plan, study)
        labels = {arm: study.arm(arm).label for arm in plan.arms}
        return Prepared(mode, plan, _with_arms(datasets, arms), labels, {})
    assert masking is not None
    allocations = snapshot.tables["allocations"]
    letters = {arm: letter for letter, arm in masking.items()}
    pairs = zip(allocations["subject_id"].astype(str), allocations["planned_arm"].astype(str), strict=True)
    arms = {subject_id: letters[arm] for subject_id, arm in pairs if arm in letters}
    names = group_names(plan)
    labels = {letter: f"Group {letter}" for letter in names}
    return Prepared(mode, replace(plan, arms=names), _with_arms(datasets, arms), labels, masking)


def group_names(plan: Plan) -> tuple[str, ...]:
    """A, B and so on: one letter an arm."""
    return tuple(LETTERS[: len(plan.arms)])


def default_mode(snapshot: Snapshot) -> Mode:
    """Everybody together unless the unblinding is on record: arms in a file are no leave to see them."""
    return Mode.UNBLINDED if not snapshot.blinded and unblinding_on_record(snapshot) else Mode.BLINDED


def unblinding_on_record(snapshot: Snapshot) -> bool:
    """Whether the snapshot says who signed the opening of the arms for the analysis."""
    signed = snapshot.tables.get("unblinding")
    return signed is not None and len(signed) > 0


_ARMS_NEEDED = {
    Mode.UNBLINDED: said("Run it as dry-run, or take a snapshot after the unblinding is signed."),
    Mode.MASKED: said(
        "Have whoever may read the arms take a snapshot with them (`snapshot --unblinded`, after the lock); "
        "no signed unblinding is needed."
    ),
    Mode.CODED: said(
        "Have whoever may read the arms take a snapshot with them (`snapshot --unblinded`); no signed "
        "unblinding is needed."
    ),
}


def require_allowed(mode: Mode, snapshot: Snapshot) -> None:
    """Refuse a mode that the snapshot does not allow."""
    if mode in (Mode.UNBLINDED, Mode.MASKED, Mode.CODED) and snapshot.blinded:
        raise AnalysisError(
            expected=said("a snapshot with allocations for a run that is {mode}", mode=mode.value),
            found="a blinded one",
            where=str(snapshot.folder),
            next_step=_ARMS_NEEDED[mode],
        )
    if mode is Mode.UNBLINDED and not unblinding_on_record(snapshot):
        raise AnalysisError(
            expected="the signed unblinding on record in the snapshot, for a run that is unblinded",
            found="allocations without it",
            where=str(snapshot.folder),
            next_step="Sign the unblinding after the lock and take the snapshot again; until then run it "
            "masked, as dry-run, or without arms.",
        )
    if mode is Mode.MASKED and snapshot.manifest.state != LOCKED:
        raise AnalysisError(
            expected="a locked snapshot for a masked run",
            found=snapshot.manifest.state,
            where=str(snapshot.folder),
            next_step="Run it as dry-run until the database is locked.",
        )


def _forms_for_the_board(plan: Plan) -> frozenset[str]:
    """Forms of the events that the plan has the closed report count."""
    named = [e.keys["records"] for e in plan.analyses if e.fault is None and e.keys.get(CLOSED_REPORT)]
    return frozenset(plan.records[name].form for name in named if name in plan.records)


def without_what_reveals(snapshot: Snapshot, study: Study, kept: frozenset[str] = frozenset()) -> Snapshot:
    """The snapshot as a blinded one: without allocations, forms of one arm but for those ``kept``, and items
    that tell it."""
    forms = {form.name for form in study.forms if form.reveals_allocation or form.for_arms} - kept
    items = {
        item.name
        for form in study.forms
        for item in form.items
        if item.reveals_allocation and form.name not in kept
    }
    tables = {name: table for name, table in snapshot.tables.items() if name != "allocations"}
    values = tables["values"]
    tables["values"] = values[~values["form"].isin(forms) & ~values["item"].isin(items)]
    if "mistakes" in tables:
        mistakes = tables["mistakes"]
        tables["mistakes"] = mistakes[mistakes["kind"] != "wrong_treatment"]
    return replace(snapshot, manifest=replace(snapshot.manifest, blinded=True), tables=tables)


def drawn_anew(subjects: pd.DataFrame, plan: Plan, study: Study) -> dict[str, str]:
    """An allocation that never was: within each stratum, the design's ratio in random order."""
    stream = random.Random(f"dry run of plan {plan.id} with seed {plan.seed}")
    ratio = [name for arm in plan.arms for name in [arm] * study.arm(arm).ratio]
    arms: dict[str, str] = {}
    randomized = subjects[subjects["randomized"]].sort_values("subject_id")
    for _, stratum in randomized.groupby("stratum_randomized", sort=True):
        block: list[str] = []
        while len(block) < len(stratum):
            block += stream.sample(ratio, len(ratio))
        arms |= dict(zip(stratum["subject_id"], block, strict=False))
    return arms


def _with_arms(datasets: Datasets, arms: Mapping[str, str]) -> Datasets:
    """The datasets with an arm for everybody randomized, planned and received alike, and sets read anew."""
    from trialkit.datasets.sets import with_analysis_sets

    subjects = datasets.subjects.copy()
    arm = subjects["subject_id"].map(arms).where(subjects["randomized"])
    subjects["planned_arm"] = subjects["actual_arm"] = arm
    subjects["treated"] = arm.notna()
    return replace(datasets, subjects=with_analysis_sets(subjects, datasets.sets))
