"""What a typist is told: how much was taken and what to look at, never what the other pass holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trialkit.operations import PassesEntered


def entered_text(entered: PassesEntered) -> str:
    kinds = (
        (entered.single, "single"),
        (entered.first_passes, "first pass"),
        (entered.second_passes, "second pass"),
    )
    said = ", ".join(f"{count} {kind}" for count, kind in kinds if count)
    parts = f", in {entered.parts} acts so that others could write meanwhile" if entered.parts > 1 else ""
    flags = [f"  look at {flag}" for flag in entered.flags]
    notes = [f"  note: {note}" for note in entered.notes]
    return "\n".join([f"Entered: {entered.forms} form(s): {said}{parts}.", *notes, *flags])
