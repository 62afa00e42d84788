"""Randomizing in the web on PostgreSQL: a double click, two desks, a lost answer, a lost connection."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from browsing import Browser
from screening import screened
from small_trial import found
from sqlalchemy import Connection, create_engine, text

from trialkit import operations as op
from trialkit.clock import SimulatedClock
from trialkit.operations.web_desk import open_web_desk
from trialkit.store.reading.allocations import allocations
from trialkit.web import Web

_STRATUM = {"factor.site": "A", "factor.sex": "f"}


@pytest.fixture
def servers(postgres_url: str, tmp_path: Path) -> Iterator[tuple[Web, Web]]:
    """Two servers of one study, each with connections of its own, as behind a rolling restart."""
    found(tmp_path, database_url=postgres_url).close()
    clock = SimulatedClock(datetime(2027, 6, 1, tzinfo=UTC))
    with (
        op.open_trial(tmp_path / "study", clock=clock) as one,
        op.open_trial(tmp_path / "study", clock=clock) as other,
    ):
        yield Web(one, open_web_desk(one)), Web(other, open_web_desk(other))


def _slots(web: Web) -> dict[str, tuple[str, int]]:
    """Subject -> stratum and number of the slot that it took."""
    with web.trial.store.reading() as reader:
        found = allocations(reader, web.trial.study.id)
    return {number: (one.slot.stratum, one.slot.sequence_number) for number, one in found.items()}


def _ready(browser: Browser) -> tuple[str, str, dict[str, str]]:
    browser.sign_in("coordinator_a")
    number = screened(browser)
    path = f"/subjects/{number}/randomization"
    return number, path, browser.form_at(path) | _STRATUM


def test_a_double_click_and_a_reply_that_was_lost_take_one_slot(servers: tuple[Web, Web]) -> None:
    web = servers[0]
    with Browser(web) as browser:
        number, path, form = _ready(browser)
        before = len(_slots(web))
        with ThreadPoolExecutor(8) as clicks:
            answers = list(clicks.map(lambda _: browser.post(path, form), range(8)))
        told = {(answer.status_code, answer.headers.get("location")) for answer in answers}
        assert told == {(303, f"/subjects/{number}/allocation")}
        again = browser.post(path, form)  # the reload of whoever never saw the answer
        assert (again.status_code, again.headers["location"]) == (303, f"/subjects/{number}/allocation")
        assert len(_slots(web)) == before + 1
        pages = [browser.get(f"/subjects/{number}/allocation").text for _ in range(2)]
        told = [[arm.label in page for arm in web.trial.study.arms] for page in pages]
        assert told[0] == told[1] and sum(told[0]) == 1
    assert op.verify_audit(web.trial).whole


def test_two_desks_at_two_servers_draw_once_for_one_subject(servers: tuple[Web, Web]) -> None:
    with Browser(servers[0]) as here, Browser(servers[1]) as there:
        number, path, form = _ready(here)
        there.sign_in("coordinator_a")
        other = there.form_at(path) | _STRATUM
        before = len(_slots(servers[0]))
        with ThreadPoolExecutor(2) as desks:
            answers = [
                desks.submit(desk.post, path, sent).result for desk, sent in ((here, form), (there, other))
            ]
            told = {
                (answer().status_code, answer().headers.get("location", "").partition("?")[0])
                for answer in answers
            }
        assert {status for status, _ in told} == {303}
        pages = [here.get(answer().headers["location"]).text for answer in answers]
        assert len(_slots(servers[0])) == before + 1
        assert sum("nothing new was drawn." in page for page in pages) == 1
        assert number in _slots(servers[1])


def test_many_desks_draw_the_slots_of_a_stratum_in_order_and_none_twice(servers: tuple[Web, Web]) -> None:
    with Browser(servers[0]) as here, Browser(servers[1]) as there:
        ready = [_ready(here) for _ in range(4)]
        there.sign_in("coordinator_a")
        sent = [
            (desk, path, (desk.form_at(path) | _STRATUM))
            for (_, path, _), desk in zip(ready, (here, there) * 2, strict=True)
        ]
        before = _slots(servers[0])
        with ThreadPoolExecutor(4) as desks:
            answers = list(desks.map(lambda one: one[0].post(one[1], one[2]).status_code, sent))
        assert answers == [303] * 4
        slots = _slots(servers[0])
        new = sorted(slots[number] for number, _, _ in ready)
        assert len(set(slots.values())) == len(slots) == len(before) + 4
        places = [place for _, place in new]
        assert places == list(range(places[0], places[0] + 4)), "no slot was passed over"
    assert op.verify_audit(servers[0].trial).whole


def test_a_connection_cut_while_it_draws_takes_no_slot_and_the_same_form_goes_again(
    servers: tuple[Web, Web], postgres_url: str
) -> None:
    web = servers[0]
    with Browser(web) as browser:
        number, path, form = _ready(browser)
        before = _slots(web)
        engine = create_engine(postgres_url)
        with engine.connect() as holder, ThreadPoolExecutor(1) as desk:
            holder.execute(text("LOCK TABLE audit_transaction IN ACCESS EXCLUSIVE MODE"))
            waiting = desk.submit(browser.post, path, form)
            _cut_who_waits(postgres_url)
            holder.rollback()
            cut = waiting.result(30)
        engine.dispose()
        assert (cut.status_code, cut.headers["retry-after"]) == (503, "30")
        assert "AdminShutdown" not in cut.text and "trialkit.toml" not in cut.text
        assert _slots(web) == before
        again = browser.post(path, form)
        assert (again.status_code, again.headers["location"]) == (303, f"/subjects/{number}/allocation")
        assert _slots(web).keys() - before.keys() == {number}
    assert op.verify_audit(web.trial).whole


def _cut_who_waits(url: str) -> None:
    """End the server's side of every connection that waits for a lock."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as looker:
        for _ in range(200):
            if _cut(looker):
                break
            time.sleep(0.05)
        else:
            raise AssertionError("nobody waited")
    engine.dispose()


def _cut(looker: Connection) -> int:
    found = looker.execute(
        text(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
            "AND datname = current_database() AND pid <> pg_backend_pid()"
        )
    )
    return len(found.all())
