"""What study check passes has an answer for every value that entry takes; what it refuses never has one."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import pytest

from trialkit.expressions import evaluate, parse
from trialkit.study import Severity, Study, load_study
from trialkit.study.model import Choice, Item
from trialkit.study.rules_kinds import kinds_that_do_not_fit
from trialkit.vocabulary import ItemType

SAMPLES = {
    "whole": ("1", "31", "3"), "number": ("1.5", ".5", "12.25"), "yes": ("1", "1"), "code": ("2", "3"),
    "word": ("mild", "severe"), "day": ("2024-02-29", "1957-06-30"),
    "moment": ("2024-02-29 08:05", "2024-03-01 23:59:58"), "clock": ("08:05", "23:59:01"),
    "note": ("it is so", "05:30", "7"), "counted": (), "passed": (), "between": (),
}  # fmt: skip
"""Item -> texts that entry takes for it."""
_TYPES = {
    "whole": ItemType.INTEGER, "number": ItemType.NUMBER, "yes": ItemType.YES_NO, "code": ItemType.CODED,
    "word": ItemType.CODED, "day": ItemType.DATE, "moment": ItemType.DATETIME, "clock": ItemType.TIME,
    "note": ItemType.TEXT,
}  # fmt: skip
_CALCULATED = {
    "counted": "[whole] * 2",
    "passed": "calcdate([day], 1, 'd')",
    "between": "if([yes] = 1, [day], [day])",
}
_ONE = (
    "-[a]", "[a] * 2", "sum([a])", "mean([a], 3)", "median([a], 1, 2)", "stdev([a], 4)", "round([a], 1)",
    "roundup([a])", "rounddown([a])", "abs([a])", "sqrt([a])", "log([a])", "mod([a], 2)", "min([a])",
    "max([a], 2)",
    "year([a])", "month([a])", "day([a])", "calcdate([a], 2, 'M')", "[a] > 0", "[a] <= '12:00'",
    "[a] >= '2024-01-01'", "length([a])", "isnumber([a])", "[a] <> ''", "contains([a], '1')",
)  # fmt: skip
_TWO = (
    "[a] + [b]", "[a] - [b]", "[a] / [b]", "[a] ^ [b]", "[a] < [b]", "[a] >= [b]", "sum([a], [b])",
    "datediff([a], [b], 'd')", "datediff([a], [b], 'h')", "datediff([a], [b], 'm', true)",
    "datediff([a], '2024-01-01', 's')", "datediff([a], '07:00', 'm')", "calcdate([a], [b], 'd')",
    "concat([a], [b])",
)  # fmt: skip


def study_with(study: Study, text: str) -> Study:
    form = study.forms[0]
    items = [Item(name, form.name, name, kind, choices=_choices(name)) for name, kind in _TYPES.items()] + [
        Item(name, form.name, name, ItemType.DERIVED, calculation=calculation)
        for name, calculation in (*_CALCULATED.items(), ("asked", text))
    ]
    return replace(study, forms=(replace(form, items=tuple(items)),), criteria=(), checks=())


def _choices(name: str) -> tuple[Choice, ...]:
    return tuple(
        Choice(code, code) for code in {"code": ("1", "2", "3"), "word": SAMPLES["word"]}.get(name, ())
    )


def texts_of(name: str) -> tuple[object, ...]:
    """What the item may hold; of a calculation, what it comes to."""
    if name not in _CALCULATED:
        return SAMPLES[name]
    given = {"whole": "31", "day": "2024-02-29", "yes": "1"}
    return (evaluate(parse(_CALCULATED[name]), lambda asked: given[asked.item]),)


def answers(text: str, a: str, b: str) -> list[object]:
    return [
        evaluate(
            parse(text),
            lambda name, pair=pair: pair[name.item],
            unreadable_is_missing=True,
        )
        for pair in ({"a": x, "b": y} for x, y in itertools.product(texts_of(a), texts_of(b)))
    ]


@pytest.fixture(scope="module")
def study() -> Study:
    return load_study(Path(__file__).parents[2] / "sample_data")


CASES = [(text, a, "whole") for text in _ONE for a in SAMPLES]
CASES += [(text, a, b) for text in _TWO for a in SAMPLES for b in SAMPLES]


@pytest.mark.analytic
def test_what_the_check_passes_has_an_answer_and_what_it_refuses_has_none(study: Study) -> None:
    wrong, verdicts = [], {"passed": 0, "noted": 0, "refused": 0}
    for text, a, b in CASES:
        named = text.replace("[a]", f"[{a}]").replace("[b]", f"[{b}]")
        found = list(kinds_that_do_not_fit(study_with(study, named)))
        got = answers(text, a, b)
        if not found:
            verdicts["passed"] += 1
            fits = None not in got
        elif any(finding.severity is Severity.CONTRADICTION for finding in found):
            verdicts["refused"] += 1
            # A free text may happen to be a time or a day; that entry takes others is enough to refuse.
            fits = None in got if "note" in (a, b) else set(got) == {None}
        else:
            verdicts["noted"] += 1
            fits = "note" in (a, b)
        if not fits:
            wrong.append((named, [finding.code for finding in found], got))
    assert not wrong, (len(wrong), wrong[:8])
    assert min(verdicts.values()) > 50, verdicts


def test_equality_of_unlike_things_is_refused_and_of_a_free_text_is_not(study: Study) -> None:
    def codes(text: str) -> list[str]:
        return [finding.code for finding in kinds_that_do_not_fit(study_with(study, text))]

    assert codes("[day] = 5") == ["rule-of-another-kind"]
    assert codes("[clock] <> [moment]") == ["rule-of-another-kind"]
    for word in ("[whole] = 'old'", "[number] <> 'unknown'", "'old' = [whole]", "[counted] = 'high'"):
        assert codes(word) == ["rule-of-another-kind"], word
    assert (
        codes("[whole] = '31'") == codes("[code] = 'maybe'") == []
    )  # the second is a code that is no choice
    for fine in ("[note] = 'x'", "[day] = ''", "[code] = '2'", "[word] = 'mild'", "[day] = [moment]"):
        assert codes(fine) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("datediff([clock], [day], 'h')", "datediff has a day and a time of day, which have no difference"),
        ("[note] + 1", "note is counted with and holds any text"),
        ("sum([whole], [day])", "day stands in sum and holds a day or moment"),
        ("[word] > 1", "word (a word) is compared with 1 (a number)"),
    ],
)
def test_the_finding_names_the_item_and_what_it_holds(study: Study, text: str, words: str) -> None:
    (found,) = kinds_that_do_not_fit(study_with(study, text))
    assert words in found.detail
    assert found.where == ("dictionary asked",)


@pytest.mark.parametrize("validation", ["time_mm_ss", "email", "alpha_only"])
def test_a_text_whose_validation_is_no_number_is_said_to_be_that(study: Study, validation: str) -> None:
    lap = Item("lap", study.forms[0].name, "lap", ItemType.TEXT, validation=validation)

    def found(text: str) -> list[tuple[str, str]]:
        made = study_with(study, text)
        form = made.forms[0]
        with_lap = replace(made, forms=(replace(form, items=(lap, *form.items)),))
        return [(one.code, one.detail) for one in kinds_that_do_not_fit(with_lap)]

    for text in ("[lap] * 2", "sum([lap], 1)", "[lap] > 5", "[lap] < [lap]"):
        ((code, detail),) = found(text)
        assert code == "rule-of-another-kind" and "any text" not in detail, text
    assert "holds texts that are no number, by its validation" in found("[lap] * 2")[0][1]
    assert found("[lap] = '02:30'") == found("[lap] <> ''") == []


def test_a_text_of_digits_is_noted_as_one_of_any_text(study: Study) -> None:
    assert [one.code for one in kinds_that_do_not_fit(study_with(study, "[note] + 1"))] == [
        "rule-on-any-text"
    ]
