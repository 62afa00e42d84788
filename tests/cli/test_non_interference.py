"""Two databases that differ in nothing but arms look alike to everybody blinded, to the last byte.

Digests of 64 hexadecimal digits are left out of the comparison: the sealed slots differ, and so does
whatever is a digest over them; they say no more than that two lists are two lists.
"""

from __future__ import annotations

import re
import shutil
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from trialkit import operations as op
from trialkit.access import Actor
from trialkit.clock import SystemClock
from trialkit.operations import founding
from trialkit.randomization import (
    AllocationKey,
    Commitment,
    RandomizationDesign,
    Schedule,
    demonstration_entropy,
    generate_schedule,
    seal_schedule,
)
from trialkit.vocabulary import Role

BLINDED = ("outcome_assessor", "statistician", "data_manager", "adjudicator", "monitor", "second_entry")
PEOPLE = {
    "cara": Role.COORDINATOR,
    "first": Role.FIRST_ENTRY,
    "open": Role.UNBLINDED_STATISTICIAN,
    "assessor": Role.OUTCOME_ASSESSOR,
    "stat": Role.STATISTICIAN,
    "dm": Role.DATA_MANAGER,
    "adj": Role.ADJUDICATOR,
    "moni": Role.MONITOR,
    "second": Role.SECOND_ENTRY,
}
EVERYBODY = ("assessor", "stat", "dm", "adj", "moni", "second")
DIGEST = re.compile(r"\b[0-9a-f]{64}\b")
ARMS = {"exercise": "control", "control": "exercise"}


@pytest.fixture
def same_clock(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The same times in both databases: a second for each time that somebody looks."""
    seconds = count()

    def now(_: SystemClock) -> datetime:
        return datetime(2025, 6, 1, tzinfo=UTC) + timedelta(seconds=next(seconds))

    def begin() -> None:
        nonlocal seconds
        seconds = count()

    monkeypatch.setattr(SystemClock, "now", now)
    return begin


def _definition(folder: Path, original: Path) -> Path:
    folder.mkdir()
    shutil.copyfile(original / "dictionary.csv", folder / "dictionary.csv")
    text = (original / "study.toml").read_text(encoding="utf-8")
    roles = ", ".join(f'"{role}"' for role in BLINDED)
    changed = re.sub(r"blinded_roles = \[.*?\]", f"blinded_roles = [{roles}]", text)
    changed = re.sub(r"restriction_sha256 = .*", "", changed)
    assert changed.count(roles) == 1
    (folder / "study.toml").write_text(changed, encoding="utf-8")
    return folder


def _swapped(schedule: Schedule) -> Schedule:
    """The same list with every arm changed for the other, under the same name."""
    blocks = tuple(
        tuple(tuple(ARMS[arm] for arm in block) for block in stratum) for stratum in schedule.blocks
    )
    return Schedule(schedule.design, schedule.schedule_id, blocks)


def _study(folder: Path, definition: Path, *, swap: bool) -> Path:
    """A study in which three subjects were randomized and had some forms typed twice."""
    entropy = demonstration_entropy(5, "audit key")
    root = Actor("root", Role.ADMINISTRATOR)
    with op.create_study(
        folder / "study", definition=definition, administrator="root", person_name="R", entropy=entropy
    ) as trial:
        for login, role in PEOPLE.items():
            op.add_account(trial, root, login=login, person_name=login, role=role)
        design = RandomizationDesign(
            arms={arm.name: arm.ratio for arm in trial.study.arms},
            factors={factor.name: factor.levels for factor in trial.study.factors},
            block_lengths=(4,),
            subjects_per_stratum=8,
        )
        schedule = generate_schedule(design, 5)
        schedule = _swapped(schedule) if swap else schedule
        key = AllocationKey.draw(demonstration_entropy(5, "key"))
        bundle = seal_schedule(schedule, key, entropy=demonstration_entropy(5, "nonces"))
        promise = Commitment("c" * 64, schedule.schedule_id, bundle.digest)
        for name, thing in (("bundle", bundle), ("promise", promise), ("key", key)):
            (folder / name).write_text(thing.to_json())
        op.load_schedule(
            trial,
            root,
            bundle=folder / "bundle",
            commitment=folder / "promise",
            allocation_key=folder / "key",
        )
    return folder / "study"


def _lived(bench: Any, folder: Path) -> dict[str, str]:
    """What happened in both alike; returns the arms that the clinic was told."""
    arms = {}
    actor = Actor("cara", Role.COORDINATOR)
    with op.open_trial(folder) as trial:
        for day, sex in enumerate(("female", "male", "female"), start=1):
            subject = bench.screen_at(trial, actor, day, sex)
            answer = op.randomize(trial, actor, subject_id=subject, stratum_values={"site": "A", "sex": sex})
            arms[subject] = answer.arm
        visit = [op.VisitDone(subject, "week_6", datetime(2025, 4, 20).date()) for subject in arms]
        op.record_visits(trial, actor, visits_done=visit)
        for login, value in (("first", "20"), ("second", "21")):
            for form, item in (("vas", "vas_mm"), ("compliance", "compl_sessions_done")):
                entry = op.FormEntry("A-001", "week_6", form, (op.EnteredRow({item: value}),))
                op.enter_passes(trial, Actor(login, PEOPLE[login]), entries=[entry])
        op.record_mistake(
            trial,
            actor,
            subject_id="A-002",
            kind=op.MistakeKind.WRONG_TREATMENT,
            reason="the other box",
            received_arm=ARMS[arms["A-002"]],
        )
    return arms


def _everything(bench: Any, study: Path, logins: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Every command as each of them, with what it said and what it wrote."""
    seen = []
    for login in logins:
        for number, words in enumerate(_commands(login)):
            out = study.parent / "written"
            out.mkdir()
            named = [str(out / word[4:]) if word.startswith("OUT/") else word for word in words]
            split = 2 if named[0] in ("randomize", "audit", "account") else 1
            said = bench.call(*named[:split], study, *named[split:])
            files = [
                f"{path.relative_to(out)}: {path.read_text(encoding='utf-8')}"
                for path in sorted(out.rglob("*"))
                if path.is_file()
            ]
            shown = (login, str(number), " ".join(words), str(said.status), said.out, said.err, *files)
            seen.append(tuple(_masked(text, study) for text in shown))
            shutil.rmtree(out)
    return seen


def _masked(text: str, study: Path) -> str:
    return DIGEST.sub("(digest)", text).replace(str(study.parent), "(folder)")


def _commands(login: str) -> list[list[str]]:
    who = ["--as", login]
    one = ["--subject", "A-001"]
    place = [*one, "--visit", "week_6", "--form"]
    why = ["--reason", "a reason"]
    values = ["--value", "site=A", "--value", "sex=female"]
    return [
        ["audit", "verify"],
        ["audit", "anchor", "--out", "OUT/anchor"],
        ["audit", "show", *who],
        ["audit", "show", *who, "--json"],
        ["account", "list", *who],
        ["randomize", "show", *who, "--json"],
        ["randomize", "report", *who, "--out", "OUT/report.html"],
        ["randomize", "report", *who, "--with-arms", "--out", "OUT/report.html"],
        ["randomize", "export", *who, "--out", "OUT/arms.csv"],
        ["randomize", "enrol", *who, *one, *values, "--confirm", "A-001"],
        ["randomize", "unblind", *who, *one, *why],
        ["randomize", "mistake", *who, *one, "--kind", "wrong_treatment", "--received", "control", *why],
        ["randomize", "mistake", *who, *one, "--kind", "ineligible", *why],
        ["discrepancies", *who, "--all"],
        ["discrepancies", *who, "--json"],
        ["discrepancies", *who, "--csv", "OUT/list.csv"],
        ["enter", *who, *place, "compliance", "--value", "compl_sessions_done=3"],
        ["enter", *who, *place, "odi", "--value", "odi_pain=1"],
        ["adjudicate", *who, *place, "compliance", "--item", "compl_sessions_done", "--choice", "first",
         "--why", "misread"],
        ["correct", *who, *place, "compliance", "--item", "compl_sessions_done", "--value", "4", *why],
        ["not-done", *who, *one, "--visit", "month_1", "--form", "compliance", *why],
        ["withdraw", *who, "--subject", "A-003", "--date", "2025-05-20", *why],
        ["lock", *who, "--check"],
        ["lock", *who, *why],
        ["snapshot", *who, "--out", "OUT/snapshot"],
        ["snapshot", *who, "--unblinded", "--out", "OUT/snapshot"],
    ]  # fmt: skip


@pytest.mark.parametrize("logins", [("dm", "assessor"), pytest.param(EVERYBODY, marks=pytest.mark.long)])
def test_nothing_that_a_blinded_role_is_shown_depends_on_an_arm(
    bench: Any,
    tmp_path: Path,
    definition: Path,
    same_clock: Any,
    monkeypatch: pytest.MonkeyPatch,
    logins: tuple[str, ...],
) -> None:
    monkeypatch.setattr(founding.os, "urandom", demonstration_entropy(5, "founding"))
    source = _definition(tmp_path / "definition", definition)
    seen, arms = [], []
    for swap in (False, True):
        same_clock()
        folder = tmp_path / f"database-{swap}"
        folder.mkdir()
        study = _study(folder, source, swap=swap)
        arms.append(_lived(bench, study))
        seen.append(_everything(bench, study, logins))
    assert all(ARMS[arms[0][subject]] == arms[1][subject] for subject in arms[0])
    assert len(arms[0]) == 3
    for one, other in zip(*seen, strict=True):
        for text, same in zip(one, other, strict=True):
            assert text == same, one[:3]
    assert sum(entry[3] == "0" for entry in seen[0]) > 8 * len(logins)
    assert not any("unexpected" in text for entry in seen[0] for text in entry)


def test_the_comparison_would_see_an_arm(
    bench: Any, tmp_path: Path, definition: Path, same_clock: Any
) -> None:
    """What an unblinded role is shown differs: the two databases do hold different arms."""
    source = _definition(tmp_path / "definition", definition)
    shown = []
    for swap in (False, True):
        same_clock()
        folder = tmp_path / f"database-{swap}"
        folder.mkdir()
        study = _study(folder, source, swap=swap)
        _lived(bench, study)
        out = folder / "arms.csv"
        assert bench.call("randomize", "export", study, "--as", "open", "--out", out).status == 0
        shown.append(out.read_text())
    assert shown[0] != shown[1]
