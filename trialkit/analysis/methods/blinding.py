"""Whether the blinded guessed right: Bang's index in each arm and James's over both."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from trialkit.analysis.context import Context
from trialkit.analysis.errors import AnalysisError
from trialkit.analysis.method import Answer, Method
from trialkit.documents.declared import Col, Estimate, Listed, Percent, Plain
from trialkit.plan import Analysis, Key, Place, PlanError, keys
from trialkit.plan.references import unknown

if TYPE_CHECKING:
    import pandas as pd


def _check(value: str, place: Place) -> Iterator[PlanError]:
    items = {item.name: item for form in place.study.forms for item in form.items}
    arms = {arm.name for arm in place.study.arms}
    if value not in items:
        yield unknown("an item of the study", value, place.where, items)
    elif not arms <= {choice.code for choice in items[value].choices}:
        yield PlanError(
            expected="an item whose codes are the arms, and one for cannot say",
            found=", ".join(choice.code for choice in items[value].choices) or "no codes",
            where=place.where,
            next_step="Name the item that records the guess.",
        )


GUESS = Key("guess", "the item that records the guess", "a coded item", lambda s, k: s.text(k), _check)


def compute(context: Context, entry: Analysis) -> Answer:
    """Bang's index: (share right - share wrong) of those asked, 0 for guessing, 1 for all right; James's: 1
    for all unknowing, 0 for all right."""
    import pandas as pd

    data = context.subjects(entry)
    guesses = context.datasets.item_values(GUESS.of(entry))
    data["guess"] = data["subject_id"].map(guesses)
    asked = data["guess"].notna()
    if not asked.any():
        raise AnalysisError(
            expected="a guess of somebody",
            found="none recorded",
            next_step="Run it when there is one.",
        )
    here = data[asked]
    level = keys.TWO_SIDED_INTERVAL.of(entry).level
    return Answer(
        tables={"guesses": _guesses(context, here), "indices": pd.DataFrame(_indices(context, here, level))},
        counts=context.counts(data, asked, "no guess recorded"),
        method="Bang's index by arm and James's index over both arms, with normal intervals",
    )


def _guesses(context: Context, here: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    labels = {**{arm: context.study.arm(arm).label for arm in context.arms}}
    rows = []
    for guess in sorted(here["guess"].unique()):
        for arm in context.arms:
            of_arm = here[here["arm"] == arm]
            n = int((of_arm["guess"] == guess).sum())
            percent = 100 * n / len(of_arm) if len(of_arm) else None
            label = labels.get(guess, "Cannot say")
            rows.append({"guessed": label, "arm": arm, "count": n, "percent": percent})
    return pd.DataFrame(rows)


def _indices(context: Context, here: pd.DataFrame, level: float) -> list[dict[str, Any]]:
    rows = []
    for arm in context.arms:
        guesses = here.loc[here["arm"] == arm, "guess"]
        right, wrong = (guesses == arm).mean(), (guesses.isin(context.arms) & (guesses != arm)).mean()
        rows.append(_row(f"Bang, {context.study.arm(arm).label}", *bang(right, wrong, len(guesses)), level))
    rows.append(_row("James, both arms", *james(context, here), level))
    return rows


def bang(right: float, wrong: float, n: int) -> tuple[float, float]:
    """The index and its standard error (Bang, Ni and Davis 2004, for "cannot say" in one category)."""
    if n == 0:
        return float("nan"), float("nan")
    index = right - wrong
    variance = (right * (1 - right) + wrong * (1 - wrong) + 2 * right * wrong) / n
    return float(index), float(variance**0.5)


def james(context: Context, here: pd.DataFrame) -> tuple[float, float]:
    """The index and its jackknife standard error (James, Bloch, Lee, Kraemer and Fuller 1996)."""
    import numpy as np

    codes = np.where(
        ~here["guess"].isin(context.arms), 2, np.where(here["guess"] == here["arm"].astype(str), 0, 1)
    )
    test = (here["arm"] == context.test_arm).to_numpy()
    whole = _james_index(codes, test)
    n = len(codes)
    if n < 2:
        return whole, float("nan")
    kept = ~np.eye(n, dtype=bool)
    each = np.array([_james_index(codes[k], test[k]) for k in kept])
    return whole, float(np.sqrt((n - 1) / n * ((each - each.mean()) ** 2).sum()))


def _james_index(codes: Any, test: Any) -> float:
    """(1 + share of "cannot say" + (1 - that) x kappa) / 2, kappa of disagreement among those who guessed."""
    import numpy as np

    unknown_share = float((codes == 2).mean())
    if unknown_share == 1:
        return 1.0
    guessed = codes != 2
    joint = np.array(
        [
            [float((guessed & (test == arm) & (codes == code)).mean()) for code in (0, 1)]
            for arm in (True, False)
        ]
    )
    joint /= joint.sum()
    # Rows: arm; columns: right, wrong. As a table of arm by arm guessed:
    table = np.array([[joint[0, 0], joint[0, 1]], [joint[1, 1], joint[1, 0]]])
    observed = float(table[0, 1] + table[1, 0])
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    by_chance = float(rows[0] * columns[1] + rows[1] * columns[0])
    kappa = (observed - by_chance) / by_chance if by_chance else 0.0
    return (1 + unknown_share + (1 - unknown_share) * kappa) / 2


def _row(name: str, index: float, error: float, level: float) -> dict[str, Any]:
    from scipy import stats

    half = float(stats.norm.ppf(0.5 + level / 2)) * error
    return {
        "index": name,
        "estimate": index,
        "standard_error": error,
        "ci_lower": index - half,
        "ci_upper": index + half,
    }


METHOD = Method(
    name="blinding",
    says="Whether the blinded guessed the arm better than chance.",
    keys=(GUESS, keys.TWO_SIDED_INTERVAL),
    outputs=(
        Listed(
            source="guesses",
            title="{title}: guesses",
            label=Plain("guessed"),
            head="Guessed",
            columns=(Col("n (%)", Percent("count", "percent")),),
            by_arm=True,
        ),
        Listed(
            source="indices",
            title="{title}: indices",
            label=Plain("index"),
            head="Index",
            columns=(Col("Estimate", Estimate(), note="({interval})"),),
            footnotes=(
                "Bang: 1 all right, 0 as by chance, -1 all wrong. James: 1 nobody knows, 0.5 as by chance, "
                "0 all right.",
            ),
        ),
    ),
    page="quality",
    compute=compute,
)
