"""Responders of whom nothing was observed: left out, counted as failures, or drawn many times and pooled."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trialkit.analysis.context import Context
from trialkit.analysis.imputation_model import Modelled, completed, imputation_model
from trialkit.analysis.missing_data import MultipleImputation, read_imputation, with_sources
from trialkit.analysis.response_rule import responses
from trialkit.analysis.within_arms import within_arms
from trialkit.plan import Analysis, Endpoint, Key, Place, PlanError, keys
from trialkit.strict_toml import Section
from trialkit.wording import said

if TYPE_CHECKING:
    import pandas as pd

OBSERVED, NON_RESPONSE = "observed cases", "non-response"
RESPONSE = "response"
NUMBER_NEEDED = "number needed to treat"
UNROUNDED = (
    "Imputed values are not rounded to the steps of the scale before the definition is applied to them."
)
_MISSING_WORDS = {
    OBSERVED: "observed cases",
    NON_RESPONSE: "whoever was not observed counts as a treatment failure",
}


def _read(section: Section, key: str) -> str | MultipleImputation:
    if not section.is_table(key):
        text = section.text(key)
        if text not in _MISSING_WORDS:
            words = keys.any_of(tuple(_MISSING_WORDS))
            section.refuse(key, said("{words}, or a table with a method", words=words), repr(text))
        return text
    here = section.section(key)
    made = read_imputation(here, here.one_of("method", ["mi"]))
    here.done()
    return made


def _check(value: str | MultipleImputation, place: Place) -> Iterator[PlanError]:
    if isinstance(value, MultipleImputation):
        yield from value.problems(place)


MISSING: Key[str | MultipleImputation] = Key(
    "missing",
    "how missing data enter the analysis",
    f'{keys.any_of(tuple(_MISSING_WORDS))}, or a table: `method = "mi"` with `by`, `using`, `m`, `pool`',
    _read,
    _check,
)


def missing_words(missing: str | MultipleImputation) -> str:
    if isinstance(missing, MultipleImputation):
        return (
            f"multiple imputation of the score under missing at random within {missing.by}, {missing.m} data "
            "sets; differences pooled by Rubin's rules, ratios likewise on the log scale, limits of a "
            "proportion by Lott and Reiter's method"
        )
    return _MISSING_WORDS[missing]


@dataclass(frozen=True)
class ImputedResponses:
    """The responses of every completed data set; each holds subjects by the index of the data they are of."""

    responses: tuple[pd.Series, ...]
    told: pd.DataFrame  # what was drawn, for the exported datasets
    notes: tuple[str, ...]

    @property
    def first(self) -> pd.Series:
        return self.responses[0]

    def pooled(self, data: pd.DataFrame, reference: str, level: float, strata: Sequence[str] = ()) -> Any:
        """Proportions and contrasts of the two arms in ``data``, pooled."""
        from trialkit.stats import pool_proportions

        columns = ["arm", *strata]
        sets = [data[columns].assign(**{RESPONSE: one.loc[data.index]}) for one in self.responses]
        return pool_proportions(sets, RESPONSE, "arm", reference, list(strata) or None, level)

    def contrasts(
        self, data: pd.DataFrame, reference: str, level: float, strata: Sequence[str]
    ) -> pd.DataFrame:
        """The pooled contrasts, and the number needed to treat: one over the difference and its limits."""
        import pandas as pd

        found: pd.DataFrame = self.pooled(data, reference, level, strata).contrasts
        plain = found.iloc[0]
        needed = {
            "contrast": plain["contrast"],
            "measure": NUMBER_NEEDED,
            "estimate": _over(plain["estimate"]),
            "p_value": plain["p_value"],
            "ci_lower": _over(plain["ci_upper"]),
            "ci_upper": _over(plain["ci_lower"]),
        }
        return pd.concat([found, pd.DataFrame([needed])], ignore_index=True)


def _over(value: float) -> float:
    return 1 / value if value else float("nan")


@dataclass(frozen=True)
class DrawnScores:
    """A score at a visit, drawn as the primary analysis draws it: one data set an imputation."""

    made: Modelled
    sets: tuple[pd.DataFrame, ...]  # with base, value and chg
    told: pd.DataFrame


def drawn_scores(
    context: Context,
    entry: Analysis,
    endpoint: Endpoint,
    missing: MultipleImputation,
    factors: Sequence[str],
) -> DrawnScores:
    """The draws of the endpoint's score, the same for every definition of response on it; ``factors`` are the
    strata, which help to impute."""
    visit = keys.VISIT.of(entry)
    made = imputation_model(context, entry, endpoint, visit, missing.using, factors)
    frames = within_arms(made.data, made.model, missing.m, context.plan.seed)
    values = [frame[made.target].to_numpy(dtype=float) for frame in frames]
    told = with_sources(context, made.told(values, visit), endpoint.parameter, made.wanted)
    return DrawnScores(made, tuple(completed(frame, made.start, made.target) for frame in frames), told)


def imputed_responses(endpoint: Endpoint, data: pd.DataFrame, drawn: DrawnScores) -> ImputedResponses:
    """The rule on every completed data set; who was observed keeps the response that was seen.

    ``data`` are the subjects at the visit with ``response``.
    """
    open_to_draws = data[RESPONSE].isna().to_numpy()
    found = []
    for full in drawn.sets:
        response = data[RESPONSE].copy()
        response[open_to_draws] = responses(endpoint, full[open_to_draws]).to_numpy()
        found.append(response)
    return ImputedResponses(tuple(found), drawn.told, (*drawn.made.notes, UNROUNDED))
