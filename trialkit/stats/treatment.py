"""What a model is told about the treatment before it is fitted."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from trialkit.stats.errors import DataError
from trialkit.wording import written


def treatment_arguments(treatment: str | None, reference: Hashable | None) -> dict[str, Any]:
    """What ``build_design`` is told about the treatment: a factor even when numeric, counted by, its
    reference.
    """
    if treatment is None:
        if reference is not None:
            raise DataError(
                expected="the treatment column whose reference level is given",
                found="a reference without a treatment",
                next_step="Say treatment='...'.",
            )
        return {}
    if not isinstance(treatment, str):
        raise DataError(expected="the treatment as the name of one column", found=written(treatment))
    references = {} if reference is None else {treatment: reference}
    return {"as_factors": (treatment,), "count_by": (treatment,), "references": references}
