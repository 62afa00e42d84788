"""The calculator in a real browser: the Python model's risk, for every kind of model."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import numpy as np
import pytest

from trialkit.prediction.calculator import calculator_page
from trialkit.prediction.calculator.card_rows import card_rows, equation
from trialkit.prediction.learners import fit_learner
from trialkit.prediction.model_file import apply_model
from trialkit.prediction.plan import LEARNERS

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
OPTIONS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="module")
def page() -> Iterator[Any]:
    if CHROMIUM is None:
        if os.environ.get("CI"):
            pytest.fail("CI installs Chromium; none was found")
        pytest.skip("no Chromium here: apt install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(OPTIONS))
        yield browser.new_page()
        browser.close()


def document(name: str) -> dict[str, Any]:
    """A frozen model of two numbers, a category, and the category's product with a number."""
    random = np.random.default_rng(8)
    x = random.normal(size=(150, 4))
    y = (random.random(150) < 1 / (1 + np.exp(-x[:, 0] - x[:, 3]))).astype(float)
    learner = fit_learner(name, x, y, np.ones(150), {"trees": 20, "rounds": 20} if name != "mlp" else {}, 3)
    feature = {
        "label_zh": "",
        "definition": "",
        "tag": "",
        "level_labels": [],
        "levels": [],
        "lower": None,
        "upper": None,
        "typical": 0.0,
        "alternative_unit": "",
        "alternative_factor": 1.0,
        "unit": "",
    }
    return {
        "id": "t", "title": "T", "version": "1", "learner": name, "sha256": "0",
        "outcome": {"label": "Response", "label_zh": "有效", "better": True, "horizon_days": None},
        "features": [
            feature | {"name": "age", "key": "age", "label": "Age </script>", "lower": 60.0, "upper": 85.0}
            | {"typical": 70.0, "unit": "years", "alternative_unit": "months", "alternative_factor": 12.0},
            feature | {"name": "odi", "key": "odi", "label": "ODI", "lower": 20.0, "upper": 60.0},
            feature | {"name": "sex", "key": "sex", "label": "Sex", "levels": ["f", "m"],
                       "level_labels": ["Female", "Male"]},
        ],
        "columns": [
            {"name": "age", "terms": [{"feature": "age", "level": None}], "mean": 70.0, "scale": 6.0},
            {"name": "odi", "terms": [{"feature": "odi", "level": None}], "mean": 40.0, "scale": 9.0},
            {"name": "sex=m", "terms": [{"feature": "sex", "level": 1}], "mean": 0.5, "scale": 0.5},
            {"name": "m x age", "terms": [{"feature": "sex", "level": 1}, {"feature": "age", "level": None}],
             "mean": 35.0, "scale": 30.0},
        ],
        "model": learner.frozen(), "threshold": 0.4,
        "spread": {"at": [0.2, 0.5, 0.8], "lower": [-0.5, -0.4, -0.5], "upper": [0.5, 0.4, 0.6]},
    }  # fmt: skip


def card() -> dict[str, Any]:
    shown = {
        name: [0.7, 0.6, 0.8]
        for name in (
            "auc",
            "brier",
            "sensitivity",
            "specificity",
            "calibration_intercept",
            "calibration_slope",
        )
    }
    return {
        "title": "T", "intended_use": "", "population": "", "outcome": "Response", "n": 150, "events": 70,
        "learner": "L", "chosen_by": "area", "performance": shown, "validation": "not done",
        "contradictions": [], "licence": "", "contact": "",
    }  # fmt: skip


@pytest.mark.independent_reimplementation
@pytest.mark.parametrize("name", LEARNERS)
def test_the_page_gives_the_risk_that_python_gives(name: str, page: Any, tmp_path: Any) -> None:
    import pandas as pd

    model = document(name)
    path = tmp_path / "calculator.html"
    path.write_text(calculator_page(model, card()), encoding="utf-8")
    errors: list[str] = []
    requests: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("request", lambda request: requests.append(request.url))
    page.goto(path.as_uri())
    random = np.random.default_rng(3)
    people = pd.DataFrame({
        "subject_id": [str(i) for i in range(1000)],
        "age": random.uniform(60, 85, 1000), "odi": random.uniform(20, 60, 1000),
        "sex": random.choice(["f", "m"], 1000),
    })  # fmt: skip
    expected = apply_model(model, people)["probability"].to_numpy()
    given = page.evaluate(
        "people => people.map(p => window.trialkit.predict(p).probability)", people.to_dict("records")
    )
    assert np.abs(np.array(given) - expected).max() < 1e-9
    assert errors == []
    assert requests == [path.as_uri()]


def test_an_open_field_gives_no_answer_and_a_far_value_a_warning(page: Any, tmp_path: Any) -> None:
    path = tmp_path / "calculator.html"
    path.write_text(calculator_page(document("logistic"), card()), encoding="utf-8")
    page.goto(path.as_uri() + "#lang=en")
    page.fill("#f-age", "70")
    page.fill("#f-odi", "40")
    assert "Still open: Sex" in page.inner_text("#result")
    page.select_option("#f-sex", "m")
    assert "of 100 people" in page.inner_text("#result")
    page.fill("#f-odi", "99")
    assert "Outside the range" in page.inner_text("#result")
    page.fill("#f-odi", "45")
    page.click("button.unit")
    assert page.input_value("#f-age") == "840"
    page.click("[data-language=zh]")
    assert page.evaluate("document.documentElement.lang") == "zh-CN"
    before = page.inner_text("#result")
    page.reload()
    assert page.inner_text("#result") == before


def test_the_page_reads_tables_as_spreadsheets_save_them_and_names_an_absent_column(
    page: Any, tmp_path: Any
) -> None:
    path, model = tmp_path / "calculator.html", document("logistic")
    path.write_text(calculator_page(model, card()), encoding="utf-8")
    names = [f["name"] for f in model["features"]]
    person = [
        f["levels"][1] if f["levels"] else f"{f['lower'] + 0.5}".replace(".", ",") for f in model["features"]
    ]
    answers = []
    for comma, values in ((";", person), ("\t", person), (",", [v.replace(",", ".") for v in person])):
        file = tmp_path / "people.csv"
        file.write_text(comma.join(["subject_id", *names]) + "\n" + comma.join(["007", *values]) + "\n")
        page.goto(f"file://{path}?{comma}")
        page.set_input_files("#batch", file)
        page.wait_for_selector("#batch-result", state="visible")
        with page.expect_download() as saved:
            page.click("#batch-result")
        answers.append(saved.value.path().read_text())
    assert len(set(answers)) == 1
    subject, risk, note = answers[0].splitlines()[1].split(",")
    assert (subject, note) == ("007", "")
    assert 0 < float(risk) < 1
    file = tmp_path / "other.csv"
    file.write_text(f"subject_id;{names[0]}\n007;1\n")
    page.set_input_files("#batch", file)
    page.wait_for_selector("#batch-result", state="hidden")
    assert names[1] in page.inner_text("#batch-count")


@pytest.mark.analytic
def test_the_worth_of_the_threshold_follows_how_common_the_outcome_is(page: Any, tmp_path: Any) -> None:
    """Bayes by hand: 0.75 and 0.6 where 10 % have it: PPV 0.075 / (0.075 + 0.36) = 17 %, NPV 96 %."""
    path, model = tmp_path / "calculator.html", document("logistic")
    told = card()
    told["performance"].update(sensitivity=[0.75, 0.7, 0.8], specificity=[0.6, 0.5, 0.7])
    found = set()
    for threshold in (0.0, 1.0):
        path.write_text(calculator_page({**model, "threshold": threshold}, told), encoding="utf-8")
        page.goto(f"file://{path}")
        for f in model["features"]:
            if f["levels"]:
                page.select_option(f"#f-{f['name']}", f["levels"][1])
            else:
                page.fill(f"#f-{f['name']}", "0.5")
        page.fill("#prevalence", "10")
        found.add(page.inner_text("#predictive").split(", ")[1].split(" of ")[0])
        page.fill("#prevalence", "120")
        assert "between 0 and 100" in page.inner_text("#predictive")
    assert found == {"17 %", "96 %"}


@pytest.mark.parametrize("name", LEARNERS)
def test_the_file_of_a_model_keeps_to_its_schema(name: str) -> None:
    jsonschema_rs = pytest.importorskip("jsonschema_rs")
    schema = json.loads((files("trialkit.prediction") / "model.schema.json").read_text(encoding="utf-8"))
    validator = jsonschema_rs.validator_for(schema)
    whole = document(name) | {
        "format": "trialkit-model-1",
        "training": {"n": 150, "events": 70, "data_sha256": ""},
        "plan_sha256": "",
        "software": {"trialkit": "0"},
        "sha256": "0" * 64,
    }
    validator.validate(whole)
    assert not validator.is_valid({**whole, "threshold": 1.5})
    assert not validator.is_valid({**whole, "model": {"kind": "pickle"}})


def test_every_word_of_the_page_stands_in_both_languages() -> None:
    from importlib.resources import files

    words = json.loads((files("trialkit.prediction.calculator") / "words.json").read_text(encoding="utf-8"))
    assert set(words["en"]) == set(words["zh"])


def test_the_card_says_the_same_in_both_languages() -> None:
    english, chinese = (card_rows(document("logistic"), card(), language) for language in ("en", "zh"))
    assert len(english) == len(chinese)
    assert all(any(c > "\u2e7f" for c in name) or name == "AUC" for name, _ in chinese)
    assert ("AUC", "0.70 (0.60 to 0.80), corrected") in english
    assert not any(name == "ICI" and "corrected" in value for name, value in english)  # its folds' own
    assert any("0.70（0.60 至 0.80）" in value for _, value in chinese)


@pytest.mark.analytic
def test_the_printed_equation_gives_the_risk() -> None:
    model = document("logistic")
    model["columns"], model["model"]["coefficients"] = model["columns"][:1], [1.2]
    model["model"]["intercept"] = -0.5
    # log-odds = -0.5 + 1.2 (age - 70) / 6 = -14.5 + 0.2 age
    assert equation(model) == "log-odds = -14.5 +0.2 × [age, years]"


@pytest.mark.external_reference
def test_the_nomogram_gives_the_points_of_rms(page: Any, tmp_path: Any) -> None:
    from pathlib import Path

    import pandas as pd

    folder = Path(__file__).resolve().parents[1] / "reference" / "prediction"
    read = pd.read_csv(folder / "nomogram_output.csv")
    expected = dict(zip(read["quantity"], read["value"], strict=True))
    model, names = document("logistic"), ("x1", "x2", "x3")
    ranges = {"x1": (-2.0, 2.0), "x2": (-2.0, 2.0), "x3": (-1.0, 1.0)}
    blank = model["features"][1]
    model["features"] = [
        blank | {"name": x, "key": x, "label": x, "lower": ranges[x][0], "upper": ranges[x][1]} for x in names
    ]
    mean, scale = 0.3, 1.7  # undone by the page: points are of the features' own units
    model["columns"] = [
        {"name": x, "terms": [{"feature": x, "level": None}], "mean": mean, "scale": scale} for x in names
    ]
    slopes = [expected[f"coefficient {x}"] for x in names]
    model["model"] = {
        "kind": "logistic",
        "intercept": expected["coefficient Intercept"] + mean * sum(slopes),
        "coefficients": [b * scale for b in slopes],
    }
    path = tmp_path / "calculator.html"
    path.write_text(calculator_page(model, card()), encoding="utf-8")
    page.goto(path.as_uri())
    for quantity, value in expected.items():
        if quantity.startswith("points "):
            _, name, at = quantity.split()
            inputs = dict.fromkeys(names, 0.0) | {name: float(at)}
            given = page.evaluate("x => window.trialkit.points(x)", inputs)
            assert given["by"][name] == pytest.approx(value, abs=1e-9)
            risk = page.evaluate("x => window.trialkit.predict(x).probability", inputs)
            assert given["probability"] == pytest.approx(risk, abs=1e-12)
    for name in names:
        page.fill(f"#f-{name}", "1")
    assert "75.0" in page.inner_text("#points")


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    ("name", "colours"), [("logistic", "light"), ("lightgbm", "light"), ("logistic", "dark")]
)
def test_axe_finds_nothing(name: str, colours: str, language: str, page: Any, tmp_path: Any) -> None:
    """WCAG 2.0 to 2.2, A and AA: empty, answered, and with a value outside the range."""
    from pathlib import Path

    axe = pytest.importorskip("axe_playwright_python", reason="axe-core comes with the test tools")
    script = (Path(axe.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
    path = tmp_path / "calculator.html"
    path.write_text(calculator_page(document(name), card()), encoding="utf-8")
    page.emulate_media(color_scheme=colours)
    page.goto(path.as_uri() + f"#lang={language}")
    page.reload()
    page.evaluate(script)
    for age in ("", "70", "99"):
        if age:
            page.fill("#f-age", age)
            page.fill("#f-odi", "40")
            page.select_option("#f-sex", "m")
        found = page.evaluate(
            """async () => (await axe.run(document, {runOnly: {type: "tag", values:
            ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}})).violations.map(
            v => v.id + ": " + v.nodes.map(n => n.html).slice(0, 3).join(" "))"""
        )
        assert found == [], age


def test_a_model_of_simulated_people_says_so_and_no_other() -> None:
    model = document("logistic")
    assert 'data-word="simulated"' in calculator_page(model, card() | {"simulated": True})
    assert 'data-word="simulated"' not in calculator_page(model, card())


def test_a_field_says_its_range_in_five_digits_that_lie_inside_and_what_a_radiomic_feature_is(
    page: Any, tmp_path: Any
) -> None:
    model = document("logistic")
    feature = next(f for f in model["features"] if not f["levels"])
    feature |= {"lower": 0.264702368589, "upper": 0.368991553016, "tag": "cm_inv_var_2D_comb"}
    feature |= {"definition": "IBSI E8JP"}
    path = tmp_path / "calculator.html"
    path.write_text(calculator_page(model, card()), encoding="utf-8")
    page.goto(path.as_uri())
    hint = page.inner_text(f"#h-{feature['name']}")
    assert "0.26471 – 0.36899" in hint
    assert "IBSI E8JP (cm_inv_var_2D_comb)" in hint
