"""The dictionary's question numbers are the numbers of a form's lines, on the screen and on paper."""

from __future__ import annotations

from trialkit.report.crf import field_numbers
from trialkit.study.dictionary import read_dictionary
from trialkit.study.model import Form
from trialkit.study.paper_numbers import with_lines
from trialkit.vocabulary import EntryMode
from trialkit.web.entry_fields import fields_of

_HEADER = "field_name,form_name,field_type,field_label,question_number"


def _form(*numbers: str) -> Form:
    rows = [f"item_{n},f,text,Item {n},{number}" for n, number in enumerate(numbers, start=1)]
    items = read_dictionary("\n".join([_HEADER, "rec,f,text,Record,", *rows])).items
    return with_lines(Form("f", "F", EntryMode.DOUBLE, ("v",), tuple(items), place="3"))


def test_a_question_number_is_the_number_of_the_line() -> None:
    form = _form("1a", "1b", "", "2")
    assert [item.question_number for item in form.items] == ["1a", "1b", "", "2"]
    assert list(form.line_numbers.values()) == ["1a", "1b", "", "2"]
    assert [field.number for field in fields_of(form, 0, {}, {})] == ["1a", "1b", "", "2"]
    assert list(field_numbers(form).values()) == ["3.1a", "3.1b", "", "3.2"]


def test_a_form_without_question_numbers_is_numbered_by_place() -> None:
    assert list(_form("", "").line_numbers.values()) == ["1", "2"]
