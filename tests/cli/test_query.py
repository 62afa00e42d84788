"""Queries, ticks, signatures and freezes by command."""

from __future__ import annotations

import csv
import json
import re
from typing import Any

from openpyxl import load_workbook

FIELD = ["--visit", "baseline", "--form", "demographics"]


def test_a_query_goes_round_and_is_listed_in_every_form(bench: Any) -> None:
    subject = bench.screened()
    asked = ["--subject", subject, *FIELD, "--item", "sex", "--text", "=1+1, is it so?"]
    assert bench.run("query open", "dm", *asked).out.startswith("Query 1: open.")
    assert bench.run("query answer", "cara", "--number", 1, "--text", "Seen in the passport.").status == 0
    files = {name: bench.folder / f"list.{name}" for name in ("csv", "xlsx", "html")}
    options = [word for name, path in files.items() for word in (f"--{name}", path)]
    said = bench.run("query list", "dm", *options)
    assert (
        said.out.splitlines()[0]
        == f"    1  {subject}/baseline/demographics/sex [answered, data management, 0 d]"
    )
    (row,) = csv.DictReader(files["csv"].read_text(encoding="utf-8").splitlines())
    assert (row["number"], row["site"], row["item"], row["status"]) == ("1", "A", "sex", "answered")
    sheet = load_workbook(files["xlsx"]).worksheets[0]
    assert [cell.value for cell in sheet[2]][:3] == [1, "A", subject]
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    page = files["html"].read_text(encoding="utf-8")
    assert "Seen in the passport." in page and "1 in the list." in page
    (listed,) = json.loads(bench.run("query list", "dm", "--json").out)
    assert len(listed["thread"]) == 2
    fixed = ["--subject", subject, *FIELD, "--item", "height_cm", "--value", "160", "--reason", "passport"]
    assert bench.run("correct", "dm", *fixed, "--query", 1).status == 2, "it is about another item"
    assert bench.run("query list", "dm", "--of-site", "B").out == "0 in the list.\n"
    assert bench.run("query list", "dm", "--of-site", "A").out.endswith("1 in the list.\n")
    assert bench.run("query close", "dm", "--number", 1).status == 0
    assert bench.run("query list", "dm").out == "0 in the list.\n"


def test_a_site_is_told_nothing_of_another_sites_queries(bench: Any) -> None:
    subject = bench.screened()
    bench.run("query open", "dm", "--subject", subject, *FIELD, "--text", "Which page?")
    there, nowhere = (bench.run("query answer", "bert", "--number", n, "--text", "x") for n in (1, 2))
    assert (there.status, there.err.replace("1", "2")) == (nowhere.status, nowhere.err)
    assert bench.run("query list", "bert").out == "0 in the list.\n"


def test_a_signed_form_shows_its_signature_and_that_it_is_void(bench: Any) -> None:
    subject = bench.screened()
    form = ["--subject", subject, *FIELD]
    signed = bench.run("sign", "ivan", *form, "--meaning", "reviewed and approved")
    assert signed.status == 0, signed.err
    listed = bench.run("verify-source", "dm", "--list").out
    # 21 CFR 11.50 (a): the printed name of the signer, the time, and what the signature means
    assert re.search(r"signed by \w.* \(ivan\), \d{4}-.* UTC: reviewed and approved \[stands\]", listed)
    fixed = [*form, "--item", "height_cm", "--value", "160", "--reason", "passport"]
    assert bench.run("correct", "cara", *fixed).status == 0
    assert "[VOID, changed or voided since]" in bench.run("verify-source", "dm", "--list").out
    assert bench.run("verify-source", "dm", "--subject", subject).status == 2


def test_a_frozen_form_is_not_corrected(bench: Any) -> None:
    subject = bench.screened()
    frozen = ["--form", f"{subject}/baseline/demographics", "--reason", "settled"]
    assert bench.run("freeze", "dm", *frozen).status == 0
    fixed = ["--subject", subject, *FIELD, "--item", "height_cm", "--value", "160", "--reason", "passport"]
    said = bench.run("correct", "cara", *fixed)
    assert (said.status, said.out) == (2, "")
    assert "a freeze of the form" in said.err
    assert bench.run("freeze", "dm", *frozen, "--lift").status == 0
    assert bench.run("correct", "cara", *fixed).status == 0
