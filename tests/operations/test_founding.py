"""Founding and opening a study: all of it, or nothing that is in the way of the next try."""

from __future__ import annotations

from pathlib import Path

import chain
import pytest

from trialkit import operations as op
from trialkit.access import Actor
from trialkit.errors import OperationError, StoreError, TrialError, TrialkitError
from trialkit.free_text import TextError
from trialkit.randomization import AllocationKey, RandomizationDesign, load_restriction, make_list, write_list
from trialkit.safe_files import FileError


def found(folder: Path, definition: Path, **choices: str) -> op.Trial:
    return op.create_study(
        folder, definition=definition, administrator="ada", person_name="Ada Admin", **choices
    )


def test_a_study_folder_holds_definition_settings_database_and_keys(definition: Path, tmp_path: Path) -> None:
    found(tmp_path / "study", definition).close()
    present = {path.name for path in (tmp_path / "study").iterdir()} - {
        "trial.sqlite-wal",
        "trial.sqlite-shm",
    }
    assert present == {
        "study.toml",
        "dictionary.csv",
        "labels.zh.csv",
        "trialkit.toml",
        "trial.sqlite",
        "keys",
    }
    for path in [tmp_path / "study", *(tmp_path / "study").rglob("*")]:
        assert path.stat().st_mode & 0o077 == 0, path
    assert "block" not in (tmp_path / "study" / "trialkit.toml").read_text(encoding="utf-8")


def test_a_study_that_could_not_be_founded_leaves_no_folder(definition: Path, tmp_path: Path) -> None:
    nowhere = "postgresql+psycopg://postgres@127.0.0.1:9/none?connect_timeout=2"
    with pytest.raises(StoreError, match="a database that answers"):
        found(tmp_path / "study", definition, database_url=nowhere)
    assert not (tmp_path / "study").exists()
    found(tmp_path / "study", definition).close()


def test_a_folder_in_use_is_left_alone(definition: Path, tmp_path: Path) -> None:
    (tmp_path / "study").mkdir()
    (tmp_path / "study" / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(TrialError, match="one in use"):
        found(tmp_path / "study", definition)
    assert (tmp_path / "study" / "notes.txt").read_text(encoding="utf-8") == "mine"


def test_two_studies_do_not_share_a_database(definition: Path, tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'shared.sqlite'}"
    found(tmp_path / "one", definition, database_url=database).close()
    with pytest.raises(TrialError, match="an empty database"):
        found(tmp_path / "two", definition, database_url=database, key_folder=str(tmp_path / "keys"))
    assert not (tmp_path / "keys" / "audit.key").exists()
    with op.open_trial(tmp_path / "one") as trial:
        assert op.verify_audit(trial).records == 1


def test_a_list_concealed_by_the_server_is_not_kept_in_a_file(definition: Path, tmp_path: Path) -> None:
    changed = tmp_path / "definition"
    changed.mkdir()
    text = (definition / "study.toml").read_text(encoding="utf-8")
    (changed / "study.toml").write_text(
        text.replace('concealment = "demonstration"', 'concealment = "server"'), encoding="utf-8"
    )
    (changed / "dictionary.csv").write_bytes((definition / "dictionary.csv").read_bytes())
    with pytest.raises(TrialError, match="can look ahead"):
        found(tmp_path / "study", changed)


def test_a_definition_changed_under_the_data_is_refused(trial: op.Trial) -> None:
    definition = trial.folder / "study.toml"
    text = definition.read_text(encoding="utf-8")
    definition.write_text(text.replace("Age 60 years or more", "Age 50 years or more"), encoding="utf-8")
    with pytest.raises(TrialError, match="Put back study"):
        op.open_trial(trial.folder)


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lambda folder: (folder / "trialkit.toml").unlink(), "a study folder with trialkit.toml"),
        (lambda folder: (folder / "trial.sqlite").unlink(), "Restore it from a backup"),
        (
            lambda folder: (folder / "trial.sqlite").write_bytes(b"not a database at all" * 99),
            "a SQLite database",
        ),
        (lambda folder: (folder / "trialkit.toml").write_text("[databas]\n"), "'databas'|'url'"),
        (lambda folder: (folder / "keys" / "audit.key").write_text("short\n"), "an audit key"),
    ],
)
def test_a_damaged_study_folder_gives_one_clear_line(trial: op.Trial, harm, said: str) -> None:  # type: ignore[no-untyped-def]
    trial.store.close()
    for leftover in trial.folder.glob("trial.sqlite-*"):
        leftover.unlink()
    harm(trial.folder)
    with pytest.raises(TrialkitError, match=said) as refused, op.open_trial(trial.folder) as opened:
        op.grant_role(opened, chain.ADMIN, login="first", role=chain.Role.MONITOR)
    assert "\n" not in str(refused.value)


def test_a_role_that_ends_somebodys_blinding_is_not_granted(trial: op.Trial) -> None:
    op.add_account(trial, chain.ADMIN, login="olga", person_name="Olga", role=chain.Role.OUTCOME_ASSESSOR)
    with pytest.raises(OperationError, match="outcome_assessor and coordinator"):
        op.grant_role(trial, chain.ADMIN, login="olga", role=chain.Role.COORDINATOR, site="A")
    with pytest.raises(OperationError, match="monitor"):
        op.grant_role(trial, chain.ADMIN, login="olga", role=chain.Role.MONITOR)
    op.grant_role(trial, chain.ADMIN, login="olga", role=chain.Role.STATISTICIAN)


def test_an_extension_is_not_loaded_as_the_first_list(definition: Path, tmp_path: Path) -> None:
    with found(tmp_path / "study", definition) as trial:
        restriction = load_restriction(definition / "randomization.toml")
        design = RandomizationDesign(
            arms={arm.name: arm.ratio for arm in trial.study.arms},
            factors={factor.name: factor.levels for factor in trial.study.factors},
            block_lengths=restriction.block_lengths,
            subjects_per_stratum=4,
        )
        first = make_list(design, seed=1, restriction_digest=restriction.digest)
        lists = {
            "extension": make_list(
                design, seed=2, restriction_digest=restriction.digest, previous=first.commitment
            ),
            "first": first,
        }
        ada = Actor("ada", chain.Role.ADMINISTRATOR)
        for name, made in lists.items():
            files = write_list(made, tmp_path / name, "four words make one", cost=14)
            given = {"bundle": files.bundle, "commitment": files.commitment, "allocation_key": files.key}
            if name == "extension":
                with pytest.raises(OperationError, match="a first list"):
                    op.load_schedule(trial, ada, **given)
            else:
                op.load_schedule(trial, ada, **given)


def test_keys_that_others_may_read_are_refused_with_the_command_that_closes_them(
    definition: Path, tmp_path: Path
) -> None:
    found(tmp_path / "study", definition).close()
    keys = tmp_path / "study" / "keys"
    for path in (keys / "audit.key", keys):
        path.chmod(0o750)
        with op.open_trial(tmp_path / "study") as trial, pytest.raises(FileError, match="chmod -R go= "):
            op.verify_audit(trial)
        path.chmod(0o700)
    with op.open_trial(tmp_path / "study") as trial:
        assert op.verify_audit(trial).whole


def test_a_half_written_allocation_key_is_not_taken_for_the_key(trial: op.Trial, tmp_path: Path) -> None:
    (file,) = trial.keys.path.glob("allocation-*.json")
    key = AllocationKey.from_json(file.read_text())
    file.chmod(0o600)
    file.write_text(file.read_text()[:40])
    with pytest.raises(TrialError, match="half of it"):
        trial.keys.keep(key)


@pytest.mark.parametrize("login", ["аda", "a da", "ada\n"])
def test_the_administrators_login_is_plain(definition: Path, tmp_path: Path, login: str) -> None:
    with pytest.raises(TextError, match="a login of"):
        op.create_study(tmp_path / "study", definition=definition, administrator=login, person_name="Ada")


def test_a_password_in_the_address_is_refused_or_kept_in_a_private_file(
    definition: Path, tmp_path: Path
) -> None:
    with pytest.raises(TrialError, match=r"\.pgpass"):
        found(tmp_path / "study", definition, database_url="postgresql+psycopg://ada:secret@db/trial")
    assert not (tmp_path / "study").exists()
    found(tmp_path / "study", definition).close()
    settings = tmp_path / "study" / "trialkit.toml"
    settings.write_text(
        settings.read_text().replace("sqlite:///trial.sqlite", "postgresql+psycopg://a:secret@127.0.0.1:9/x")
    )
    settings.chmod(0o644)
    with pytest.raises(FileError, match="with a password") as refused:
        op.open_trial(tmp_path / "study")
    assert "secret" not in str(refused.value)
    settings.chmod(0o600)
    with pytest.raises(StoreError, match="a database that answers"):
        op.open_trial(tmp_path / "study")


def test_an_upgrade_closes_a_folder_that_was_open_to_others(definition: Path, tmp_path: Path) -> None:
    found(tmp_path / "study", definition).close()
    for path in [tmp_path / "study", *(tmp_path / "study").rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    op.upgrade_study(tmp_path / "study")
    with op.open_trial(tmp_path / "study") as trial:
        assert op.verify_audit(trial).whole
    for path in [tmp_path / "study", *(tmp_path / "study").iterdir(), tmp_path / "study/keys/audit.key"]:
        assert path.stat().st_mode & 0o077 == 0, path
