"""What a page reads quickly is what is found by reading every form, whatever happened, for every role."""

from __future__ import annotations

import random
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import chain
import every_form_read as slowly
import pytest
from chain import ADJUDICATOR, ADMIN, COORDINATOR, FIRST, INVESTIGATOR, MANAGER, SECOND, person

from trialkit import operations as op
from trialkit.access import Actor
from trialkit.access.acts.reading import LIST_FORMS, VIEW_TODO
from trialkit.clock import SimulatedClock
from trialkit.entry import AdjudicationChoice, FormStatus, ReasonCode
from trialkit.errors import TrialkitError
from trialkit.operations.at_a_glance import glance
from trialkit.operations.gate import reading
from trialkit.operations.locking import _obstacles
from trialkit.operations.open_forms import count_forms
from trialkit.operations.standing import forms_of
from trialkit.operations.verifying import forms_to_verify
from trialkit.operations.worklist import discrepancy_worklist
from trialkit.vocabulary import Role

MONITOR = person("moni", Role.MONITOR)
HERE = person("there", Role.COORDINATOR, "B")
SIGNS = ["baseline/demographics", "week_6/vas"]
EVERYBODY = (
    COORDINATOR,
    FIRST,
    SECOND,
    ADJUDICATOR,
    MANAGER,
    chain.STATISTICIAN,
    chain.UNBLINDED,
    INVESTIGATOR,
    ADMIN,
    MONITOR,
    HERE,
)


@pytest.fixture(scope="module")
def _begun(finished: chain.ChainRun, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The finished trial, and three more who were enrolled."""
    folder = tmp_path_factory.mktemp("quick") / "study"
    with finished.trial.store.reading():
        shutil.copytree(finished.trial.folder, folder)
    with op.open_trial(folder, clock=SimulatedClock(finished.trial.clock.now())) as trial:
        op.add_account(trial, ADMIN, login="moni", person_name="M", role=Role.MONITOR)
        op.add_account(trial, ADMIN, login="there", person_name="B", role=Role.COORDINATOR, site="B")
        for site in ("A", "B", "A"):
            today = trial.clock.now().date() - timedelta(days=3)
            op.enrol(trial, COORDINATOR, site=site, consent_date=today)
    return folder


@pytest.fixture
def any_trial(_begun: Path, tmp_path: Path, finished: chain.ChainRun) -> Iterator[op.Trial]:
    shutil.copytree(_begun, tmp_path / "study")
    with op.open_trial(tmp_path / "study", clock=SimulatedClock(finished.trial.clock.now())) as trial:
        yield trial


class NothingThere(Exception):
    """No form is in the state that an act needs."""


class Happenings:
    """One thing after another that may happen to a trial; what is refused did not happen."""

    def __init__(self, trial: op.Trial, seed: int) -> None:
        self.trial, self.dice = trial, random.Random(seed)
        self.happened: Counter[str] = Counter()

    def one(self) -> None:
        act: Callable[[], object] = self.dice.choice(
            [
                self.enter, self.enter, self.enter, self.correct, self.verify, self.sign, self.void, self.ask,
                self.move, self.not_done, self.visit, self.leave, self.decide, self.wait, self.redact,
            ]
        )  # fmt: skip
        try:
            act()
        except (TrialkitError, NothingThere):
            return
        self.happened[act.__name__] += 1

    def form(self, *statuses: FormStatus) -> op.FormNow:
        found = [now for now in op.forms_now(self.trial, MANAGER) if not statuses or now.status in statuses]
        if not found:
            raise NothingThere
        return self.dice.choice(found)

    def enter(self) -> None:
        now = self.form(FormStatus.EXPECTED, FormStatus.AWAITING_SECOND_ENTRY)
        number = self.dice.choice("01")
        row = op.EnteredRow({item.name: number for item in self.trial.study.form(now.form).items[:1]})
        if now.form == "demographics":
            row = op.EnteredRow({"sex": "female", "age_years": "66", "height_cm": "160"})
        entry = op.FormEntry(*slowly.key_of(now), (row,))
        who = self.dice.choice((FIRST, SECOND, COORDINATOR))
        op.enter_pass(self.trial, who, entry=entry, confirmed=True, confirmed_by="investigator")

    def correct(self) -> None:
        place = self._marked()
        item = "height_cm" if place["form"] == "demographics" else "vas_mm"
        value = str(self.dice.randint(50, 53) + (110 if item == "height_cm" else 0))
        op.correct(
            self.trial, COORDINATOR, **place, item=item, value=value, reason="Read again",
            second_person=INVESTIGATOR,
        )  # fmt: skip

    def _marked(self) -> dict[str, str]:
        visit, form = self.dice.choice(SIGNS).split("/")
        subject = self.form().subject_id
        return {"subject_id": subject, "visit": visit, "form": form}

    def verify(self) -> None:
        op.verify_source(self.trial, MONITOR, **self._marked())

    def sign(self) -> None:
        op.sign_form(self.trial, INVESTIGATOR, **self._marked(), meaning="approved")

    def void(self) -> None:
        now = self.form(FormStatus.COMPLETE, FormStatus.AWAITING_SECOND_ENTRY)
        place = {"subject_id": now.subject_id, "visit": now.visit, "form": now.form}
        op.void_pass(
            self.trial, MANAGER, **place, pass_number=self.dice.choice((1, 2)), reason="Wrong person"
        )

    def ask(self) -> None:
        now = self.form()
        form = self.dice.choice((now.form, ""))
        op.open_query(
            self.trial, MANAGER, subject_id=now.subject_id, visit=now.visit, form=form, text="Which page?"
        )

    def move(self) -> None:
        query = self.dice.choice(op.list_queries(self.trial, MANAGER) or [None])
        if query is None:
            return
        act = self.dice.choice(("answer", "close", "reopen"))
        if act == "answer":
            op.answer_query(self.trial, INVESTIGATOR, number=query.number, text="Page 2.")
        elif act == "close":
            op.close_query(self.trial, MANAGER, number=query.number)
        else:
            op.reopen_query(self.trial, MANAGER, number=query.number, text="And now?")

    def not_done(self) -> None:
        now = self.form(FormStatus.EXPECTED)
        form = self.dice.choice((now.form, None))
        entry = op.NotDone(now.subject_id, now.visit, "No time", form)
        op.mark_not_done(self.trial, MANAGER, entries=[entry])

    def visit(self) -> None:
        now = self.form()
        day = self.trial.clock.now().date() - timedelta(days=self.dice.randint(0, 30))
        done = op.VisitDone(now.subject_id, now.visit, day, reason="Misread")
        op.record_visits(self.trial, COORDINATOR, visits_done=[done])

    def leave(self) -> None:
        subject, day = self.form().subject_id, self.trial.clock.now().date()
        act = self.dice.choice((op.withdraw, op.screen_fail))
        act(self.trial, COORDINATOR, subject_id=subject, date=day, reason="Moved")

    def decide(self) -> None:
        open_ones = discrepancy_worklist(self.trial, ADJUDICATOR)
        row = self.dice.choice([one for one in open_ones if one["item"]] or [None])
        if row is None:
            return
        place = (row["subject_id"], row["visit"], row["form"], row["row"], row["item"])
        choice = self.dice.choice((AdjudicationChoice.FIRST, AdjudicationChoice.CANNOT_DECIDE))
        op.adjudicate(
            self.trial, ADJUDICATOR, verdicts=[op.Verdict(*place, choice, ReasonCode.MISREAD)],
            second_person=MANAGER,
        )  # fmt: skip

    def wait(self) -> None:
        clock = self.trial.clock
        assert isinstance(clock, SimulatedClock)
        clock.advance(timedelta(days=self.dice.choice((1, 9, 40))))

    def redact(self) -> None:
        text = self.dice.choice(("Moved", "Wrong person", "Read again"))
        op.redact(self.trial, MANAGER, text=text, reason="It names somebody", second_person=INVESTIGATOR)


def _compare(trial: op.Trial, actor: Actor) -> None:
    with reading(trial, actor, VIEW_TODO) as gate:
        wanted = slowly.tasks(gate)
        shown = gate.permits(LIST_FORMS)
        counted = slowly.counts(gate) if shown else Counter()
        verified = slowly.verified(gate) if actor.role is Role.MONITOR else set()
    found = [task for task in op.todo(trial, actor) if task.kind in slowly.READ_AGAIN]
    assert sorted(found, key=repr) == sorted(wanted, key=repr), actor.role
    seen = glance(trial, actor)
    assert list(seen.tasks) == op.todo(trial, actor)
    if shown:
        assert +count_forms(trial, actor) == counted, actor.role
        states: Counter[FormStatus] = Counter()
        for (_, _, status), n in counted.items():
            states[status] += n
        assert +Counter(seen.forms) == states
    if actor.role is Role.MONITOR:
        lines = forms_to_verify(trial, actor)
        assert {(one.subject_id, one.visit, one.form) for one in lines if one.verified_at} == verified
        assert (seen.verified, seen.to_verify) == (len(verified), len(lines))


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(2, 8))])
def test_what_is_read_quickly_is_what_is_there(any_trial: op.Trial, seed: int) -> None:
    """By the first seed half read on the way, the other half later, and all at the end; else all thrice."""
    happenings = Happenings(any_trial, seed)
    readers = [EVERYBODY[::2], EVERYBODY[1::2], EVERYBODY] if seed == 1 else [EVERYBODY] * 3
    for here in readers:
        for _ in range(40):
            happenings.one()
        for actor in here:
            _compare(any_trial, actor)
        with reading(any_trial, MANAGER, VIEW_TODO) as gate:
            assert op.obstacles(any_trial, MANAGER) == _obstacles(gate, forms_of(gate))
    assert len(happenings.happened) > 11, happenings.happened
