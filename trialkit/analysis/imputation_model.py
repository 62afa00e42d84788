"""What is imputed for an endpoint at a visit, and from what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from trialkit.analysis.context import Context
from trialkit.analysis.covariates import mean_imputed
from trialkit.analysis.repeated import baseline_visit, matching, wide_data
from trialkit.plan import Analysis, Endpoint

if TYPE_CHECKING:
    import pandas as pd

    from trialkit.stats.distributions import FloatArray


@dataclass(frozen=True)
class Modelled:
    """An imputation model and its data: subjects of the set, wide; ``model`` are the columns it has."""

    wide: pd.DataFrame
    data: pd.DataFrame
    model: list[str]
    helpers: list[str]
    start: str
    target: str
    observed: pd.Series  # baseline and outcome
    notes: tuple[str, ...]
    wanted: tuple[tuple[str, str], ...]  # the parameters and visits among the columns

    def told(self, values: Sequence[FloatArray], visit: str) -> pd.DataFrame:
        """The outcomes drawn, a row a subject and imputation; ``values`` are those of everybody."""
        import pandas as pd

        missing = self.wide[self.target].isna().to_numpy()
        who = self.wide["subject_id"].to_numpy()[missing]
        return pd.DataFrame(
            {
                "subject_id": np.tile(who, len(values)),
                "imputed": np.concatenate([one[missing] for one in values]),
                "imputation": np.repeat(np.arange(1, len(values) + 1), len(who)),
                "visit": visit,
            }
        )


def imputation_model(
    context: Context,
    entry: Analysis,
    endpoint: Endpoint,
    visit: str,
    using: Sequence[str],
    factors: Sequence[str],
) -> Modelled:
    """The columns of ``using`` (``odi@*``) with baseline and outcome, and ``factors``, those of the analysis.

    Values missing at baseline are set to the mean of everybody's before anything is drawn.
    """
    target = f"{endpoint.parameter}@{visit}"
    start = f"{endpoint.parameter}@{baseline_visit(context)}"
    wanted = matching(context, using)
    for needed in ((endpoint.parameter, baseline_visit(context)), (endpoint.parameter, visit)):
        if needed not in wanted:
            wanted.append(needed)
    columns = [f"{parameter}@{place}" for parameter, place in wanted]
    wide = wide_data(context, entry, wanted)
    observed = wide[target].notna() & wide[start].notna()
    at_baseline = [name for name in columns if name.endswith(f"@{baseline_visit(context)}")]
    helpers = [n for n in factors if n in wide and n not in ("arm", "base", *columns)]
    wide, notes = mean_imputed(context, wide, [*at_baseline, *helpers])
    data = wide[["subject_id", "arm", *dict.fromkeys([*columns, *helpers])]].copy()
    model = [*columns, *(name for name in helpers if not data[name].isna().any())]
    return Modelled(wide, data, model, helpers, start, target, observed, notes, tuple(wanted))


def completed(frame: pd.DataFrame, start: str, target: str) -> pd.DataFrame:
    """An imputed data set with base, value and change of the endpoint."""
    frame = frame.drop(columns=["base", "value", "chg"], errors="ignore")
    return frame.assign(base=frame[start], value=frame[target], chg=frame[target] - frame[start])
