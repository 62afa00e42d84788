"""How long to wait after wrong passwords: a pure decision on the times of earlier attempts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

FREE_TRIES = 5
FREE_TRIES_EVERYWHERE = 20
LOOKED_BACK = timedelta(hours=1)
LONGEST_WAIT = timedelta(minutes=15)
LONGEST_WAIT_EVERYWHERE = timedelta(minutes=1)


def may_try_from(wrong_here: Sequence[datetime], wrong_everywhere: Sequence[datetime]) -> datetime | None:
    """From when on a login may be tried again; None: at once.

    Parameters
    ----------
    wrong_here
        When wrong passwords for this login were tried from this place (a host, a client's address), since
        the last right one from there; within the hour looked back.
    wrong_everywhere
        The same from all places. These slow a login by a minute at most: nobody elsewhere can keep its
        person out.

    Returns
    -------
    datetime or None
        After the fifth wrong try here 2 seconds, then 4, 8, ... up to 15 minutes, from the last of them.
    """
    waits = (
        _until(wrong_here, FREE_TRIES, LONGEST_WAIT),
        _until(wrong_everywhere, FREE_TRIES_EVERYWHERE, LONGEST_WAIT_EVERYWHERE),
    )
    return max((until for until in waits if until is not None), default=None)


def _until(wrong: Sequence[datetime], free: int, longest: timedelta) -> datetime | None:
    over = len(wrong) - free + 1
    if over < 1:
        return None
    return max(wrong) + min(timedelta(seconds=2 ** min(over, 12)), longest)
