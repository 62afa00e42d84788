"""What is read and inserted directly beside fifty clerks is what a page reads and a save writes."""

from __future__ import annotations

from contextlib import closing

from sqlalchemy import text

from benchmarks.direct_work import statements_of
from benchmarks.entry_desk import EntryDesk
from benchmarks.founded_trial import ADMINISTRATOR, sqlite
from trialkit import operations as op
from trialkit.vocabulary import Role


def test_the_statements_of_a_page_and_of_a_save_are_heard_while_a_clerk_saves():
    with closing(EntryDesk(2, sqlite(), second=True)) as desk:
        op.add_account(
            desk.trial, ADMINISTRATOR, login="clerk_0", person_name="P", role=Role.SECOND_ENTRY,
            password="a password of a clerk",
        )  # fmt: skip
        page, save = statements_of(desk)
        assert any("form_pass" in statement for statement, _ in page)
        assert sum("FROM study_version" in statement for statement, _ in page) == 1, "the page is one reading"
        assert any("form_pass" in statement for statement, _ in save)
        with desk.trial.store.reading() as reader:
            assert reader.scalar(text("SELECT count(*) FROM final_value")) > 0
