"""Many programs randomize into the same strata at once, and some are killed while they do."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import defaultdict
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import pytest

from trialkit import operations as op
from trialkit.access import Actor
from trialkit.operations.custody import open_arms
from trialkit.store.reading.recruitment import used_slots
from trialkit.vocabulary import Role

SEXES = ("female", "male")

DESK = """
import json, os, signal, sys, threading, time, traceback
from sqlalchemy import Engine, event
from trialkit import operations as op
from trialkit.access import Actor
from trialkit.operations import allocation
from trialkit.operations.anchor_folder import AnchorFolder
from trialkit.store.ledger import Transaction
from trialkit.vocabulary import Role

folder, after, desks = sys.argv[1], int(sys.argv[2]), json.loads(sys.argv[3])
asked, point = 0, ""

def kill_at(name, wanted):
    if point and name == point and asked == wanted:
        os.kill(os.getpid(), signal.SIGKILL)

def watched(module, attribute, before="", behind=""):
    original = getattr(module, attribute)
    def wrapped(*words, **named):
        kill_at(before, after)
        answer = original(*words, **named)
        kill_at(behind, after)
        return answer
    setattr(module, attribute, wrapped)

watched(allocation, "next_free", behind="slot chosen")
watched(Transaction, "finish", before="before writing", behind="before the commit")
watched(AnchorFolder, "keep", before="after the commit", behind="before the answer")

def die_while_committing(connection):
    # a second thread kills the process while this one waits for the database
    if asked == after:
        threading.Timer(float(point.partition(":")[2]), os.kill, (os.getpid(), signal.SIGKILL)).start()

def desk(people, say, ready, begin):
    global asked
    if point.startswith("inside the commit:"):
        event.listen(Engine, "commit", die_while_committing)
    trial = op.open_trial(folder)
    actor = Actor("cara", Role.COORDINATOR, "A")
    os.write(ready, b".")
    os.read(begin, 1)
    for subject, sex in people:
        asked += 1
        begun = time.time()
        answer = op.randomize(trial, actor, subject_id=subject, stratum_values={"site": "A", "sex": sex})
        os.write(say, (json.dumps([subject, answer.arm, begun, time.time()]) + "\\n").encode())

# What a program imports is the same for all: each desk is a process forked before anything was opened.
(is_ready, ready), (begin, everybody) = os.pipe(), os.pipe()
heard = []
for people, point in desks:
    hear, say = os.pipe()
    process = os.fork()
    if not process:
        os.close(everybody)
        try:
            desk(people, say, ready, begin)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    os.close(say)
    heard.append((process, open(hear)))
os.close(ready)
for _ in desks:
    os.read(is_ready, 1)
os.close(everybody)  # all begin
for process, lines in heard:
    told = lines.read().splitlines()
    print(json.dumps([os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), told]), flush=True)
"""


@dataclass(frozen=True)
class Answer:
    """One allocation that a clinic was told, and while which moments it was asked for."""

    subject: str
    arm: str
    begun: float
    ended: float


def _work(bench: Any, people: list[list[tuple[str, str]]], points: list[str]) -> list[list[Answer]]:
    """Desks in processes of their own, all begun together; what each was told before its end."""
    desks = json.dumps(list(zip(people, points, strict=True)))
    words = [sys.executable, "-c", DESK, str(bench.study), "2", desks]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    ended = [json.loads(line) for line in done.stdout.splitlines()]
    assert [status for status, _ in ended] == [-9 if point else 0 for point in points], done.stderr
    return [[Answer(*json.loads(line)) for line in told] for _, told in ended]


def _people(bench: Any, desks: int, each: int) -> list[list[tuple[str, str]]]:
    """Subjects of two strata, so that every desk works in both."""
    numbers = iter(bench.screen_many([SEXES[n % 2] for _ in range(desks) for n in range(each)]))
    return [[(next(numbers), SEXES[n % 2]) for n in range(each)] for _ in range(desks)]


def _check(bench: Any, told: list[Answer], everybody: dict[str, str]) -> None:
    """What must hold whatever happened; everybody is asked for once more at the end."""
    actor = Actor("cara", Role.COORDINATOR, "A")
    with op.open_trial(bench.study) as trial:
        with trial.store.reading() as reader:
            kept = dict(open_arms(trial, reader))
        assert {answer.subject: answer.arm for answer in told}.items() <= kept.items()
        for subject, sex in everybody.items():
            values = {"site": "A", "sex": sex}
            answer = op.randomize(trial, actor, subject_id=subject, stratum_values=values)
            assert kept.setdefault(subject, answer.arm) == answer.arm
        with trial.store.reading() as reader:
            taken = used_slots(reader)
        checked = op.verify_audit(trial)
    assert checked.problems == ()
    assert sorted(slot.subject_id for slot in taken) == sorted(everybody)
    by_stratum = defaultdict(list)
    for slot in sorted(taken, key=lambda slot: slot.sequence_number):
        by_stratum[slot.stratum].append(slot)
    for slots in by_stratum.values():
        assert [slot.sequence_number for slot in slots] == list(range(1, len(slots) + 1))
        times = [slot.allocated_at for slot in slots]
        assert times == sorted(times)


def _everybody(people: list[list[tuple[str, str]]]) -> dict[str, str]:
    return {subject: sex for some in people for subject, sex in some}


def test_desks_that_randomize_at_once_all_succeed(crowd: Any) -> None:
    people = _people(crowd, desks=3, each=4)
    answers = _work(crowd, people, [""] * 3)
    assert [len(told) for told in answers] == [4] * 3
    overlapping = [
        pair
        for one, other in combinations(answers, 2)
        for pair in ((a, b) for a in one for b in other)
        if pair[0].begun < pair[1].ended and pair[1].begun < pair[0].ended
    ]
    assert overlapping
    _check(crowd, [answer for told in answers for answer in told], _everybody(people))


def test_a_desk_killed_anywhere_loses_no_slot_and_no_arm_that_was_told(crowd: Any) -> None:
    points = ["slot chosen", "before writing", "before the commit", "after the commit", "before the answer"]
    people = _people(crowd, desks=len(points), each=2)
    answers = _work(crowd, people, points)
    assert [len(told) for told in answers] == [1] * len(points)
    with op.open_trial(crowd.study) as trial, trial.store.reading() as reader:
        kept = {slot.subject_id for slot in used_slots(reader)}
    second = [some[1][0] for some in people]
    assert [subject in kept for subject in second] == [False, False, False, True, True]
    _check(crowd, [answer for told in answers for answer in told], _everybody(people))


INSIDE_THE_COMMIT = [f"inside the commit:{delay}" for delay in (0, 0.0005, 0.001, 0.002, 0.004)]


@pytest.mark.long
def test_a_desk_killed_while_it_commits_has_its_slot_or_has_none(crowd: Any) -> None:
    """Whether the commit was through cannot be foreseen; whatever was told holds, and nothing is half."""
    people = _people(crowd, desks=len(INSIDE_THE_COMMIT), each=6)
    answers = _work(crowd, people, INSIDE_THE_COMMIT)
    assert all(told for told in answers)
    _check(crowd, [answer for told in answers for answer in told], _everybody(people))


def test_two_desks_that_ask_for_one_subject_are_told_one_arm(crowd: Any) -> None:
    one = _people(crowd, desks=1, each=3)[0]
    answers = _work(crowd, [one, one, one], [""] * 3)
    arms = [[answer.arm for answer in told] for told in answers]
    assert arms[0] == arms[1] == arms[2]
    _check(crowd, [answer for told in answers for answer in told], _everybody([one]))


@pytest.mark.long
def test_many_desks_for_a_long_time(crowd: Any) -> None:
    people = _people(crowd, desks=8, each=9)
    points = ["", "slot chosen", "", "before the commit", "", "after the commit", "", "before the answer"]
    answers = _work(crowd, people, points)
    _check(crowd, [answer for told in answers for answer in told], _everybody(people))
