"""The list of reporting items: each names places that are there, with their pages on paper."""

from __future__ import annotations

import re
from dataclasses import replace

import pandas as pd
import pypdf

from trialkit.documents import write_pdf
from trialkit.documents.html import render_html
from trialkit.prediction.audit import Audit
from trialkit.prediction.development import develop_model
from trialkit.prediction.plan import Resampling, Stratum
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


def test_tables_stand_in_the_order_of_their_numbers(data, plan) -> None:
    data["outcome"] = data["outcome"].where(data.index > 19)
    strata = (Stratum("Low", 0.0, "Visit", 12), Stratum("High", 0.5, "Visit", 4, expected_change=0.1))
    plan = replace(plan, learners=("logistic",), pathway=strata)
    made = develop_model(data, replace(plan, resampling=Resampling(bootstraps=2, folds=3)))
    audit = Audit(pd.DataFrame(columns=["model", "leak"]), 5, 0.6, 0.01)
    for one, last in ((made, 12), (replace(made, leak_audit=audit), 13)):
        text = render_html(development_page(one))
        whole = [name for name in re.findall(r'id="table-([\d-]+)"', text) if "-" not in name]
        parts = re.findall(r'id="table-3-(\d)"', text)
        assert whole == [str(n) for n in range(1, last + 1) if n != 3]
        assert parts == [str(n) for n in range(1, 7)]
        assert re.findall(r'id="figure-([\d-]+)"', text) == ["1", "2", "3", "4", "5-1", "5-2", "6"]


def test_every_place_is_linked_and_has_its_page_on_paper(logistic, tmp_path) -> None:
    page = development_page(logistic)
    text = render_html(page)
    named = re.findall(r'<td[^>]*>[^/]*?<a href="#([^"]+)">', text)
    assert {"table-1", "table-2", "table-3-1", "table-4", "table-7"} <= set(named)
    assert all(f'id="{anchor}"' in text for anchor in re.findall(r'href="#([^"]+)"', text))
    sheets = [
        " ".join(s.extract_text().split()) for s in pypdf.PdfReader(write_pdf(page, tmp_path / "r.pdf")).pages
    ]
    everything = " ".join(sheets)
    told = re.findall(r"(Table \d) \(p\. (\d+)\)", everything)
    titles = {
        "Table 1": "Sample size before any model",
        "Table 2": "Data, images and gaps",
        "Table 4": "Features of the model",
        "Table 7": "Cross-validated, by group",
        "Table 8": "Software and what was run",
    }
    assert {name for name, _ in told} == set(titles)
    for name, number in told:
        assert f"{name} {titles[name]}" in sheets[int(number) - 1]
    assert "page ____" in everything
