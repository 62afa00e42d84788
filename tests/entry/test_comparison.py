"""Comparison of two entries, sentence by sentence of its contract."""

from __future__ import annotations

import datetime as dt
from math import isnan

import numpy as np
import pandas as pd
import pytest

from trialkit.entry import ComparisonReport, clopper_pearson, compare
from trialkit.errors import ComparisonError, TrialkitError

SUMMARY_KEYS = [
    "records_first",
    "records_second",
    "records_compared",
    "only_in_first",
    "only_in_second",
    "duplicate_keys_first",
    "duplicate_keys_second",
    "fields_compared",
    "fields_discordant",
    "records_discordant",
    "fields_compared_nonblank",
    "errors_per_10000",
    "ci_lower",
    "ci_upper",
]


def entry(**columns: list[object]) -> pd.DataFrame:
    return pd.DataFrame(columns, dtype=object)


def found(report: ComparisonReport) -> list[tuple[object, ...]]:
    return list(report.discrepancies.itertuples(index=False, name=None))


def test_the_report_has_the_columns_and_counts_of_the_contract() -> None:
    first = entry(
        subject_id=["1", "1", "2"], visit=["b", "m3", "b"], odi=["40", "38", "22"], note=["x", "", "y"]
    )
    second = entry(
        subject_id=["2", "1", "1"], visit=["b", "b", "m3"], odi=["22", "4O", None], note=["y", "X", ""]
    )
    report = compare(first, second, keys=["subject_id", "visit"])
    assert list(report.discrepancies.columns) == [
        "subject_id",
        "visit",
        "item",
        "first_value",
        "second_value",
        "kind",
    ]
    assert found(report) == [
        ("1", "b", "odi", "40", "4O", "type"),
        ("1", "b", "note", "x", "X", "text_only"),
        ("1", "m3", "odi", "38", None, "missing_in_second"),
    ]
    assert list(report.summary) == SUMMARY_KEYS
    lower, upper = clopper_pearson(3, 6)
    assert list(report.summary.values()) == [
        3,
        3,
        3,
        0,
        0,
        0,
        0,
        6,
        3,
        2,
        5,
        5000.0,
        lower * 1e4,
        upper * 1e4,
    ]
    assert not report.identical


def test_two_equal_entries_are_identical_whatever_their_order() -> None:
    first = entry(id=["1", "2", "3"], a=["x", "", "2024-05-01"])
    report = compare(first, first.iloc[::-1], keys=["id"])
    assert report.identical
    assert report.summary["errors_per_10000"] == 0.0
    assert report.summary["ci_upper"] == pytest.approx((1 - 0.025 ** (1 / 3)) * 1e4)
    assert list(report.discrepancies.columns) == ["id", "item", "first_value", "second_value", "kind"]


def test_duplicate_keys_are_counted_and_never_paired() -> None:
    first = entry(id=["1", "1", "2", "3"], a=["x", "x", "x", "x"])
    second = entry(id=["1", "2", "2", "2", "3"], a=["x", "z", "z", "z", "x"])
    report = compare(first, second, keys=["id"])
    assert report.summary["duplicate_keys_first"] == 1
    assert report.summary["duplicate_keys_second"] == 1
    assert report.summary["records_compared"] == report.summary["fields_compared"] == 1
    assert report.summary["only_in_first"] == report.summary["only_in_second"] == 0
    assert report.discrepancies.empty
    assert not report.identical
    assert list(report.unpaired.itertuples(index=False, name=None)) == [
        ("1", "duplicate_in_first", 2),
        ("2", "duplicate_in_second", 3),
    ]


def test_records_of_one_entry_only_are_counted_and_stay_out_of_the_denominator() -> None:
    first = entry(id=["1", "2", "3"], a=["x", "y", "z"])
    report = compare(first, first.iloc[:2], keys=["id"])
    assert report.summary["only_in_first"] == 1
    assert report.summary["fields_compared"] == 2
    assert not report.identical


def test_no_record_in_common_has_no_error_rate_rather_than_a_hundred_percent() -> None:
    report = compare(entry(id=["1"], a=["x"]), entry(id=["2"], a=["x"]), keys=["id"])
    assert report.summary["fields_compared"] == 0
    assert all(isnan(report.summary[name]) for name in ("errors_per_10000", "ci_lower", "ci_upper"))


def test_empty_entries_are_compared_without_complaint() -> None:
    nothing = pd.DataFrame({"id": [], "a": []})
    report = compare(nothing, nothing, keys=["id"])
    assert report.identical
    assert report.summary["records_first"] == 0


def test_a_record_without_a_key_is_paired_with_nobody() -> None:
    first = entry(id=["", "1"], a=["x", "y"])
    report = compare(first, first, keys=["id"])
    assert report.summary["records_compared"] == 1
    assert (report.summary["only_in_first"], report.summary["only_in_second"]) == (1, 1)


def test_one_blank_among_several_keys_is_a_key_like_any_other() -> None:
    first = entry(id=["1", "1"], instance=["", "1"], a=["x", "y"])
    report = compare(first, first, keys=["id", "instance"])
    assert report.summary["records_compared"] == 2


def test_keys_do_not_run_into_one_another() -> None:
    first = entry(a=["1", "11"], b=["12", "2"], value=["x", "y"])
    second = entry(a=["11", "1"], b=["2", "12"], value=["y", "x"])
    assert compare(first, second, keys=["a", "b"]).identical


def test_identifiers_that_look_like_numbers_are_not_calculated_with() -> None:
    first = entry(id=["1E5", "007"], a=["x", "y"])
    second = entry(id=["100000", "7"], a=["x", "y"])
    assert compare(first, second, keys=["id"]).summary["records_compared"] == 0


def test_ignore_leaves_text_items_out_of_the_fields_compared() -> None:
    first = entry(id=["1", "2", "3"], name=["Anna", "12", "Bo"], weight=["70", "7O", "80"])
    second = entry(id=["1", "2", "3"], name=["anna", "Cy", "bo"], weight=["70", "70", "80"])
    report = compare(first, second, keys=["id"], text="ignore")
    assert found(report) == [("2", "weight", "7O", "70", "type")]
    assert report.summary["fields_compared"] == 3
    assert report.items_left_out == {"name": "text item, ignored as asked"}


def test_a_stray_text_in_an_item_of_numbers_is_not_ignored_with_the_text_items() -> None:
    first = entry(id=["1", "2", "3"], weight=["70", "ND", "80"])
    second = entry(id=["1", "2", "3"], weight=["70", "unknown", "80"])
    assert found(compare(first, second, keys=["id"], text="ignore")) == [
        ("2", "weight", "ND", "unknown", "value")
    ]


def test_casefold_accepts_case_and_space() -> None:
    first, second = entry(id=["1", "2"], a=["Anna ", "x"]), entry(id=["1", "2"], a=["anna", "y"])
    assert [row[1:] for row in found(compare(first, second, keys=["id"], text="casefold"))] == [
        ("a", "x", "y", "value")
    ]
    assert [row[-1] for row in found(compare(first, second, keys=["id"]))] == ["text_only", "value"]


def test_only_the_items_asked_for_are_compared() -> None:
    first, second = entry(id=["1"], a=["x"], b=["x"]), entry(id=["1"], a=["y"], b=["y"])
    report = compare(first, second, keys=["id"], items=["b"])
    assert [row[1] for row in found(report)] == ["b"]
    assert report.summary["fields_compared"] == 1


def test_items_of_one_entry_only_are_named_and_not_compared() -> None:
    report = compare(entry(id=["1"], a=["x"], c=["1"]), entry(id=["1"], b=["x"], c=["1"]), keys=["id"])
    assert report.items == ("c",)
    assert dict(report.items_left_out) == {"a": "only in first entry", "b": "only in second entry"}


def test_a_declared_text_item_is_compared_as_text() -> None:
    first, second = entry(id=["1"], lot=["12.3"]), entry(id=["1"], lot=["12.30"])
    assert compare(first, second, keys=["id"]).identical
    assert found(compare(first, second, keys=["id"], text_items=["lot"]))[0][-1] == "value"


TYPED = {
    "id": ["1", "2", "3"],
    "count": ["4", None, "6"],
    "weight": ["70.5", "80", None],
    "day": ["2024-05-01", None, "2024-05-03"],
    "word": ["yes", "no", None],
}
OTHER_DTYPES = {
    "numpy": {
        "id": np.array([1, 2, 3]),
        "count": np.array([4, np.nan, 6]),
        "weight": np.array([70.5, 80, np.nan]),
        "day": pd.to_datetime(pd.Series(["2024-05-01", None, "2024-05-03"])),
        "word": np.array(["yes", "no", ""], dtype=object),
    },
    "pandas": {
        "id": pd.array([1, 2, 3], dtype="Int64"),
        "count": pd.array([4, pd.NA, 6], dtype="Int64"),
        "weight": pd.array([70.5, 80.0, pd.NA], dtype="Float64"),
        "day": pd.array([dt.date(2024, 5, 1), None, dt.date(2024, 5, 3)], dtype=object),
        "word": pd.array(["yes", "no", pd.NA], dtype="string"),
    },
    "categories": {name: pd.Categorical(values) for name, values in TYPED.items()},
    "single precision": TYPED | {"weight": np.array([70.5, 80, np.nan], dtype=np.float32)},
    "mixed objects": TYPED | {"count": pd.array([4, float("nan"), 6.0], dtype=object)},
}


@pytest.mark.parametrize("dtypes", OTHER_DTYPES)
def test_the_same_values_agree_whatever_their_dtypes(dtypes: str) -> None:
    first, second = pd.DataFrame(TYPED, dtype=object), pd.DataFrame(OTHER_DTYPES[dtypes])
    assert compare(first, second, keys=["id"]).identical
    assert compare(second, first, keys=["id"]).identical
    changed = first.replace({"count": {"6": "7"}})
    assert len(compare(changed, second, keys=["id"]).discrepancies) == 1


def test_arrow_strings_are_text_like_any_other() -> None:
    pytest.importorskip("pyarrow", reason="Arrow is not installed")
    first = pd.DataFrame(TYPED, dtype=object)
    assert compare(first, first.astype("string[pyarrow]"), keys=["id"]).identical


def test_true_and_one_in_one_column_are_not_mixed_up() -> None:
    first, second = entry(id=["1", "2"], a=[True, 1]), entry(id=["1", "2"], a=[1, 1])
    assert [row[0] for row in found(compare(first, second, keys=["id"]))] == ["1"]


def test_the_entries_are_not_changed_by_being_compared() -> None:
    first, second = pd.DataFrame(TYPED, dtype=object), pd.DataFrame(OTHER_DTYPES["pandas"])
    copies = first.copy(deep=True), second.copy(deep=True)
    compare(first, second, keys=["id"])
    pd.testing.assert_frame_equal(first, copies[0])
    pd.testing.assert_frame_equal(second, copies[1])


def test_the_report_cannot_be_edited() -> None:
    report = compare(entry(id=["1"], a=["x"]), entry(id=["1"], a=["x"]), keys=["id"])
    with pytest.raises(AttributeError):
        report.text = "ignore"  # type: ignore[misc]
    with pytest.raises(TypeError):
        report.summary["fields_compared"] = 0  # type: ignore[index]


ONE = entry(id=["1"], a=["x"], b=["y"])


@pytest.mark.parametrize(
    ("second", "options", "message"),
    [
        (
            entry(subject=["1"], a=["x"]),
            {"keys": ["id"]},
            r"second entry: expected key column 'id'.*subject, a",
        ),
        (ONE, {"keys": []}, "one or more different key columns"),
        (ONE, {"keys": ["id", "id"]}, "one or more different key columns"),
        (ONE, {"keys": ["nr"]}, "first entry: expected key column 'nr'"),
        (ONE, {"keys": ["id"], "items": ["c"]}, "first entry: expected item column 'c'"),
        (ONE, {"keys": ["id"], "items": ["id"]}, "items that are not keys"),
        (ONE, {"keys": ["id"], "items": []}, "at least one item"),
        (ONE, {"keys": ["id"], "text": "fuzzy"}, "exact, casefold or ignore"),
        (entry(id=["1"], c=["x"]), {"keys": ["id"]}, r"at least one item.*a \(only in first entry\)"),
        (ONE, {"keys": ["id"], "text": "ignore"}, r"at least one item.*a \(text item, ignored as asked\)"),
        (pd.concat([ONE, ONE["a"]], axis=1), {"keys": ["id"]}, "second entry: expected item column 'a' once"),
        (
            pd.concat([ONE, ONE["id"]], axis=1),
            {"keys": ["id"]},
            "second entry: expected key column 'id' once",
        ),
        ([["1", "x"]], {"keys": ["id"]}, "second entry: expected a pandas DataFrame; found list"),
    ],
)
def test_entries_that_cannot_be_compared_are_refused_in_one_clear_line(
    second: pd.DataFrame, options: dict[str, list[str]], message: str
) -> None:
    with pytest.raises(ComparisonError, match=message) as refusal:
        compare(ONE, second, **options)
    assert isinstance(refusal.value, TrialkitError)
    assert "\n" not in str(refusal.value)


def test_a_key_that_would_hide_behind_the_reports_own_columns_is_refused() -> None:
    first = entry(item=["1"], a=["x"])
    with pytest.raises(ComparisonError, match="Rename that column"):
        compare(first, first, keys=["item"])


def test_a_missing_code_is_one_number_however_it_is_spelt() -> None:
    first = pd.DataFrame({"id": ["1", "2", "3"], "x": ["-99.0", "-99", "na"]})
    second = pd.DataFrame({"id": ["1", "2", "3"], "x": ["", None, ""]})
    report = compare(first, second, ["id"], missing=["-99", "NA"])
    assert report.discrepancies["id"].tolist() == ["3"]
