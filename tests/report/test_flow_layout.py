"""The CONSORT diagram: boxes as high as their text, never one over another, every count told."""

from __future__ import annotations

from itertools import combinations
from types import SimpleNamespace

import lxml.etree
import pytest
from hypothesis import given, settings, strategies as st

from trialkit.figures.flow import draw_flow, flow_arrows
from trialkit.figures.flow_layout import PAD, TEXT_SIZE, WIDTH, FlowBox, FlowCount, flow_boxes
from trialkit.figures.lettering import text_width_points

ARM_STAGES = ("allocated", "received", "not_received", "lost", "discontinued", "analysed", "not_analysed")
reasons = st.lists(st.text("abcdefgh ", min_size=1, max_size=90).filter(str.strip), max_size=5)


def overlap(a: FlowBox, b: FlowBox) -> bool:
    beside = a.x + a.width <= b.x or b.x + b.width <= a.x
    above = a.bottom <= b.y or b.bottom <= a.y
    return not (beside or above)


def counts_of(trial_reasons: dict[str, list[str]], arms: list[str]) -> list[FlowCount]:
    rows = []
    for stage in ("assessed", "excluded", "randomized"):
        rows.append(FlowCount(stage, "", 300, ""))
        rows += [FlowCount(stage, "", 3, why) for why in trial_reasons.get(stage, [])]
    for arm in arms:
        for stage in ARM_STAGES:
            rows.append(FlowCount(stage, arm, 100, ""))
            rows += [FlowCount(stage, arm, 2, why) for why in trial_reasons.get(stage, [])]
    return rows


@settings(derandomize=True, deadline=None, max_examples=40)
@given(st.integers(1, 3), st.dictionaries(st.sampled_from(("excluded", "lost", "not_analysed")), reasons))
def test_boxes_never_overlap_whatever_the_reasons_say(arms: int, said: dict[str, list[str]]) -> None:
    names = [f"arm {i}" for i in range(arms)]
    boxes = flow_boxes(counts_of(said, names), {name: f"Label of {name}" for name in names})
    assert len(boxes) == 3 + 3 * arms
    assert not [pair for pair in combinations(boxes, 2) if overlap(*pair)]
    assert all(box.x >= 0 and box.x + box.width <= WIDTH + 1e-6 for box in boxes)


@settings(derandomize=True, deadline=None, max_examples=20)
@given(reasons)
def test_every_line_of_text_stays_inside_its_box(said: list[str]) -> None:
    rows = counts_of({"excluded": said, "lost": said}, ["a", "b"])
    for box in flow_boxes(rows, {"a": "Exercise + NSAID", "b": "NSAID alone"}):
        for line in box.lines:
            if " " in line.text:  # one word longer than the box cannot be broken
                room = box.width - 2 * PAD - line.indent
                assert text_width_points(line.text, TEXT_SIZE, line.bold) <= room + 1e-6


def test_every_count_of_the_flow_table_is_written_once(by_hand: SimpleNamespace) -> None:
    table = by_hand.flow().tables["flow"]
    counts = [FlowCount(*row) for row in table[["stage", "arm", "n", "reason"]].itertuples(index=False)]
    boxes = flow_boxes(counts, by_hand.arms)
    written = [text.replace("\u00a0", " ") for box in boxes for text in box.text]
    assert len(written) == len(table)
    for row in table.itertuples():
        found = [text for text in written if text.endswith(f"(n = {row.n})") and row.reason in text]
        assert found, row
    assert any(text.startswith("Allocated to Exercise + NSAID") for text in written)


def test_the_diagram_says_in_text_what_its_boxes_say(by_hand: SimpleNamespace) -> None:
    table = by_hand.flow().tables["flow"]
    counts = [FlowCount(*row) for row in table[["stage", "arm", "n", "reason"]].itertuples(index=False)]
    boxes = flow_boxes(counts, by_hand.arms)
    root = lxml.etree.fromstring(draw_flow(boxes, "flow", "Participant flow").svg)
    drawn = [text.text for text in root.iterfind(".//{*}text")]
    assert [line.text for box in boxes for line in box.lines] == drawn[: sum(len(b.lines) for b in boxes)]
    assert drawn[-4:] == ["Enrolment", "Allocation", "Follow-up", "Analysis"]


def test_arrows_lead_from_box_to_box_and_out_to_every_arm(by_hand: SimpleNamespace) -> None:
    boxes = flow_boxes(counts_of({"excluded": ["too young"]}, ["a", "b"]), {"a": "A", "b": "B"})
    ends = [end for _, end in flow_arrows(boxes)]
    for box in boxes[1:]:
        into = (box.x, box.y + box.height / 2) if box.stage == "excluded" else (box.centre, box.y)
        assert any(end == pytest.approx(into) for end in ends), box.stage


def test_a_trial_randomized_elsewhere_has_no_box_for_screening() -> None:
    rows = [row for row in counts_of({}, ["a", "b"]) if row.stage not in ("assessed", "excluded")]
    boxes = flow_boxes(rows, {"a": "A", "b": "B"})
    assert boxes[0].stage == "randomized"
    assert boxes[0].y == 0


def test_a_flow_that_starts_at_randomization_leaves_room_for_the_name_of_its_phase() -> None:
    rows = [FlowCount("randomized", "", 401, ""), FlowCount("allocated", "a", 205, "")]
    (first, *_) = flow_boxes(rows, {"a": "Acupuncture"})
    assert first.stage == "randomized"
    assert first.height >= text_width_points("Enrolment", TEXT_SIZE)
