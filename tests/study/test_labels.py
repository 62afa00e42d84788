"""Whoever stands at a desk reads labels beside codes."""

from __future__ import annotations

from trialkit import resources
from trialkit.study import load_study
from trialkit.study.labels import in_words, read_labels
from trialkit.study.model import Choice, Item
from trialkit.vocabulary import ItemType

GRADE = Item("grade", "mri", "Grade", ItemType.CODED, choices=(Choice("0", "none"), Choice("yes", "Yes")))


def test_a_code_is_shown_with_its_label_where_that_says_more() -> None:
    assert GRADE.shown("0") == "0 (none)"
    assert GRADE.shown("yes") == "yes"
    assert GRADE.shown("7") == "7"
    assert GRADE.shown("@unknown") == "@unknown"


def test_a_study_in_another_language_has_its_words_and_keeps_its_names() -> None:
    folder = resources.folder("sample_data")
    study = load_study(folder)
    words = read_labels(folder)["zh"]
    printed = in_words(study, words)
    assert {visit.label for visit in printed.visits} == {words[visit.label] for visit in study.visits}
    assert [(site.code, site.name) for site in printed.sites] == [
        (site.code, words[site.name]) for site in study.sites
    ]
    for before, after in zip(study.forms, printed.forms, strict=True):
        assert (after.name, after.label) == (before.name, words.get(before.label, before.label))
        for item, said in zip(before.items, after.items, strict=True):
            assert (said.name, said.label) == (item.name, words.get(item.label, item.label))
            assert [(c.code, words.get(c.label, c.label)) for c in item.choices] == [
                (c.code, c.label) for c in said.choices
            ]
    assert in_words(study, {}) == study
