"""The effect in subgroups: one model with arm x subgroup for each, with interaction test and forest plot."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from trialkit import numbers, permitted
from trialkit.analysis.context import Context
from trialkit.analysis.covariates import factors_of
from trialkit.analysis.errors import AnalysisError
from trialkit.analysis.formula_words import formula_words
from trialkit.analysis.left_out import left_out
from trialkit.analysis.level_names import code_of, level_names
from trialkit.analysis.linear import strata_part, used_rows
from trialkit.analysis.method import Answer, Method
from trialkit.analysis.parts import Parts
from trialkit.analysis.spreads import spread_notes
from trialkit.documents.declared import (
    Col,
    Count,
    DeclaredFigure,
    Estimate,
    Listed,
    Number,
    Plain,
    PValue,
    Shown,
)
from trialkit.documents.declared.output import Drawn
from trialkit.documents.declared.rows import distinct
from trialkit.documents.declared.wording import with_unit
from trialkit.plan import Analysis, Key, Place, PlanError, keys
from trialkit.plan.reachable import subject_domains
from trialkit.plan.references import subject_columns, unknown
from trialkit.strict_toml import Section
from trialkit.wording import said

if TYPE_CHECKING:
    import pandas as pd

    from trialkit.study.model import Study

MOST_TERTILES = 3
TERTILES = "tertiles"
LEVELS = "levels"
CUT = 'numbers to cut at, or "tertiles"'
CUT_NEXT = 'Say the numbers to cut at, or "tertiles".'


def _read(section: Section, key: str) -> dict[str, tuple[float, ...] | str]:
    """Each subgroup variable with its cuts: none for a factor, numbers, or "tertiles"."""
    here = section.section(key)
    found: dict[str, tuple[float, ...] | str] = {}
    for name in here.names():
        if here.is_text(name):
            found[name] = here.one_of(name, [LEVELS, TERTILES])
            continue
        cuts = here.numbers(name, within=permitted.ANY)
        if not cuts or list(cuts) != sorted(set(cuts)):
            here.refuse(name, 'cuts, each above the one before, or "levels" or "tertiles"', str(list(cuts)))
        found[name] = cuts
    here.done()
    return found


def _check(value: dict[str, Any], place: Place) -> Iterator[PlanError]:
    known = subject_columns(place.study)
    for name in value:
        if name not in known:
            yield unknown("a column of the subject dataset", name, place.where, known)
        elif wrong := _not_to_be_cut_so(name, value[name], place.study):
            expected, found, next_step = wrong
            yield PlanError(expected=expected, found=found, where=place.where, next_step=next_step)


def _not_to_be_cut_so(name: str, cuts: Any, study: Study) -> tuple[str, str, str] | None:
    """Levels of what is a number, numbers or tertiles of what has levels, a cut with nobody on one side."""
    domain = subject_domains(study).get(name)
    if domain is None or not (domain.words or domain.low > -math.inf or domain.high < math.inf):
        return None
    if domain.words:
        found = said("{name}, which has levels: {levels}", name=name, levels=", ".join(domain.words))
        return None if cuts == LEVELS else (f'"{LEVELS}"', found, said('Write {name} = "levels".', name=name))
    if cuts == LEVELS:
        numbered = said("{name}, a number", name=name)
        return None if level_names(study, name) else (CUT, numbered, CUT_NEXT)
    outside = [cut for cut in cuts if not domain.low < cut <= domain.high] if cuts != TERTILES else []
    if not outside:
        return None
    ends = said(
        "cuts inside the range of {name}, {low:g} to {high:g}", name=name, low=domain.low, high=domain.high
    )
    return (
        ends,
        ", ".join(f"{cut:g}" for cut in outside),
        "Nobody would be on one side of it: leave it out.",
    )


BY = Key(
    "by",
    "the subgroups",
    'a table: variable = "levels" (a factor), "tertiles", or the numbers to cut at',
    _read,
    _check,
)


def compute(context: Context, entry: Analysis) -> Answer:
    data = context.assessments(entry)
    parts = Parts()
    frames: dict[str, list[pd.DataFrame]] = {"subgroups": [], "interactions": []}
    formula, used = keys.FORMULA.of(entry), {}
    for name, cuts in BY.of(entry).items():
        label, unit = context.label_and_unit(name)
        names = level_names(context.study, name)
        unit = "" if names else unit

        def one(n: str = name, c: Any = cuts, u: str = unit, t: str = label, w: Any = names) -> Any:
            return _add(
                frames, context, entry, data.assign(subgroup=_groups(data[n], c, u, bool(w))), n, t, w
            )

        parts.add(label, one)
        used[label] = (
            used_rows(formula, data) & data[name].notna(),
            left_out(context, data, formula, (name,)),
        )
    import pandas as pd

    tables = {name: pd.concat(found, ignore_index=True) for name, found in frames.items() if found}
    return Answer(
        tables={**tables, "scales": context.scales(entry)},
        counts=context.counts_of_parts(data, used),
        method=f"ANCOVA, {formula_words(context, formula)}, "
        f"with arm × subgroup, one model a subgroup variable{strata_part(context, entry)}; "
        f"missing data: {entry.keys.get('missing')}",
        notes=(
            "Subgroup evidence from one trial: read the intervals together with the interaction test.",
            *spread_notes(context, data, context.endpoint(entry).column),
        ),
        warnings=tuple(parts.warnings),
    )


def _groups(values: pd.Series, cuts: tuple[float, ...] | str, unit: str, named: bool) -> pd.Series:
    """Each subject's subgroup; ``named`` where numbers are classes with names, as grades are."""
    import pandas as pd

    if cuts == LEVELS:
        if values.dtype.kind != "f":
            return values
        if not named:
            raise AnalysisError(expected=CUT, found="levels of a number", next_step=CUT_NEXT)
        return values.astype("category")
    if values.dtype.kind != "f" or values.notna().sum() == 0 or values.nunique() < MOST_TERTILES:
        raise AnalysisError(
            expected="numbers to be cut into groups, of which there are at least three",
            found="no numbers" if values.dtype.kind != "f" else said("{n} of them", n=values.nunique()),
            next_step='Ask for "levels" of what is no number.',
        )
    edges = list(values.quantile([1 / 3, 2 / 3])) if cuts == TERTILES else [float(c) for c in cuts]
    after = f" {unit}" if unit and unit != "percent" else (" %" if unit else "")
    bounds = [f"{edge:.4g}" for edge in edges]
    labels = [f"below {bounds[0]}{after}"]
    labels += [f"{a} to below {b}{after}" for a, b in itertools.pairwise(bounds)]
    labels.append(f"{bounds[-1]}{after} or more")
    return pd.cut(values, [float("-inf"), *edges, float("inf")], right=False, labels=labels)


def _add(
    frames: dict[str, list[pd.DataFrame]],
    context: Context,
    entry: Analysis,
    data: pd.DataFrame,
    name: str,
    label: str,
    names: dict[str, str],
) -> dict[str, pd.DataFrame]:
    from trialkit.stats import ancova as fit_ancova

    outcome = context.endpoint(entry).column
    others = [f for f in factors_of(keys.FORMULA.of(entry)) if f not in ("arm", name)]
    formula = f"{outcome} ~ {' + '.join(['arm * subgroup', *others])}"
    fit: Any = fit_ancova(
        formula,
        data,
        treatment="arm",
        reference=context.reference_arm,
        confidence_level=keys.TWO_SIDED_INTERVAL.of(entry).level,
    )
    effects = fit.contrasts("arm", by="subgroup", reference=context.reference_arm, weights="observed")
    used = data[used_rows(formula, data)]
    sizes = used["subgroup"].astype(str).value_counts()
    level = effects["subgroup"].astype(str)
    called = [names.get(code_of(one), str(one)) for one in effects["subgroup"]]
    effects = effects.drop(columns="subgroup").assign(
        variable=label, level=called, n=[int(sizes.get(one, 0)) for one in level]
    )
    terms = fit.terms
    joint = terms[[set(str(t).split(":")) == {"arm", "subgroup"} for t in terms["term"]]]
    frames["subgroups"].append(effects)
    frames["interactions"].append(joint.drop(columns="term").assign(variable=label))
    return {}


def draw(shown: Shown, key: str) -> Drawn:
    from trialkit.figures.forest import ForestLine, draw_forest

    rows = shown.rows("subgroups")
    tests = {row["variable"]: row for row in shown.rows("interactions")}
    lines = []
    for variable in distinct(rows, "variable"):
        test = tests.get(variable)
        beside = f"interaction {numbers.p_statement(test['p_value'])}" if test else ""
        lines.append(ForestLine(str(variable), heading=True, beside=beside))
        lines += [
            ForestLine(
                f"{row['level']} (n = {numbers.integer(row['n'])})",
                float(row["estimate"]),
                float(row["ci_lower"]),
                float(row["ci_upper"]),
            )
            for row in rows
            if row["variable"] == variable
        ]
    unit = shown.scales.get("unit", "")
    alt = f"Forest plot: difference, {shown.direction}, in {len(rows)} subgroups."
    return Drawn(
        draw_forest(lines, with_unit(f"Difference, {shown.direction}", unit), key, alt, ratio=False),
        alt,
        ("Squares: estimates; lines: their intervals.",),
    )


METHOD = Method(
    name="subgroups",
    says="The effect in subgroups, each from one model with arm x subgroup.",
    keys=(keys.ENDPOINT, keys.VISIT, keys.FORMULA, BY),
    confirmatory=(
        keys.missing(keys.COMPLETE_CASES),
        keys.TWO_SIDED_INTERVAL,
        keys.STRATA_SOURCE,
        keys.two_sided_test(0),
    ),
    outputs=(
        DeclaredFigure(
            "forest",
            "subgroups",
            "{title}: forest plot",
            "Difference with interval in every subgroup, with the p-value of each interaction.",
            draw,
        ),
        Listed(
            source="subgroups",
            title="{title}: effect by subgroup",
            label=Plain("level"),
            head="Subgroup",
            columns=(Col("n", Count("n")), Col("Difference", Estimate(), note="({interval})")),
            sections="variable",
        ),
        Listed(
            source="interactions",
            title="{title}: interaction tests",
            label=Plain("variable"),
            head="Subgroup variable",
            columns=(
                Col("F", Number("statistic")),
                Col("df", Number("df_num", 0)),
                Col("df of error", Number("df_den", 1)),
                Col("p", PValue()),
            ),
        ),
    ),
    page="supplementary",
    summaries=("difference in means",),
    compute=compute,
    symmetric=frozenset({"subgroups", "interactions"}),
)
