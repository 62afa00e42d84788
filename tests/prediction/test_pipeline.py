"""The whole pipeline: frozen models, what is refused, nothing that depends on who computes it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tests.prediction.conftest import said_before_the_first_fit
from trialkit.errors import PredictionError
from trialkit.prediction import crossed, develop, explain
from trialkit.prediction.development import develop_model
from trialkit.prediction.evaluating import frozen_risk
from trialkit.prediction.frozen import read_model
from trialkit.prediction.lasso import grouped_folds
from trialkit.prediction.learners import fit_learner
from trialkit.prediction.model_file import apply_model, digest, model_document
from trialkit.prediction.pipeline import fit_pipeline, rows_of
from trialkit.prediction.plan import LEARNERS, Arm, Feature, Selection
from trialkit.prediction.reliability import lower_limits
from trialkit.prediction.resampling import split_rows
from trialkit.prediction.table import model_table
from trialkit.stats import icc


@pytest.mark.external_reference
@pytest.mark.parametrize("name", LEARNERS)
def test_a_frozen_model_predicts_what_its_library_does(name, data, plan) -> None:
    matrix = data[[f"x{i}" for i in range(6)]].to_numpy()
    learner = fit_learner(name, matrix, data["outcome"].to_numpy(float), np.ones(len(data)), {}, 3)
    native = learner.native.predict_proba(matrix)[:, 1]
    # xgboost and the forest's inputs are single precision: 1e-6 is what their own files keep
    assert np.abs(frozen_risk(learner.frozen(), matrix) - native).max() < 1e-6


@pytest.mark.parametrize("size", ["small", pytest.param("whole", marks=pytest.mark.long)])
def test_development_gives_every_number_a_model_and_a_card(data, plan, tmp_path, size, monkeypatch) -> None:
    """All five learners. The small form: fewer passes and folds, fewer people for the perceptron's SHAP."""
    if size == "small":
        monkeypatch.setattr(crossed, "REPEATS", 2)
        monkeypatch.setattr(crossed, "FOLDS", 3)
        monkeypatch.setattr(explain, "_PERCEPTRON_ROWS", 5)
    else:
        plan = replace(plan, selection=Selection(), settings={**plan.settings, "mlp": {}})
    development = develop_model(data, plan, opening=lambda look: None)
    assert "on no record" in development.split.words()
    assert set(development.performance["resampling"]) == {
        "apparent",
        "cross_validation",
        "optimism_harrell",
        "optimism_corrected",
        "split_train",
        "split_test",
    }
    assert 0.65 < development.estimate(development.chosen, "optimism_corrected", "auc")[0] < 0.9
    assert not set(development.split.train) & set(development.split.test)
    document = model_document(development, data)
    path = tmp_path / "model.json"
    import json

    path.write_text(json.dumps(document))
    risks = apply_model(read_model(path), data)
    rows = rows_of(model_table(data, plan), plan)
    expected = development.pipeline.risks(rows.values)[development.chosen]
    assert np.abs(risks["probability"].to_numpy() - expected).max() < 1e-12
    document["threshold"] = 0.9
    path.write_text(json.dumps(document))
    with pytest.raises(PredictionError, match="hash"):
        read_model(path)
    assert digest(document) != document["sha256"]


def test_copies_of_a_subject_stay_in_one_fold(data) -> None:
    random = np.random.default_rng(1)
    groups = np.sort(random.integers(0, 60, 60))
    outcome = (groups % 3 == 0).astype(float)
    for held_out in grouped_folds(groups, outcome, np.ones(60), 5, random):
        assert not set(groups[held_out]) & set(groups[~held_out])


def test_the_split_keeps_sites_and_outcomes_in_proportion(data, plan) -> None:
    table = model_table(data, plan)
    train, test = split_rows(rows_of(table, plan), table.site, 0.7, np.random.default_rng(1))
    assert len(train) == 140 and len(test) == 60
    for site in "ABC":
        for outcome in (0, 1):
            members = [i for i in range(table.n) if table.site[i] == site and table.outcome[i] == outcome]
            assert abs(len(set(train) & set(members)) - 0.7 * len(members)) < 1


def _with(data, **columns):
    return data.assign(**columns)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d.drop(columns="x1"), "a column 'x1'"),
        (lambda d: d.assign(x1=2.0), "constant"),
        (lambda d: d.assign(x1=d["x0"]), "a copy of x0"),
        (lambda d: d.assign(x1=d["outcome"]), "the outcome under another name"),
        (lambda d: d.assign(x1=np.inf), "infinite"),
        (lambda d: d.assign(x1=np.where(np.arange(len(d)) < 90, np.nan, d["x1"])), "at most 20% missing"),
        (lambda d: d.assign(x1="2024-05-01"), "dates"),
        (lambda d: d.assign(outcome=1), "without the outcome"),
        (
            lambda d: d.assign(subject_id=["1", *d["subject_id"][:-1].replace("0000", "1")]),
            "one line a subject",
        ),
        (lambda d: d.assign(sex="other"), "a level of sex"),
        (lambda d: d.assign(outcome=(np.arange(len(d)) < 5).astype(int)), "at least 6 subjects with"),
        (lambda d: d.assign(outcome=0), "with the outcome"),
        (lambda d: d.assign(x1=1 - d["outcome"]), "the outcome under another name"),
        (lambda d: d.assign(outcome=np.arange(len(d)) % 3), "two outcomes"),
        (lambda d: d.assign(subject_id=[None, *d["subject_id"][1:]]), "line 2"),
        (lambda d: d.assign(x1="01/02/2024"), "numbers in x1"),
        (lambda d: d.assign(x1=[*d["x1"][:-1].astype(str), "high"]), "numbers in x1"),
        (lambda d: d.assign(x1=2 + 37 * d["outcome"]), "the outcome under another name"),
        (lambda d: d.assign(x1=d["outcome"].where(d.index > 3)), "the outcome under another name"),
        (lambda d: d.assign(x1=d["outcome"] + d["x1"] / 100), "tells the outcome without an error"),
        (lambda d: d.assign(x1=3 * d["outcome"] + np.arange(len(d)) % 3), "the outcome under another name"),
        (lambda d: d.assign(x1=np.where(d["outcome"] == 1, 1, 2 * (d.index % 2))), "under another name"),
        (
            lambda d: d.assign(sex=np.where(d["outcome"] == 1, "female", "male")),
            "the outcome under another name",
        ),
        (lambda d: d.assign(x1=(d["sex"] == "female") * 7.5), "x1.*names of its levels|names of its levels"),
        (lambda d: d.assign(x1=202301 + np.arange(len(d)) % 12), "dates"),
        (lambda d: d.assign(x1=202301011330 + np.arange(len(d)) % 28 * 10**4), "dates"),
        (lambda d: d.assign(x1=20230101133000 + np.arange(len(d)) % 28 * 10**6), "dates"),
        (lambda d: d.assign(x1=(np.arange(len(d)) % 28 + 1) * 1_000_000 + 32024), "dates"),
        (lambda d: d.assign(x1=(np.arange(len(d)) % 12 + 1) * 1_000_000 + 252024), "dates"),
        (lambda d: d.assign(subject_id=["pd-1", "PD-1", *d["subject_id"][2:]]), "case, width or spaces"),
        (lambda d: d.assign(subject_id=["ＰＤ-1", "PD-1", *d["subject_id"][2:]]), "case, width or spaces"),
        (lambda d: d.assign(subject_id=["PD  1", "PD 1", *d["subject_id"][2:]]), "case, width or spaces"),
        (lambda d: d.assign(subject_id=["PD\u200b1", "PD1", *d["subject_id"][2:]]), "case, width or spaces"),
        (lambda d: d.assign(x1=np.arange(len(d))[::-1] + 1001), "a running number"),
        (lambda d: d.assign(x1=20240300 + np.arange(len(d)) % 28 + 1), "dates"),
        (lambda d: d.assign(x1=[1e308, *d["x1"][1:]]), "numbers from"),
        (lambda d: d.assign(site=[None, *d["site"][1:]]), "a site on every line"),
        (lambda d: d.assign(subject_id=[" 0001", *d["subject_id"][1:]]), "0001 twice"),
        (lambda d: d.assign(**{c: [d[c][1], *d[c][1:]] for c in d if c != "subject_id"}), "each person once"),
    ],
)
def test_data_that_cannot_be_used_are_refused_by_name(change, message, data, plan) -> None:
    with pytest.raises(PredictionError, match=message):
        model_table(change(data), plan)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d.assign(x1=10 * d["x0"]), "X 1 repeats X 0"),
        (lambda d: d.assign(x1=[-999, *d["x1"][1:]]), "X 1 of -999 lies far"),
        (lambda d: d.assign(x1=[None, *d["x1"][1:]]), "X 1: 1 of 200 missing"),
        (lambda d: d.assign(x1=45_000 + np.arange(len(d)) * 7919 % 401), "X 1 may be dates"),
        (lambda d: d.assign(x1=(np.arange(len(d)) > 196) * 2.5), "X 1 is 0 for all but 3 of 200"),
        (lambda d: d.assign(x1=1704067200 + 86400 * (np.arange(len(d)) * 7 % 199)), "counts seconds"),
        (lambda d: d.assign(x1=1704067200000 + 86400000 * (np.arange(len(d)) * 7 % 199)), "milliseconds"),
        (lambda d: d.assign(x1=2460311 + np.arange(len(d)) * 7 % 199), "astronomers"),
        (
            lambda d: d.assign(x1=np.where(d.index < 3, 4, 3 * d["outcome"] + d.index % 3)),
            "X 1 alone tells nearly all outcomes",
        ),
        (lambda d: d.assign(x1=(np.arange(len(d)) * 7919) % 10007), "another whole number for everybody"),
    ],
)
def test_what_is_permitted_and_odd_is_noted_by_its_label(change, message, data, plan) -> None:
    assert any(message in note for note in model_table(change(data), plan).notes)
    assert not model_table(data, plan).notes


@pytest.mark.parametrize("levels", [("female", "male"), ("m", "f"), ("2", "1")])
def test_a_category_again_with_gaps_is_noted(levels, data, plan) -> None:
    coded = np.where(data["sex"] == "female", levels[0], levels[1]).astype(object)
    coded[:16] = None
    again = Feature("x1", "X 1", kind="category", levels=tuple(sorted(levels)))
    features = (*(f for f in plan.features if f.name != "x1"), again)
    notes = model_table(data.assign(x1=coded), replace(plan, features=features)).notes
    assert any("X 1 repeats" in note or note.endswith("X 1 where both are known") for note in notes), notes


def test_numbers_of_site_and_person_are_other_people_with_the_blank_elsewhere(data, plan) -> None:
    named = data.assign(subject_id=["1 11", "11 1", *data["subject_id"][2:]])
    assert model_table(named, plan).n == model_table(data, plan).n


def test_a_category_that_tells_the_outcome_or_another_category_is_refused(data, plan) -> None:
    """Of three levels, two for one outcome; and the sexes again, coded in the other order."""
    features = [f for f in plan.features if f.name != "x1"]
    third = np.where(data["outcome"] == 1, "none", np.where(data.index % 2, "cast", "surgery"))
    told = Feature("x1", "X 1", kind="category", levels=("none", "cast", "surgery"))
    with pytest.raises(PredictionError, match="the outcome under another name"):
        model_table(data.assign(x1=third), replace(plan, features=(*features, told)))
    again = Feature("x1", "X 1", kind="category", levels=("1", "2"))
    coded = np.where(data["sex"] == "male", "1", "2")
    with pytest.raises(PredictionError, match="sex with other names of its levels"):
        model_table(data.assign(x1=coded), replace(plan, features=(*features, again)))
    many = Feature("x1", "X 1", kind="category", levels=tuple(f"p{i}" for i in range(200)))
    alone = [f"p{i}" for i in range(200)]  # a level a person tells nothing but the person
    assert model_table(data.assign(x1=alone), replace(plan, features=(*features, many))).n == 200


def test_no_note_ends_in_two_stops(data, plan) -> None:
    plan = replace(plan, learners=("logistic",))
    data = data.assign(x1=10 * data["x0"], x2=data["x2"].where(data.index > 2))
    noted = [line for line in said_before_the_first_fit(data, plan) if line.startswith("Data: ")]
    assert len(noted) == 2
    assert all(line.endswith((".", "?")) and line[-2].isalnum() for line in noted)


@pytest.mark.parametrize(
    "arms",
    [["ref", "first", "third"], ["ref"], ["first", "third"], ["ref", None]],
    ids=["three", "one", "no reference", "gap"],
)
def test_other_arms_than_two_are_refused_and_none_is_named(arms, data, plan) -> None:
    plan = replace(plan, arm=Arm("predictor", "arm", "ref"))
    with pytest.raises(PredictionError, match="one of two arms") as refusal:
        model_table(data.assign(arm=np.resize(np.array(arms, dtype=object), len(data))), plan)
    assert not any(arm in str(refusal.value) for arm in ("ref ", "first", "third"))


def test_a_gap_among_codes_leaves_them_codes(data, plan) -> None:
    coded = replace(plan.feature("sex"), levels=("0", "1"))
    plan = replace(plan, features=(*plan.features[:6], coded))
    codes = (data["sex"] == "male").astype(float).where(data.index != 3)
    assert model_table(data.assign(sex=codes), plan).values["sex"].equals(codes)


def test_an_identifier_among_the_features_is_refused(data, plan) -> None:
    features = (*plan.features, replace(plan.features[0], name="subject_id"))
    with pytest.raises(PredictionError, match="identifier"):
        model_table(data, replace(plan, features=features))


def test_no_candidate_that_readers_agree_on_is_refused(data, plan) -> None:
    from trialkit.prediction.preparation import prepare

    rows = rows_of(model_table(data, plan), plan)
    with pytest.raises(PredictionError, match="readers agree"):
        prepare(rows.values, rows.weights, plan, dict.fromkeys(plan.names, 0.1))


def _readings(data, error: dict[str, float]) -> pd.DataFrame:
    random = np.random.default_rng(4)
    parts = [
        pd.DataFrame(
            {
                "subject_id": data["subject_id"],
                "feature": name,
                "reader": reader,
                "value": data[name] + random.normal(size=len(data)) * size,
            }
        )
        for name, size in error.items()
        for reader in ("one", "two")
    ]
    return pd.concat(parts, ignore_index=True)


def test_readers_agreement_is_found_on_the_rows_at_hand_and_on_no_others(data, plan) -> None:
    """Readers agree on x0 by the first half of the subjects and not by the second; never on x1."""
    plan = replace(plan, learners=("logistic",))
    readings = _readings(data, {"x0": 0.01, "x1": 2.0})
    second_half = readings["subject_id"].isin(data["subject_id"][100:]) & (readings["feature"] == "x0")
    readings.loc[second_half, "value"] = np.random.default_rng(5).normal(size=int(second_half.sum()))
    rows = rows_of(model_table(data, plan, readings), plan)
    for half, agreed in ((np.arange(100), {"x0"}), (np.arange(100, 200), set())):
        dropped = dict(fit_pipeline(rows.take(half), plan, {}, np.random.SeedSequence(1)).prepared.dropped)
        assert {"x0", "x1"} - {name for name, why in dropped.items() if "readers" in why} == agreed
    doubled = rows.take(np.repeat(np.arange(100), 2))
    once = rows.take(np.arange(100))
    assert lower_limits(doubled.readings, doubled.groups) == lower_limits(once.readings, once.groups)


@pytest.mark.external_reference
def test_the_limit_of_the_filter_is_that_of_the_icc(data, plan) -> None:
    readings = _readings(data, {"x0": 0.4})
    whole = icc(readings, target="subject_id", reader="reader", value="value").table.set_index("form")
    rows = rows_of(model_table(data, plan, readings), plan)
    assert lower_limits(rows.readings, rows.groups)["x0"] == pytest.approx(
        whole.loc["ICC2", "ci_lower"], abs=1e-12
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda r: r.drop(columns="reader"), "columns subject_id"),
        (lambda r: r.assign(reader="one"), "one number a subject"),
        (lambda r: r[r["reader"] == "one"], "two readers"),
        (lambda r: r.assign(value="high"), "one number a subject"),
        (lambda r: r.assign(feature="other"), "two readers"),
    ],
)
def test_readings_that_cannot_be_used_are_refused(change, message, data, plan) -> None:
    with pytest.raises(PredictionError, match=message):
        model_table(data, plan, change(_readings(data, {"x0": 0.1})))


def test_without_somebody_to_record_it_the_test_set_stays_closed(logistic, data, plan) -> None:
    """The notebook's door too, which may be opened a hundred times."""
    plan = replace(plan, learners=("logistic",))
    for made in (logistic, develop(data, "outcome", ["x0", "x1"], plan)):
        assert made.split.words() == "not looked at"
        assert np.isnan(made.estimate(made.chosen, "split_test", "auc")[0])


def test_the_order_of_the_lines_decides_nothing(data, plan) -> None:
    plan = replace(plan, learners=("logistic",))
    data.loc[data.index % 10 == 3, "outcome"] = np.nan
    resorted = data.sample(frac=1, random_state=3)
    one, other = (develop_model(frame, plan, opening=lambda look: None) for frame in (data, resorted))
    assert one.performance.equals(other.performance)
    assert one.split == other.split
    assert (one.data_sha256, one.everybody.risk.tolist()) == (
        other.data_sha256, other.everybody.risk.tolist()
    )  # fmt: skip


@pytest.mark.parametrize(("value", "message"), [("high", "numbers in x1"), (np.inf, "finite")])
def test_a_wrong_value_is_named_by_its_own_line(value, message, data, plan) -> None:
    changed = data.sample(frac=1, random_state=2).reset_index(drop=True).astype({"x1": object})
    changed.loc[changed.index % 10 == 3, "outcome"] = np.nan
    changed.loc[[60, 160], "x1"] = value
    with pytest.raises(PredictionError, match=message) as refusal:
        model_table(changed, plan)
    assert "line 62" in str(refusal.value)


def test_the_test_set_is_opened_last_and_not_after_a_refusal(data, plan) -> None:
    plan = replace(plan, learners=("logistic",))
    asked = []

    def refuse(look) -> None:
        asked.append((look.chosen, look.subjects))
        raise PredictionError(expected="a first look", found="a second")

    with pytest.raises(PredictionError, match="a first look"):
        develop_model(data, plan, opening=refuse)
    assert asked == [("logistic", 60)]
