"""`trialkit predict`, as its user meets it: one development, looked at from every side."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result

from trialkit.cli.root import root

PLAN = """
[plan]
id = "t"
title = "A test"
version = "1"
seed = 3
learners = ["logistic", "lightgbm"]
[outcome]
kind = "time_to_event"
label = "Recurrence"
time_days = "days"
event = "event"
horizon_days = 365
better = false
[arm]
role = "effect_modifier"
reference = "control"
modifies = ["age"]
[resampling]
bootstraps = 2
folds = 3
[selection]
folds = 3
penalties = 8
[features.age]
unit = "years"
[features.odi]
[features.sex]
kind = "category"
levels = ["f", "m"]
"""


def run(*words: object) -> Result:
    return CliRunner().invoke(root, ["predict", *map(str, words)])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("predict")
    random = np.random.default_rng(6)
    n = 150
    age, odi = random.normal(70, 6, n), random.normal(40, 9, n)
    event_at = random.exponential(500 * np.exp(-(odi - 40) / 12))
    lost_at = random.uniform(100, 900, n)
    pd.DataFrame(
        {
            "subject_id": [f"{i:03d}" for i in range(n)],
            "age": age,
            "odi": odi,
            "sex": random.choice(["f", "m"], n),
            "arm": random.choice(["control", "exercise"], n),
            "days": np.minimum(event_at, lost_at).round(),
            "event": (event_at <= lost_at).astype(int),
        }
    ).to_csv(folder / "data.csv", index=False)
    (folder / "plan.toml").write_text(PLAN)
    told = run(*looking(folder), "--into", folder / "out")
    assert told.exit_code == 0, told.output
    return folder


def looking(folder: Path) -> tuple[object, ...]:
    """A development that opens its test set outside any trail."""
    return (
        "develop", folder / "plan.toml", folder / "data.csv", "--without-trail", "Registered elsewhere"
    )  # fmt: skip


def test_a_development_leaves_what_it_promises(folder: Path) -> None:
    out = folder / "out"
    for name in (
        "performance.csv", "performance.json", "model.json", "model.schema.json", "model.onnx",
        "model_card.html", "report/index.html", "calculator.html",
    ):  # fmt: skip
        assert (out / name).stat().st_size > 0
    table = pd.read_csv(out / "performance.csv")
    assert list(table.columns) == ["model", "resampling", "metric", "estimate", "ci_lower", "ci_upper"]
    told = json.loads((out / "performance.json").read_text())
    assert told["sample_size"]["supported"] < told["sample_size"]["parameters"] * 10
    assert any("IPCW" in note for note in told["notes"])


def test_a_second_look_at_the_test_set_needs_a_reason(folder: Path) -> None:
    for into in ("out", "elsewhere"):  # another folder knows of it: it stands beside the data
        again = run(*looking(folder), "--into", folder / into)
        assert again.exit_code != 0
        assert "--look-again" in str(again.exception)
    assert not (folder / "elsewhere").exists()


def test_a_look_outside_any_trail_says_why_on_every_page(folder: Path) -> None:
    words = "outside any audit trail: Registered elsewhere"
    for page in ("report/index.html", "model_card.html", "calculator.html"):
        assert words in (folder / "out" / page).read_text(encoding="utf-8"), page
    assert "未记入任何稽查轨迹：Registered elsewhere" in (folder / "out" / "calculator.html").read_text()
    told = json.loads((folder / "out" / "performance.json").read_text())
    assert told["split"]["record"] == f"looked at, {words}"
    assert f"Looked at, {words}." in (folder / "out" / "report" / "index.html").read_text(encoding="utf-8")


def test_people_without_a_time_are_counted_on_the_terminal(folder: Path, tmp_path: Path) -> None:
    data = pd.read_csv(folder / "data.csv", dtype={"subject_id": str})
    data.loc[[3, 5], "days"], data.loc[7, "event"] = np.nan, np.nan
    data.to_csv(tmp_path / "data.csv", index=False)
    plan = tmp_path / "plan.toml"
    plan.write_text(PLAN.replace('"logistic", "lightgbm"', '"logistic"'))
    told = run("develop", plan, tmp_path / "data.csv", "--into", tmp_path / "out")
    assert "Data: 3 subjects without outcome left out." in told.output.splitlines()


def test_without_a_trail_and_a_reason_the_test_set_stays_closed(folder: Path, tmp_path: Path) -> None:
    plan = tmp_path / "plan.toml"
    plan.write_text(PLAN.replace('"logistic", "lightgbm"', '"logistic"'))
    for _ in range(2):
        told = run("develop", plan, folder / "data.csv", "--into", tmp_path / "out")
        assert told.exit_code == 0, told.output
        assert "The test set stayed closed" in told.output
    assert not (tmp_path / "out" / "test_set_looks.jsonl").exists()
    table = pd.read_csv(tmp_path / "out" / "performance.csv")
    assert table.loc[table["resampling"] == "split_test", "estimate"].isna().all()
    report = (tmp_path / "out" / "report" / "index.html").read_text()
    assert "mandated split: not looked at" in report
    assert "this is a try" not in report


@pytest.mark.parametrize(
    "words",
    [
        ("--without-trail", " "),
        ("--look-again", "Why not"),
        ("--study", "study", "--as", "stat", "--without-trail", "Why not"),
    ],
)
def test_a_look_belongs_to_a_trail_or_has_its_reason(words, folder: Path, tmp_path: Path) -> None:
    told = run("develop", folder / "plan.toml", folder / "data.csv", "--into", tmp_path / "o", *words)
    assert told.exit_code == 2
    assert "--without-trail" in told.output


@pytest.mark.parametrize(
    "trick",
    [
        "another id",
        "resorted",
        "another file",
        "other candidates",
        "one person less",
        "another outcome's name",
    ],
)
def test_a_disguised_second_look_is_known_for_one(trick: str, folder: Path, tmp_path: Path) -> None:
    """The people and their outcome are the same, whatever else is changed."""
    text = (PLAN if trick == "resorted" else PLAN.replace('id = "t"', 'id = "u"')).replace(
        '"logistic", "lightgbm"', '"logistic"'
    )
    if trick == "other candidates":
        text = text.replace("[features.odi]\n", "")
    data = pd.read_csv(folder / "data.csv", dtype={"subject_id": str})
    if trick == "one person less":
        data = data.iloc[1:]
    if trick == "another outcome's name":
        data = data.rename(columns={"days": "d", "event": "e"})
        text = text.replace('"days"', '"d"').replace('"event"', '"e"')
    if trick == "resorted":
        data = data.sample(frac=1, random_state=1)
    register = (folder / "test_set_looks.jsonl").read_text()
    (tmp_path / "test_set_looks.jsonl").write_text(register)
    (tmp_path / "plan.toml").write_text(text)
    data.to_csv(tmp_path / ("data.csv" if trick == "resorted" else "other.csv"), index=False)
    name = tmp_path / ("data.csv" if trick == "resorted" else "other.csv")
    begin = ("develop", tmp_path / "plan.toml", name, "--into", tmp_path / "out", "--without-trail", "So")
    refused = run(*begin)
    assert "one look at the test set" in str(refused.exception)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_look_that_cannot_be_recorded_beside_the_data_is_refused(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text((folder / "data.csv").read_text())
    tmp_path.chmod(0o500)
    begin = ("develop", folder / "plan.toml", tmp_path / "data.csv", "--into", folder / "never")
    refused = run(*begin, "--without-trail", "So")
    tmp_path.chmod(0o700)
    assert "cannot be written" in str(refused.exception)


def test_a_second_look_with_its_reason_is_called_one(folder: Path, tmp_path: Path) -> None:
    for name in ("data.csv", "test_set_looks.jsonl"):
        (tmp_path / name).write_text((folder / name).read_text())
    plan = tmp_path / "plan.toml"
    plan.write_text(PLAN.replace('"logistic", "lightgbm"', '"logistic"'))
    begin = ("develop", plan, tmp_path / "data.csv", "--into", tmp_path / "out", "--without-trail", "So")
    told = run(*begin, "--look-again", "A slip in the plan")
    assert told.exit_code == 0, told.output
    report = (tmp_path / "out" / "report" / "index.html").read_text()
    assert "not the first look: A slip in the plan" in report
    assert "looked at again" in report and "looked at once" not in report
    assert len((tmp_path / "test_set_looks.jsonl").read_text().splitlines()) == 2


@pytest.mark.parametrize("text", ["{", "[]", "{}", "looked once"])
def test_a_register_that_cannot_be_read_is_no_empty_one(text: str, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text((folder / "data.csv").read_text())
    (tmp_path / "test_set_looks.jsonl").write_text(text)
    begin = ("develop", folder / "plan.toml", tmp_path / "data.csv", "--into", tmp_path / "out")
    assert "one a line" in str(run(*begin, "--without-trail", "So").exception)


def test_nobody_to_apply_a_model_to_is_an_error(folder: Path) -> None:
    lines = (folder / "data.csv").read_text().splitlines()
    for text in (lines[0] + "\n", lines[0] + "\n" + "," * lines[0].count(",") + "\n"):
        (folder / "empty.csv").write_text(text)
        refused = run("apply", folder / "out" / "model.json", folder / "empty.csv", "--out", folder / "n.csv")
        assert "a table without lines" in str(refused.exception)
    assert not (folder / "n.csv").exists()


def test_a_try_with_fewer_samples_leaves_the_test_set_closed(folder: Path, tmp_path: Path) -> None:
    plan = PLAN.replace("bootstraps = 2", "bootstraps = 3").replace('"logistic", "lightgbm"', '"logistic"')
    (tmp_path / "plan.toml").write_text(plan)
    for _ in range(2):
        told = run(
            "develop",
            tmp_path / "plan.toml",
            folder / "data.csv",
            "--into",
            tmp_path / "out",
            "--bootstraps",
            2,
        )
        assert told.exit_code == 0, told.output
        assert "the test set stayed closed" in told.output
    assert not (tmp_path / "out" / "test_set_looks.jsonl").exists()
    table = pd.read_csv(tmp_path / "out" / "performance.csv")
    assert table.loc[table["resampling"] == "split_test", "estimate"].isna().all()
    assert "not looked at, this is a try" in (tmp_path / "out" / "report" / "index.html").read_text()


def test_the_frozen_model_refuses_what_it_never_saw(folder: Path) -> None:
    data = pd.read_csv(folder / "data.csv", dtype={"subject_id": str})
    model = folder / "out" / "model.json"
    assert run("apply", model, folder / "data.csv", "--out", folder / "risks.csv").exit_code == 0
    risks = pd.read_csv(folder / "risks.csv", dtype={"subject_id": str})
    assert list(risks.columns) == ["subject_id", "probability"]
    assert risks["probability"].between(0, 1).all()
    assert risks["subject_id"].tolist() == data["subject_id"].tolist()
    feature = json.loads(model.read_text())["features"][0]
    name = feature["name"]
    for wrong in ("", "none" if feature["levels"] else "999"):
        changed = data.astype({name: object})
        changed.loc[4, name] = wrong
        changed.to_csv(folder / "wrong.csv", index=False)
        refused = run("apply", model, folder / "wrong.csv", "--out", folder / "never.csv")
        assert refused.exit_code != 0
        assert f"004 {name}" in str(refused.exception)
    assert not (folder / "never.csv").exists()
    twice = pd.concat([data, data.head(1)])
    nobody = data.assign(subject_id=[None, *data["subject_id"][1:]])
    for changed, found in ((twice, "000 twice"), (nobody, "1 without")):
        changed.to_csv(folder / "wrong.csv", index=False)
        refused = run("apply", model, folder / "wrong.csv", "--out", folder / "never.csv")
        assert found in str(refused.exception)
    (folder / "blank.csv").write_text(
        (folder / "data.csv").read_text() + "," * (len(data.columns) - 1) + "\n"
    )
    assert run("apply", model, folder / "blank.csv", "--out", folder / "blank_risks.csv").exit_code == 0
    assert (folder / "blank_risks.csv").read_text() == (folder / "risks.csv").read_text()


@pytest.mark.parametrize("text", ["", "not a model", "[]", "{}", '{"format": "trialkit-model-1"}'])
def test_what_is_no_model_is_refused_without_a_traceback(text: str, folder: Path) -> None:
    from trialkit.errors import TrialkitError

    path = folder / "broken.json"
    path.write_text(text)
    refused = run("apply", path, folder / "data.csv", "--out", folder / "never.csv")
    assert isinstance(refused.exception, TrialkitError)


@pytest.fixture
def study(tmp_path: Path) -> Path:
    from trialkit import operations as op, resources
    from trialkit.access import Actor, Authentication
    from trialkit.vocabulary import Role

    definition = resources.folder("sample_data")
    with op.create_study(
        tmp_path / "study", definition=definition, administrator="root", person_name="R"
    ) as trial:
        root_actor = Actor("root", Role.ADMINISTRATOR, None, Authentication.DECLARED)
        op.add_account(trial, root_actor, login="stat", person_name="S", role=Role.STATISTICIAN)
    return tmp_path / "study"


def test_with_a_study_the_look_is_refused_from_any_other_folder(
    folder: Path, study: Path, tmp_path: Path
) -> None:
    plan = tmp_path / "plan.toml"
    plan.write_text(PLAN.replace('"logistic", "lightgbm"', '"logistic"'))
    data = tmp_path / "people.csv"
    data.write_text((folder / "data.csv").read_text())
    begin = ("develop", plan, data, "--study", study, "--as", "stat", "--into")
    told = run(*begin, tmp_path / "first")
    assert told.exit_code == 0, told.output
    assert "stands in the study's audit trail" in told.output
    refused = run(*begin, tmp_path / "second")
    assert "one look at the test set of t" in str(refused.exception)
    assert not (tmp_path / "second").exists()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "plan.toml").write_text(plan.read_text().replace('id = "t"', 'id = "another"'))
    (elsewhere / "data.csv").write_text((folder / "data.csv").read_text())
    disguised = ("develop", elsewhere / "plan.toml", elsewhere / "data.csv", *begin[3:], tmp_path / "third")
    refused = run(*disguised)
    assert "one look at the test set of another" in str(refused.exception)
    told = run(*begin, tmp_path / "second", "--look-again", "The first run lost its disk")
    assert told.exit_code == 0, told.output
    trail = CliRunner().invoke(
        root, ["audit", "show", str(study), "--as", "root", "--operation", "look_at_test_set", "--json"]
    )
    told = [json.loads(line)["reason"] for line in trail.output.splitlines()]
    assert told == ["", "The first run lost its disk"]


def test_the_pathway_of_the_plan_is_a_page_and_a_table(folder: Path, tmp_path: Path) -> None:
    strata = "".join(
        f'[[pathway]]\nname = "{name}"\nfrom_risk = {risk}\naction = "Visit"\nreview_weeks = {weeks}\n'
        f"expected_change = {change}\n"
        for name, risk, weeks, change in (("Low", 0.0, 12, 0.0), ("High", 0.4, 4, -0.1))
    )
    plan = tmp_path / "plan.toml"
    plan.write_text(PLAN.replace('"logistic", "lightgbm"', '"logistic"') + strata)
    told = run("develop", plan, folder / "data.csv", "--into", tmp_path / "out", "--pdf")
    assert told.exit_code == 0, told.output
    table = pd.read_csv(tmp_path / "out" / "pathway.csv").set_index("stratum")
    assert table["n"].to_dict() == {
        "Low": table.loc["Low", "n"],
        "High": 150 - table.loc["Low", "n"],
        "All": 150,
    }
    assert table.loc["High", "with_action"] < table.loc["High", "without"]
    assert "Low, " in (tmp_path / "out" / "pathway.html").read_text(encoding="utf-8")
    assert (tmp_path / "out" / "report" / "report.pdf").read_bytes().startswith(b"%PDF")
