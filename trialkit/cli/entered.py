"""What a typist is told: how much was taken and what to look at, never what the other pass holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trialkit.access import Actor
    from trialkit.operations import PassesEntered


def entered_text(entered: PassesEntered, actor: Actor) -> str:
    """Which of the two passes it was is told to whoever may know whether the other is there."""
    kinds = (
        (entered.single, "single"),
        (entered.first_passes, "first pass"),
        (entered.second_passes, "second pass"),
    )
    told = ", ".join(f"{count} {kind}" for count, kind in kinds if count)
    by_pass = f": {told}" if told and not actor.types_blindly else ""
    parts = f", in {entered.parts} acts so that others could write meanwhile" if entered.parts > 1 else ""
    flags = [f"  look at {flag}" for flag in entered.flags]
    notes = [f"  note: {note}" for note in entered.notes]
    return "\n".join([f"Entered: {entered.forms} form(s){by_pass}{parts}.", *notes, *flags])
