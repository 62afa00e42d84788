"""The forms on paper: the same number before the same field, blank and annotated, in the study's words."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from trialkit import resources
from trialkit.report.asked_if import asked_if
from trialkit.report.crf import annotation, crf_html, field_numbers, write_crf
from trialkit.report.crf_words import WORDS
from trialkit.study import load_study
from trialkit.study.asked import without_retired
from trialkit.study.paper_numbers import numbered
from trialkit.vocabulary import ItemType, MissingCode

STUDY = load_study(resources.folder("sample_data"))


def numbers(html: str) -> list[str]:
    return re.findall(r'<div class="number">([\d.a-z]+)</div>', html)


def test_blank_and_annotated_forms_number_a_field_alike() -> None:
    blank, annotated = (crf_html(STUDY, annotated=kind) for kind in (False, True))
    every = [n for form in STUDY.forms for n in field_numbers(form).values()]
    assert numbers(annotated) == every
    assert set(numbers(blank)) < set(every), "derived items are nobody's to fill in"
    assert blank.count("<section") == len(STUDY.forms)


def test_a_blank_form_has_no_item_names_and_an_annotated_one_has_all() -> None:
    blank, annotated = (crf_html(STUDY, annotated=kind) for kind in (False, True))
    assert "odi_pain" not in blank
    for form in STUDY.forms:
        for item in form.items:
            assert f"{item.name} · {item.type}" in annotated


def test_an_annotation_says_what_entry_will_ask() -> None:
    assert annotation(STUDY.item("vas_mm")).startswith(
        "vas_mm · integer · from 0 to 100".replace(" to", " · to")
    )
    assert "asked if [consent_given] = '1'" in annotation(STUDY.item("consent_date"))
    derived = next(item for form in STUDY.forms for item in form.items if item.type is ItemType.DERIVED)
    assert f"= {derived.calculation}" in annotation(derived)


@pytest.mark.parametrize("language", WORDS)
def test_every_language_has_every_word(language: str) -> None:
    assert set(WORDS[language]) == set(WORDS["en"])
    assert WORDS[language]["subject"] in crf_html(STUDY, annotated=False, language=language)


@pytest.mark.parametrize("language", sorted(set(WORDS) - {"en"}))
def test_what_the_study_does_not_say_itself_is_in_the_language_of_the_form(language: str) -> None:
    """REDCap's yes and no are no labels of the study: nobody could translate them in the dictionary."""
    html = crf_html(STUDY, annotated=True, language=language)
    ticked = set(re.findall(r"</span>([01]) &nbsp;(\w+)</span>", html))
    assert {("1", WORDS[language]["yes"]), ("0", WORDS[language]["no"])} <= ticked
    assert ("1", "Yes") not in ticked
    assert f'<span class="hint">{WORDS[language]["calculated"]}</span>' in html
    assert f"· {WORDS[language]['annotated']} ·" in html


def test_what_a_label_holds_is_never_markup() -> None:
    form = STUDY.forms[0]
    spoiled = replace(form, items=(replace(form.items[0], label="<b>1 & 2</b>"),))
    html = crf_html(replace(STUDY, forms=(spoiled,)), annotated=True)
    assert "&lt;b&gt;1 &amp; 2&lt;/b&gt;" in html


def test_the_pdf_has_a_page_a_form_with_its_number(tmp_path: Path) -> None:
    weasyprint = pytest.importorskip("weasyprint")
    few = replace(STUDY, forms=STUDY.forms[2:4])
    assert write_crf(few, tmp_path / "blank.pdf").read_bytes().startswith(b"%PDF")
    pages = weasyprint.HTML(string=crf_html(few, annotated=False)).render().pages
    assert len(pages) == len(few.forms)


def test_paper_asks_for_no_more_than_entry_takes() -> None:
    """Missing codes, the star of a critical field, a partial date, and the printed line number, once."""
    form = STUDY.form("vas")
    critical = replace(form.items[0], missing_codes=(MissingCode.NOT_DONE,))
    every = tuple(MissingCode)
    other = replace(STUDY.item("consent_date"), partial_date=True, critical=False, missing_codes=every)
    none = replace(other, name="free", missing_codes=())
    made = replace(STUDY, forms=(replace(form, items=(critical, other, none)),))
    html = crf_html(made, annotated=False)
    assert "ND not done" in html
    assert "[ND]" in html
    assert "[&ndash;]" in html
    assert critical.critical
    assert f"{critical.label} *" in html
    assert "* Critical:" in html
    assert "YYYY-MM-DD (as much of it as is known)" in html
    bare = replace(STUDY, forms=(replace(form, items=(none,)),))
    plain = crf_html(bare, annotated=False)
    assert "If a field has no value" not in plain
    assert "Critical" not in plain


def test_the_line_number_of_a_repeating_form_is_printed_once() -> None:
    form = next(one for one in STUDY.forms if one.repeating and one.row_key)
    few = replace(form, items=tuple(form.items[:3]))
    html = crf_html(numbered(replace(STUDY, forms=(few,))), annotated=False)
    heads = re.findall(r"<th>([^<]*)</th>", html)
    assert [head.split()[0] for head in heads] == ["1.1", "1.2", "1.3"]
    assert heads[0] == "1.1 Line"


def test_a_line_of_a_repeating_form_says_above_its_columns_what_each_takes() -> None:
    form = STUDY.form("recurrence")
    one_code = replace(form.items[2], missing_codes=(MissingCode.NOT_DONE,))
    items = (form.items[0], form.items[1], one_code, *form.items[3:])
    html = crf_html(replace(STUDY, forms=(replace(form, items=items),)), annotated=False)
    heads = re.findall(r"<th>(.*?)</th>", html)
    (marked,) = [head for head in heads if "[ND]" in head]
    assert one_code.label in marked
    assert '<span class="unit">h</span>' in marked
    assert "takes these alone" in html
    assert "YYYY-MM-DD (as much of it as is known)" in next(head for head in heads if "Start" in head)
    usual = crf_html(replace(STUDY, forms=(form,)), annotated=False)
    assert "takes these alone" not in usual, "the printed line number is never left out"


@pytest.mark.parametrize(
    ("branching", "language", "said"),
    [
        ("[ae_ongoing] = '0'", "en", "only if {ae_ongoing} = 0 No"),
        ("[ae_ongoing] = 0", "en", "only if {ae_ongoing} = 0 No"),
        ("[ae_ongoing] <> '0'", "en", "only if {ae_ongoing} \N{NOT EQUAL TO} 0 No"),
        (
            "[ae_ongoing]='0' and [ae_serious]='1'",
            "en",
            "only if {ae_ongoing} = 0 No and {ae_serious} = 1 Yes",
        ),
        ("[ae_ongoing]='0' or [ae_serious]='1'", "zh", "仅当 {ae_ongoing} = 0 否 或 {ae_serious} = 1 是"),
        (
            "[age_years]>=65 and ([ae_ongoing]='0' or [ae_serious]='1')",
            "de",
            "nur wenn {age_years} \N{GREATER-THAN OR EQUAL TO} 65 und "
            "({ae_ongoing} = 0 Nein oder {ae_serious} = 1 Ja)",
        ),
        ("[baseline][vas_mm] > 40", "en", "only if {vas_mm} (Baseline) > 40"),
        ("[ae_ongoing] = ''", "en", ""),
        ("[bmi] > 30", "en", ""),  # calculated: on no paper
        ("sum([vas_mm], 1) > 30", "en", ""),
        ("not ([ae_ongoing] = '0')", "en", ""),
        ("", "en", ""),
    ],
)
def test_a_blank_form_says_for_whom_a_field_is(branching: str, language: str, said: str) -> None:
    places = {name: number for form in STUDY.forms for name, number in field_numbers(form).items()}
    item = replace(STUDY.item("ae_term"), branching=branching)
    assert asked_if(item, STUDY, WORDS[language]) == said.format_map(places)


@pytest.mark.parametrize(
    ("asked", "branching", "said"),
    [
        ("joa_gait", "[vas_mm] > 40", True),
        ("joa_gait", "[sex] = '1'", True),
        ("joa_gait", "[week_6][sorensen_s] > 40", True),
        ("joa_gait", "[sorensen_s] > 40", False),  # not asked at month 1, but at several others
        ("sex", "[lbp_in_pain] = '1'", False),
        ("nass_satisfaction", "[ae_ongoing] = '0'", False),  # which line?
        ("joa_gait", "[sex] = '1' or [ae_ongoing] = '0'", False),
    ],
)
def test_a_blank_form_names_no_value_that_nobody_can_tell(asked: str, branching: str, *, said: bool) -> None:
    """The record asks everybody there, and so does the paper."""
    item = replace(STUDY.item(asked), branching=branching)
    assert bool(asked_if(item, STUDY, WORDS["en"])) is said


def test_a_blank_form_names_no_visit_that_is_made_no_more() -> None:
    """Without the visit's name the number would be that of the same visit."""
    item = replace(STUDY.item("joa_gait"), branching="[week_6][vas_mm] > 40")
    assert "(week 6)" in asked_if(item, STUDY, WORDS["en"])
    visits = tuple(replace(visit, retired=visit.name == "week_6") for visit in STUDY.visits)
    assert asked_if(item, without_retired(replace(STUDY, visits=visits)), WORDS["en"]) == ""


def test_what_a_blank_form_asks_of_some_stands_at_the_field() -> None:
    blank, annotated = (crf_html(STUDY, annotated=kind) for kind in (False, True))
    asked = next(number for form in STUDY.forms for name, number in field_numbers(form).items()
                 if name == "consent_given")  # fmt: skip
    assert blank.count(f"only if {asked} = 1 ") == 2 and "only if" not in annotated
