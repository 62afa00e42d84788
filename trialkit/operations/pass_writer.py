"""What a batch of forms writes: passes, and what two passes of a form agree and disagree about."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from trialkit.access import Actor
from trialkit.entry import compare_rows, pair_rows, take_single_pass
from trialkit.entry.checking import CheckedEntry
from trialkit.entry.final_record import FinalDraft, FinalValue as FinalDraftValue, ItemRule
from trialkit.entry.meaning import AS_WRITTEN
from trialkit.operations.batches import Hands, pass_numbers
from trialkit.operations.binding import bound_versions
from trialkit.operations.challenges import Answered, write_answers
from trialkit.operations.flags import both_as_written
from trialkit.operations.gate import OpenAct
from trialkit.operations.import_batches import ImportSource, write_import_batches
from trialkit.operations.stored_pass import new_instance, write_pass
from trialkit.operations.trial import Trial
from trialkit.store import models as m
from trialkit.store.reading.forms import BegunForm, FormKey, PassOrigin, StoredRow, pass_rows
from trialkit.vocabulary import EntryMode, ValueState


class PassWriter:
    """Turns checked entries into rows, with the decisions left to ``trialkit.entry``."""

    def __init__(
        self,
        trial: Trial,
        progress: OpenAct,
        actor: Actor,
        typist: str,
        source: ImportSource | None,
        answered: Mapping[FormKey, Answered],
    ) -> None:
        self.trial, self.progress, self.actor = trial, progress, actor
        self.typist, self.source = typist, source
        self.answered = answered
        self.batch_of: dict[tuple[str, str, str], int] = {}
        self.counts = {
            "single": 0,
            "first_passes": 0,
            "second_passes": 0,
            "discrepancies": 0,
            "unmatched_rows": 0,
        }

    def write_all(self, checked: Sequence[CheckedEntry], *, confirmed: bool) -> dict[str, int]:
        places = [one.entry.key for one in checked]
        present = self.progress.begun_forms(places)
        versions = bound_versions(self.progress, places)
        importer = None if self.source is None else self.actor.account
        hands = Hands(self.typist, importer)
        numbers = pass_numbers(self.progress, checked, present, hands, confirmed=confirmed)
        others = self._other_passes(checked, present, numbers)
        if self.source is not None:
            self.batch_of = write_import_batches(self.progress, self.source, places)
        for key, one, number in zip(places, checked, numbers, strict=True):
            state = present.get(key)
            version = versions[key]
            instance = state.id if state else new_instance(self.progress, *key, version)
            compared = self.trial.definitions.version(version).rules.compared[one.form.name]
            stored = self._write_pass(one, instance, number)
            if one.form.entry is EntryMode.SINGLE:
                self.counts["single"] += 1
                self._write_single(compared, instance, stored)
                continue
            self.counts["first_passes" if number == 1 else "second_passes"] += 1
            if key in others:
                other = others[key]
                pair = (stored, other) if number == 1 else (other, stored)
                self._write_comparison(one, compared, instance, *pair)
        return self.counts

    def _other_passes(
        self,
        checked: Sequence[CheckedEntry],
        present: Mapping[tuple[str, str, str], BegunForm],
        numbers: Sequence[int],
    ) -> dict[tuple[str, str, str], list[StoredRow]]:
        """The other pass of every form that this batch completes."""
        wanted = {}
        for one, number in zip(checked, numbers, strict=True):
            state = present.get(one.entry.key)
            if state is not None and (3 - number) in state.pass_ids:
                wanted[one.entry.key] = state.pass_ids[3 - number]
        rows = pass_rows(self.progress.reader, list(wanted.values()))
        return {key: rows[pass_id] for key, pass_id in wanted.items()}

    def _write_pass(self, one: CheckedEntry, instance: int, number: int) -> list[StoredRow]:
        imported = self.source is not None
        origin = PassOrigin(
            entered_by=self.typist,
            imported_by=self.actor.account if imported else None,
            import_batch=self.batch_of.get(one.entry.key),
            authentication="declared" if imported else str(self.actor.authentication),
        )
        pass_id, stored = write_pass(self.progress, instance, number, origin, one.rows)
        if one.entry.key in self.answered:
            write_answers(self.progress, pass_id, self.answered[one.entry.key])
        return stored

    def _write_single(self, rules: Sequence[ItemRule], instance: int, stored: Sequence[StoredRow]) -> None:
        for place in stored:
            final_row = self._final_row(instance, place.row.row_key, place.id, None)
            self._final_values(final_row, take_single_pass([place.row], rules).values)

    def _write_comparison(
        self,
        one: CheckedEntry,
        compared: Sequence[ItemRule],
        instance: int,
        first: Sequence[StoredRow],
        second: Sequence[StoredRow],
    ) -> None:
        paired = pair_rows([place.row for place in first], [place.row for place in second])
        place_of = {id(place.row): place.id for place in (*first, *second)}
        for row_one, row_two in paired.pairs:
            final_row = self._final_row(
                instance, row_one.row_key, place_of[id(row_one)], place_of[id(row_two)]
            )
            lines = StoredRow(place_of[id(row_one)], row_one), StoredRow(place_of[id(row_two)], row_two)
            written = both_as_written(self.progress.reader, *lines, self._typed_as_written(one, lines))
            draft = compare_rows(row_one.row_key, row_one, row_two, compared, written)
            self._compare(one.form.name, final_row, draft)
        for row in paired.unmatched:
            side = first if row.pass_number == 1 else second
            self.counts["unmatched_rows"] += 1
            self.progress.add(
                m.UnmatchedRow,
                pass_row=side[row.position].id,
                form_instance=instance,
                reason=row.reason,
            )

    def _typed_as_written(
        self, one: CheckedEntry, lines: Collection[StoredRow]
    ) -> dict[tuple[int, str], str]:
        """What this entry says stands on the form; it is not in the database before the act ends."""
        own = {id(row) for row in one.rows}
        texts = {(flag.row, flag.item): str(flag.text) for flag in one.flags if flag.check == AS_WRITTEN}
        return {
            (line.id, item): text
            for line in lines
            if id(line.row) in own
            for (row, item), text in texts.items()
            if row == line.row.row_key.strip()
        }

    def _compare(self, form: str, final_row: int, draft: FinalDraft) -> None:
        self._final_values(final_row, draft.values)
        ids = self.progress.next_ids(m.Discrepancy)
        for found in draft.discrepancies:
            self.counts["discrepancies"] += self.progress.sight.of_item(form, found.item)
            self.progress.add(
                m.Discrepancy, id=next(ids), final_row=final_row, item=found.item, kind=found.kind.value
            )

    def _final_row(self, instance: int, row_key: str, first: int | None, second: int | None) -> int:
        final_row = next(self.progress.next_ids(m.FinalRow))
        self.progress.add(
            m.FinalRow,
            id=final_row,
            form_instance=instance,
            row_key=row_key,
            pass1_row=first,
            pass2_row=second,
        )
        return final_row

    def _final_values(self, final_row: int, values: Sequence[FinalDraftValue]) -> None:
        """Items that no pass has seen have no final value: "never seen" is their absence."""
        ids = self.progress.next_ids(m.FinalValue)
        self.progress.add_all(
            m.FinalValue,
            [
                {
                    "id": next(ids),
                    "final_row": final_row,
                    "item": final.item,
                    "raw_text": final.value.text,
                    "state": final.value.state._value_,
                    "missing_code": final.value.missing_code and final.value.missing_code.value,
                    "origin": final.origin._value_,
                    "supersedes": None,
                }
                for final in values
                if final.value.state is not ValueState.NEVER_SEEN
            ],
        )
