"""Terms of a formula that stand twice or are taken out again, and a model without its intercept."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from trialkit.errors import TrialkitError
from trialkit.plan.errors import PlanError, PlanWarning
from trialkit.plan.keys import read_formula
from trialkit.plan.model import Analysis, Plan
from trialkit.study.model import Study
from trialkit.wording import said

_WRAPPED = re.compile(r"\b(?:C|factor)\(\s*(`[^`]*`|\w+)\s*\)")
_NO_INTERCEPT = re.compile(r"(?:^|\+)0(?=[+\-]|$)|-1(?=[+\-]|$)")


def model_written_plainly(entry: Analysis, _plan: Plan, _study: Study) -> Iterator[PlanError]:
    """Each term once, and the intercept in: else the model is another than the one that is read."""
    formula = entry.keys.get("formula")
    if not isinstance(formula, str):
        return
    right = re.sub(r"\s+", "", formula.rpartition("~")[2])
    where = f"{entry.where} ({entry.id})"
    if _NO_INTERCEPT.search(right):
        yield PlanError(
            expected="a model with its intercept",
            found=formula,
            where=where,
            next_step="Leave 0 + and - 1 out: means and differences are of a model with an intercept.",
        )
        return
    try:
        read_formula(formula)
    except TrialkitError:
        return  # told by the formula's own check
    added, taken = _terms(right)
    twice = [term for term, times in Counter(added).items() if times > 1]
    if twice:
        yield PlanError(
            expected="each term once",
            found=said("{terms} more than once in {formula}", terms=", ".join(twice), formula=formula),
            where=where,
            next_step="Leave it out once; perhaps another column was meant.",
        )
    if taken:
        yield PlanWarning(
            expected="a model of the terms it has",
            found=said("{terms} taken out again in {formula}", terms=", ".join(taken), formula=formula),
            where=where,
            next_step="Write the terms that stay, without a minus: readers count those they see.",
        )


def _terms(right: str) -> tuple[list[str], list[str]]:
    """The terms between signs that stand in no brackets: added, and taken out."""
    added: list[str] = []
    taken: list[str] = []
    depth, begun, sign = 0, 0, "+"
    for at, char in enumerate(f"{right}+"):
        depth += (char == "(") - (char == ")")
        if char in "+-" and depth == 0:
            term = _plain(right[begun:at])
            if term:
                (added if sign == "+" else taken).append(term)
            begun, sign = at + 1, char
    return added, taken


def _plain(term: str) -> str:
    """``site:arm`` as ``arm:site``, ``C(sex)`` as ``sex``: one term however it is written."""
    bare = _WRAPPED.sub(r"\1", term)
    if "(" in bare:
        return bare
    for sign in ("*", ":"):
        if sign in bare and not re.search(r"[:*/^]".replace(sign, ""), bare):
            return sign.join(sorted(bare.split(sign)))
    return bare
