"""One output that cannot be printed costs itself alone; what a board is told of its plan."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from trialkit.analysis.modes import Mode
from trialkit.analysis.results import Results
from trialkit.documents import render_html
from trialkit.report.guarded import UNPRINTED
from trialkit.report.page import report_page


def text(page: object) -> str:
    return render_html(page)  # type: ignore[arg-type]


def test_a_table_that_cannot_be_printed_leaves_every_other_one(by_hand: SimpleNamespace) -> None:
    broken = by_hand.primary(by_hand.contrast().drop(columns="ci_lower"))
    told: list[str] = []
    page = text(report_page(by_hand.results(broken, by_hand.responders(), by_hand.quality()), unprinted=told))
    assert [one.partition(" could")[0] for one in told] == ["P1, effect", "The key result"]
    assert "'ci_lower'" in told[0]
    assert f"P1, effect. {UNPRINTED}" in page
    assert "coefficients of the model" in page  # the primary's other table
    assert "Responders at 12 months: responders by arm" in page
    assert "key-result" not in page


def test_a_defect_of_one_output_is_not_told_in_pythons_words(
    by_hand: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    from trialkit.documents.declared import Listed

    plain = Listed.printed

    def printed(self: Listed, shown: object) -> object:
        if self.source == "proportions":
            raise ZeroDivisionError("of one arm: 12")
        return plain(self, shown)  # type: ignore[arg-type]

    monkeypatch.setattr(Listed, "printed", printed)
    told: list[str] = []
    results = by_hand.results(by_hand.primary(), by_hand.responders())
    page = text(report_page(results, unprinted=told))
    assert told == ["S2, proportions could not be printed: ZeroDivisionError('of one arm: 12')"]
    assert "of one arm" not in page
    assert "Responders at 12 months: effect" in page
    hidden: list[str] = []
    report_page(replace(results, mode=Mode.MASKED), unprinted=hidden)
    assert "of one arm" not in "".join(hidden)
    with pytest.raises(ZeroDivisionError):  # whoever gives no list wants to know
        report_page(results)


def test_whatever_is_sound_is_printed_as_before(trial: Results) -> None:
    told: list[str] = []
    assert text(report_page(trial, unprinted=told)) == text(report_page(trial))
    assert told == []
