"""The page read back: every printed number is the one of the results it points at, rounded."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import lxml.html
import pandas as pd
import pytest

from trialkit.analysis.results import Results
from trialkit.report import TrialFacts, Truth, write_report
from trialkit.report.told import with_told

pytestmark = pytest.mark.independent_reimplementation

NUMBER = re.compile(r"[<>]?−?\d[\d,]*(?:\.\d+)?|∞|not reached|–")
AS_PERCENT = {"proportion", "risk"}


@pytest.fixture(scope="module")
def trial(trial: Results, truth: Truth, facts: TrialFacts) -> Results:
    """With what no entry computed, as ``results.csv`` has it."""
    return with_told(trial, facts, truth)


@pytest.fixture(scope="module")
def tree(
    trial: Results, truth: Truth, facts: TrialFacts, tmp_path_factory: pytest.TempPathFactory
) -> lxml.html.HtmlElement:
    path = write_report(trial, tmp_path_factory.mktemp("report"), truth=truth, facts=facts)
    return lxml.html.parse(str(path)).getroot()


def text_of(element: lxml.html.HtmlElement) -> str:
    for mark in element.xpath(".//sup"):
        mark.drop_tree()
    return " ".join(element.text_content().split())


def raw(trial: Results, reference: str) -> tuple[str, str, float]:
    analysis, table, row, column = reference.split("/")
    value = {**trial[analysis].tables, "counts": trial[analysis].counts}[table].iloc[int(row)][column]
    return table, column, float(value)


def scale_of(trial: Results, references: list[str]) -> float:
    """Proportions and risks are printed as percentages, together with their limits."""
    columns = {reference.split("/")[3] for reference in references}
    analysis, table, row, _ = references[0].split("/")
    line = trial[analysis].tables[table].iloc[int(row)]
    return 100.0 if columns & AS_PERCENT or line.get("measure") == "risk difference" else 1.0


def expected_values(trial: Results, references: list[str]) -> list[float]:
    scale = scale_of(trial, references)
    values = [raw(trial, reference) for reference in references]
    if [column for _, column, _ in values] == ["risk", "ci_lower", "ci_upper"]:
        risk, survival_low, survival_high = (value for _, _, value in values)
        return [100 * risk, 100 * (1 - survival_high), 100 * (1 - survival_low)]
    return [value if column in ("n", "df", "p_value") else scale * value for _, column, value in values]


def agrees(token: str, value: float) -> bool:
    if token in ("–", "not reached"):
        return pd.isna(value)
    if token == "<0.001":
        return value < 0.001
    printed = Decimal(token.replace("−", "-").replace(",", ""))
    digits = -int(printed.as_tuple().exponent)
    slack = Decimal(5).scaleb(-digits - 1) + Decimal("1e-9")
    return abs(printed - Decimal(repr(float(value)))) <= slack


def tokens_of(text: str) -> list[str]:
    """The numbers of a cell, without the degrees of freedom's dash or the percent of the interval."""
    return NUMBER.findall(re.sub(r"(?<=\d)–(?=−?\d)", " ", text))


def test_every_cell_of_every_results_table_is_its_result_rounded(
    trial: Results, tree: lxml.html.HtmlElement
) -> None:
    compared = 0
    for cell in tree.xpath("//td[@data-result]"):
        references = cell.get("data-result").split()
        if references[0].endswith("_month"):
            assert (
                text_of(cell)
                == trial["_recruitment"]
                .tables["by_site"]
                .iloc[int(references[0].split("/")[2])][references[0].split("/")[3]]
            )
            continue
        tokens = [token for token in tokens_of(text_of(cell)) if token]
        values = expected_values(trial, references)
        if text_of(cell).startswith(("t(", "χ²(")):  # t(276) = −3.99: the df stands first
            places = {reference.split("/")[3]: i for i, reference in enumerate(references)}
            order = ["df", "statistic", "p_value"]
            values = [values[places[column]] for column in order if column in places]
        if text_of(cell) == "0":  # a count of zero needs no percentage
            values = values[:1]
        assert len(tokens) == len(values), (references, text_of(cell))
        for token, value in zip(tokens, values, strict=True):
            assert agrees(token, value), (references, text_of(cell), value)
            compared += 1
    assert compared > 250


def test_no_number_in_a_results_table_comes_from_nowhere(tree: lxml.html.HtmlElement) -> None:
    for figure in tree.xpath("//section[starts-with(@id, 'chapter-')]//figure[.//table]"):
        for cell in figure.xpath(".//tbody//td[not(@data-result)]"):
            assert text_of(cell) in ("", "–"), text_of(cell.getparent())


@pytest.mark.parametrize(
    ("analysis", "table", "columns"),
    [
        (
            "P1",
            "contrasts",
            ["estimate", "standard_error", "df", "statistic", "p_value", "ci_lower", "ci_upper"],
        ),
        ("P1", "descriptives", ["n", "base_mean", "base_sd", "mean", "sd"]),
        ("P1", "ls_means", ["estimate", "standard_error", "ci_lower", "ci_upper"]),
        ("D2", "baseline", ["mean", "sd", "median", "q1", "q3", "minimum", "maximum", "count", "percent"]),
        ("S1", "profile", ["n", "mean", "sd", "ci_lower", "ci_upper"]),
        ("S2", "proportions", ["n", "responders", "proportion", "ci_lower", "ci_upper"]),
        ("S2", "contrasts", ["estimate", "ci_lower", "ci_upper", "p_value"]),
        ("R1", "at", ["risk", "ci_lower", "ci_upper"]),
        ("R1", "medians", ["n", "events", "estimate"]),
        ("R1", "log_rank", ["statistic", "df", "p_value"]),
        ("R1", "hazard_ratios", ["estimate", "log_standard_error", "ci_lower", "ci_upper", "p_value"]),
        ("R1", "restricted_mean", ["estimate", "ci_lower", "ci_upper"]),
        ("A1", "overview", ["n_subjects", "percent", "n_events"]),
        ("A1", "by_category", ["n_subjects", "percent", "n_events"]),
        ("I1", "interaction", ["estimate", "standard_error", "ci_lower", "ci_upper", "p_value"]),
        ("Q1", "quality", ["value"]),
        ("_recruitment", "by_site", ["n", "first_month", "last_month"]),
        ("_truth", "effects", ["value"]),
        ("_truth", "quality", ["residual_errors_per_10000"]),
    ],
)
def test_every_number_of_a_result_is_on_the_page(
    trial: Results, tree: lxml.html.HtmlElement, analysis: str, table: str, columns: list[str]
) -> None:
    shown = {one for cell in tree.xpath("//@data-result") for one in cell.split()}
    frame = trial[analysis].tables[table]
    for row in range(len(frame)):
        for column in columns:
            if pd.notna(frame.iloc[row][column]) and frame.iloc[row][column] != "":
                assert f"{analysis}/{table}/{row}/{column}" in shown


def test_nothing_on_the_page_reads_nan_or_none(tree: lxml.html.HtmlElement) -> None:
    words = set(re.findall(r"[A-Za-z]+", tree.xpath("//main")[0].text_content()))
    assert not words & {"nan", "NaN", "None", "inf", "NaT", "NA"}


def test_the_page_is_written_the_same_twice(
    trial: Results, truth: Truth, facts: TrialFacts, tmp_path: Path
) -> None:
    first = write_report(trial, tmp_path / "a", truth=truth, facts=facts).read_bytes()
    assert first == write_report(trial, tmp_path / "b", truth=truth, facts=facts).read_bytes()
