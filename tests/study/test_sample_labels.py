"""Study A is read in Chinese from its title to the last option."""

from __future__ import annotations

from collections.abc import Iterator

from trialkit import resources
from trialkit.study import load_study
from trialkit.study.labels import read_labels
from trialkit.study.model import Study


def _labels(study: Study) -> Iterator[str]:
    yield study.title
    yield from (site.name for site in study.sites)
    yield from (one.label for one in (*study.visits, *study.arms, *study.criteria))
    for form in study.forms:
        yield form.label
        for item in form.items:
            yield from (item.label, item.section, *(choice.label for choice in item.choices))


def test_every_label_has_a_chinese_one() -> None:
    folder = resources.folder("sample_data")
    words = read_labels(folder)["zh"]
    assert not sorted({label for label in _labels(load_study(folder)) if label} - words.keys())


def test_a_number_of_an_item_stays_in_its_translation() -> None:
    words = read_labels(resources.folder("sample_data"))["zh"]
    for label, translation in words.items():
        number = label.partition(". ")[0]
        if number.isdecimal():
            assert translation.startswith(f"{number}. "), label
