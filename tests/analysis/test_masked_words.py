"""What every method says of masked groups, in both draws of the key: nothing of which side is which."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.analysis import three_arms
from tests.analysis.conftest import ARMS
from tests.analysis.test_repeated_measures import TRIAL
from trialkit.analysis import Mode, Results, all_methods, run_plan
from trialkit.documents.html import render_html
from trialkit.plan import Analysis, Plan
from trialkit.report.page import report_page
from trialkit.snapshot import Snapshot

DRAWS = ({"A": ARMS[0], "B": ARMS[1]}, {"A": ARMS[1], "B": ARMS[0]})
# Whatever ties a result to a side: which arm is the test arm, or which way is good.
TELLING = re.compile(
    r"favou?r|\bbenefit|\bharm|minus reference|test minus|(?:test|reference|control|treated) (?:arm|group)"
    r"|\bbetter\b|\bworse\b|superior|inferior|improve(?:d|s)\b|\bMCID\b|relevant difference|\bNN[TH]\b"
    r"|one-sided|in the (?:test|reference)|than (?:the )?(?:test|reference|control)",
    re.IGNORECASE,
)
NUMBER = re.compile(r"[-−+]?(?:\d[\d.,]*)(?:e[-−+]?\d+)?%?")
PATHS = re.compile(
    r'(?:\b(?:d|points|transform|viewBox|x|y|x1|x2|y1|y2|width|height|cx|cy|href)=|<path id=)"[^"]*"'
)
CODE = re.compile(r"<(style|script)\b.*?</\1>", re.DOTALL)


def masked_entries(plan: Plan) -> Iterator[Analysis]:
    """Of every method that shows something masked, its entries, and forms that the plan has not."""
    for entry in plan.analyses:
        if entry.id == "P1":
            entry = entry.saying(missing=replace(entry.keys["missing"], m=2))
        yield entry
    repeated = {"id": "X1", "method": "repeated_measures", "title": "ODI again", "keys": TRIAL}
    yield replace(plan.analysis("D2"), **repeated)  # type: ignore[arg-type]
    higher = plan.analysis("P2").saying(endpoint="joa_change")
    yield replace(higher, id="X2", title="JOA at 12 months")
    values = plan.analysis("P3").saying(endpoint="satisfaction", formula="value ~ arm + sex + site")
    yield replace(values, id="X3", title="Level at 12 months")
    family = plan.analysis("M1").saying(family=("V1", "R1"), procedure="hochberg")
    yield replace(family, id="X4", title="By Hochberg")
    yield replace(plan.analysis("G1").saying(by={"age_years": (70.0,)}), id="X5", title="By age")
    levels = plan.analysis("I1").saying(formula="chg ~ arm * sex + base + site", modifier="sex")
    yield replace(levels, id="X6", title="By sex")


@pytest.fixture(scope="module")
def draws(plan: Plan, snapshot: Snapshot) -> list[Results]:
    whole = replace(plan, analyses=tuple(masked_entries(plan)))
    return [run_plan(whole, snapshot, mode=Mode.MASKED, masking=draw) for draw in DRAWS]


def said(results: Results, plan: Plan) -> str:
    """The page with every attribute, title and picture, but for what the plan itself calls things."""
    text = CODE.sub("", render_html(report_page(results)))
    own = [one.label for one in plan.endpoints.values()] + [one.label for one in plan.estimands.values()]
    own += [one.title for one in results.analyses]
    for name in sorted(own, key=len, reverse=True):
        text = text.replace(name, "")
    return text


def around(text: str, found: re.Match[str]) -> str:
    return " ".join(text[max(0, found.start() - 80) : found.end() + 60].split())


def test_every_method_that_shows_something_masked_is_among_the_entries(draws: list[Results]):
    shows = {name for name, method in all_methods().items() if method.symmetric}
    answered = {one.kind for one in draws[0].analyses if not one.withheld}
    assert shows <= answered
    assert not [one.id for one in draws[0].analyses if one.failure]
    for one in draws[0].analyses:  # nothing of any other method
        assert one.withheld or one.kind in shows, one.id


def test_no_page_of_masked_groups_says_which_side_is_which(draws: list[Results], plan: Plan):
    found = {
        around(text, one) for text in (said(one, plan) for one in draws) for one in TELLING.finditer(text)
    }
    assert not found, "\n".join(sorted(found))


def test_both_draws_say_the_same_but_for_their_numbers(draws: list[Results], plan: Plan):
    """A sentence that depends on the sign of an estimate would differ."""
    texts = [NUMBER.sub("#", PATHS.sub("", said(one, plan))) for one in draws]
    lines = [re.split(r"(?<=>)\s*(?=<)", text) for text in texts]
    apart = [f"{one}\n   {two}" for one, two in zip(*lines, strict=False) if one != two]
    assert not apart, "\n".join(apart[:20])
    assert len(lines[0]) == len(lines[1])


def test_the_words_that_are_looked_for_stand_in_the_report_of_known_arms(plan: Plan, snapshot: Snapshot):
    """So the page of masked groups would be found out if it said them."""
    few = [plan.analysis(name) for name in ("P2", "S1", "I1")]
    page = said(run_plan(replace(plan, analyses=tuple(few)), snapshot), plan)
    found = {one[0].lower() for one in TELLING.finditer(page)}
    assert {"one-sided", "mcid", "benefit"} <= found
    for sentence in (
        "Difference, test minus reference",
        "Effect of the test arm",
        "better with A",
        "a harm of",
    ):
        assert TELLING.search(sentence)


def test_three_masked_groups_are_told_apart_by_nothing(tmp_path: Path):
    three, snapshot = three_arms.three_arm_plan(tmp_path), three_arms.three_arm_snapshot(tmp_path)
    pages = []
    for order in (three_arms.ARMS, three_arms.ARMS[1:] + three_arms.ARMS[:1]):
        draw = dict(zip("ABC", order, strict=True))
        pages.append(said(run_plan(three, snapshot, mode=Mode.MASKED, masking=draw), three))
    for page in pages:
        assert not {around(page, one) for one in TELLING.finditer(page)}
    assert NUMBER.sub("#", PATHS.sub("", pages[0])) == NUMBER.sub("#", PATHS.sub("", pages[1]))
