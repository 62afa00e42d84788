from __future__ import annotations

from enum import StrEnum
from pathlib import Path

import pytest

from trialkit.strict_toml import DefinitionError, parse_toml, read_toml

TEXT = """\
[study]
id = "A"
ratio = 1

[visits.month_12]
anchor = "randomization"

[[analysis]]
id = "P1"

[[analysis]]
id = "S1"
levle = 0.95
"""


class Anchor(StrEnum):
    CONSENT = "consent"


def test_an_unknown_key_is_refused_with_its_line_and_the_nearest_known_key():
    _, second = parse_toml(TEXT, "plan.toml").listed_sections("analysis")
    assert (second.text("id"), second.number("level", 0.9)) == ("S1", 0.9)
    with pytest.raises(
        DefinitionError, match=r"plan.toml:13:analysis\[1\]\.levle: .*'levle'.*Did you mean 'level'\?"
    ):
        second.done()


def test_a_wrong_type_is_refused_with_its_line():
    section = parse_toml(TEXT, "study.toml").section("study")
    with pytest.raises(DefinitionError, match=r"study.toml:2:study\.id: expected a whole number; found text"):
        section.integer("id")


def test_a_missing_key_is_refused_at_its_section():
    section = parse_toml(TEXT, "study.toml").section("study")
    with pytest.raises(DefinitionError, match=r"study.toml:1:study: expected a key 'title'"):
        section.text("title")


def test_true_is_not_a_number():
    with pytest.raises(DefinitionError, match="true/false"):
        parse_toml("a = true", "x").integer("a")


def test_a_value_outside_the_permitted_ones_lists_them():
    ((_, visit),) = parse_toml(TEXT, "study.toml").named_sections("visits")
    with pytest.raises(DefinitionError, match=r"study.toml:6:visits\.\w+\.anchor: expected one of consent"):
        visit.choice("anchor", Anchor)


def test_a_file_that_is_not_toml_names_line_and_column():
    with pytest.raises(DefinitionError, match=r"x.toml:2:\d+: expected TOML"):
        parse_toml("a = 1\nb == 2\n", "x.toml")


def test_a_file_in_another_encoding_names_the_line(tmp_path: Path):
    path = tmp_path / "study.toml"
    path.write_bytes('a = "x"\nb = "Köln"\n'.encode("cp1252"))
    with pytest.raises(DefinitionError, match=r"study.toml:2: expected UTF-8 text; found byte 0xf6"):
        read_toml(path)


def test_every_key_asked_for_is_not_an_error():
    section = parse_toml(TEXT, "study.toml").section("study")
    assert (section.text("id"), section.integer("ratio"), section.optional_text("title")) == ("A", 1, None)
    section.done()


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("n = 99999999999999999999", "a number below 2^63"),
        ("n = [1, 99999999999999999999]", "a number below 2^63"),
        ("n = inf", "a finite number"),
        ("n = [1.0, nan]", "a finite number"),
        ("n = {a = 1e999}", "a finite number"),
    ],
)
def test_a_number_nothing_can_hold_is_refused(text: str, asked: str):
    section = parse_toml(text, "study.toml")
    with pytest.raises(DefinitionError, match=asked.replace("^", r"\^")):
        {"[": section.numbers, "{": lambda key: section.mapping(key, float)}.get(text[4], section.number)("n")


@pytest.mark.parametrize(
    "text", ["a = " + "[" * 100_000, f"a = {'9' * 5000}", "a = '" + "x" * 5_000_001 + "'"]
)
def test_text_that_breaks_a_parser_is_refused_by_name(text: str):
    with pytest.raises(DefinitionError, match=r"study\.toml"):
        parse_toml(text, "study.toml")
