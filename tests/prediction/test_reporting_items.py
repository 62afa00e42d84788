"""The list of reporting items: each names places that are there, with their pages on paper."""

from __future__ import annotations

import re
from dataclasses import replace

import pypdf

from trialkit.documents import write_pdf
from trialkit.documents.html import render_html
from trialkit.prediction.development import develop_model
from trialkit.prediction.plan import Resampling
from trialkit.prediction.report import development_page
from trialkit.prediction.tripod import places_of


def test_a_text_names_its_places_in_order() -> None:
    assert places_of("Tables 2.1 to 2.6, Figures 1 to 3; Table 5") == (
        ("2.1", "table-2-1"),
        ("2.6", "table-2-6"),
        ("1", "figure-1"),
        ("3", "figure-3"),
        ("Table 5", "table-5"),
    )


def test_every_place_is_linked_and_has_its_page_on_paper(data, plan, tmp_path) -> None:
    plan = replace(plan, learners=("logistic",), resampling=Resampling(bootstraps=2, folds=3))
    page = development_page(develop_model(data, plan))
    text = render_html(page)
    named = re.findall(r'<td[^>]*>[^/]*?<a href="#([^"]+)">', text)
    assert {"table-1", "table-2-1", "table-3", "table-5"} <= set(named)
    assert all(f'id="{anchor}"' in text for anchor in re.findall(r'href="#([^"]+)"', text))
    sheets = [
        " ".join(s.extract_text().split()) for s in pypdf.PdfReader(write_pdf(page, tmp_path / "r.pdf")).pages
    ]
    everything = " ".join(sheets)
    told = re.findall(r"(Table \d) \(p\. (\d+)\)", everything)
    assert {name for name, _ in told} == {"Table 1", "Table 3", "Table 5"}
    titles = {
        "Table 1": "Sample size before any model",
        "Table 3": "Features of the model",
        "Table 5": "Cross-validated, by group",
    }
    for name, number in told:
        assert f"{name} {titles[name]}" in sheets[int(number) - 1]
    assert "page ____" in everything
