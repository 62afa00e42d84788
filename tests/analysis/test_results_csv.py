"""One number a row, and two files of them compared."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from trialkit.analysis import compare_results
from trialkit.analysis.difference import Difference
from trialkit.analysis.errors import AnalysisError
from trialkit.analysis.results import AnalysisResult, Provenance, Results
from trialkit.analysis.results_csv import COLUMNS, results_csv_text

HEAD = ",".join(COLUMNS)


def results(estimate: float) -> Results:
    row = {
        "contrast": "a - b",
        "visit": "Month 1",
        "estimate": estimate,
        "p_value": None,
        "n": None,
        "of": "",
    }
    table = pd.DataFrame([row])
    one = AnalysisResult("P1", "ancova", "primary", "T", "M", "Full", pd.DataFrame(), {"contrasts": table})
    two = AnalysisResult("P2", "ancova", "primary", "T", "", "Full", pd.DataFrame(), {}, failure="no data")
    return Results(Provenance("A", "1", "x", "A", "1", "y", "z", "locked", {}), {}, (one, two))


@pytest.mark.analytic
def test_every_number_is_a_row_and_a_missing_one_says_so():
    lines = results_csv_text(results(0.1 + 0.2)).splitlines()
    assert lines[0] == HEAD
    assert "P1,contrasts,0,a - b,Month 1,estimate,0.30000000000000004," in lines
    assert "P1,contrasts,0,a - b,Month 1,p_value,,not estimated" in lines
    assert "P1,contrasts,0,a - b,Month 1,n,,no value" in lines
    assert "P1,contrasts,0,a - b,Month 1,of,," in lines
    assert lines[-1] == "P2,,,,,failure,,no data"


def why_missing(table: pd.DataFrame, name: str = "t") -> dict[tuple[str, str], str]:
    """(row, statistic) -> the warning, of a table as the only one of a run."""
    made = results(1.0)
    one = replace(made.analyses[0], tables={name: table})
    lines = csv.DictReader(io.StringIO(results_csv_text(replace(made, analyses=(one,)))))
    return {(line["row"], line["statistic"]): line["warning"] for line in lines if line["warning"]}


@pytest.mark.analytic
def test_what_a_row_cannot_have_does_not_apply_and_what_it_lacks_does():
    rows = [
        {"variable": "age", "level": "", "n": 5, "mean": 60.0, "count": None},
        {"variable": "odi", "level": "", "n": 0, "mean": None, "count": None},
        {"variable": "sex", "level": "female", "n": 5, "mean": None, "count": 3},
    ]
    assert why_missing(pd.DataFrame(rows)) == {
        ("0", "count"): "does not apply",
        ("1", "count"): "does not apply",
        ("1", "mean"): "no value",  # a measurement of nobody
        ("2", "mean"): "does not apply",
    }


@pytest.mark.analytic
def test_an_estimate_beside_a_reason_is_not_estimated_and_a_test_without_a_statistic_has_none():
    rows = [
        {"contrast": "a - b", "reason": "", "estimate": 1.0},
        {"contrast": "a - c", "reason": "no events", "estimate": None},
    ]
    assert why_missing(pd.DataFrame(rows)) == {("1", "estimate"): "not estimated"}
    tests = [
        {"test": "t", "statistic": 2.0, "p_value": 0.05},
        {"test": "fisher", "statistic": None, "p_value": 0.1},
    ]
    assert why_missing(pd.DataFrame(tests)) == {("1", "statistic"): "does not apply"}
    assert why_missing(pd.DataFrame([{"mcid": None}]), "scales") == {("0", "mcid"): "not stated"}


def written(folder: Path, name: str, estimate: float) -> Path:
    path = folder / name
    path.write_text(results_csv_text(results(estimate)), encoding="utf-8")
    return path


@pytest.mark.parametrize(("tolerance", "differ"), [(0.0, 1), (1e-4, 0), (1e-7, 1)])
def test_two_files_are_compared_number_by_number(tmp_path: Path, tolerance: float, differ: int):
    first, second = written(tmp_path, "a.csv", 2.0), written(tmp_path, "b.csv", 2.0001)
    _, found = compare_results(first, second, tolerance)
    assert len(found) == differ
    if found:
        assert found[0].by == pytest.approx(1e-4)
        assert "P1/contrasts/0/a - b/Month 1/estimate" in str(found[0])


def test_a_row_that_only_one_file_has_is_told(tmp_path: Path):
    first, second = written(tmp_path, "a.csv", 2.0), written(tmp_path, "b.csv", 2.0)
    second.write_text(second.read_text().replace("P2,,,,,failure,,no data\n", ""), encoding="utf-8")
    _, found = compare_results(first, second)
    assert [one.second for one in found] == [None]


@pytest.mark.parametrize("text", ["a,b\n1,2\n", "", HEAD + "\n1,2\n"])
def test_another_file_is_refused(tmp_path: Path, text: str):
    path = tmp_path / "other.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(AnalysisError):
        compare_results(path, path)


def few(folder: Path, *lines: str) -> Path:
    path = folder / "mine.csv"
    path.write_text("\n".join([HEAD, *lines, ""]), encoding="utf-8")
    return path


def test_a_second_programmer_s_few_results_are_compared_alone(tmp_path: Path):
    first = written(tmp_path, "a.csv", 2.0)
    mine = few(tmp_path, "P1,contrasts,,a - b,Month 1,estimate,2.5,", "P2,,,,,failure,,no data")
    assert compare_results(first, mine, subset=True) == (
        2,
        [Difference("P1/contrasts/0/a - b/Month 1/estimate", "2.0", "2.5")],
    )
    assert len(compare_results(first, mine)[1]) > 2
    mine = few(tmp_path, "P1,contrasts,,a - b,Month 2,estimate,2.0,")  # there is none: never passed over
    _, found = compare_results(first, mine, subset=True)
    assert [one.first for one in found] == [None]


def test_a_result_twice_or_one_that_may_be_several_is_refused(tmp_path: Path):
    lines = [f"P1,contrasts,{row},a - b,Month 1,estimate,{value}," for row, value in ((0, 1), (1, 2))]
    (tmp_path / "a.csv").write_text("\n".join([HEAD, *lines, ""]), encoding="utf-8")
    with pytest.raises(AnalysisError, match="a row, as 0, 1"):
        compare_results(
            tmp_path / "a.csv", few(tmp_path, "P1,contrasts,,a - b,Month 1,estimate,1,"), subset=True
        )
    with pytest.raises(AnalysisError, match="every result once"):
        compare_results(tmp_path / "a.csv", few(tmp_path, lines[0], lines[0]))


def test_the_command_compares_a_few_and_says_how_many(tmp_path: Path):
    from click.testing import CliRunner

    from trialkit.cli.sap import diff

    first = written(tmp_path, "a.csv", 2.0)
    mine = few(tmp_path, "P1,contrasts,,a - b,Month 1,estimate,2.0000001,")
    said = CliRunner().invoke(diff, [str(first), str(mine), "--subset", "--tolerance", "1e-6"])
    assert (said.exit_code, said.output) == (0, "1 results compared, 0 differ.\n")
    assert CliRunner().invoke(diff, [str(first), str(mine), "--subset"]).exit_code == 1
