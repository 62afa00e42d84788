"""From the table of a measured scan to the texts of a form's items, found by their names."""

from __future__ import annotations

import re
import statistics
from collections import defaultdict
from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from trialkit.imaging.errors import MeasurementError
from trialkit.numbers import plain
from trialkit.wording import said

if TYPE_CHECKING:
    import pandas as pd

_METRIC = {
    "csa_mm2": ("csa", "", 100.0, 0),
    "csa_cm2": ("csa", "", 1.0, 2),
    "fat_percent": ("fat_fraction", "ratio_of_sums", 1.0, 1),
    "volume_ml": ("volume", "", 1.0, 1),
    **{
        f"fi_{method}_percent": ("fat_infiltration", method, 1.0, 1)
        for method in ("otsu", "kmeans", "gmm", "subcutaneous")
    },
}
"""What an item's name ends in -> metric, method, factor, places."""
_MEASURED = re.compile(rf"(?:\w+_)?(l[1-5])_(\w+?)(?:_(left|right))?_({'|'.join(_METRIC)})")
_GRADED = re.compile(r"(?:\w+_)?(l[1-5])_(goutallier|kjaer)")
_SHOWN = 6
_REMEMBERED = 2_000  # names of items: those of a form are asked for of every scan
_Found = Mapping[tuple[str, str], list[tuple[str, str, str, float]]]
"""(level, metric) -> muscle, side, method and value of each row."""


def form_values(table: pd.DataFrame, items: Collection[str]) -> dict[str, str]:
    """Texts of the items that a scan gives: ``mri_l4_multifidus_csa_mm2``, ``..._left_csa_mm2``,
    ``..._fat_percent``, ``..._fi_otsu_percent``, ``mri_l4_goutallier``.

    Without a side in the item's name, areas and fat are means of both sides, and both must be drawn (or the
    muscle as one piece); grades are the worst that was read at the level (``as read`` only: a grade computed
    from the fat share is not a reading).

    Raises
    ------
    MeasurementError
        Items that the scan does not give, each with the reason.
    """
    found = _by_place(table)
    values: dict[str, str] = {}
    missing: list[str] = []
    for item in items:
        measured, graded = _asked(item)
        try:
            if measured is not None:
                values[item] = _measured(found, *measured)
            elif graded is not None:
                values[item] = _graded(found, *graded)
        except _NotGivenError as reason:
            missing.append(f"{item} ({reason})")
    if missing:
        more = said("; and {n} more", n=len(missing) - _SHOWN) if len(missing) > _SHOWN else ""
        raise MeasurementError(
            expected="a measurement for every item of the form",
            found=said("none for {missing}", missing=", ".join(missing[:_SHOWN])) + more,
            where="segmentation",
            next_step="Draw and name what is missing; give the water image of a pair, and grades as read.",
        )
    return values


@lru_cache(_REMEMBERED)
def _asked(item: str) -> tuple[tuple[str, str, str, str] | None, tuple[str, str] | None]:
    """Level, muscle, side and what is measured of an item; or the level and scale of a grade."""
    measured, graded = _MEASURED.fullmatch(item), _GRADED.fullmatch(item)
    return (
        None if measured is None else (measured[1], measured[2], measured[3] or "", measured[4]),
        None if graded is None else (graded[1], graded[2]),
    )


class _NotGivenError(Exception):
    """Why the scan does not give an item."""


def _by_place(table: pd.DataFrame) -> _Found:
    found: dict[tuple[str, str], list[tuple[str, str, str, float]]] = defaultdict(list)
    columns = (table[name].tolist() for name in ("level", "metric", "muscle", "side", "method", "value"))
    for level, metric, muscle, side, method, value in zip(*columns, strict=True):
        found[level, metric].append((muscle, side, method, float(value)))
    return found


def _measured(found: _Found, level: str, muscle: str, side: str, what: str) -> str:
    metric, method, scale, places = _METRIC[what]
    here: dict[str, float] = {}
    for of, at, how, value in found.get((level.upper(), metric), ()):
        if of == muscle and how.startswith(method):
            if at in here:
                raise _NotGivenError(said("drawn as several segments on one side"))
            here[at] = value
    if not here:
        drawn = any(of == muscle for of, *_ in found.get((level.upper(), "csa"), ()))
        raise _NotGivenError(said("the image gives no such value") if drawn else said("not drawn"))
    wanted = {side} if side else ({""} if "" in here and len(here) == 1 else {"left", "right"})
    lacking = wanted - here.keys()
    if lacking:
        raise _NotGivenError(said("{side} is not drawn", side=", ".join(sorted(lacking))))
    return plain(statistics.fmean(here[at] for at in wanted) * scale, places)


def _graded(found: _Found, level: str, scale: str) -> str:
    at = found.get((level.upper(), f"{scale}_grade"), ())
    read = [value for _, _, how, value in at if how == "as read"]
    if not read:
        raise _NotGivenError(said("no grade was read"))
    return f"{plain(max(read), 0)}"
