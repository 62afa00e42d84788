import pickle

import pytest

from trialkit import errors
from trialkit.errors import TrialkitError


def test_an_error_is_one_line_that_says_what_to_do():
    error = TrialkitError(
        expected="an ODI between 20\nand 60 %",
        found="72",
        where="odi.csv:4:odi_total",
        next_step="Correct it.",
    )
    assert str(error) == "odi.csv:4:odi_total: expected an ODI between 20 and 60 %; found 72. Correct it."


def test_an_error_survives_a_process_boundary():
    error = TrialkitError(expected="a", found="b", where="c", next_step="d")
    again = pickle.loads(pickle.dumps(error))
    assert (again.expected, again.found, again.where, again.next_step, str(again)) == (
        "a",
        "b",
        "c",
        "d",
        str(error),
    )


def test_an_unknown_error_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="NoSuchError"):
        _ = errors.NoSuchError
