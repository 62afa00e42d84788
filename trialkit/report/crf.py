"""The case report forms on paper: blank to fill in, or annotated with what the database makes of them.

Every field has a number, the same on both: its question number in the dictionary, or its place there where
the form has none. Clerks and screens speak of "3.12", field 12 of form 3. One form begins a page.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from html import escape
from pathlib import Path

from trialkit.documents.parts import library
from trialkit.numbers import plain
from trialkit.report.asked_if import asked_if
from trialkit.report.crf_words import WORDS, label_of
from trialkit.study.model import Form, Item, Study
from trialkit.vocabulary import ItemType, MissingCode

_LONG_LIST = 12  # choices; a longer list is written by code
_LINES_OF_A_REPEATING_FORM = 8
_FIELDS_BESIDE_EACH_OTHER = 6

_PATTERNS = {
    ItemType.DATE: "YYYY-MM-DD",
    ItemType.DATETIME: "YYYY-MM-DD HH:MM",
    ItemType.TIME: "HH:MM",
}

_FONT = "'Noto Sans', 'Noto Sans CJK SC', sans-serif"
_MARGIN = f"font: 8pt {_FONT}; color: #444"
_STYLE = (
    (
        f"@page {{ size: A4; margin: 22mm 16mm 20mm 16mm; "
        f"@top-left {{ content: string(study); width: 62%; {_MARGIN} }} "
        f"@top-right {{ content: string(form); white-space: nowrap; {_MARGIN} }} "
        f"@bottom-left {{ content: string(version); {_MARGIN} }} "
        f'@bottom-right {{ content: "PAGE " counter(page) " OF " counter(pages) " END"; {_MARGIN} }} }}'
        f"body {{ font: 9.5pt/1.35 {_FONT}; margin: 0; color: #111 }}"
    )
    + """
.study { string-set: study content() } .version { string-set: version content() }
.study, .version { height: 0; overflow: hidden; font-size: 1px; color: white }
section { break-before: page } section.first { break-before: auto }
h1 { font-size: 15pt; margin: 0 0 3mm; string-set: form content(); bookmark-level: 1 }
h2 { font-size: 10.5pt; margin: 4mm 0 1mm; padding: 1mm 2mm; background: #eee; break-after: avoid }
table.head { width: 100%; border-collapse: collapse; margin-bottom: 4mm }
table.head td { border: .6pt solid #111; padding: 1.2mm 2mm 5.5mm; font-size: 8pt; vertical-align: top;
  width: 20% }
.field { display: flex; border-bottom: .4pt solid #bbb; padding: 1.8mm 0; break-inside: avoid }
.number { width: 10mm; color: #555; flex: none } .question { width: 76mm; flex: none; padding-right: 4mm }
.answer { flex: 1 } .unit, .hint { color: #555; font-size: 8pt }
.box { display: inline-block; width: 4.6mm; height: 5.6mm; border: .6pt solid #111; margin-right: .6mm;
  vertical-align: middle }
.tick { display: inline-block; width: 3.4mm; height: 3.4mm; border: .6pt solid #111; margin: 0 1.6mm -.4mm 0 }
.line { border-bottom: .5pt solid #111; height: 6mm } .lines .line { height: 8mm }
.choice { display: block }
.note { color: #a3123c; font: 7.5pt/1.3 'Noto Sans Mono', monospace; display: block }
table.rows { width: 100%; border-collapse: collapse; margin-top: 2mm } table.rows th, table.rows td {
  border: .5pt solid #111; font-size: 8pt; padding: 1mm; text-align: left; vertical-align: top }
table.rows td { height: 9mm } .foot { margin-top: 6mm; font-size: 8pt; break-inside: avoid }
.why { color: #555; font-size: 8pt; margin: -2mm 0 3mm } .visit { white-space: nowrap; display: inline-block;
  margin-right: 3mm } .keep { break-inside: avoid }
"""
)


def write_crf(study: Study, path: Path, *, annotated: bool = False, language: str = "en") -> Path:
    """Write the forms as one PDF (A4).

    Parameters
    ----------
    study
        Its forms in order, items in dictionary order; derived items are not on the blank form.
    annotated
        True: each field with its item's name, type, codes, range, branching and tags.
    language
        Of the few words that are not the study's: ``en``, ``zh``, ``de``, ``fr``, ``es``.

    Raises
    ------
    DocumentError
        WeasyPrint, of the extra ``documents``, is not installed.
    """
    path.write_bytes(crf_pdf(study, annotated=annotated, language=language))
    return path


def crf_pdf(study: Study, *, annotated: bool = False, language: str = "en") -> bytes:
    """The same as bytes.

    Raises
    ------
    DocumentError
        As :func:`write_crf`.
    """
    weasyprint = library("weasyprint", "a PDF document")
    logging.getLogger("weasyprint").setLevel(logging.ERROR)
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    html = weasyprint.HTML(string=crf_html(study, annotated=annotated, language=language))
    content: bytes = html.write_pdf()
    return content


def crf_html(study: Study, *, annotated: bool, language: str = "en") -> str:
    """The page that is printed."""
    words = WORDS[language]
    style = _STYLE.replace("PAGE", words["page"]).replace("OF", words["of"]).replace(" END", words["end"])
    title = f"{study.id} — {study.title}"
    forms = "".join(
        _form(study, form, words, annotated=annotated, first=form is study.forms[0]) for form in study.forms
    )
    kind = words["annotated" if annotated else "blank"]
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{style}</style></head><body>"
        f'<div class="study">{escape(title)}</div>'
        f'<div class="version">{words["crf"]} {escape(study.version)} · {kind} · {study.sha256[:12]}</div>'
        f"{forms}</body></html>"
    )


def field_numbers(form: Form) -> dict[str, str]:
    """Item -> the number printed before it: ``3.12``."""
    return {name: f"{form.place}.{number}" if number else "" for name, number in form.line_numbers.items()}


def _form(study: Study, form: Form, words: dict[str, str], *, annotated: bool, first: bool) -> str:
    numbers = field_numbers(form)
    items = [item for item in form.items if annotated or item.type is not ItemType.DERIVED]
    visits = " ".join(
        f'<span class="visit"><span class="tick"></span>{escape(study.visit(name).label)}</span>'
        for name in form.visits
    )
    head = (
        f'<table class="head"><tr><td>{words["subject"]}</td><td>{words["site"]}</td>'
        f'<td style="width:40%">{words["visit"]}<br>{visits}</td><td>{words["date"]}</td></tr></table>'
    )
    narrow = form.repeating and len(items) <= _FIELDS_BESIDE_EACH_OTHER and not annotated
    codes = _codes_of(items)
    fields = (
        [_grid(study, form, items, numbers, words, codes)]
        if narrow
        else list(_fields(study, items, numbers, words, codes, annotated=annotated))
    )
    answered = [item for item in items if not (narrow and item.name == form.row_key)]
    why = f'<div class="why">{_why(answered, words, codes)}</div>'
    about = (
        f'<span class="note">form {escape(form.name)}, {form.entry} entry; {_about(form)}</span>'
        if annotated
        else ""
    )
    foot = (
        f'<div class="foot">{words["completed"]} ________________________ &nbsp; {words["signature"]} '
        "________________________</div>"
    )
    begins = ' class="first"' if first else ""
    return (
        f"<section{begins}><h1>{form.place}. {escape(form.label)}</h1>{about}{head}{why}"
        f'{"".join(fields[:-1])}<div class="keep">{"".join(fields[-1:])}{foot}</div></section>'
    )


def _about(form: Form) -> str:
    parts = [f"visits {', '.join(form.visits)}"]
    if form.repeating:
        parts.append(f"repeats, line number in {form.row_key}")
    if form.optional:
        parts.append("only when something happened")
    return escape("; ".join(parts))


def _codes_of(items: list[Item]) -> list[str]:
    """The missing codes that any field of the form takes, in their one order."""
    permitted = {str(code) for item in items for code in item.missing_codes}
    return [str(code) for code in MissingCode if str(code) in permitted]


def _why(items: list[Item], words: dict[str, str], codes: list[str]) -> str:
    """What to write where there is no value, and what a star says."""
    parts = []
    if codes:
        parts.append(f"{words['why']} {', '.join(words[code] for code in codes)}{words['stop']}")
        if any(_fewer(item, codes) for item in items):
            parts.append(words["only"])
    if any(item.critical for item in items):
        parts.append(words["critical"])
    return escape(" ".join(parts))


def _fewer(item: Item, codes: list[str]) -> bool:
    return len(item.missing_codes) < len(codes) and item.type is not ItemType.DERIVED


def _only(item: Item, words: dict[str, str], codes: list[str]) -> str:
    """The codes of a field that takes fewer than others of its form: ``[ND]``, ``[-]`` for none."""
    if not _fewer(item, codes):
        return ""
    short = " ".join(words[str(code)].split()[0] for code in item.missing_codes)
    return f' <span class="hint">[{escape(short) or "&ndash;"}]</span>'


def _fields(
    study: Study,
    items: list[Item],
    numbers: dict[str, str],
    words: dict[str, str],
    codes: list[str],
    *,
    annotated: bool,
) -> Iterator[str]:
    section = ""
    for item in items:
        if item.section and item.section != section:
            section = item.section
            yield f"<h2>{escape(section)}</h2>"
        note = (
            f'<span class="note">{escape(annotation(item))}</span>'
            if annotated
            else _for_whom(item, study, words)
        )
        yield (
            f'<div class="field"><div class="number">{numbers[item.name]}</div>'
            f'<div class="question">{escape(item.label)}{_star(item)}{note}</div>'
            f'<div class="answer">{_answer(item, words)}{_only(item, words, codes)}</div></div>'
        )


def _for_whom(item: Item, study: Study, words: dict[str, str]) -> str:
    condition = asked_if(item, study, words)
    return f'<div class="hint">{escape(condition)}</div>' if condition else ""


def _star(item: Item) -> str:
    return " *" if item.critical else ""


def _grid(
    study: Study,
    form: Form,
    items: list[Item],
    numbers: dict[str, str],
    words: dict[str, str],
    codes: list[str],
) -> str:
    """A narrow form that repeats: one line an event, as many as fit; its number is printed."""
    line = f"{numbers[form.row_key]} " if form.row_key in numbers else ""
    items = [item for item in items if item.name != form.row_key]
    header = "".join(
        f"<th>{numbers[item.name]} {escape(item.label)}{_star(item)}{_for_whom(item, study, words)}"
        f"{_told_once(item, words, codes)}</th>"
        for item in items
    )
    choices = "".join(
        f'<div class="hint">{numbers[item.name]}: '
        + escape("; ".join(f"{choice.code} {label_of(choice, words)}" for choice in item.choices))
        + "</div>"
        for item in items
        if item.choices
    )
    empty = "<td></td>" * len(items)
    lines = "".join(f"<tr><td>{n}</td>{empty}</tr>" for n in range(1, _LINES_OF_A_REPEATING_FORM + 1))
    return f'<table class="rows"><tr><th>{line}{words["line"]}</th>{header}</tr>{lines}</table>{choices}'


def _told_once(item: Item, words: dict[str, str], codes: list[str]) -> str:
    """Above a column: what a field of its own would say beside its room for the answer."""
    pattern = _PATTERNS.get(item.type)
    hint = f'<div class="hint">{pattern}{_partial(item, words)}</div>' if pattern else ""
    unit = f' <span class="unit">{escape(item.unit)}</span>' if item.unit else ""
    return f"{unit}{hint}{_only(item, words, codes)}"


def _answer(item: Item, words: dict[str, str]) -> str:
    """Room for what is written: boxes for digits and dates, a tick a choice, a line for text."""
    unit = f' <span class="unit">{escape(item.unit)}</span>' if item.unit else ""
    if item.choices and len(item.choices) <= _LONG_LIST:
        return "".join(
            f'<span class="choice"><span class="tick"></span>'
            f"{escape(choice.code)} &nbsp;{escape(label_of(choice, words))}</span>"
            for choice in item.choices
        )
    if item.choices:
        return (
            _boxes(max(len(choice.code) for choice in item.choices))
            + f' <span class="hint">{words["code"]}</span>'
        )
    if item.type in _PATTERNS:
        pattern = _PATTERNS[item.type]
        return (
            "".join(_boxes(1) if mark.isalpha() else f" {mark} " for mark in pattern)
            + f'<div class="hint">{pattern}{_partial(item, words)}</div>'
        )
    if item.type in (ItemType.INTEGER, ItemType.NUMBER):
        return _number(item) + unit
    if item.type is ItemType.DERIVED:
        return f'<span class="hint">{words["calculated"]}</span>'
    return '<div class="line"></div>'


def _partial(item: Item, words: dict[str, str]) -> str:
    return f" ({escape(words['partial'])})" if item.partial_date else ""


def _number(item: Item) -> str:
    """As many boxes as the largest permitted number has digits, and as decimals are asked for."""
    ends = [bound for bound in (item.minimum, item.maximum) if isinstance(bound, float)]
    digits = max((len(f"{plain(abs(bound), 0)}") for bound in ends), default=4)
    sign = "&plusmn; " if any(bound < 0 for bound in ends) else ""
    decimals = item.decimals if item.decimals is not None else (2 if item.type is ItemType.NUMBER else 0)
    return sign + _boxes(digits) + (f" . {_boxes(decimals)}" if decimals else "")


def _boxes(number: int) -> str:
    return '<span class="box"></span>' * number


def annotation(item: Item) -> str:
    """What the database makes of a field, in one line."""
    parts = [item.name, str(item.type)]
    if item.choices:
        parts.append("codes " + ", ".join(choice.code for choice in item.choices[:20]))
    for word, bound in (("from", item.minimum), ("to", item.maximum)):
        if bound is not None:
            parts.append(f"{word} {bound:g}" if isinstance(bound, float) else f"{word} {bound}")
    parts += [word for word, is_so in _MARKS if is_so(item)]
    if item.branching:
        parts.append(f"asked if {item.branching}")
    if item.calculation:
        parts.append(f"= {item.calculation}")
    return " · ".join(parts)


_MARKS: tuple[tuple[str, Callable[[Item], bool]], ...] = (
    ("required", lambda item: item.required),
    ("critical", lambda item: item.critical),
    ("identifier", lambda item: item.identifier),
    ("reveals the allocation", lambda item: item.reveals_allocation),
    ("partial date", lambda item: item.partial_date),
)
