"""Subject numbers: each site's own series, and numbers given by hand that stand in nobody's way."""

from __future__ import annotations

import re
from collections.abc import Collection
from itertools import count

from trialkit.operations.errors import OperationError
from trialkit.wording import said

_SERIES_DIGITS = 3
_LARGEST_IN_SERIES = 999_999
_FAR = 100  # numbers ahead: more than a box of printed forms


def next_number(site: str, taken: Collection[str]) -> str:
    """The site's first number that nobody has: one given by hand leaves the series where it was."""
    return next(number for n in count(1) if (number := _in_series(site, n)) not in taken)


def far_from_series(number: str, site: str, taken: Collection[str]) -> str:
    """That a number given by hand lies far ahead of the site's series; empty where it does not."""
    place = _place_in_series(site, number)
    following = next_number(site, taken)
    if place is None or place <= (_place_in_series(site, following) or 0) + _FAR:
        return ""
    return said("the number lies far ahead of the site's next one, {following}", following=following)


def require_free(
    number: str, site: str, sites: Collection[str], taken: Collection[str], where: str = ""
) -> None:
    """Refuse a number given by hand that somebody has, or that is another site's to give.

    Raises
    ------
    OperationError
        In use, also where only the case of letters differs; of another site's series; or of this site's
        series in another spelling (``A-4`` for ``A-004``).
    """
    if number.casefold() in set(map(str.casefold, taken)):
        raise OperationError(
            expected="a subject number nobody has",
            found=repr(number),
            where=where,
            next_step="Look the subject up: it may be screened already.",
        )
    own = _place_in_series(site, number)
    if own is not None:
        if own > _LARGEST_IN_SERIES:
            raise OperationError(
                expected=said("a number of this site's series up to {largest}",
                              largest=_in_series(site, _LARGEST_IN_SERIES)),
                found=repr(number),
                where=where,
                next_step="Check the number on the form.",
            )  # fmt: skip
        if number != _in_series(site, own):
            raise OperationError(
                expected=said("a number of this site's series as {number}", number=_in_series(site, own)),
                found=repr(number),
                where=where,
            )
        return
    for other in sorted(set(sites) - {site}):
        if _place_in_series(other, number) is not None:
            raise OperationError(
                expected=said("a number of site {site}", site=site),
                found=said("{number}, of the series of site {other}", number=repr(number), other=other),
                where=where,
                next_step="Check the site and the number on the form.",
            )


def _in_series(site: str, place: int) -> str:
    return f"{site}-{place:0{_SERIES_DIGITS}d}"


def _place_in_series(site: str, number: str) -> int | None:
    found = re.fullmatch(rf"{re.escape(site)}-(\d+)", number, re.ASCII | re.IGNORECASE)
    return int(found[1]) if found else None
