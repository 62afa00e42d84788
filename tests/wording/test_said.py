"""A text that was said is English to everybody and can be said again in another language."""

import json
import pickle

from trialkit.errors import TrialkitError
from trialkit.wording import Said, plain, said, translated

CATALOGUE = {
    "a number from {low} to {high}": "eine Zahl von {low} bis {high}",
    "{kind} ({value!r})": "{value!r}, also {kind}",
    "text": "Text",
    "Mend that line.": "Die Zeile richtigstellen.",
    "expected {expected}; found {found}.": "erwartet: {expected}; gefunden: {found}.",
}


def german(template: str) -> str:
    return CATALOGUE.get(template, template)


def test_said_prints_as_plain_english_and_is_a_text():
    text = said("a horizon of at most {limit:g}, not {found!r}", limit=12.0, found="a")
    assert text == "a horizon of at most 12, not 'a'"
    assert isinstance(text, str)
    assert json.dumps([text]) == "[\"a horizon of at most 12, not 'a'\"]"


def test_a_brace_is_written_twice():
    assert said("{{{name}}}", name="x") == "{x}"


def test_it_keeps_its_template_through_str_an_exception_and_a_process_boundary():
    text = said("a number from {low} to {high}", low=1, high=9)
    for again in (str(text), str(ValueError(text)), pickle.loads(pickle.dumps(text))):
        assert isinstance(again, Said)
        assert (again.template, dict(again.parameters)) == (text.template, {"low": 1, "high": 9})


def test_a_translator_renders_the_template_and_the_texts_within_it():
    text = said("{kind} ({value!r})", kind=said("text"), value="x")
    assert translated(text, german) == "'x', also Text"
    assert translated(text, plain) == text == "text ('x')"


def test_a_plain_text_is_its_own_message_id_and_data_stay():
    assert translated("Mend that line.", german) == "Die Zeile richtigstellen."
    assert translated("'{0}'", german) == "'{0}'"
    assert translated("", lambda _: "a catalogue's header") == ""


def test_an_error_is_said_in_another_language_field_by_field():
    error = TrialkitError(
        expected=said("a number from {low} to {high}", low=1, high=9),
        found=said("{kind} ({value!r})", kind=said("text"), value="x"),
        where="study.toml:4",
        next_step="Mend that line.",
    )
    assert error.in_language(german) == (
        "study.toml:4: erwartet: eine Zahl von 1 bis 9; gefunden: 'x', also Text. Die Zeile richtigstellen."
    )
    assert str(error) == "study.toml:4: expected a number from 1 to 9; found text ('x'). Mend that line."


def test_an_error_names_its_message_whatever_its_parameters():
    one, other = (TrialkitError(expected=said("at most {n}", n=n), found="'x'") for n in (1, 2))
    assert one.message_id == other.message_id == "TrialkitError: at most {n}"
    assert one.parameters == {"expected": {"n": 1}, "found": {}, "where": {}, "next_step": {}}
    assert pickle.loads(pickle.dumps(one)).message_id == one.message_id
