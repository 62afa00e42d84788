"""Two databases that differ in nothing but arms look alike to everybody blinded, to the last byte.

Digests of 64 hexadecimal digits are left out of the comparison: the sealed slots differ, and so does
whatever is a digest over them; they say no more than that two lists are two lists.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Collection
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.cli.commands_without_a_study import NO_STUDY
from tests.cli.every_command import commands, every_leaf, name_of
from tests.only_the_page import only_the_page
from trialkit import operations as op, resources
from trialkit.access import Actor, Authentication
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

WOMEN = ("A-001", "A-003", "A-004", "A-005")
LIVE_WITH_THEIR_ARM = WOMEN[:3]  # an odd number: more was done out of sight in one database than in the other
UNBLINDED = {Role.COORDINATOR, Role.FIRST_ENTRY, Role.UNBLINDED_STATISTICIAN, Role.DSMB}
BLINDED = tuple(str(role) for role in Role if role not in UNBLINDED)
PEOPLE = {
    "cara": Role.COORDINATOR,
    "first": Role.FIRST_ENTRY,
    "typist": Role.FIRST_ENTRY,
    "open": Role.UNBLINDED_STATISTICIAN,
    "assessor": Role.OUTCOME_ASSESSOR,
    "stat": Role.STATISTICIAN,
    "dm": Role.DATA_MANAGER,
    "adj": Role.ADJUDICATOR,
    "moni": Role.MONITOR,
    "second": Role.SECOND_ENTRY,
    "inve": Role.INVESTIGATOR,
}
OPEN = Actor("open", Role.UNBLINDED_STATISTICIAN, authentication=Authentication.PASSWORD)
EVERYBODY = ("assessor", "stat", "dm", "root", "adj", "moni", "second", "inve")  # root resumes after dm
DIGEST = re.compile(r"\b[0-9a-f]{64}\b")
PRINTED = {".docx", ".pdf", ".rtf", ".xlsx", ".png"}
KEY = re.compile(r"\b[0-9a-f]{16}\b")  # names of keys drawn by chance
SIGNERS = {"dm", "root"}  # an investigator who signs is told one arm in an emergency, and only there
OF_WHOEVER_HOLDS_THE_DATABASE = (["audit", "verify"], ["audit", "anchor"])  # in nobody's name: all is counted
PASSWORD = "correct horse battery staple"
TELLING_CHECK = """
[checks.telling]
rule = "[baseline][sex] = '' or [week_6][compl_minutes_per_session] < 20"
message = "a question about what everybody has, asked because of what one arm has"
"""
ARMS = {"exercise": "control", "control": "exercise"}


@dataclass
class SameClock:
    """The same times in both databases: a second for each command, however much happened before it."""

    seconds: int = 0

    def now(self) -> datetime:
        return datetime(2025, 6, 1, tzinfo=UTC) + timedelta(seconds=self.seconds)


@pytest.fixture
def same_clock(monkeypatch: pytest.MonkeyPatch) -> SameClock:
    clock = SameClock()
    monkeypatch.setattr(SystemClock, "now", lambda _: clock.now())
    return clock


def _definition(folder: Path, original: Path) -> Path:
    folder.mkdir()
    shutil.copyfile(original / "dictionary.csv", folder / "dictionary.csv")
    text = (original / "study.toml").read_text(encoding="utf-8")
    roles = ", ".join(f'"{role}"' for role in BLINDED)
    changed = re.sub(r"blinded_roles = \[.*?\]", f"blinded_roles = [{roles}]", text)
    changed = re.sub(r"restriction_sha256 = .*", "", changed)
    assert changed.count(roles) == 1
    (folder / "study.toml").write_text(changed + TELLING_CHECK, encoding="utf-8")
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
        folder / "study",
        definition=definition,
        administrator="root",
        person_name="R",
        password=PASSWORD,
        entropy=entropy,
    ) as trial:
        for login, role in PEOPLE.items():
            password = PASSWORD if login in SIGNERS else None
            op.add_account(trial, root, login=login, person_name=login, role=role, password=password)
        design = RandomizationDesign(
            arms={arm.name: arm.ratio for arm in trial.study.arms},
            factors={factor.name: factor.levels for factor in trial.study.factors},
            block_lengths=(4,),
            subjects_per_stratum=8,
        )
        schedule = generate_schedule(design, 5)
        schedule = _swapped(schedule) if swap else schedule
        key = AllocationKey.draw(demonstration_entropy(5, "key"))
        bundle = seal_schedule(schedule, key, seed=5, entropy=demonstration_entropy(5, "nonces"))
        promise = Commitment("c" * 64, schedule.schedule_id, bundle.digest)
        later_key = AllocationKey.draw(demonstration_entropy(5, "later key"))
        later = seal_schedule(schedule, later_key, seed=5, entropy=demonstration_entropy(5, "later nonces"))
        files = {
            "bundle": bundle,
            "promise": promise,
            "key": key,
            "bundle-again": later,
            "key-again": later_key,
        }
        for name, thing in files.items():
            (folder / name).write_text(thing.to_json())
        op.load_schedule(
            trial,
            root,
            bundle=folder / "bundle",
            commitment=folder / "promise",
            allocation_key=folder / "key",
        )
    (folder / "password").write_text(PASSWORD + "\n")
    (folder / "name").write_text("Zhang Wei\n")
    return folder / "study"


def _lived(bench: Any, folder: Path) -> dict[str, str]:
    """What happened in both alike, and to those who exercise what happens to them alone.

    Returns the arms that the clinic was told.
    """
    arms = {}
    actor = Actor("cara", Role.COORDINATOR)
    with op.open_trial(folder) as trial:
        for day, sex in enumerate(("female", "male", "female", "female", "female"), start=1):
            subject = bench.screen_at(trial, actor, day, sex, investigator="inve")
            answer = op.randomize(trial, actor, subject_id=subject, stratum_values={"site": "A", "sex": sex})
            arms[subject] = answer.arm
        visit = [op.VisitDone(subject, "week_6", datetime(2025, 6, 1).date()) for subject in arms]
        op.record_visits(trial, actor, visits_done=visit)
        for subject in WOMEN:
            _type(trial, subject, "vas", {"vas_mm": "20"}, {"vas_mm": "21"})
            if arms[subject] == "exercise" and subject in LIVE_WITH_THEIR_ARM:
                _live_with_exercise(trial, subject)
        fall = {"ae_line": "1", "ae_term": "Zhang Wei fell", "ae_start_date": "2025-04-01"}
        _type(trial, "A-004", "adverse_events", fall, fall)
        op.redact(trial, OPEN, text="Zhang Wei", reason="a name")
        op.write_anchor(trial, folder.parent / "anchor")
        investigator = Actor("inve", Role.INVESTIGATOR, authentication=Authentication.PASSWORD)
        op.emergency_unblind(trial, investigator, subject_id="A-003", reason="a fall")
        screen_more = bench.screen_at(trial, actor, 6, "female", investigator="inve")
        assert screen_more == "A-006"
        op.record_mistake(
            trial,
            actor,
            subject_id="A-002",
            kind=op.MistakeKind.WRONG_TREATMENT,
            reason="the other box",
            received_arm=ARMS[arms["A-002"]],
        )
        asked = op.raise_queries(trial, OPEN)
        seen_by = {
            login: len(op.list_queries(trial, Actor(login, PEOPLE[login]))) for login in ("cara", "dm")
        }
        telling = sum(arms[subject] == "exercise" for subject in LIVE_WITH_THEIR_ARM)
        assert seen_by == {"cara": len(asked.raised), "dm": len(asked.raised) - telling}, "of the check"
    assert sorted(arms[subject] for subject in WOMEN) == ["control", "control", "exercise", "exercise"]
    return arms


def _live_with_exercise(trial: op.Trial, subject: str) -> None:
    """Forms that nobody else has: passes that differ, and lines that only one of them has."""
    sessions = {"compl_minutes_per_session": "30", "compl_diary_days": "40", "compl_calls_attended": "6"}
    first, second = {**sessions, "compl_sessions_done": "28"}, {**sessions, "compl_sessions_done": "29"}
    _type(trial, subject, "compliance", first, {**second, "compl_diary_days": "41"})
    stop = {"ts_line": "1", "ts_treatment": "exercise", "ts_date": "2025-04-01", "ts_reason": "1"}
    _type(trial, subject, "treatment_stop", stop, {**stop, "ts_line": "2"})
    calls = op.FieldPlace(subject, "week_6", "compliance", "compl_calls_attended")
    op.redact(trial, OPEN, place=calls, reason="of somebody else")


def _type(trial: op.Trial, subject: str, form: str, *passes: dict[str, str]) -> None:
    for login, values in zip(("first", "typist"), passes, strict=True):
        entry = op.FormEntry(subject, "week_6", form, (op.EnteredRow(values),))
        op.enter_passes(trial, Actor(login, Role.FIRST_ENTRY), entries=[entry])


def _everything(
    bench: Any,
    clock: SameClock,
    study: Path,
    definition: Path,
    logins: tuple[str, ...],
    signers: Collection[str] = SIGNERS,
) -> list[tuple[str, ...]]:
    """Every command as each of them, with what it said and what it wrote."""
    places = _places(study, definition)
    seen = []
    for login in logins:
        password = ["--password-file", str(study.parent / "password")] if login in signers else []
        for number, words in enumerate(commands(login, password)):
            if words[0] == "sap" and login != logins[0]:
                continue  # a snapshot is read alike by everybody
            out = study.parent / "written"
            out.mkdir()
            clock.seconds += 1
            said = bench.call(*(_placed(word, places) for word in words))
            if words[:2] in OF_WHOEVER_HOLDS_THE_DATABASE:
                shutil.rmtree(out)
                continue
            files = [
                f"{path.relative_to(out)}: {_as_text(path)}"
                for path in sorted(out.rglob("*"))
                if path.is_file()
            ]
            if (out / "snapshot").exists() and not (study.parent / "snapshot").exists():
                shutil.copytree(out / "snapshot", study.parent / "snapshot")
            shown = (login, str(number), " ".join(words), str(said.status), said.out, said.err, *files)
            seen.append(tuple(_masked(text, study) for text in shown))
            shutil.rmtree(out)
    kept = sorted(str(path.relative_to(study)) for path in study.rglob("*"))
    seen.append(("the study folder", *(_masked(name, study) for name in kept)))
    return seen


def _as_text(path: Path) -> str:
    """What a file says; a document is printed from the page beside it, and carries its own times."""
    try:
        return "" if path.suffix in PRINTED else path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return f"{path.suffix}: no text"


def _places(study: Path, definition: Path) -> dict[str, str]:
    """Where the words of a command lie; the files are there already."""
    folder = study.parent
    for arm in ARMS:
        (folder / arm).write_text(f"{arm}\n")
    (folder / "vas.csv").write_text("subject_id,vas_mm\nA-003,30\n")
    (folder / "compliance.csv").write_text("subject_id,compl_sessions_done\nA-003,30\n")
    decided = "subject_id,visit,form,row,item,first,second,decision,reason,new_value\n"
    for subject in ("A-001", "A-003"):
        decided += f"{subject},week_6,compliance,,compl_sessions_done,28,29,first,misread,\n"
        decided += f"{subject},week_6,vas,,vas_mm,20,21,first,misread,\n"
    (folder / "decisions.csv").write_text(decided)
    _amended(folder / "amended", definition)
    return {
        "STUDY": str(study),
        "DEFINITION": str(definition),
        "PLAN": str(resources.folder("sap") / "study_a.toml"),
        "IN/": f"{folder}/",
        "OUT/": f"{folder / 'written'}/",
    }


def _amended(folder: Path, definition: Path) -> None:
    """The next version of the definition: another consent form, and an item that is asked no more."""
    folder.mkdir(exist_ok=True)
    text = (definition / "study.toml").read_text(encoding="utf-8")
    text = text.replace('version = "1.0"', 'version = "amended"', 1)
    (folder / "study.toml").write_text(f'{text}\n[consent]\nversion = "2"\n', encoding="utf-8")
    rows = (definition / "dictionary.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    smoking = next(row for row in rows if row.startswith("smoking,"))
    retired = smoking.rstrip("\n") + "@RETIRED\n"
    (folder / "dictionary.csv").write_text("".join(rows).replace(smoking, retired), encoding="utf-8")


def _placed(word: str, places: dict[str, str]) -> str:
    for name, place in places.items():
        if word == name or (name.endswith("/") and word.startswith(name)):
            return place + word.removeprefix(name)
    return word


def _masked(text: str, study: Path) -> str:
    return KEY.sub("(key)", DIGEST.sub("(digest)", text)).replace(str(study.parent), "(folder)")


@pytest.mark.parametrize(
    ("logins", "documents"),
    [(("dm", "assessor"), only_the_page), pytest.param(EVERYBODY, nullcontext, marks=pytest.mark.long)],
)
def test_nothing_that_a_blinded_role_is_shown_depends_on_an_arm(
    bench: Any,
    tmp_path: Path,
    definition: Path,
    same_clock: SameClock,
    monkeypatch: pytest.MonkeyPatch,
    logins: tuple[str, ...],
    documents: Callable[[], AbstractContextManager[None]],
) -> None:
    monkeypatch.setattr(founding.os, "urandom", demonstration_entropy(5, "founding"))
    source = _definition(tmp_path / "definition", definition)
    seen, arms = [], []
    for swap in (False, True):
        same_clock.seconds = 0
        folder = tmp_path / f"database-{swap}"
        folder.mkdir()
        study = _study(folder, source, swap=swap)
        arms.append(_lived(bench, study))
        with documents():
            seen.append(_everything(bench, same_clock, study, source, logins))
    assert all(ARMS[arms[0][subject]] == arms[1][subject] for subject in arms[0])
    assert len(arms[0]) == 5
    for one, other in zip(*seen, strict=True):
        for text, same in zip(one, other, strict=True):
            assert text == same, one[:3]
    assert sum(entry[3] == "0" for entry in seen[0]) > 8 * len(logins)
    assert [entry[:3] for entry in seen[0] if any("unexpected" in text for text in entry)] == []


def test_an_emergency_tells_a_blinded_investigator_one_arm_and_nothing_else(
    bench: Any, tmp_path: Path, definition: Path, same_clock: SameClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(founding.os, "urandom", demonstration_entropy(5, "founding"))
    source = _definition(tmp_path / "definition", definition)
    seen, arms = [], []
    for swap in (False, True):
        same_clock.seconds = 0
        folder = tmp_path / f"database-{swap}"
        folder.mkdir()
        study = _study(folder, source, swap=swap)
        arms.append(_lived(bench, study))
        with op.open_trial(study) as trial:
            op.set_password(trial, Actor("root", Role.ADMINISTRATOR), login="inve", password=PASSWORD)
        with only_the_page():
            seen.append(_everything(bench, same_clock, study, source, ("inve",), {"inve"}))
    told = []
    for one, other in zip(*seen, strict=True):
        if one[2].startswith("randomize unblind") and "--subject A-001" in one[2]:
            told.append((one[4], other[4]))
            continue
        assert one == other, one[:3]
    ((here, there),) = told
    assert f"[{arms[0]['A-001']}]" in here
    assert f"[{arms[1]['A-001']}]" in there
    named = re.compile(r"Subject A-001: .*")
    assert named.sub("", here) == named.sub("", there)


def test_every_command_is_asked_or_reaches_no_study() -> None:
    asked = {name_of(words) for words in commands("somebody", [])}
    assert asked.isdisjoint(NO_STUDY)
    assert asked | set(NO_STUDY) == every_leaf()


def test_every_blinded_role_asks() -> None:
    assert {str(PEOPLE.get(login, Role.ADMINISTRATOR)) for login in EVERYBODY} == set(BLINDED)


def test_the_comparison_would_see_an_arm(
    bench: Any, tmp_path: Path, definition: Path, same_clock: SameClock
) -> None:
    """What an unblinded role is shown differs: the two databases do hold different arms."""
    source = _definition(tmp_path / "definition", definition)
    shown = []
    for swap in (False, True):
        same_clock.seconds = 0
        folder = tmp_path / f"database-{swap}"
        folder.mkdir()
        study = _study(folder, source, swap=swap)
        _lived(bench, study)
        out = folder / "arms.csv"
        assert bench.call("randomize", "export", study, "--as", "open", "--out", out).status == 0
        shown.append(out.read_text())
    assert shown[0] != shown[1]
