"""What an entry must say where the study has more than two arms: a pair, or which contrasts at what price.

Nothing here has a default. Of k arms there are k(k-1)/2 differences; which of them are tested, in which
order, and how the number of tests is paid for decides what "p = 0.03" means.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any

from trialkit.plan.errors import PlanError
from trialkit.plan.method import Declaration, Place, Several
from trialkit.plan.model import Alternative, Contrasts, Test
from trialkit.plan.references import unknown
from trialkit.strict_toml import Section
from trialkit.wording import said

Pair = tuple[str, str]
EACH, ALL_PAIRS = "each with reference", "all pairs"
MINUS = " - "
UNADJUSTED = "none"
DUNNETT, TUKEY = "dunnett", "tukey"
BY_P_VALUE = ("holm", "hochberg", "bonferroni", "fixed-sequence")
ADJUSTMENTS = {
    DUNNETT: "Dunnett",
    TUKEY: "Tukey",
    "holm": "Holm",
    "hochberg": "Hochberg",
    "bonferroni": "Bonferroni",
    "fixed-sequence": "fixed order",
    UNADJUSTED: "not adjusted",
}
PAIR_SAYS = 'two arms, test first: `arms = ["X", "Y"]`; only their subjects are used'
CONTRASTS_SAYS = (
    f'`compare = "{EACH}"`, `"{ALL_PAIRS}"` or a list such as `["X - Y", "X - Z"]`, in that order; `adjust = '
    f'"{DUNNETT}"` (each with reference), `"{TUKEY}"` (all pairs), '
    + ", ".join(f'`"{one}"`' for one in BY_P_VALUE)
    + f' or `"{UNADJUSTED}"` with `because`'
)


def read_pair(section: Section) -> tuple[str, ...]:
    """``arms = ["X", "Y"]``; empty where it is not there."""
    names = section.texts("arms", ())
    if "arms" in section and (len(names) != 2 or names[0] == names[1]):
        section.refuse("arms", "two different arms, the test arm first", ", ".join(names) or "none")
    return names


def read_contrasts(section: Section) -> Contrasts | None:
    """``contrasts = { compare, adjust, because }``; None where it is not there."""
    if "contrasts" not in section:
        return None
    here = section.section("contrasts")
    compare = ""
    pairs: tuple[Pair, ...] = ()
    if here.is_text("compare"):
        compare = here.one_of("compare", (EACH, ALL_PAIRS))
    else:
        pairs = tuple(_pair(here, text) for text in here.texts("compare"))
        twice = len({frozenset(pair) for pair in pairs}) < len(pairs)
        if not pairs or twice:
            here.refuse("compare", "one contrast or more, each once", "one twice" if twice else "none")
    adjust = here.one_of("adjust", tuple(ADJUSTMENTS))
    because = here.text("because", "")
    if adjust == UNADJUSTED and not because:
        here.refuse("because", "why nothing is adjusted, in a sentence that is printed", "nothing")
    here.done()
    return Contrasts(compare, pairs, adjust, because)


def _pair(section: Section, text: str) -> Pair:
    test, minus, reference = (part.strip() for part in text.partition(MINUS))
    if not minus.strip() or not test or not reference or test == reference:
        section.refuse("compare", 'two different arms as "X - Y"', repr(text))
    return test, reference


def pairs_of(contrasts: Contrasts | None, arms: Sequence[str]) -> tuple[Pair, ...]:
    """The pairs compared, (test, reference) in order; without ``contrasts`` each arm with the reference.

    All pairs are each arm with the reference, then the test arms among themselves, each minus later ones.
    """
    tests, reference = arms[:-1], arms[-1]
    against = tuple((test, reference) for test in tests)
    if contrasts is None or contrasts.compare == EACH:
        return against
    return (*against, *combinations(tests, 2)) if contrasts.compare == ALL_PAIRS else contrasts.pairs


def contrast_words(contrasts: Contrasts) -> str:
    """What is compared and what its number costs, in a line."""
    compared = contrasts.compare or ", ".join(MINUS.join(pair) for pair in contrasts.pairs)
    because = f" ({contrasts.because})" if contrasts.because else ""
    return f"{compared}; {ADJUSTMENTS[contrasts.adjust]}{because}"


def comparison_problems(method: Declaration, place: Place) -> Iterator[PlanError]:
    """What an entry leaves open, or says without need, about which arms it compares."""
    entry, names = place.entry, [arm.name for arm in place.study.arms]
    wanted = method.of_several_arms
    if len(names) <= 2:
        if entry.arms or entry.contrasts:
            yield _problem(
                place,
                said("an entry without {key}: the plan's roles say it", key=_stated(entry)),
                said("{n_arms} arms in the study", n_arms=len(names)),
                "Leave it out.",
            )
        return
    for arm in (*entry.arms, *_named(entry.contrasts)):
        if arm not in names:
            yield unknown("an arm of the study", arm, place.where, names)
    if entry.contrasts is not None and (entry.arms or wanted is not Several.CONTRASTS):
        yield _problem(
            place,
            said("a {method} entry that says nothing under contrasts", method=method.name)
            if wanted is not Several.CONTRASTS
            else "either two arms or contrasts",
            "contrasts",
            'Leave it out; `arms = ["X", "Y"]` makes the entry one about two arms.',
        )
    elif wanted is Several.PAIR and not entry.arms:
        yield _problem(
            place,
            said("the two arms that {method} compares", method=method.name),
            said("none named, of {n_arms}", n_arms=len(names)),
            'Add arms = ["X", "Y"], the test arm first: only their subjects are used.',
        )
    elif wanted is Several.CONTRASTS and not entry.arms and entry.contrasts is None:
        yield _problem(
            place,
            said(
                "contrasts: which of {n_arms} arms are compared, and how their number is paid for",
                n_arms=len(names),
            ),
            "nothing, and there is no default for what matters",
            said(
                'Add contrasts = {{ compare = "{each}", adjust = "holm" }}, or arms = ["X", "Y"].', each=EACH
            ),
        )
    elif entry.contrasts is not None:
        yield from _adjustment(entry.contrasts, method, place)


def _adjustment(contrasts: Contrasts, method: Declaration, place: Place) -> Iterator[PlanError]:
    """Dunnett's and Tukey's adjustment belong to one family of contrasts, a two-sided test of no difference,
    and one covariance."""
    family = {DUNNETT: EACH, TUKEY: ALL_PAIRS}.get(contrasts.adjust)
    if family is None:
        return
    if contrasts.compare != family:
        yield _problem(
            place,
            said('compare = "{family}" with {adjust}', family=family, adjust=ADJUSTMENTS[contrasts.adjust]),
            contrasts.compare or "contrasts by name",
            "Change one of them, or adjust by Holm.",
        )
    test: Any = place.entry.keys.get("test")
    one_sided = isinstance(test, Test) and (
        test.alternative is not Alternative.TWO_SIDED or test.null_value != 0
    )
    pooled = bool(getattr(place.entry.keys.get("missing"), "pools", False))
    if not method.simultaneous or one_sided or pooled:
        yield _problem(
            place,
            said(
                "{adjust} for one model's two-sided tests of no difference",
                adjust=ADJUSTMENTS[contrasts.adjust],
            ),
            "imputed data, pooled"
            if pooled
            else "a one-sided test, or a margin"
            if one_sided
            else method.name,
            "Adjust by Holm, which needs the p values alone.",
        )


def _named(contrasts: Contrasts | None) -> tuple[str, ...]:
    return () if contrasts is None else tuple(arm for pair in contrasts.pairs for arm in pair)


def _stated(entry: Any) -> str:
    return "arms" if entry.arms else "contrasts"


def _problem(place: Place, expected: str, found: str, next_step: str) -> PlanError:
    return PlanError(expected=expected, found=found, where=place.where, next_step=next_step)
