"""The chapter of small calls: some methods' lines can be made anew beside the others'."""

from __future__ import annotations

from benchmarks import small_calls
from benchmarks.small_calls import SmallCall

PAGE = "# Costs\n\n{chapter}\n\n## Every method\n\nmore"


def call(method: str, what: str, ours: float, theirs: float | None = None) -> SmallCall:
    return SmallCall(method, what, "314 subjects", ours, theirs, "R" if theirs else "")


def page_of(*calls: SmallCall) -> str:
    return PAGE.format(chapter=small_calls.chapter(list(calls), ("Made somewhere.",)))


def test_lines_of_the_methods_named_are_replaced_and_all_are_counted():
    slow, other = call("gee", "robust", 0.009, 0.002), call("roc", "area", 0.002)
    before = page_of(slow, other)
    assert "0 within their limit, 1 over it, 1 without R." in before
    now = [call("gee", "robust", 0.001, 0.002), call("gee", "a new measure", 0.0005)]
    assert small_calls.with_calls(before, now) == page_of(*now, other)
