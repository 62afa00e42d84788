"""A published result beside ours: sign and rounding explained. The published numbers are those of
Vickers et al., BMJ 2004;328:744; ours come from the trial's own data by R."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from types import SimpleNamespace

import pytest

from trialkit.analysis.results_csv import results_csv_text
from trialkit.documents.table import Table
from trialkit.report import PublishedResult
from trialkit.report.context import Context
from trialkit.report.outputs.comparison import comparison_table, printed_decimals, turn
from trialkit.report.told import with_told

PUBLISHED = PublishedResult("Vickers 2004", 4.6, 2.2, 7.0, sign=-1, source="BMJ 2004;328:744")
OURS = (-4.6427, -7.0813, -2.2041)


def table(by_hand: SimpleNamespace, published: PublishedResult, ours: tuple[float, float, float]) -> Table:
    result = by_hand.primary(by_hand.contrast(*ours))
    return comparison_table(published, result, Context(by_hand.results(result)))


@pytest.mark.external_reference
def test_the_acupuncture_result_stands_beside_ours_with_the_sign_turned(by_hand: SimpleNamespace) -> None:
    rows = {row.label: [cell.text for cell in row.cells] for row in table(by_hand, PUBLISHED, OURS).rows}
    assert rows["Published, as printed"] == ["4.6 (2.2 to 7.0)", "BMJ 2004;328:744"]
    assert rows["Published, as test minus reference"][0] == "−4.6 (−7.0 to −2.2)"
    assert "signs turned, limits swapped" in rows["Published, as test minus reference"][1]
    assert rows["This run"][0] == "−4.64 (−7.08 to −2.20)"
    assert rows["This run, rounded as published"][0] == "−4.6 (−7.1 to −2.2)"
    assert rows["This run, rounded as published"][1] == (
        "estimate and upper limit as printed; "
        "lower limit −7.1 where −7.0 was printed: 0.08 apart, more than rounding explains"
    )


def test_agreement_in_all_three_numbers_is_said_in_one_line(by_hand: SimpleNamespace) -> None:
    same = PublishedResult("Same", -4.6, -7.1, -2.2)
    assert table(by_hand, same, OURS).rows[-1].cells[1].text == "all three numbers agree as printed"


def test_a_sign_that_was_not_turned_is_found_out(by_hand: SimpleNamespace) -> None:
    wrong = PublishedResult("Forgotten sign", 4.6, 2.2, 7.0, sign=1)
    remark = table(by_hand, wrong, OURS).rows[-1].cells[1].text
    assert "estimate −4.6 where 4.6 was printed" in remark


@pytest.mark.analytic
def test_turning_a_result_swaps_its_limits() -> None:
    assert turn(PUBLISHED) == {"estimate": -4.6, "ci_lower": -7.0, "ci_upper": -2.2}


@pytest.mark.parametrize(("upper", "decimals"), [(7.0, 1), (7.25, 2)])
def test_the_rounding_of_a_publication_is_read_off_its_numbers(upper: float, decimals: int) -> None:
    assert printed_decimals(PublishedResult("x", 4.6, 2.2, upper)) == decimals


def test_a_published_p_stands_beside_ours_with_the_decimals_it_was_printed_with(
    by_hand: SimpleNamespace,
) -> None:
    made = table(by_hand, replace(PUBLISHED, p_value=0.0002), OURS)  # ours has p = 0.0000419
    column = [column.label for column in made.columns].index("p") - 1
    texts = [row.cells[column].text for row in made.rows]
    assert texts == ["0.0002", "0.0002", "0.00004", "<0.0001"]


def test_without_a_published_p_there_is_no_column_for_it(by_hand: SimpleNamespace) -> None:
    assert "p" not in [column.label for column in table(by_hand, PUBLISHED, OURS).columns]


def test_every_remark_beside_a_published_result_has_its_row(by_hand: SimpleNamespace) -> None:
    run = by_hand.results(by_hand.primary(by_hand.contrast(*OURS)))
    told = with_told(run, published=(PUBLISHED,))
    lines = csv.DictReader(io.StringIO(results_csv_text(told)))
    rows = {
        (line["table"], line["variable"], line["value"]) for line in lines if line["statistic"] == "remark"
    }
    printed = {(row.label, row.cells[-1].text) for row in table(by_hand, PUBLISHED, OURS).rows}
    assert {(f"Vickers 2004 | {label}", remark) for label, remark in printed} == {(v, r) for _, v, r in rows}
    without = by_hand.results(replace(by_hand.primary(), tables={}))
    left = with_told(without, published=(PUBLISHED,)).told[0].tables["remarks"]
    assert list(left["line"]) == ["Published, as printed", "Published, as test minus reference"]


def test_a_remark_leads_to_its_own_row_also_of_the_second_published_result(by_hand: SimpleNamespace) -> None:
    run = by_hand.results(by_hand.primary(by_hand.contrast(*OURS)))
    both = (PUBLISHED, replace(PUBLISHED, label="Again", source="elsewhere", analysis="P1"))
    told = with_told(run, published=both)
    remarks = told.told[0].tables["remarks"]
    seen = set()
    for place, one in enumerate(both):
        made = comparison_table(one, told["P1"], Context(told), place)
        for row in made.rows:
            (where,) = row.cells[-1].references
            assert (where.table, where.column) == ("remarks", "remark")
            line = remarks.iloc[where.row]
            assert (line["label"], line["line"], line["remark"]) == (one.label, row.label, row.cells[-1].text)
            seen.add(where.row)
    assert seen == set(range(8))
