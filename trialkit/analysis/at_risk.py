"""How the time at risk of an event ends: told the same wherever the endpoint is analysed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from trialkit.analysis.context import Context
from trialkit.documents.declared.cells import CellKind, Count
from trialkit.documents.declared.stacked import Each, Stacked
from trialkit.documents.declared.wording import lower_first
from trialkit.plan import Analysis, Plan, keys
from trialkit.plan.model import Endpoint

if TYPE_CHECKING:
    import pandas as pd

ENDED = "ended"


def end_of_period(horizon: int) -> str:
    """What ends the time of whoever is still at risk at the horizon."""
    return f"end of the period, day {horizon}"


def reasons(endpoint: Endpoint, horizon: int) -> list[str]:
    """In the order in which they are told: the event, what competes with it, and what censors."""
    own = [endpoint.label, *(one.label for one in endpoint.competing)]
    return [*own, endpoint.censor, end_of_period(horizon)]


def ended(context: Context, entry: Analysis, data: pd.DataFrame) -> pd.DataFrame:
    """Subjects by arm and reason; ``data`` are their times, cut at the horizon."""
    import pandas as pd

    known = data[data["time_days"].notna()]
    return pd.DataFrame(
        [
            {
                "reason": reason,
                "arm": arm,
                "n": int(((known["event_description"] == reason) & (known["arm"] == arm)).sum()),
            }
            for reason in reasons(context.endpoint(entry), keys.HORIZON.of(entry))
            for arm in context.arms
        ]
    )


def expected_ends(endpoint: Endpoint | None, horizon: int) -> list[dict[str, str]]:
    """The lines of the shell."""
    return [{"reason": reason} for reason in (reasons(endpoint, horizon) if endpoint else ())]


def ends_lines(kind: CellKind) -> Each:
    """The lines of a table that tell it."""
    return Each(
        ENDED,
        "reason",
        kind,
        label=lambda reason: f"{reason[:1].upper()}{reason[1:]}",
        heading="Time at risk ended by",
        as_given=True,
    )


ENDS = Stacked(
    name=ENDED, title="{title}: how the time at risk ended", lines=(ends_lines(Count("n")),)
)  # of a model that prints no curves


def only_ends(entry: Analysis, plan: Plan, _study: object) -> dict[str, list[dict[str, str]]]:
    """What the shell of a method is told that prints ``ENDS``."""
    endpoint = plan.endpoints.get(keys.ENDPOINT.of(entry))
    return {ENDED: expected_ends(endpoint, keys.HORIZON.of(entry))}


def either(labels: Iterable[str], word: str = "and") -> str:
    """``death and spinal surgery``."""
    *most, last = (lower_first(label) for label in labels)
    return f"{', '.join(most)} {word} {last}" if most else last


def competing_words(context: Context, entry: Analysis) -> str:
    """Of the method's line: that competing events end the time at risk; empty where there are none."""
    competing = context.endpoint(entry).competing
    if not competing:
        return ""
    end = "ends" if len(competing) == 1 else "end"
    return f"; cause-specific: {either(one.label for one in competing)} {end} the time at risk"


def end_words(context: Context, entry: Analysis, *, all_episodes: bool = False) -> str:
    """Of the notes: when the time at risk ends, of the first event or of ``all_episodes``."""
    endpoint = context.endpoint(entry)
    goes_on = " After an episode the subject stays at risk of the next." if all_episodes else ""
    if not endpoint.competing:
        return f"Censored at the {endpoint.censor}.{goes_on}"
    others = either((one.label for one in endpoint.competing), "or")
    ends = f"at {others}" if all_episodes else f"at the event or, where it came first, at {others}"
    return (
        f"Time at risk ends {ends}, be that before or after the last contact; of everybody else at the "
        f"{endpoint.censor}. {others.capitalize()} is no event: it censors.{goes_on}"
        f"{' No episode after it is counted.' if all_episodes else ''}"
    )
