"""Exact intervals for error rates: a few errors in many fields, where the normal approximation fails."""

from __future__ import annotations

from math import nan


def clopper_pearson(events: int, trials: int, confidence_level: float = 0.95) -> tuple[float, float]:
    """The exact two-sided interval of a proportion.

    Parameters
    ----------
    events, trials
        Counts, 0 <= events <= trials.
    confidence_level
        Between 0 and 1, both excluded.

    Returns
    -------
    tuple of float
        Lower and upper limit, as proportions.

    Raises
    ------
    ValueError
        Where the counts are not a proportion.

    Degenerate cases
    ----------------
    No trials: both limits are NaN. No events: the lower limit is 0. All events: the upper limit is 1.

    Equivalent in R/SAS
    -------------------
    R: ``binom.test(events, trials, conf.level = 0.95)$conf.int``. SAS: ``proc freq; exact binomial``.

    References
    ----------
    Clopper CJ, Pearson ES. Biometrika 1934;26:404-413.
    """
    if not 0 <= events <= trials:
        raise ValueError(f"{events} events in {trials} trials is not a proportion")
    if trials == 0:
        return nan, nan
    from scipy.special import betaincinv

    tail = (1 - confidence_level) / 2
    lower = 0.0 if events == 0 else float(betaincinv(events, trials - events + 1, tail))
    upper = 1.0 if events == trials else float(betaincinv(events + 1, trials - events, 1 - tail))
    return lower, upper
