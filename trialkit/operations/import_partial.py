"""What of a file is taken where some of its rows cannot be: the forms about which nothing was refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from trialkit.entry.checking import FormEntry
from trialkit.entry.errors import InAlreadyError
from trialkit.errors.base import TrialkitError
from trialkit.operations.passes import NO_STAMP, PassesEntered
from trialkit.wording import said_count

_MOST_ROUNDS = 200
"""A refusal names mostly everything at once; what it names alone is asked again without it."""

_NOTHING = PassesEntered(
    forms=0,
    single=0,
    first_passes=0,
    second_passes=0,
    discrepancies=0,
    unmatched_rows=0,
    flags=(),
    stamp=NO_STAMP,
)


def taken_in_part(
    entries: Sequence[FormEntry],
    problems: Sequence[TrialkitError],
    subject_of_line: Mapping[str, str],
    take: Callable[[Sequence[FormEntry], int], PassesEntered],
) -> PassesEntered:
    """Take the forms about which nothing is refused, each whole; the others are left out and named.

    Forms that are in as the file has them are counted: nothing is to be done about them.

    Parameters
    ----------
    entries
        Every form of the file.
    problems
        What is wrong with the file's rows already.
    subject_of_line
        ``file:line`` -> the subject's number there.
    take
        Takes forms, all or none; also told how many refusals there were before it.

    Returns
    -------
    PassesEntered
        ``refused`` are the refusals, and notes count the forms that were in already or left out. Where
        nothing but such forms is left, nothing is written.

    Raises
    ------
    TrialkitError
        Nothing can be taken or is in, or something is wrong that is about no row.
    """
    refused = _each(problems)
    left = _sound(entries, refused, subject_of_line) or []
    there = 0
    for _ in range(_MOST_ROUNDS):
        if not left and not there:
            break
        try:
            entered = take(left, len(refused)) if left else _NOTHING
        except TrialkitError as error:
            found = _each([error])
            smaller = _sound(left, found, subject_of_line)
            if smaller is None or len(smaller) == len(left):
                raise
            left = smaller
            there += sum(isinstance(one, InAlreadyError) for one in found)
            refused += (one for one in found if not isinstance(one, InAlreadyError))
            continue
        out = len(entries) - len(left) - there + _without_a_form(entries, refused, subject_of_line)
        notes = (*entered.notes, *_counted(there, out))
        return replace(entered, refused=tuple(refused), in_already=there, notes=notes)
    raise TrialkitError.all_of(refused)


def _counted(there: int, out: int) -> Iterator[str]:
    if there:
        yield said_count(
            "{n} form of the file was in already as the file has it.",
            "{n} forms of the file were in already as the file has them.",
            there,
        )
    if out:
        yield said_count(
            "{n} form of the file was left out, and nothing of it is in.",
            "{n} forms of the file were left out, and nothing of them is in.",
            out,
        )


def _without_a_form(
    entries: Sequence[FormEntry], problems: Sequence[TrialkitError], subject_of_line: Mapping[str, str]
) -> int:
    """Subjects of refused lines of whom the file has no form besides: a form each is out, too."""
    with_one = {entry.subject_id for entry in entries}
    lines = {_line(problem.where, subject_of_line) for problem in problems}
    return len({subject_of_line[line] for line in lines if line is not None} - with_one)


def _line(where: str, subject_of_line: Mapping[str, str]) -> str | None:
    """The line that a place is in, ``file:line:column``; None of a place in no line."""
    while where and where not in subject_of_line:
        where = where.rpartition(":")[0]
    return where or None


def _each(problems: Sequence[TrialkitError]) -> list[TrialkitError]:
    """Every refusal by itself."""
    found = [one for problem in problems for one in (problem, *problem.also)]
    for one in found:
        one.also = ()
    return found


def _sound(
    entries: Sequence[FormEntry], problems: Sequence[TrialkitError], subject_of_line: Mapping[str, str]
) -> list[FormEntry] | None:
    """The entries that no problem is about; None where one is about no row of the file.

    A line that is wrong in its visit or its number may belong to any form of its subject: all are out.
    """
    bad: set[tuple[str, str, str]] = set()
    for problem in problems:
        about = [entry.key for entry in entries if _is_about(problem.where, entry)]
        if not about:
            line = _line(problem.where, subject_of_line)
            if line is None:
                return None
            about = [entry.key for entry in entries if entry.subject_id == subject_of_line[line]]
        bad.update(about)
    return [entry for entry in entries if entry.key not in bad]


def _is_about(where: str, entry: FormEntry) -> bool:
    """A problem of a form or its item is about that form; one of a subject, or a visit, about all there."""
    lines = (row.place for row in entry.rows if row.place)
    return entry.where.startswith(f"{where}/") or any(
        _within(where, place) for place in (entry.where, *lines)
    )


def _within(where: str, place: str) -> bool:
    return where == place or where.startswith((f"{place}:", f"{place}/"))
