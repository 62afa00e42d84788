"""What stands where on the page, and what it says of a draft, a failure, or a kind it does not know."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path
from types import SimpleNamespace

import lxml.html
import pandas as pd
import pytest

from trialkit import resources
from trialkit.analysis.level_names import every_level_name
from trialkit.analysis.results import Results
from trialkit.documents.errors import DocumentError
from trialkit.report import PublishedResult, ReportError, TrialFacts, TrueEffect, Truth, write_report
from trialkit.study import load_study


def read(path: Path) -> lxml.html.HtmlElement:
    return lxml.html.parse(str(path)).getroot()


def text_of(element: lxml.html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def test_the_page_is_index_html_in_a_folder_made_for_it(trial: Results, tmp_path: Path) -> None:
    path = write_report(trial, tmp_path / "new" / "report")
    assert path == tmp_path / "new" / "report" / "index.html"
    assert [file.name for file in path.parent.iterdir()] == ["index.html"]


@pytest.fixture(scope="module")
def tree(
    trial: Results, truth: Truth, facts: TrialFacts, tmp_path_factory: pytest.TempPathFactory
) -> lxml.html.HtmlElement:
    return read(write_report(trial, tmp_path_factory.mktemp("page"), truth=truth, facts=facts))


def test_chapters_come_in_the_order_a_reader_asks(tree: lxml.html.HtmlElement) -> None:
    assert [text_of(head) for head in tree.xpath("//h2")] == [
        "Key result",
        "What the protocol leaves open",
        "Participants",
        "Primary outcome",
        "Secondary outcomes",
        "Supplementary analyses",
        "Adverse events",
        "Quality of the data",
        "Provenance",
    ]


def test_every_output_has_title_population_n_method_and_provenance(tree: lxml.html.HtmlElement) -> None:
    outputs = tree.xpath("//section[starts-with(@id, 'chapter-')]//figure[@class='output']")
    assert len(outputs) >= 18
    for output in outputs:
        caption = output.xpath("./figcaption")[0]
        assert caption.xpath("./span[@class='number']/text()")[0].split()[0] in ("Table", "Figure")
        assert "n = " in text_of(caption.xpath("./span[@class='population']")[0])
        foot = text_of(output.xpath("./div[@class='foot']")[0])
        assert "Method " in foot
        assert "snapshot 0123456789ab (locked)" in foot


def test_outputs_are_numbered_in_the_ich_e3_manner_without_gaps(tree: lxml.html.HtmlElement) -> None:
    numbers = tree.xpath("//figcaption/span[@class='number']/text()")
    told = " ".join(text_of(notice) for notice in tree.xpath("//*[contains(@class, 'notice')]"))
    numbers += re.findall(r"(?:Table|Figure) \d+\.\d+\.\d+", told)  # those with nothing to show have a line
    for kind in ("Table", "Figure"):
        for chapter in ("14.1", "14.2", "14.3", "16.1"):
            here = sorted(int(n.rsplit(".", 1)[1]) for n in numbers if n.startswith(f"{kind} {chapter}."))
            assert here == list(range(1, len(here) + 1))
    assert "Table 14.3.1" in numbers


def test_the_protocol_s_contradictions_are_printed_before_any_result(
    tree: lxml.html.HtmlElement, facts: TrialFacts
) -> None:
    findings = tree.xpath("//ol[@class='findings']/li")
    assert len(findings) == len(facts.findings)
    assert "141 per arm detect 5.02 points" in text_of(findings[0])
    assert findings[1].xpath("./span[@class='tag']/text()") == ["gap"]
    assert "State both." not in text_of(findings[1])  # what to type is for the definition's author
    order = [section.get("id") for section in tree.xpath("//main/section")]
    assert order.index("protocol") < order.index("chapter-participants")


def test_the_masthead_names_study_plan_snapshot_and_state(tree: lxml.html.HtmlElement) -> None:
    head = text_of(tree.xpath("//header")[0])
    for part in ("study-a, version 2.1", "sap-a, version 1.0", "0123456789ab (locked)", "Database locked"):
        assert part in head
    assert not tree.xpath("//div[@class='watermark']")


def test_the_baseline_table_compares_nothing(tree: lxml.html.HtmlElement) -> None:
    (table,) = tree.xpath("//figure[@id='table-14-1-2']//table")
    assert "Characteristic" in text_of(table)
    assert " p " not in f" {text_of(table)} "


def test_who_came_when_and_where_stands_below_the_flow_and_above_who_they_are(
    tree: lxml.html.HtmlElement,
) -> None:
    entries = tree.xpath("//section[@id='chapter-participants']/article/@id")
    assert entries[:3] == ["entry-d1", "recruitment", "entry-d2"]
    numbers = tree.xpath("//section[@id='chapter-participants']//figure[contains(@class,'output')]/@id")
    assert numbers.index("table-14-1-1") < numbers.index("table-14-1-2")


def test_every_figure_has_words_in_its_place(tree: lxml.html.HtmlElement) -> None:
    drawings = tree.xpath("//div[@class='drawing']//*[local-name()='svg']")
    assert len(drawings) == 6  # flow, recruitment, profile, Kaplan-Meier, effect modification, adverse events
    for svg in drawings:
        assert len(svg.get("aria-label")) > 40
    risk = next(svg for svg in drawings if "Kaplan-Meier" in svg.get("aria-label"))
    assert "Exercise + NSAID 24.0% by day 365" in risk.get("aria-label")


def test_a_month_without_recruitment_is_shown_as_one(tree: lxml.html.HtmlElement) -> None:
    from trialkit.report.told import consecutive_months

    assert consecutive_months("2023-11", "2024-02") == ["2023-11", "2023-12", "2024-01", "2024-02"]
    assert (
        "from 2024-01 to 2024-07"
        in tree.xpath("//*[starts-with(@aria-label, 'Bars by month')]/@aria-label")[0]
    )


def test_an_unlocked_database_marks_the_whole_report_as_a_draft(
    by_hand: SimpleNamespace, tmp_path: Path
) -> None:
    draft = read(write_report(by_hand.results(by_hand.primary(), state="draft"), tmp_path))
    assert draft.xpath("//div[@class='watermark']/span/text()") == ["DRAFT"] * 3
    assert "Draft: database not locked" in text_of(draft.xpath("//header")[0])
    assert "these numbers may change" in text_of(draft.xpath("//section[@id='key-result']")[0])


def test_a_failed_analysis_says_in_its_place_what_and_why(by_hand: SimpleNamespace, tmp_path: Path) -> None:
    failed = by_hand.result(
        "R2", "time_to_event", {}, title="Recurrence by stratum", failure="no events in the reference arm"
    )
    page = read(write_report(by_hand.results(by_hand.primary(), failed), tmp_path))
    (place,) = page.xpath("//article[@id='entry-r2']")
    assert "Could not be estimated. No events in the reference arm" in text_of(place)
    assert "entry R2" in text_of(place)
    (row,) = page.xpath("//section[@id='provenance']//tr[th='R2']")
    assert "could not be estimated" in text_of(row)


def test_a_failed_primary_analysis_leaves_a_key_result_without_a_number(
    by_hand: SimpleNamespace, tmp_path: Path
) -> None:
    page = read(write_report(by_hand.results(by_hand.primary(failure="the model is singular")), tmp_path))
    (box,) = page.xpath("//section[@id='key-result']")
    assert "Could not be estimated" in text_of(box)
    assert "The model is singular" in text_of(box)
    assert not box.xpath(".//svg | .//dd")
    assert "5.23" not in text_of(box)


def test_a_primary_model_without_an_estimate_says_so_in_the_key_result(
    by_hand: SimpleNamespace, tmp_path: Path
) -> None:
    none = float("nan")
    failed = by_hand.primary(by_hand.contrast(none, none, none), warnings=("the model did not converge",))
    (box,) = read(write_report(by_hand.results(failed), tmp_path)).xpath("//section[@id='key-result']")
    assert "Not estimated" in text_of(box)
    assert "The model did not converge" in text_of(box)
    assert not box.xpath(".//svg | .//dd")


def test_a_kind_without_a_layout_prints_its_tables_plainly(by_hand: SimpleNamespace, tmp_path: Path) -> None:
    table = by_hand.frame(
        "contrast n estimate p_value arm note",
        ("exercise - control", 12, -0.5, 0.0004, "exercise", "as planned"),
        ("exercise - control", 15, float("nan"), 0.2, "control", "too few"),
    )
    page = read(
        write_report(by_hand.results(by_hand.result("Z1", "of_another_program", {"ranks": table})), tmp_path)
    )
    rows = [
        [text_of(cell) for cell in row.xpath("./th|./td")]
        for row in page.xpath("//article[@id='entry-z1']//table//tr")
    ]
    assert rows == [
        ["Contrast", "N", "Estimate", "p", "Arm", "Note"],
        ["Exercise + NSAID minus NSAID alone", "12", "−0.50", "<0.001", "Exercise + NSAID", "as planned"],
        ["Exercise + NSAID minus NSAID alone", "15", "–a", "0.200", "NSAID alone", "too few"],
    ]


def test_a_table_without_an_expected_column_is_refused_by_name(
    by_hand: SimpleNamespace, tmp_path: Path
) -> None:
    broken = by_hand.primary(by_hand.contrast().drop(columns="ci_lower"))
    with pytest.raises(DocumentError, match="'ci_lower'") as caught:
        write_report(by_hand.results(broken), tmp_path)
    assert caught.value.where == "P1/contrasts"
    assert not (tmp_path / "index.html").exists()


def test_an_interval_that_misses_its_own_estimate_is_refused(
    by_hand: SimpleNamespace, tmp_path: Path
) -> None:
    with pytest.raises(DocumentError, match="an interval that contains its estimate"):
        write_report(by_hand.results(by_hand.primary(by_hand.contrast(-5.0, 1.0, 2.0))), tmp_path)


def test_limits_of_survival_become_limits_of_risk(by_hand: SimpleNamespace) -> None:
    from trialkit.analysis.methods.time_to_event import risk_limits
    from trialkit.documents.declared import ResultRow

    of_survival = {"survival": 0.89, "risk": 0.11, "ci_lower": 0.83, "ci_upper": 0.93}
    assert risk_limits(ResultRow("R1", "at", 0, of_survival)) == pytest.approx((0.07, 0.17))
    own = {**of_survival, "risk_ci_lower": 0.071, "risk_ci_upper": 0.171}
    assert risk_limits(ResultRow("R1", "at", 0, own)) == (0.071, 0.171)
    of_risk = {"risk": 0.11, "ci_lower": 0.07, "ci_upper": 0.17}
    assert risk_limits(ResultRow("R1", "at", 0, of_risk)) == (0.07, 0.17)


def test_a_risk_names_the_limits_it_prints(by_hand: SimpleNamespace) -> None:
    from trialkit.analysis.methods.time_to_event import RISKS, _risk_cell
    from trialkit.documents.declared import ResultRow

    row = {"survival": 0.89, "risk": 0.11, "ci_lower": 0.83, "ci_upper": 0.93}
    cell = _risk_cell(ResultRow("R1", "at", 0, {**row, "risk_ci_lower": 0.07, "risk_ci_upper": 0.17}))
    assert cell.text == "11.0 (7.0 to 17.0)"
    assert [one.column for one in cell.references] == ["risk", "risk_ci_lower", "risk_ci_upper"]
    assert "one minus those of the survival" in RISKS.footnotes[0]


def test_a_number_needed_to_treat_through_infinity_says_so(by_hand: SimpleNamespace, tmp_path: Path) -> None:
    result = by_hand.responders()
    effects = result.tables["contrasts"].copy()
    harm = effects["measure"] == "number needed to treat"
    effects.loc[harm, ["estimate", "ci_lower", "ci_upper"]] = [25.0, 9.1, -34.0]
    changed = by_hand.result("S2", "responders", {**result.tables, "contrasts": effects})
    page = text_of(read(write_report(by_hand.results(changed), tmp_path)))
    assert "25.0 (9.1 to ∞ to −34.0)" in page


def test_a_published_result_for_an_analysis_not_run_is_refused(
    by_hand: SimpleNamespace, tmp_path: Path
) -> None:
    published = PublishedResult("Vickers 2004", 4.6, 2.2, 7.0, sign=-1, analysis="P9")
    with pytest.raises(ReportError, match="'P9'"):
        write_report(by_hand.results(by_hand.primary()), tmp_path, published=[published])


def test_residual_errors_stand_beside_what_the_simulator_planted(tree: lxml.html.HtmlElement) -> None:
    rows = {
        text_of(row.xpath("./th")[0]): text_of(row.xpath("./td")[0])
        for row in tree.xpath("//article[@id='entry-q1']//tbody/tr")
    }
    assert rows["Fields compared"] == "61,342"
    assert rows["Differences per 10,000 fields (95% CI)"] == "197.3 (186.4 to 208.6)"
    assert rows["Residual errors per 10,000 final values"] == "1.8"
    assert rows["Wrong final values per 10,000 fields, known to the simulator"] == "2.1"


def test_those_left_out_are_counted_with_the_reason(tree: lxml.html.HtmlElement) -> None:
    foot = text_of(tree.xpath("//figure[@id='table-14-2-1']/div[@class='foot']")[0])
    assert "Exercise + NSAID: 16 not in this analysis (outcome or covariate missing)." in foot
    assert "NSAID alone: 14 not in this analysis" in foot


def test_results_are_left_as_they_were(trial: Results, truth: Truth, tmp_path: Path) -> None:
    before = {one.id: {name: frame.copy() for name, frame in one.tables.items()} for one in trial.analyses}
    write_report(trial, tmp_path, truth=truth)
    for one in trial.analyses:
        for name, frame in one.tables.items():
            pd.testing.assert_frame_equal(frame, before[one.id][name])


def test_curves_already_shown_are_pointed_at_and_not_drawn_again(
    by_hand: SimpleNamespace, tmp_path: Path
) -> None:
    first = by_hand.recurrence()
    second = by_hand.result("I2", "time_to_event", dict(first.tables), role="supplementary")
    page = read(write_report(by_hand.results(first, second), tmp_path))
    (place,) = page.xpath("//article[@id='entry-i2']")
    assert "are those of entry R1" in text_of(place)
    assert not place.xpath(".//*[local-name()='svg']")
    assert "Hazard ratio" in text_of(place)


def test_a_unit_is_said_once() -> None:
    from trialkit.documents.declared.wording import with_unit

    assert with_unit("ODI", "percent") == "ODI, %"
    assert with_unit("Years since pain began", "years") == "Years since pain began"
    assert with_unit("Body mass index", "kg/m2") == "Body mass index, kg/m²"
    assert with_unit("Sex", None) == "Sex"
    assert with_unit("Time in minutes held", "min") == "Time in minutes held, min"


def test_the_truth_of_a_secondary_analysis_is_held_against_its_own_estimate(
    by_hand: SimpleNamespace, tmp_path: Path
) -> None:
    trial = by_hand.results(by_hand.primary(), by_hand.recurrence())
    known = Truth((TrueEffect("R1", 0.96, definition="Cox model, arm alone", table="hazard_ratios"),))
    page = read(write_report(trial, tmp_path, truth=known))
    (notes,) = page.xpath("//article[@id='entry-r1']/ul[@class='notes']")
    assert "The true value (Cox model, arm alone) is 0.96. This 95% CI does not cover it." in text_of(notes)
    (sentence,) = notes.xpath(".//*[@data-result]")  # a click leads to the interval and to the truth
    asked = sentence.get("data-result").split()
    assert asked[:2] == ["R1/hazard_ratios/0/ci_lower", "R1/hazard_ratios/0/ci_upper"]
    assert asked[2].startswith("_truth/effects/")
    store = json.loads(page.xpath("//script[@id='behind']")[0].text)
    assert "hazard_ratios/0" in store["R1"]["rows"] and store["_truth"]["rows"]
    with pytest.raises(ReportError, match="a table 'odds_ratios'"):
        write_report(trial, tmp_path, truth=Truth((TrueEffect("R1", 0.6, table="odds_ratios"),)))


def test_a_simulated_trial_is_called_one_at_the_top(
    trial: Results, tree: lxml.html.HtmlElement, tmp_path: Path
) -> None:
    assert "of a simulated trial" in text_of(tree.xpath("//header")[0])
    real = read(write_report(trial, tmp_path))
    assert "simulat" not in text_of(real.xpath("//main")[0]).lower()
    assert "simulat" not in text_of(real.xpath("//header")[0]).lower()


def test_a_reader_without_a_mouse_skips_to_the_results_and_finds_the_key_result(
    tree: lxml.html.HtmlElement,
) -> None:
    (target,) = tree.xpath("//a[@class='skip']/@href")
    assert tree.get_element_by_id(target.removeprefix("#")).tag == "main"
    assert tree.xpath("//section[@id='key-result']/h2/text()") == ["Key result"]


def test_abbreviations_are_expanded_once_in_a_list_of_their_own(tree: lxml.html.HtmlElement) -> None:
    assert text_of(tree).count("standard deviation") == 1
    expanded = [text_of(row) for row in tree.xpath("//*[@id='abbreviations']//tbody/tr")]
    assert "SD standard deviation" in [" ".join(row.split()) for row in expanded]


def test_a_site_in_a_model_is_called_by_its_name(trial: Results) -> None:
    from trialkit.report.context import Context

    named = dataclasses.replace(trial, level_labels={"site": {"B": "Northern hospital"}})
    assert Context(named).term_words("site[T.B]") == "Site: Northern hospital"
    assert Context(named).term_words("C(site)[T.B]:base") == "Site: Northern hospital × Baseline value"


def test_grades_are_called_by_their_names_in_terms_too(trial: Results) -> None:
    from trialkit.report.context import Context

    labels = every_level_name(load_study(resources.folder("sample_data")))
    assert labels["site"]["A"] == "Tertiary hospital 1"
    words = Context(dataclasses.replace(trial, level_labels=labels)).term_words
    for written in ("goutallier[T.3]", "goutallier[T.3.0]", "C(goutallier)[T.3]"):
        assert words(f"arm[T.exercise]:{written}").endswith(": Grade 3")


def test_a_term_is_called_by_the_label_of_its_column_and_what_is_made_of_it(trial: Results) -> None:
    from trialkit.report.context import Context

    labels = {"hist_activity": "Usual physical activity", "fat": "Multifidus fat fraction"}
    words = Context(dataclasses.replace(trial, column_labels=labels)).term_words
    assert words("hist_activity[T.high]") == "Usual physical activity: high"
    assert words("fat:base") == "Multifidus fat fraction × Baseline value"
    assert words("log(base)") == "Logarithm of baseline value"
    assert words("sqrt(fat)") == "Square root of multifidus fat fraction"
    assert words("rcs(fat, 4)[2]") == "Multifidus fat fraction, spline 2 of 3"
    assert words("rcs(fat, 4)") == "Multifidus fat fraction, spline"


def test_what_the_key_result_alone_abbreviates_is_expanded(tree: lxml.html.HtmlElement) -> None:
    assert "MCID" in text_of(tree.get_element_by_id("key-result"))
    expanded = [" ".join(text_of(row).split()) for row in tree.xpath("//*[@id='abbreviations']//tbody/tr")]
    assert "MCID minimal clinically important difference" in expanded


def test_a_failure_that_begins_with_the_name_of_a_file_keeps_it(
    by_hand: SimpleNamespace, tmp_path: Path
) -> None:
    why = "plan.toml:12: expected a visit; found none."
    failed = by_hand.result("R2", "time_to_event", {}, title="Recurrence", failure=why)
    page = read(write_report(by_hand.results(by_hand.primary(), failed), tmp_path))
    assert why in text_of(page)
