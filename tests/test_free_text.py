"""One policy for written text: what is kept can be printed on a line, drawn, and opened in a spreadsheet."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, strategies as st

from trialkit.free_text import (
    TextError,
    for_spreadsheet,
    one_line,
    plain_login,
    printable,
    several_lines,
)


@pytest.mark.parametrize(
    "text",
    [
        "a\U000e0065\U000e0078",
        "a\ufff9b\ufffac\ufffbd",
        "a\u206eb",
        "a\u2062b",
        "a\nb",
        "a\rb",
        "a\tb",
        "a\x1b[2Jb",
        "a\0b",
        "a\u2028b",
        "a\x85b",
        "a\u202eb",
        "a\ud800b",
        "a\uffffb",
    ],
)
def test_what_could_forge_a_line_is_refused_with_its_place_and_never_repeated(text: str) -> None:
    with pytest.raises(TextError, match="at character 2") as refused:
        one_line(text, "reason")
    assert refused.value.where == "reason"
    assert text not in str(refused.value)


@pytest.mark.parametrize(
    "text", ["患者撤回同意", "5 $ and 6 $", "naïve", "нет", "تأجيل", "👩‍⚕️", "50 % ± 3", ""]
)
def test_every_script_is_kept(text: str) -> None:
    assert one_line(text) == text == several_lines(text)


def test_decomposed_letters_are_composed() -> None:
    assert one_line("re\u0301sume\u0301") == "résumé"


def test_line_ends_of_a_note_become_one_kind() -> None:
    assert several_lines("a\r\nb\rc\u2028d\te") == "a\nb\nc\nd\te"
    with pytest.raises(TextError):
        several_lines("a\x07b")


def test_a_text_longer_than_anybody_reads_is_refused() -> None:
    assert one_line("x" * 2_000)
    with pytest.raises(TextError, match="2,001"):
        one_line("x" * 2_001)


@given(st.text())
def test_any_text_is_kept_composed_and_printable_or_refused(text: str) -> None:
    try:
        kept = several_lines(text)
    except TextError:
        return
    assert unicodedata.is_normalized("NFC", kept)
    assert several_lines(kept) == kept
    assert printable(kept).splitlines() in ([printable(kept)], [])


@pytest.mark.parametrize("login", ["", "аda", "ada ", "a b", "-a", "x" * 65, "ada\n", "é"])
def test_a_login_that_could_be_taken_for_another_is_refused(login: str) -> None:
    with pytest.raises(TextError):
        plain_login(login)


def test_a_plain_login_is_kept() -> None:
    assert [plain_login(login) for login in ("ada", "A.Lovelace-2", "ada@site.org")] == [
        "ada",
        "A.Lovelace-2",
        "ada@site.org",
    ]


@pytest.mark.parametrize("text", ["=1+1", "+A1", "-2+3", "@SUM(A1)", "\t=1", "=cmd|' /C calc'!A0"])
def test_a_cell_that_a_spreadsheet_would_compute_is_made_a_text(text: str) -> None:
    assert for_spreadsheet(text) == f"'{text}"


@pytest.mark.parametrize("text", ["-6.5", "+3", "-6,5", "1e-3", "a=b", "2024-01-01", ""])
def test_a_number_stays_a_number_for_a_spreadsheet(text: str) -> None:
    assert for_spreadsheet(text) == text
