"""Written documents read back: each as rows of texts, by other means than those that wrote them."""

from __future__ import annotations

import io
import re
from pathlib import Path

from trialkit.documents import Page, Table

SIGNED_16 = 65536


def expected_rows(table: Table, mark: str = "{}") -> list[list[str]]:
    """The rows of a table as every document has to say them; ``mark`` is how a reason's letter is set."""
    rows = []
    for row in table.rows:
        texts = [
            cell.text + (mark.format(table.footnote_mark(cell.reason)) if cell.reason else "")
            for cell in row.cells
        ]
        rows.append([row.label, *texts])
    return rows


def tables(page: Page) -> list[Table]:
    blocks = [block for section in page.sections for entry in section.entries for block in entry.blocks]
    return [block for block in blocks if isinstance(block, Table)]


def docx_tables(path: Path) -> list[list[list[str]]]:
    """The body rows of each table of a Word document."""
    import docx

    found = []
    for table in docx.Document(str(path)).tables:
        rows = []
        for row in table._tbl.tr_lst:
            if row.xpath("./w:trPr/w:tblHeader"):
                continue
            rows.append(["".join(t.text or "" for t in cell.xpath(".//w:t")) for cell in row.tc_lst])
        found.append(rows)
    return found


def rtf_rows(path: Path) -> list[list[str]]:
    """Every row of every table of an RTF document, heads and notes included."""
    text = re.sub(r"\{\\pict.*?\}", "", path.read_text(encoding="ascii"), flags=re.S)
    rows = []
    for piece in text.split(r"\row")[:-1]:
        cells = piece[piece.rindex(r"\cellx") :].split(r"\cell")[1:]
        cells = [re.sub(r"^x\d+\s*", "", cell) for cell in cells]
        rows.append([_rtf_text(cell) for cell in cells if cell.strip().startswith(r"\pard")])
    return rows


def _rtf_text(cell: str) -> str:
    inner = re.search(r"\{\\f\d+(?:\\b)?\s(.*)\}\s*$", cell, flags=re.S)
    text = inner[1] if inner else ""
    text = text.replace(r"\line ", "\n").replace(r"\uc1", "")
    units = re.split(r"(\\u-?\d+\*|\\[\\{}])", text)
    out = b""
    for unit in units:
        number = re.fullmatch(r"\\u(-?\d+)\*", unit)
        if number:
            out += (int(number[1]) % SIGNED_16).to_bytes(2, "little")
        else:
            out += (unit[1:] if unit[:1] == "\\" else unit).encode("utf-16-le")
    return out.decode("utf-16-le")


def pdf_text(content: bytes) -> list[str]:
    """The text of each page of a PDF without any space: where lines broke does not matter."""
    import pypdf

    pages = pypdf.PdfReader(io.BytesIO(content)).pages
    return [re.sub(r"\s+", "", page.extract_text()) for page in pages]


def xlsx_rows(path: Path, sheet: str) -> list[list[str]]:
    import openpyxl

    cells = openpyxl.load_workbook(path)[sheet].iter_rows(values_only=True)
    return [["" if cell is None else str(cell) for cell in row] for row in cells]
