"""Scripts outside the project call these, by these names, with these columns: what may not be renamed."""

from __future__ import annotations

import importlib
import inspect
import subprocess
import sys
from typing import Any, get_args

import numpy as np
import pandas as pd
import pytest

INFERENCE = ("estimate", "standard_error", "df", "statistic", "p_value", "ci_lower", "ci_upper")
RATIO = tuple("log_standard_error" if name == "standard_error" else name for name in INFERENCE)
CONTRAST = ("contrast", *INFERENCE, "null_value", "alternative")

# Each call as a script writes it: positional arguments, then keywords.
CALLS: dict[str, tuple[tuple[Any, ...], dict[str, Any]]] = {
    "ancova": (
        ("chg ~ arm", None),
        {"treatment": "arm", "reference": "control", "confidence_level": 0.95, "errors": "ols"},
    ),
    "mmrm": (
        ("fev1 ~ arm * visit", None),
        {
            "subject": "id",
            "visit": "visit",
            "covariance": "us",
            "group": None,
            "method": "reml",
            "df_method": "kenward-roger-linear",
        },
    ),
    "lmm": (
        ("y ~ x", None),
        {"random": "1 + days | subject", "method": "reml", "df_method": "satterthwaite"},
    ),
    "logistic": (("y ~ x", None), {"penalty": None, "intervals": "wald"}),
    "mixed_logistic": (("y ~ x", None), {"random": "1 | site", "quadrature_points": 1}),
    "ordinal": (("satisfaction ~ arm", None), {}),
    "cox": (
        ("arm + age", None),
        {
            "time": "t",
            "event": "d",
            "entry": None,
            "strata": None,
            "cluster": None,
            "robust": False,
            "reference": None,
            "ties": "efron",
        },
    ),
    "kaplan_meier": (
        (None,),
        {"time": "t", "event": "d", "by": "arm", "entry": None, "confidence": "log-log"},
    ),
    "log_rank": ((None,), {"time": "t", "event": "d", "by": "arm", "strata": None, "entry": None}),
    "restricted_mean": (
        (None,),
        {"time": "t", "event": "d", "by": "arm", "tau": 365, "reference": None},
    ),
    "cumulative_incidence": ((None,), {"time": "t", "event_type": "cause", "by": "arm"}),
    "mean_cumulative_count": (
        (None,),
        {"id": "id", "start": "a", "stop": "b", "event": "d", "by": "arm"},
    ),
    "roc": ((None,), {"outcome": "y", "score": "x", "positive": 1, "direction": "higher"}),
    "icc": ((None,), {"target": "scan", "reader": "reader", "value": "fi"}),
    "compare_groups": ((None,), {"by": "arm", "variables": ["age"], "tests": "none"}),
    "compare_summaries": (([],), {}),
    "impute": ((None, ["y"]), {"method": "mar", "by": "arm", "n": 200, "seed": 1}),
    "impute_reference_based": (
        (None,),
        {
            "subject": "id",
            "visit": "visit",
            "outcome": "y",
            "arm": "arm",
            "reference": "control",
            "covariates": ["base"],
            "strategy": "j2r",
            "ice": {},
            "n": 200,
            "seed": 1,
            "method": "conditional-mean",
            "delta": None,
        },
    ),
    "pool": (([],), {"df": "barnard-rubin"}),
}
# Data, names of columns and what a script always says have no default to keep.
SAID_EACH_TIME = {
    *("treatment", "reference", "subject", "visit", "random", "time", "event", "by", "tau", "event_type"),
    *("id", "start", "stop", "outcome", "score", "target", "reader", "value", "variables", "arm"),
    *("covariates", "ice", "seed"),
}


@pytest.fixture(scope="module")
def trial() -> pd.DataFrame:
    rng = np.random.default_rng(314)
    count = 80
    data = pd.DataFrame(
        {
            "arm": ["control", "exercise"] * (count // 2),
            "sex": ["female", "female", "male", "male"] * (count // 4),
            "site": rng.choice(["A", "B", "C"], count),
            "base": rng.normal(40, 8, count),
            "t": rng.integers(100, 400, count),
            "d": rng.integers(0, 2, count),
            "y": rng.integers(0, 2, count),
        }
    )
    data["chg"] = -0.3 * data["base"] - 4 * (data["arm"] == "exercise") + rng.normal(0, 5, count)
    return data


@pytest.mark.parametrize("name", CALLS)
def test_a_statistical_call_takes_its_arguments_by_their_names_and_keeps_its_defaults(name: str) -> None:
    arguments, keywords = CALLS[name]
    signature = inspect.signature(getattr(importlib.import_module("trialkit.stats"), name))
    signature.bind(*arguments, **keywords)
    for key in keywords.keys() - SAID_EACH_TIME:
        assert signature.parameters[key].default == keywords[key], key


def _permitted(call: Any, argument: str) -> set[Any]:
    annotation = inspect.signature(call, eval_str=False).parameters[argument].annotation
    alone = annotation.split(" | ")[0]  # one of the names; some arguments take a list of them too
    named = getattr(sys.modules[call.__module__], alone, None)
    return set(get_args(named)) if named is not None else set()


def test_the_covariances_and_degrees_of_freedom_of_repeated_measures_are_all_there() -> None:
    from trialkit.stats import mmrm

    structures = {"us", "cs", "csh", "ar1", "ar1h", "toep", "toeph", "ad", "adh"}
    assert _permitted(mmrm, "covariance") == structures
    assert _permitted(mmrm, "df_method") == {
        "kenward-roger-linear",
        "kenward-roger",
        "satterthwaite",
        "residual",
        "between-within",
    }


def test_a_model_has_the_tables_a_script_reads(trial: pd.DataFrame) -> None:
    from trialkit.stats import ancova

    holed = trial.assign(chg=trial["chg"].where(trial.index != 3))
    fit = ancova("chg ~ arm + base + sex + site", holed, treatment="arm", reference="control")
    assert tuple(fit.coefficients.columns) == ("term", *INFERENCE)
    assert tuple(fit.terms.columns) == ("term", "df_num", "df_den", "statistic", "distribution", "p_value")
    assert tuple(fit.ls_means("arm", by="sex").columns) == ("arm", "sex", *INFERENCE)
    contrasts = fit.contrasts("arm", by=None, reference=None, null_value=0, alternative="less")
    assert tuple(contrasts.columns) == CONTRAST
    assert list(contrasts["contrast"]) == ["exercise - control"]
    assert list(fit.contrasts("arm", by="sex").columns) == ["contrast", "sex", *CONTRAST[1:]]
    assert (fit.rows.read, fit.rows.used, fit.rows.excluded) == (80, 79, 1)
    assert len(fit.coefficient_covariance) == len(fit.coefficients)
    assert np.isfinite(fit.log_likelihood)


def test_a_one_sided_test_leaves_the_interval_as_it_is(trial: pd.DataFrame) -> None:
    from trialkit.stats import ancova

    fit = ancova("chg ~ arm + base", trial, treatment="arm", reference="control")
    both, less = fit.contrasts("arm"), fit.contrasts("arm", alternative="less")
    assert both[["ci_lower", "ci_upper"]].equals(less[["ci_lower", "ci_upper"]])
    assert less["p_value"][0] == pytest.approx(both["p_value"][0] / 2)


def test_ratios_are_on_the_ratio_scale_and_their_errors_on_the_log_scale(trial: pd.DataFrame) -> None:
    from trialkit.stats import cox, logistic

    model = cox("arm + base", trial, time="t", event="d")
    for table in (logistic("y ~ arm + base", trial).odds_ratios, model.hazard_ratios):
        assert tuple(table.columns) == ("term", *RATIO)
        assert (table["estimate"] > 0).all()
        assert np.isinf(table["df"]).all()
    assert list(model.proportional_hazards["term"]) == ["arm", "base", "GLOBAL"]


def test_times_to_an_event_have_the_columns_a_script_reads(trial: pd.DataFrame) -> None:
    from trialkit.stats import kaplan_meier, log_rank, restricted_mean

    curves = kaplan_meier(trial, time="t", event="d", by="arm")
    assert list(curves.medians.columns) == ["arm", "n", "events", "estimate", "ci_lower", "ci_upper"]
    at = {"time", "n_at_risk", "n_events", "survival", "risk", "ci_lower", "ci_upper"}
    points = curves.at([90, 1000])
    assert at <= set(points.columns)
    assert points.loc[points["time"] == 1000, "survival"].isna().all()
    test = log_rank(trial, time="t", event="d", by="arm")
    assert {"observed", "expected"} <= set(test.table.columns)
    assert (test.df, 0 <= test.p_value <= 1, test.statistic >= 0) == (1, True, True)
    means = restricted_mean(trial, time="t", event="d", by="arm", tau=200)
    assert len(means.means) == 2
    assert tuple(means.contrasts.columns) == CONTRAST


def test_agreement_and_discrimination_have_the_names_a_script_reads(trial: pd.DataFrame) -> None:
    from trialkit.stats import icc, roc

    readings = pd.DataFrame(
        {"scan": [1, 1, 2, 2, 3, 3, 4, 4], "reader": ["x", "y"] * 4, "fi": [1.0, 2, 3, 3, 5, 6, 7, 9]}
    )
    table = icc(readings, target="scan", reader="reader", value="fi").table
    assert list(table["form"]) == ["ICC1", "ICC2", "ICC3", "ICC1k", "ICC2k", "ICC3k"]
    columns = ["form", "estimate", "df_num", "df_den", "statistic", "p_value", "ci_lower", "ci_upper"]
    assert list(table.columns) == columns
    result = roc(trial, outcome="y", score="base")
    for name in ("auc", "standard_error", "ci_lower", "ci_upper", "cutoff", "sensitivity", "specificity"):
        assert np.isfinite(getattr(result, name)), name
    for name in ("ppv", "npv", "curve"):
        assert hasattr(result, name), name


def test_two_entries_are_compared_by_the_names_a_script_writes() -> None:
    from trialkit.entry import compare

    first = pd.DataFrame({"subject_id": ["A-1", "A-2"], "visit": ["b", "b"], "vas": ["12.3", "5"]})
    second = first.assign(vas=["12.30", "6"])
    report = compare(first, second, keys=["subject_id", "visit"], items=None, text="exact")
    columns = ["subject_id", "visit", "item", "first_value", "second_value", "kind"]
    assert list(report.discrepancies.columns) == columns
    assert report.discrepancies["kind"].tolist() == ["value"]
    assert {
        *("records_first", "records_second", "records_compared", "only_in_first", "only_in_second"),
        *("duplicate_keys_first", "duplicate_keys_second", "fields_compared", "fields_discordant"),
        *("records_discordant", "fields_compared_nonblank", "errors_per_10000", "ci_lower", "ci_upper"),
    } <= set(report.summary)


def test_a_schedule_is_made_by_the_names_a_script_writes() -> None:
    from trialkit.randomization import RandomizationDesign, generate_schedule

    design = RandomizationDesign(
        arms={"exercise": 1, "control": 1},
        factors={"site": ["A", "B"], "sex": ["female", "male"]},
        block_lengths=(4, 6),
        subjects_per_stratum=12,
    )
    schedule = generate_schedule(design, seed=1)
    columns = ["stratum", "site", "sex", "sequence_number", "block", "block_length", "arm"]
    assert list(schedule.slots.columns) == columns
    assert (schedule.slots.groupby("stratum").size() >= 12).all()
    assert schedule.digest == generate_schedule(design, seed=1).digest
    assert len(bytes.fromhex(schedule.digest)) == 32
    properties = design.properties()
    for name in ("correct_guess_probability", "deterministic_share"):
        assert hasattr(properties, name), name


@pytest.mark.parametrize("name", ["ConvergenceError", "RankDeficiencyError", "SeparationError"])
def test_what_a_fit_may_raise_comes_from_one_place(name: str) -> None:
    errors = importlib.import_module("trialkit.errors")
    assert issubclass(getattr(errors, name), errors.TrialkitError)


@pytest.mark.parametrize("words", [["--version"], ["compare", "--help"], ["demo", "--help"]])
def test_a_question_of_help_imports_no_statistics(words: list[str]) -> None:
    code = (
        "import sys; sys.argv = ['trialkit', *sys.argv[1:]]\n"
        "from trialkit.cli.root import main\n"
        "try: main()\n"
        "except SystemExit as end: assert not end.code, end.code\n"
        "print(sorted({'pandas', 'scipy', 'statsmodels', 'lifelines'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
