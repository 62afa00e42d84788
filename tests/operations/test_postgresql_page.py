"""The operator's page on PostgreSQL: its SQL as it stands there makes roles that can do just what it says."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import psycopg
import pytest
from chain import ADMIN, COORDINATOR, FIRST
from sqlalchemy import text
from sqlalchemy.engine import make_url

from trialkit import operations as op
from trialkit.errors import StoreError
from trialkit.store.errors import RightsError
from trialkit.vocabulary import Role

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "run-on-postgresql.md"
TODAY = date(2023, 12, 31)
ROLES = ("trialkit_owner", "trialkit_desk", "trialkit_report")


def _run(address: str, block: str, user: str | None = None) -> None:
    url = make_url(address)
    url = url.set(username=user) if user else url
    plain = url.render_as_string(hide_password=False).replace("+psycopg", "")
    with psycopg.connect(plain, autocommit=True) as connection:
        for statement in re.sub(r"--.*", "", block).split(";"):
            if statement.strip():
                connection.execute(statement.encode())


@pytest.fixture
def as_roles(
    postgres_address: str, tmp_path: Path, definition: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Path, dict[str, str]]]:
    """A study founded by the page, and the addresses as which each role reaches it."""
    import chain

    roles, grants, rights = re.findall(r"```sql\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    mark = uuid.uuid4().hex[:8]
    names = {name: f"{name}_{mark}" for name in (*ROLES, "trial_a")}

    def named(block: str) -> str:
        for name, own in names.items():
            block = block.replace(name, own)
        return block

    database = make_url(postgres_address).set(database=names["trial_a"])
    try:
        _run(postgres_address, named(roles))
    except psycopg.Error:
        pytest.skip("needs a server on which roles may be made")
    address = {
        name: database.set(username=names[name]).render_as_string(hide_password=False) for name in ROLES
    }
    _run(database.render_as_string(hide_password=False), named(grants))
    chain.found_study(tmp_path / "study", definition, database_url=address["trialkit_owner"]).close()
    _run(address["trialkit_owner"], named(rights))
    yield tmp_path / "study", address
    _run(postgres_address, f"DROP DATABASE {names['trial_a']} WITH (FORCE)")
    for name in ROLES:
        _run(postgres_address, f"DROP ROLE {names[name]}")


def _as(folder: Path, address: str) -> op.Trial:
    settings = folder / "trialkit.toml"
    settings.write_text(
        re.sub(r'url = ".*"', lambda _: f'url = "{address}"', settings.read_text(encoding="utf-8")),
        encoding="utf-8",
    )
    return op.open_trial(folder)


def test_each_role_can_do_what_the_page_says_and_no_more(as_roles: tuple[Path, dict[str, str]]) -> None:
    folder, address = as_roles
    with _as(folder, address["trialkit_desk"]) as desk:
        who = op.enrol(desk, COORDINATOR, site="A", consent_date=TODAY).subject_id
        row = op.EnteredRow({"vas_mm": "50"})
        op.enter_pass(desk, FIRST, entry=op.FormEntry(who, "baseline", "vas", (row,)))
        op.set_password(desk, ADMIN, login="manager", password="a phrase of several words")
        op.log_in(desk, login="manager", password="a phrase of several words", role=Role.DATA_MANAGER)
        assert op.verify_audit(desk).whole
        for statement in (
            "ALTER TABLE account DISABLE TRIGGER ALL",
            "DELETE FROM subject",
            "UPDATE account SET person_name = 'x'",
            "UPDATE subject SET site = 'B'",
            "DROP INDEX uq_final_value_first",
            "SET session_replication_role = replica",
        ):
            with pytest.raises(StoreError), desk.store.writing() as connection:
                connection.execute(text(statement))
        with pytest.raises(StoreError, match="permission denied") as refused, desk.store.writing() as some:
            some.execute(text("DELETE FROM subject"))
        assert "role" in refused.value.next_step
    with _as(folder, address["trialkit_report"]) as report:
        with report.store.reading() as reader:
            assert reader.scalar(text("SELECT count(*) FROM subject")) == 1
        with pytest.raises(StoreError, match="permission denied"), report.store.reading() as reader:
            reader.execute(text("SELECT * FROM account_credential"))
        with pytest.raises(StoreError):
            op.enrol(report, COORDINATOR, site="A", consent_date=TODAY)
        with pytest.raises(RightsError, match="permission denied"):  # who may not look calls nothing broken
            op.verify_audit(report)
    with _as(folder, address["trialkit_owner"]) as owner:
        assert op.verify_audit(owner).whole
    assert op.upgrade_study(folder)


LOOSENED = {
    "a superuser": ("ALTER ROLE {desk} SUPERUSER", "is a superuser: it can switch every guard off"),
    "an owner by membership": ("GRANT {owner} TO {desk}", "is an owner of tables"),
    "a maker of roles": ("ALTER ROLE {desk} CREATEROLE", "is a role that may make roles"),
    "a right to delete": ("GRANT DELETE ON account TO {desk}", "has been granted DELETE on account:"),
    "a right to truncate everywhere": (
        "GRANT TRUNCATE ON ALL TABLES IN SCHEMA public TO {report}", "granted TRUNCATE on account and "
    ),
    "a right to change what is held by nobody": (
        "GRANT UPDATE ON consent TO PUBLIC", "the role PUBLIC has been granted UPDATE on consent:"
    ),
    "a right to change one column": (
        "GRANT UPDATE (login) ON account TO {desk}", "has been granted UPDATE on account:"
    ),
    "a right to write everything": ("GRANT pg_write_all_data TO {desk}", "is a member of pg_write_all_data"),
    "another superuser": ("ALTER ROLE {report} SUPERUSER", "{report} is a superuser"),
    "another maker of roles": ("ALTER ROLE {report} CREATEROLE", "{report} may make roles"),
    "another in the owner's place": (
        "GRANT {owner} TO {report}", "{report} is a member of the owner of tables"
    ),
    "another's table": ("ALTER TABLE slot OWNER TO {report}", "slot is not the trail's owner's"),
    "another's guard": (
        "ALTER FUNCTION trialkit_refuse_change() OWNER TO {report}",
        "trialkit_refuse_change is not the trail's owner's",
    ),
    "reading for everybody": (
        "GRANT SELECT ON slot TO PUBLIC", "whoever may connect to the database may read slot"
    ),
    "reading of a column for everybody": (
        "GRANT SELECT (sealed) ON slot TO PUBLIC", "whoever may connect to the database may read slot"
    ),
    "a desk that makes objects": (
        "GRANT CREATE ON SCHEMA public TO {desk}", "the role {desk} may make objects beside its tables"
    ),
    "anybody makes objects": (
        "GRANT CREATE ON SCHEMA public TO PUBLIC", "whoever may connect to the database may make objects"
    ),
    "a function with another's rights": (
        "CREATE FUNCTION wipe() RETURNS void LANGUAGE sql SECURITY DEFINER AS 'DELETE FROM account'",
        "the function wipe() works with the rights of another role",
    ),
}  # fmt: skip


def test_a_desk_as_the_page_makes_it_is_warned_of_nothing(as_roles: tuple[Path, dict[str, str]]) -> None:
    folder, address = as_roles
    with _as(folder, address["trialkit_desk"]) as desk:
        found = op.verify_audit(desk)
    assert found.whole and found.warnings == ()


@pytest.mark.parametrize("case", LOOSENED)
def test_whoever_could_pass_the_guards_is_told_of_and_nothing_is_broken(
    as_roles: tuple[Path, dict[str, str]], postgres_address: str, case: str
) -> None:
    folder, address = as_roles
    names = {name.removeprefix("trialkit_"): str(make_url(url).username) for name, url in address.items()}
    statement, told = (words.format(**names) for words in LOOSENED[case])
    database = make_url(postgres_address).set(database=make_url(address["trialkit_desk"]).database)
    _run(database.render_as_string(hide_password=False), statement)
    with _as(folder, address["trialkit_desk"]) as desk:
        found = op.verify_audit(desk)
    assert found.whole
    assert any(told in warning for warning in found.warnings), found.warnings


def test_a_role_that_may_pass_the_guards_over_by_a_setting_is_told_of(
    as_roles: tuple[Path, dict[str, str]], postgres_address: str
) -> None:
    folder, address = as_roles
    desk = str(make_url(address["trialkit_desk"]).username)
    try:
        _run(postgres_address, f"GRANT SET ON PARAMETER session_replication_role TO {desk}")
    except psycopg.Error:
        pytest.skip("needs PostgreSQL 15")
    try:
        with _as(folder, address["trialkit_desk"]) as opened:
            told = op.verify_audit(opened).warnings
    finally:
        _run(postgres_address, f"REVOKE SET ON PARAMETER session_replication_role FROM {desk}")
    assert told == (f"the role {desk} may set session_replication_role: it can pass every guard over",)
