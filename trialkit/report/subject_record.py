"""The final record of one subject as a PDF (A4), to be read by somebody who has nothing else."""

from __future__ import annotations

import logging
from html import escape
from pathlib import Path

from trialkit.documents.parts import library
from trialkit.operations.archiving import FormPrinted, SubjectRecord

_FONT = "'Noto Sans', 'Noto Sans CJK SC', sans-serif"
_STYLE = f"""
@page {{ size: A4; margin: 20mm 16mm; @top-left {{ content: string(study); font: 8pt {_FONT}; color: #444 }}
  @top-right {{ content: string(who); font: 8pt {_FONT}; color: #444 }}
  @bottom-right {{ content: "Page " counter(page) " of " counter(pages); font: 8pt {_FONT}; color: #444 }} }}
body {{ font: 9pt/1.35 {_FONT}; color: #111 }}
.study {{ string-set: study content(); color: #444 }}
h1 {{ font-size: 16pt; margin: 1mm 0 4mm; string-set: who content() }}
h2 {{ font-size: 11pt; margin: 6mm 0 1mm; break-after: avoid }}
h2 small {{ font-weight: normal; color: #555; font-size: 8.5pt }}
table {{ width: 100%; border-collapse: collapse; table-layout: fixed }}
td {{ border-bottom: .4pt solid #ccc; padding: .9mm 2mm .9mm 0; vertical-align: top }}
td.item, td.line {{ color: #666; font-size: 7.5pt; overflow-wrap: anywhere; width: 18% }}
td.line {{ width: 8% }}
td.value {{ width: 34%; font-weight: 600 }} tr {{ break-inside: avoid }}
.mark {{ font-size: 8pt; margin: 1mm 0 0; break-before: avoid }}
.stand {{ color: #555; font-size: 7.5pt; margin-top: 8mm; overflow-wrap: anywhere }}
"""


def write_subject_record(record: SubjectRecord, path: Path) -> Path:
    """Write it; ``path`` is returned.

    Raises
    ------
    DocumentError
        WeasyPrint, of the extra ``documents``, is not installed.
    """
    weasyprint = library("weasyprint", "a PDF document")
    for name in ("weasyprint", "fontTools"):
        logging.getLogger(name).setLevel(logging.ERROR)
    weasyprint.HTML(string=_html(record), base_url=None).write_pdf(path)
    return path


def _html(record: SubjectRecord) -> str:
    facts = "".join(
        f"<tr><td>{escape(name.replace('_', ' ').capitalize())}</td><td class=value>{escape(text)}</td></tr>"
        for name, text in record.facts
    )
    title = escape(f"{record.study_title}, version {record.version}")
    return (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{escape(record.subject_id)}</title>"
        f"<style>{_STYLE}</style><body><div class=study>{title}</div>"
        f"<h1>{escape(record.subject_id)}</h1><table>{facts}</table>"
        f"{''.join(map(_form, record.forms))}"
        f"<p class=stand>As it was after {escape(record.stand)}</p></body></html>"
    )


def _form(form: FormPrinted) -> str:
    several = any(line for line, _, _, _ in form.lines)
    rows = "".join(
        "<tr>"
        + (f"<td class=line>{escape(line)}</td>" if several else "")
        + f"<td>{escape(label)}</td><td class=value>{escape(value)}</td>"
        f"<td class=item>{escape(item)}</td></tr>"
        for line, label, item, value in form.lines
    )
    heading = f"{escape(form.visit)}: {escape(form.form)} <small>{escape(form.status)}</small>"
    marks = "".join(f"<p class=mark>{escape(mark)}</p>" for mark in form.marks)
    return f"<h2>{heading}</h2><table>{rows}</table>{marks}"
