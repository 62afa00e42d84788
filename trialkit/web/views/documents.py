"""Papers of the study: its forms blank and annotated, its dictionary, and how the pages are used."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

from starlette.responses import Response

from trialkit.operations.study_shown import study_shown
from trialkit.report.crf import crf_pdf
from trialkit.study.asked import without_retired
from trialkit.study.dictionary import cut_dictionary
from trialkit.study.dictionary_header import letters_of
from trialkit.study.labels import in_words
from trialkit.study.model import Study
from trialkit.web.asking import Asked, NotHereError

_MOST_PRINTED = 16
_printed: dict[tuple[object, ...], bytes] = {}
"""A PDF takes seconds: one that was made is kept while the server runs."""


def listed(asked: Asked) -> Response:
    return asked.page("documents.html")


def instructions(asked: Asked) -> Response:
    return asked.page("instructions.html", types_blindly=asked.actor.types_blindly)


def file(asked: Asked) -> Response:
    make = _FILES.get(asked.at("name"))
    if make is None:
        raise NotHereError
    content, kind = make(asked, without_retired(study_shown(asked.trial, asked.actor)))
    name = f"{asked.trial.study.id}-{asked.at('name')}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=kind, headers=headers)


def _crf(asked: Asked, study: Study, *, annotated: bool) -> tuple[bytes, str]:
    items = tuple(item.name for form in study.forms for item in form.items)
    key = (study.sha256, items, annotated, asked.language)
    if key not in _printed:
        while len(_printed) >= _MOST_PRINTED:
            _printed.pop(next(iter(_printed)))
        printed = in_words(study, asked.web.labels.get(asked.language, {}))
        _printed[key] = crf_pdf(printed, annotated=annotated, language=asked.language)
    return _printed[key], "application/pdf"


# REDCap's two names of the column.
_QUESTION_NUMBER = frozenset({letters_of("Question Number (surveys only)"), letters_of("question_number")})


def dictionary_shown(whole: Study, study: Study) -> str:
    """The dictionary as it was read, cut by commas, without the lines of what ``study`` does not show.

    Nor the question numbers that ``study`` does not have: a gap in them would tell of such a line.
    """
    hidden = {item.name for form in whole.forms for item in form.items}
    hidden |= {form.name for form in whole.forms}
    hidden -= {item.name for form in study.forms for item in form.items} | {form.name for form in study.forms}
    hidden |= {field for name in hidden if (field := name.partition("___")[0])}  # the boxes of one field
    unnumbered = _numbered(whole) - _numbered(study)
    rows = cut_dictionary(study.dictionary_text)
    at = next((at for at, cell in enumerate(rows[0]) if letters_of(cell) in _QUESTION_NUMBER), None)
    text = io.StringIO()
    write = csv.writer(text, lineterminator="\n")
    for row in rows:
        if not hidden.intersection(row):
            write.writerow(row if unnumbered.isdisjoint(row) else _blank_at(row, at))
    return text.getvalue()


def _numbered(study: Study) -> set[str]:
    """Fields with a question number of their own."""
    return {
        item.name.partition("___")[0] for form in study.forms for item in form.items if item.question_number
    }


def _blank_at(row: list[str], at: int | None) -> list[str]:
    return [("" if place == at else cell) for place, cell in enumerate(row)]


def _dictionary(asked: Asked, study: Study) -> tuple[bytes, str]:
    return dictionary_shown(asked.trial.study, study).encode(), "text/csv; charset=utf-8"


_FILES: dict[str, Callable[[Asked, Study], tuple[bytes, str]]] = {
    "blank-crf.pdf": lambda asked, study: _crf(asked, study, annotated=False),
    "annotated-crf.pdf": lambda asked, study: _crf(asked, study, annotated=True),
    "dictionary.csv": _dictionary,
}
