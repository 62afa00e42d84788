"""Where a text stands that people wrote: in rows, and in what the records of acts say."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any

from trialkit.access import AccessError, Actor
from trialkit.access.acts.redaction import FIND_TEXT
from trialkit.free_text import one_line
from trialkit.operations.errors import OperationError
from trialkit.operations.gate import Gate, reading
from trialkit.operations.own_trail import hidden_records
from trialkit.operations.sight import Sight
from trialkit.operations.trial import Trial
from trialkit.store.engine import Reader
from trialkit.store.reading.audit import audit_entries
from trialkit.store.reading.redactions import key_texts, written_texts
from trialkit.store.reading.row_places import in_words, place_of_row
from trialkit.store.redacted_records import said_texts
from trialkit.wording import said

_FEWEST_LETTERS, _FEWEST_DIGITS = 4, 7
_FEWEST_IDEOGRAPHS = 2
_PLACE_SAID = ("field", "form", "place", "subject", "subject_id", "file")  # facts of an act that say where


@dataclass(frozen=True, slots=True)
class TextFound:
    """A place in which a text stands.

    Parameters
    ----------
    record
        The record that wrote it, by its number in the trail that the reader has.
    where
        Subject, visit, form, line and item, as far as it is about one; a site or file; or empty.
    what
        The kind of text: "query step", or "reason of void_pass".
    place
        The same for a program, as a path into the payload of the record.
    kept
        Rows are found by it, so that it cannot be taken out.
    """

    record: int
    where: str
    what: str
    place: str
    kept: bool = False


def find_text(trial: Trial, actor: Actor, *, text: str) -> list[TextFound]:
    """Where a text stands in what people wrote, in any case of its letters. It is in no record of the search.

    Parameters
    ----------
    text
        At least four characters with a letter, seven digits, or two characters of a script without case.

    Raises
    ------
    AccessError, OperationError
        No right, or a role that is not shown the whole record; a text too short to be told from others.
    """
    pattern = telling_pattern(text)
    with reading(trial, actor, FIND_TEXT) as gate:
        require_whole_sight(gate)
        own = _own_numbers(gate.reader, gate.sight)
        found = [
            *_in_rows(gate.reader, own, [pattern], kept=False),
            *_in_rows(gate.reader, own, [pattern], kept=True),
            *_in_records(gate.reader, own, pattern),
        ]
    return sorted(found, key=lambda one: (one.kept, one.record, one.place))


def kept_texts(reader: Reader, sight: Sight, patterns: Collection[re.Pattern[str]]) -> tuple[TextFound, ...]:
    """The places in keys, which a redaction leaves."""
    return tuple(_in_rows(reader, _own_numbers(reader, sight), patterns, kept=True))


def _in_rows(
    reader: Reader, own: Callable[[int], int], patterns: Collection[re.Pattern[str]], *, kept: bool
) -> Iterator[TextFound]:
    texts = key_texts if kept else written_texts
    for one in list(texts(reader, among(*patterns))):
        where = in_words(place_of_row(reader, one.cell.table, one.key))
        what = one.cell.table.replace("_", " ")
        yield TextFound(own(one.record), where, what, one.cell.place, kept)


def _in_records(reader: Reader, own: Callable[[int], int], pattern: re.Pattern[str]) -> Iterator[TextFound]:
    """In the reason of an act, and in what it states: in values, never in the names of what is stated."""
    escaped = in_json(pattern)
    for entry in audit_entries(reader):
        if escaped.search(entry.payload_text):
            payload = json.loads(entry.payload_text)
            for place, holder, name in said_texts(payload):
                if pattern.search(holder[name]):
                    what = f"{'reason' if place == 'reason' else 'statement'} of {entry.operation}"
                    yield TextFound(own(entry.number), _place_said(payload["facts"], holder), what, place)


def _place_said(facts: dict[str, Any], nearest: Any) -> str:
    """What a statement is about, as the facts around it say, or the one change that the act made."""
    changes = facts.get("changes", ())
    around = (nearest, facts, *(changes if len(changes) == 1 else ()))
    named = (one[name] for one in around if isinstance(one, dict) for name in _PLACE_SAID if name in one)
    return next((text for text in named if isinstance(text, str) and text), "")


def _own_numbers(reader: Reader, sight: Sight) -> Callable[[int], int]:
    hidden = hidden_records(reader, sight)
    return lambda number: number - sum(one <= number for one in hidden)


def require_whole_sight(gate: Gate) -> None:
    """Said of the role and the study alone, whatever stands where."""
    if gate.sight.blinded and gate.trial.hides_from_the_blinded:
        raise AccessError(
            expected="a role that is shown the whole record",
            found=said("{role}, which is blinded", role=gate.actor.role),
            next_step="Somebody who sees everything must do it: the unblinded statistician.",
        )


def among(*patterns: re.Pattern[str]) -> Callable[[str], bool]:
    """Whether a text holds one of them."""
    return lambda text: any(pattern.search(text) for pattern in patterns)


def in_json(pattern: re.Pattern[str]) -> re.Pattern[str]:
    """The same for a text as JSON writes it."""
    plain = re.sub(r"\\(.)", r"\1", pattern.pattern, flags=re.DOTALL)
    return exactly(json.dumps(plain, ensure_ascii=False)[1:-1])


def exactly(text: str) -> re.Pattern[str]:
    """A text in any case of its letters."""
    return re.compile(re.escape(text), re.IGNORECASE)


def telling_pattern(text: str) -> re.Pattern[str]:
    """The same for what is looked for everywhere; refused where it is too short for that."""
    plain = one_line(text.strip(), "the text")
    if not is_telling(plain):
        raise OperationError(
            expected=said(
                "a text of at least {letters} characters with a letter, or of {digits} digits",
                letters=_FEWEST_LETTERS,
                digits=_FEWEST_DIGITS,
            ),
            found="a shorter one, which would be taken out of other words too",
            next_step="Name the field in which it stands instead.",
        )
    return exactly(plain)


def is_telling(text: str) -> bool:
    """Whether a text can be looked for everywhere without meeting it inside of others."""
    letters = sum(character.isalpha() for character in text)
    caseless = sum(character.isalpha() and character.lower() == character.upper() for character in text)
    digits = sum(character.isdigit() for character in text)
    return (
        (letters > 0 and len(text) >= _FEWEST_LETTERS)
        or caseless >= _FEWEST_IDEOGRAPHS
        or digits >= _FEWEST_DIGITS
    )
