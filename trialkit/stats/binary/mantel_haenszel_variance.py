"""Variances of the Mantel-Haenszel estimators, right both for few large and for many small strata."""

from __future__ import annotations

from trialkit.stats.binary.strata_tables import StrataTables
from trialkit.stats.errors import DataError
from trialkit.wording import said


def difference_variance(t: StrataTables) -> float:
    """Of the risk difference (Sato 1989)."""
    n = t.total
    weight = t.n1 * t.n0 / n
    estimate = float(((t.x1 * t.n0 - t.x0 * t.n1) / n).sum() / weight.sum())
    p = (t.n1**2 * t.x0 - t.n0**2 * t.x1 + t.n1 * t.n0 * (t.n0 - t.n1) / 2) / n**2
    q = (t.x1 * (t.n0 - t.x0) + t.x0 * (t.n1 - t.x1)) / (2 * n)
    return float((estimate * p.sum() + q.sum()) / weight.sum() ** 2)


def log_ratio_variance(t: StrataTables) -> float:
    """Of the log risk ratio (Greenland & Robins 1985)."""
    n = t.total
    _require_events(t, bool(t.x1.any() and t.x0.any()), "events in both groups")
    numerator = ((t.n1 * t.n0 * (t.x1 + t.x0) - t.x1 * t.x0 * n) / n**2).sum()
    return float(numerator / ((t.x1 * t.n0 / n).sum() * (t.x0 * t.n1 / n).sum()))


def log_odds_variance(t: StrataTables) -> float:
    """Of the log odds ratio (Robins, Breslow & Greenland 1986)."""
    n = t.total
    along = t.x1 * (t.n0 - t.x0) / n
    across = t.x0 * (t.n1 - t.x1) / n
    _require_events(t, bool(along.sum() > 0 and across.sum() > 0), "events and their absence in both groups")
    p = (t.x1 + t.n0 - t.x0) / n
    q = (t.x0 + t.n1 - t.x1) / n
    mixed = (p * across + q * along).sum() / (2 * along.sum() * across.sum())
    return float(
        (p * along).sum() / (2 * along.sum() ** 2) + mixed + (q * across).sum() / (2 * across.sum() ** 2)
    )


def _require_events(t: StrataTables, enough: bool, expected: str) -> None:
    if not enough:
        raise DataError(
            expected=said("{expected}, within strata taken together", expected=expected),
            found=said(
                "{x1} of {n1} and {x0} of {n0}",
                x1=int(t.x1.sum()),
                n1=int(t.n1.sum()),
                x0=int(t.x0.sum()),
                n0=int(t.n0.sum()),
            ),
            next_step="Use a score interval of the difference or ratio, or an exact test.",
        )
