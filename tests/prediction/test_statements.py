"""What people must state of data and images: read strictly, printed, "not stated" where it is left out."""

from __future__ import annotations

from dataclasses import fields, replace
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

import pytest

from trialkit.documents.html import render_html
from trialkit.errors import PredictionError
from trialkit.prediction import read_prediction_plan
from trialkit.prediction.calculator.card_rows import card_rows, equation
from trialkit.prediction.card_page import card_page
from trialkit.prediction.developed import Development
from trialkit.prediction.environment import environment_sha256, environment_text, used_software
from trialkit.prediction.files import write_numbers
from trialkit.prediction.finished import developed
from trialkit.prediction.naming import column_labels
from trialkit.prediction.plan import Comparator, PredictionPlan, Provenance
from trialkit.prediction.report import development_page
from trialkit.prediction.report_data import data_entry
from trialkit.prediction.tripod import tripod_rows

ROOT = Path(__file__).resolve().parents[2]
PLAN = ROOT / "sap" / "study_a_prediction.toml"
KEYS = [f.name for f in fields(Provenance)]
OF_DATA = KEYS[:4]


def rows_of_data(made: Development, **plan: object) -> dict[str, str]:
    made = replace(made, plan=replace(made.plan, **plan))
    (table, *_) = data_entry(made, "2").blocks
    return {row.label: row.cells[0].text for row in table.rows}


def imaging(plan: PredictionPlan) -> PredictionPlan:
    return replace(plan, features=(replace(plan.features[0], group="imaging"), *plan.features[1:]))


@pytest.mark.parametrize("key", KEYS)
def test_each_statement_is_printed_or_called_not_stated(
    key: str, forest: Development, tmp_path: Path
) -> None:
    of_images = imaging(forest.plan).features
    told = rows_of_data(forest, features=of_images, provenance=Provenance(**{key: "As told here"}))
    assert list(told.values()).count("As told here") == 1
    silent = rows_of_data(forest, features=of_images)
    assert sum(value.startswith("not stated") for value in silent.values()) == len(KEYS)
    assert silent["Scanners and sites"] == "not stated; not harmonised"
    section = "data" if key in OF_DATA else "imaging"
    text = PLAN.read_text(encoding="utf-8")
    head = text.index("[data]")
    without = text[:head] + text[text.index("[comparators") :]
    path = tmp_path / "plan.toml"
    path.write_text(without.replace("[preparation]", f'[{section}]\n{key} = "As told here"\n[preparation]'))
    assert getattr(read_prediction_plan(path).provenance, key) == "As told here"


def test_without_images_nothing_is_asked_of_them(forest: Development) -> None:
    assert not forest.plan.of_images
    assert "Readers" not in rows_of_data(forest)
    assert "Dates" in rows_of_data(forest)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[imaging]\n", '[imaging]\nreader = "one"\n', "reader"),
        ("[data]\n", '[data]\nacquisition = "3 T"\n', "acquisition"),
        ('"goutallier"]', '"goutalier"]', "Did you mean 'goutallier'"),
        ("[beside.goutallier]", "[beside.odi]", "no candidates"),
        ('features = ["mri_l4_multifidus_fat_percent"]', "features = []", "at least one feature"),
        (
            'label = "Fat fraction of multifidus at L4 alone"',
            'label = "Fat fraction of multifidus and erector spinae at L4, Goutallier grade"',
            "different labels",
        ),
        ('levels = ["2", "3", "4"]', 'levels = ["2"]', "at least two levels"),
    ],
)
def test_a_slip_in_a_statement_is_refused(old: str, new: str, message: str, tmp_path: Path) -> None:
    text = PLAN.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "plan.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(PredictionError, match=message):
        read_prediction_plan(path)


def test_study_a_is_held_beside_what_the_protocol_names() -> None:
    plan = read_prediction_plan(PLAN)
    assert [len(c.features) for c in plan.plainer] == [4, 3, 1]
    assert plan.plainer[0].label == "Age, sex, ODI at baseline, pain (VAS) at baseline alone"
    assert "goutallier" not in plan.names
    assert plan.provenance.acquisition and not plan.provenance.blinding


def test_the_list_of_items_has_slots_for_what_nobody_stated(forest: Development) -> None:
    items = dict(tripod_rows(forest))
    assert "page ____" in items["5a Data: source"] and "page ____" in items["5b Data: dates"]
    dated = replace(forest, plan=replace(forest.plan, provenance=Provenance(dates="March to May 2026")))
    assert dict(tripod_rows(dated))["5b Data: dates"] == "March to May 2026"
    gaps = items["11 Missing data"]
    for words in ("median of a number, commonest level", "more than 20 % missing stops", "no answer"):
        assert words in gaps
    assert "none missing" in gaps


def test_events_a_parameter_stand_with_the_sample_size(forest: Development) -> None:
    rarer = min(forest.events, forest.known - forest.events)
    text = render_html(development_page(forest))
    assert "People with the rarer outcome a candidate parameter" in text
    assert f">{rarer / 7:.1f}<" in text


def test_the_environment_is_locked(forest: Development, tmp_path: Path) -> None:
    lines = environment_text().splitlines()
    assert lines[0].startswith("# Python 3.")
    for name in ("numpy", "scikit-learn", "pandas"):
        assert f"{name}=={version(name)}" in lines
    assert lines[1:] == sorted(lines[1:])
    write_numbers(tmp_path, forest)
    assert (tmp_path / "environment.txt").read_text(encoding="utf-8") == environment_text()
    assert f"environment.txt, SHA-256 {environment_sha256()}" in render_html(card_page(forest))
    report = render_html(development_page(forest))
    assert environment_sha256()[:12] in report
    for text in (report, render_html(card_page(forest))):
        for name in ("numpy", "scipy", "scikit-learn", "shap", "lime"):
            assert name in text and version(name) in text
    assert "xgboost" not in used_software(forest.plan)
    both = used_software(replace(forest.plan, learners=("logistic", "xgboost", "lightgbm")))
    versions = [import_module(name).__version__ for name in ("xgboost", "lightgbm")]
    assert [both["xgboost"], both["lightgbm"]] == versions


def test_the_card_defines_its_inputs_and_shows_what_moves_it(data, plan: PredictionPlan) -> None:
    first = replace(
        plan.features[0], unit="years", unit_zh="岁", label_zh="年龄", definition="IBSI 1GSF, of the map",
        definition_zh="IBSI 1GSF，取自图", tag="stat_mean",
    )  # fmt: skip
    made = developed(data, replace(plan, learners=("logistic",), features=(first, *plan.features[1:])))
    english, chinese = (dict(card_rows(made.model, made.card, language)) for language in ("en", "zh"))
    low, high = (f"{data['x0'].agg(end):.5g}" for end in ("min", "max"))
    assert english["Input: X 0"] == f"{low} to {high} years; IBSI 1GSF, of the map; stat_mean; [x0]"
    assert chinese["输入：年龄"] == f"{low} 至 {high} 岁; IBSI 1GSF，取自图; stat_mean; [x0]"
    assert "no answer" in english["Gaps"]
    assert {"PPV", "NPV", "F1", "ICI", "Observed / expected"} <= set(english)
    assert english["Seed"] == chinese["随机种子"] == "5"
    assert "[X 0, years]" in english["Equation"] and "log-odds" in english["Equation"]
    assert "[年龄, 岁]" in chinese["方程"] and chinese["方程"].startswith("对数优势")
    assert "（经乐观校正）" in chinese["AUC"] and " to " not in chinese["AUC"]
    text = render_html(card_page(made))
    assert "What moves its answers, in log-odds: no cause" in text
    assert 'id="figure-2"' in text
    assert equation(made.model) == english["Equation"]


def test_columns_are_named_in_chinese_where_the_plan_does() -> None:
    plan = read_prediction_plan(PLAN)
    labels = column_labels(plan, "zh")
    assert labels["age_years"] == "年龄"
    assert labels["sex=Male"] == "性别：男"
    assert labels["arm"] == "治疗：运动联合 NSAIDs"
    assert column_labels(plan)["arm"] == "Treatment: Exercise and NSAIDs"


@pytest.mark.parametrize(
    "path",
    [PLAN, PLAN.with_name("study_a_recurrence.toml"), ROOT / "examples" / "cohort" / "prediction.toml"],
    ids=lambda path: path.stem,
)
def test_every_plan_of_ours_is_whole_in_chinese(path: Path) -> None:
    """Titles, labels, definitions, and units that are words."""
    plan = read_prediction_plan(path)
    for english, chinese in (
        (plan.title, plan.title_zh), (plan.population, plan.population_zh),
        (plan.intended_use, plan.intended_use_zh), (plan.outcome.label, plan.outcome.label_zh),
    ):  # fmt: skip
        assert bool(english) == bool(chinese)
    for feature in (*plan.features, *plan.beside):
        assert feature.label_zh, feature.name
        assert feature.definition or path.parent.name == "cohort", feature.name
        assert bool(feature.definition) == bool(feature.definition_zh), feature.name
        assert bool(feature.unit_zh) == (feature.unit == "years" or " " in feature.unit), feature.unit
    assert all(isinstance(c, Comparator) and c.label_zh for c in plan.plainer)


def test_no_word_of_the_calculator_calls_a_good_outcome_a_risk() -> None:
    words = (ROOT / "trialkit/prediction/calculator/words.json").read_text(encoding="utf-8")
    assert "风险" not in words
