"""Responders: who improved by at least so much, as proportions, with absolute and relative effects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from trialkit.analysis import comparisons
from trialkit.analysis.composite import FAILED
from trialkit.analysis.context import Context
from trialkit.analysis.direction import event_is_good, needed_to_treat
from trialkit.analysis.errors import AnalysisError
from trialkit.analysis.formula_words import within_words
from trialkit.analysis.imputed_responses import (
    MISSING,
    NON_RESPONSE,
    OBSERVED,
    DrawnScores,
    ImputedResponses,
    drawn_scores,
    imputed_responses,
    missing_words,
)
from trialkit.analysis.left_out import left_out
from trialkit.analysis.linear import used_rows
from trialkit.analysis.method import Answer, Method
from trialkit.analysis.missing_data import MultipleImputation
from trialkit.analysis.responder_curve import COUNTED, CURVE, improvements, pooled_improvements
from trialkit.analysis.responder_tables import (
    ALL_ARMS,
    DIFFERENCE,
    EFFECTS,
    NEEDED_TO_TREAT,
    PROPORTIONS,
    STRATIFIED,
)
from trialkit.analysis.response_rule import responses
from trialkit.plan import Analysis, Endpoint, Key, keys
from trialkit.plan.method import Several
from trialkit.wording import said

if TYPE_CHECKING:
    import pandas as pd

    from trialkit.study.model import Study
    from trialkit.vocabulary import Better

STRATA: Key[tuple[str, ...]] = Key(
    "strata",
    "what the risk difference is stratified by (Mantel-Haenszel weights)",
    "items or factors",
    keys.STRATA.read,
    keys.STRATA.check,
    absent=(),
)
GENERAL = "general association"


def compute(context: Context, entry: Analysis) -> Answer:
    """Proportions by arm and their contrasts, for each definition of response."""
    import pandas as pd

    proportions, contrasts, counts, joint = [], [], [], []
    curves: dict[str, pd.DataFrame] = {}
    scores: dict[str, DrawnScores] = {}
    notes: list[str] = []
    missing = entry.keys.get("missing", OBSERVED)
    for name in keys.ENDPOINTS.of(entry):
        endpoint = context.plan.endpoints[name]
        better = parameter_better(endpoint, context.study)
        data, unseen = _seen(context, entry, endpoint, better, missing)
        drawn = None
        if isinstance(missing, MultipleImputation):
            name = endpoint.parameter
            if name not in scores:
                scores[name] = drawn_scores(context, entry, endpoint, missing, STRATA.of(entry))
            drawn = imputed_responses(endpoint, data, scores[name])
            notes += [note for note in drawn.notes if note not in notes]
        curves.setdefault(
            endpoint.parameter, _curve(context, data, better, unseen, scores.get(endpoint.parameter), missing)
        )
        proportions.append(_proportions(context, entry, data, drawn).assign(definition=endpoint.label))
        good = event_is_good(endpoint, better) if context.knows_sides else None

        def compare(
            of_two: pd.DataFrame,
            reference: str,
            *,
            good: bool | None = good,
            drawn: ImputedResponses | None = drawn,
        ) -> pd.DataFrame:
            return _effects(context, entry, of_two, reference, good, drawn)

        effects = pd.concat(comparisons.over_pairs(context, entry, data, compare), ignore_index=True)
        effects = comparisons.adjusted(
            context, entry, effects.assign(definition=endpoint.label), by="measure"
        )
        contrasts.append(effects)
        joint += _joint(context, entry, data, endpoint.label) if drawn is None else []
        counts += _counted(context, entry, data, endpoint.label, unseen, drawn)
    return Answer(
        tables={
            "proportions": pd.concat(proportions, ignore_index=True).rename(
                columns={"events": "responders", "estimate": "proportion"}
            ),
            "contrasts": pd.concat(contrasts, ignore_index=True),
            "curve": pd.concat(curves.values(), ignore_index=True),
            "scales": scales(context, entry),
            **({comparisons.JOINT: pd.DataFrame(joint)} if joint else {}),
        },
        counts=pd.concat(counts, ignore_index=True),
        method=f"{_method_words(context, entry)}, ratio and number needed to treat"
        f"; missing data: {missing_words(missing)}",
        notes=(*comparisons.words(context, entry), *notes),
        datasets={"imputed": pd.concat([one.told for one in scores.values()], ignore_index=True)}
        if scores
        else {},
    )


def _seen(
    context: Context, entry: Analysis, endpoint: Endpoint, better: Better | None, missing: object
) -> tuple[pd.DataFrame, pd.Series]:
    """The subjects at the visit with their response, and of whom none was seen."""
    data = context.at_visit(entry, endpoint, keys.VISIT.of(entry))
    data["response"] = responses(endpoint, data)
    if FAILED in data:  # an intercurrent event that the plan counts as the worse of the two
        worse = 0.0 if _is_good(endpoint, better, entry) else 1.0
        data.loc[data[FAILED].astype(bool), "response"] = worse
    unseen = data["response"].isna()
    if missing == NON_RESPONSE and unseen.any():
        data.loc[unseen, "response"] = 0.0 if _is_good(endpoint, better, entry) else 1.0
    return data, unseen


def _curve(
    context: Context,
    data: pd.DataFrame,
    better: Better | None,
    unseen: pd.Series,
    score: DrawnScores | None,
    missing: object,
) -> pd.DataFrame:
    """The curve of whom the entry analyses: as many as its proportions are of."""
    failed = data[FAILED].astype(bool) if FAILED in data else None
    if score is not None:
        return pooled_improvements(context, data, better, score.sets, failed)
    if missing == NON_RESPONSE:
        failed = unseen if failed is None else failed | unseen
        return improvements(context, data, better, failures=failed, unobserved=COUNTED)
    return improvements(context, data, better, failures=failed)


def _counted(
    context: Context,
    entry: Analysis,
    data: pd.DataFrame,
    label: str,
    unseen: pd.Series,
    drawn: ImputedResponses | None,
) -> list[pd.DataFrame]:
    """Who responded or not, and where strata leave somebody out, who is in the stratified difference."""
    if drawn is not None:
        data = data.assign(response=drawn.first)
    known = data["response"].notna()
    imputed = known & unseen
    found = [context.counts(data, known & ~unseen, "outcome missing", of=label, imputed=imputed)]
    placed = known & used_rows("response", data, STRATA.of(entry))
    if not placed.equals(known):
        why, of = left_out(context, data, "response ~ arm", STRATA.of(entry)), f"{label}, stratified"
        found.append(context.counts(data, placed & ~unseen, why, of=of, imputed=placed & imputed))
    return found


def _proportions(
    context: Context, entry: Analysis, data: pd.DataFrame, drawn: ImputedResponses | None
) -> pd.DataFrame:
    """Each arm's proportion; with several arms each beside the reference, which is taken once."""
    import pandas as pd

    level, reference = keys.TWO_SIDED_INTERVAL.of(entry).level, context.reference_arm

    def of_two(here: pd.DataFrame) -> pd.DataFrame:
        found: pd.DataFrame = (
            _two(here, reference, level).proportions
            if drawn is None
            else drawn.pooled(here, reference, level).proportions
        )
        return found

    if not context.several:
        return of_two(data)
    found = []
    for arm in context.arms[:-1]:
        here = data[data["arm"].isin((arm, reference))]
        found.append(of_two(here.assign(arm=here["arm"].cat.remove_unused_categories())))
    together: pd.DataFrame = pd.concat(found, ignore_index=True)
    return together.drop_duplicates("arm", ignore_index=True)


def _two(data: pd.DataFrame, reference: str, level: float) -> Any:
    from trialkit.stats import two_proportions

    return two_proportions(data, outcome="response", by="arm", reference=reference, confidence_level=level)


def _effects(
    context: Context,
    entry: Analysis,
    data: pd.DataFrame,
    reference: str,
    good: bool | None,
    drawn: ImputedResponses | None,
) -> pd.DataFrame:
    """The contrasts of two arms for one definition."""
    level = keys.TWO_SIDED_INTERVAL.of(entry).level
    if drawn is None:
        effects = directed(_two(data, reference, level).contrasts, good)
    else:
        effects = directed(drawn.contrasts(data, reference, level, STRATA.of(entry)), good)
    if drawn is None and STRATA.of(entry):
        effects = with_stratified(entry, data, reference, effects)
    # Where groups are coded, a ratio beside a difference gives away each proportion.
    shown: pd.DataFrame = effects if context.knows_sides else effects[effects["measure"] != "risk ratio"]
    return shown


def _joint(context: Context, entry: Analysis, data: pd.DataFrame, label: str) -> list[dict[str, Any]]:
    """Whether the proportions of several arms differ: chi-square, over strata Cochran-Mantel-Haenszel."""
    from scipy.stats import chi2

    from trialkit.stats import cochran_mantel_haenszel

    if not context.several:
        return []
    known = data[data["response"].notna()]
    strata = list(STRATA.of(entry))
    found = cochran_mantel_haenszel(known, "response", "arm", strata or None).tests
    row = found[found["alternative"] == GENERAL].iloc[0]
    statistic, name = float(row["statistic"]), "Cochran-Mantel-Haenszel"
    if not strata:  # Pearson's, as the p value of two arms is: n over n - 1 of the general statistic
        n = int(known["arm"].notna().sum())
        statistic, name = statistic * n / (n - 1), "Chi-square"
    p = float(chi2.sf(statistic, row["df"]))
    return [
        {"definition": label, "test": name, "statistic": statistic, "df_num": float(row["df"]), "p_value": p}
    ]


def _is_good(endpoint: Endpoint, better: Better | None, entry: Analysis) -> bool:
    """Whether a response is wished for, where something hangs on it."""
    good = event_is_good(endpoint, better)
    if good is None:
        raise AnalysisError(
            expected=said("whether {label} is good or bad", label=endpoint.label),
            found="a rule that does not tell",
            where=entry.where,
            next_step='Say event = "good" or "bad" in the endpoint.',
        )
    return good


def with_stratified(
    entry: Analysis, data: pd.DataFrame, reference: str, effects: pd.DataFrame
) -> pd.DataFrame:
    """The contrasts with the difference weighted over strata (Mantel-Haenszel; Yan and Su's interval) behind
    the plain one."""
    import pandas as pd

    from trialkit.stats import risk_difference

    found = risk_difference(
        data,
        outcome="response",
        by="arm",
        reference=reference,
        strata=list(STRATA.of(entry)),
        confidence_level=keys.TWO_SIDED_INTERVAL.of(entry).level,
    ).contrasts
    row = found.reindex(columns=effects.columns).assign(
        measure=STRATIFIED, contrast=effects["contrast"].iloc[0]
    )
    return pd.concat([effects.iloc[:1], row, effects.iloc[1:]], ignore_index=True)


def _method_words(context: Context, entry: Analysis) -> str:
    if isinstance(entry.keys.get("missing"), MultipleImputation):
        names = within_words(context, STRATA.of(entry), entry.keys.get(keys.STRATA_AS.name))
        over = f"; Mantel-Haenszel weights over {names}, Sato's variance" if names else ""
        return f"Risk difference (Wald{over})"
    return f"Risk difference (Newcombe{_strata_words(context, entry)})"


def _strata_words(context: Context, entry: Analysis) -> str:
    names = within_words(context, STRATA.of(entry), entry.keys.get(keys.STRATA_AS.name))
    return f"; Mantel-Haenszel weights over {names}, Yan and Su's interval" if names else ""


def scales(context: Context, entry: Analysis) -> pd.DataFrame:
    import pandas as pd

    first = context.plan.endpoints[keys.ENDPOINTS.of(entry)[0]]
    level = keys.TWO_SIDED_INTERVAL.of(entry).level
    estimand = context.plan.estimands.get(entry.estimand)
    summary = estimand.summary if estimand else ""
    return pd.DataFrame(
        [{"endpoint": first.label, "unit": first.unit, "confidence_level": level, "summary": summary}]
    )


def parameter_better(endpoint: Endpoint, study: Study) -> Better | None:
    return next((score.better for score in study.scores if score.name == endpoint.parameter), None)


def directed(contrasts: pd.DataFrame, good: bool | None) -> pd.DataFrame:
    """The contrasts with the number needed to treat named and signed by what the event is."""
    changed = contrasts.copy()
    for index in changed.index[changed["measure"] == NEEDED_TO_TREAT]:
        estimate, lower, upper = (float(changed.loc[index, c]) for c in ("estimate", "ci_lower", "ci_upper"))
        needed = needed_to_treat(estimate, lower, upper, good)
        changed.loc[index, ["estimate", "ci_lower", "ci_upper"]] = [
            needed.estimate,
            needed.ci_lower,
            needed.ci_upper,
        ]
        changed.loc[index, "measure"] = needed.label
    return changed


def expected(entry: Analysis, plan: object, _study: object) -> dict[str, list[dict[str, str]]]:
    from trialkit.plan import Plan

    assert isinstance(plan, Plan)
    labels = [plan.endpoints[name].label for name in keys.ENDPOINTS.of(entry)]
    stratified = (STRATIFIED,) if STRATA.of(entry) else ()
    measures = (DIFFERENCE, *stratified, "risk ratio", f"{NEEDED_TO_TREAT} to benefit")
    return {
        "proportions": [{"definition": label} for label in labels],
        "contrasts": [
            {"definition": label, "measure": measure, "contrast": ""}
            for label in labels
            for measure in measures
        ],
    }


def tested(context: Context, entry: Analysis, _visit: str) -> Mapping[str, Any]:
    """The risk difference of the first definition, stratified where the entry says so."""
    rows = compute(context, entry).tables["contrasts"].set_index("measure", drop=False)
    measure = STRATIFIED if STRATIFIED in rows.index else DIFFERENCE
    return dict(rows[rows["measure"] == measure].iloc[0])


METHOD = Method(
    name="responders",
    says="Proportions that responded, by each definition, with absolute and relative effects.",
    keys=(keys.ENDPOINTS, keys.VISIT, keys.TWO_SIDED_INTERVAL),
    confirmatory=(MISSING, keys.STRATA_AS),
    optional=(STRATA,),
    outputs=(PROPORTIONS, EFFECTS, ALL_ARMS, CURVE),
    expected=expected,
    summaries=("risk difference", "risk ratio"),
    compute=compute,
    tested=tested,
    symmetric=frozenset(),  # counts are whole: a difference and the arms' sizes give both, and so the labels
    joint=frozenset({comparisons.JOINT}),
    several=Several.CONTRASTS,
)
