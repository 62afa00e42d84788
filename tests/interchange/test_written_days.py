"""Days, moments, times and months of an imported file, however they are spelled; none is guessed."""

from __future__ import annotations

import pytest

from trialkit.interchange.pass_cells import CellReader
from trialkit.study.model import Item
from trialkit.vocabulary import ItemType

DAY = Item(name="d", label="", form="f", type=ItemType.DATE)
MONTH = Item(name="p", label="", form="f", type=ItemType.DATE, partial_date=True)
MOMENT = Item(name="m", label="", form="f", type=ItemType.DATETIME)
TIME = Item(name="t", label="", form="f", type=ItemType.TIME)
ISO, NOON = "2025-01-13", "2025-01-13 14:05"

READ_IN_ANY_ORDER = [
    *((DAY, text, ISO) for text in (
        "13jan2025", "13JAN2025", "13-Jan-2025", "13-JAN-2025", "13 January 2025", "13. January 2025",
        "13.Jan.2025",
        "January 13, 2025", "Jan 13 2025", "2025-Jan-13", "2025/01/13", "2025/1/13", "2025.01.13",
        "2025-1-13",
        "20250113", "2025年1月13日", "Monday, 13 January 2025", "13th January 2025", "2025-01-13 00:00:00",
        ISO,
        "13JAN2025:00:00:00",
    )),
    *((MOMENT, text, NOON) for text in (
        "2025/1/13 14:05", "13-Jan-2025 2:05 PM", "2025年1月13日 下午2:05", "2025-01-13 2:05 pm", NOON,
        "13jan2025 14:05", "13JAN2025:14:05",
    )),
    *((TIME, text, "14:05") for text in ("2:05 PM", "2:05pm", "02:05 p.m.", "下午2:05", "14:05")),
    *((MONTH, text, "2025-01") for text in (
        "2025/01", "2025-1", "Jan 2025", "jan2025", "January 2025", "2025年1月",
    )),
    (MONTH, "13jan2025", ISO), (MONTH, "2025", "2025"), (MOMENT, "2025-01-13 8:05", "2025-01-13 08:05"),
]  # fmt: skip
LEFT_AS_IT_STANDS = [
    (DAY, text)
    for text in (
        "13/01/2025", "01-13-2025", "13jan25", "13.1.25", "32jan2025", "31 February 2025", "2025-13-01",
        "20251301",
        "45670", "13 Janu 2025", "mai 2025", "2025-02-30", "Jan 2025", "13 13 2025", "0013-01-2025",
    )
] + [
    (TIME, "2:05"), (TIME, "14:05 PM"), (TIME, "half past two"), (MONTH, "01/2025"), (MONTH, "2025-13"),
]  # fmt: skip


@pytest.mark.parametrize("order", ["ymd", "dmy", "mdy"])
@pytest.mark.parametrize(("item", "text", "read"), READ_IN_ANY_ORDER)
def test_what_can_mean_one_thing_only_is_read_in_any_order_and_counted(
    item: Item, text: str, read: str, order: str
) -> None:
    cells = CellReader(order)
    assert cells.read(item, f" {text} ") == read
    assert sum(cells.changed.values()) == (text != read)


@pytest.mark.parametrize(("item", "text"), LEFT_AS_IT_STANDS)
def test_what_may_be_two_days_or_none_is_left_for_the_error_to_show(item: Item, text: str) -> None:
    assert CellReader().read(item, text) == text


@pytest.mark.parametrize(
    ("order", "text", "read"),
    [
        ("dmy", "2/1/2025", "2025-01-02" ), ("mdy", "2/1/2025", "2025-02-01" ), ("dmy", "2.1.2025",
        "2025-01-02" ),
        ("mdy", "2-1-2025 8:30 PM", "2025-02-01 20:30"), ("dmy", "31/2/2025", "31/2/2025"),
        ("mdy", "13/1/2025", "13/1/2025"), ("dmy", "2/1/25", "2/1/25"),
    ],
)  # fmt: skip
def test_figures_are_read_in_the_order_that_was_stated(order: str, text: str, read: str) -> None:
    assert CellReader(order).read(MOMENT, text) == read
