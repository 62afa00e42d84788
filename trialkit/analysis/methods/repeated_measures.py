"""Analysis of variance of repeated measurements: Mauchly's test, corrected p values, what it assumes."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from trialkit.analysis import libraries
from trialkit.analysis.context import Context
from trialkit.analysis.errors import AnalysisError
from trialkit.analysis.method import Answer, Method
from trialkit.analysis.methods.mmrm import VISITS
from trialkit.analysis.repeated import wide_data
from trialkit.datasets.typed import NUMERIC
from trialkit.documents.declared import Col, Count, Listed, MeanSD, Number, Plain, PValue
from trialkit.documents.declared.wording import with_unit
from trialkit.plan import Analysis, Key, Place, PlanError, keys
from trialkit.plan.method import Several
from trialkit.plan.model import Derivation
from trialkit.plan.references import subject_columns, unknown
from trialkit.strict_toml import Section
from trialkit.wording import said

if TYPE_CHECKING:
    import pandas as pd

COMPLETE_SUBJECTS = "complete subjects"
FEWEST_FOR_SHAPIRO = 4
FEWEST = 2  # repeated measurements, and complete subjects a group
EVERYBODY = "All"
ROUNDING = 1e-12
Eps = tuple[float, float]


def _check_columns(value: tuple[str, ...], place: Place) -> Iterator[PlanError]:
    items = {item.name: item for form in place.study.forms if not form.repeating for item in form.items}
    numeric = {name for name, item in items.items() if item.type in NUMERIC}
    for name in value:
        if name not in numeric:
            yield unknown("a number that is measured once a visit", name, place.where, numeric)
    units = sorted({items[name].unit or "no unit" for name in value if name in numeric})
    if len(units) > 1:
        yield PlanError(
            expected="columns of one unit: the same quantity measured again",
            found=", ".join(units),
            where=place.where,
            next_step="Name the columns that can be compared with each other.",
        )


def _check_endpoint(value: str, place: Place) -> Iterator[PlanError]:
    if value:
        yield from keys.ENDPOINT.check(value, place)


def _check_between(value: str, place: Place) -> Iterator[PlanError]:
    known = subject_columns(place.study) | {"arm"}
    if value and value not in known:
        yield unknown("arm, or a column of the subject dataset", value, place.where, known)


def _read_text(section: Section, key: str) -> str:
    return section.text(key)


COLUMNS: Key[tuple[str, ...]] = Key(
    "columns",
    "the columns that hold the repeated measurements, in order",
    "numeric items",
    lambda section, key: section.texts(key),
    _check_columns,
    absent=(),
)
ENDPOINT: Key[str] = Key(
    "endpoint",
    "instead of columns: the endpoint measured at every visit",
    "a name of [endpoints]",
    _read_text,
    _check_endpoint,
    absent="",
)
AT: Key[tuple[str, ...]] = Key(
    "visits",
    "with an endpoint: the visits compared, in order",
    VISITS.values,
    VISITS.read,
    VISITS.check,
    absent=(),
)
BETWEEN: Key[str] = Key(
    "between", "what subjects are compared by besides", "arm, or a column of the subject dataset",
    _read_text, _check_between, absent="",
)  # fmt: skip


def check(place: Place) -> Iterator[PlanError]:
    """Either columns, or an endpoint at visits; two measurements at least."""
    columns, endpoint, visits = (key.of(place.entry) for key in (COLUMNS, ENDPOINT, AT))
    if bool(columns) == bool(endpoint) or bool(endpoint) != bool(visits):
        yield PlanError(
            expected="columns, or an endpoint with visits, one of the two",
            found=", ".join(name for name in ("columns", "endpoint", "visits") if place.entry.keys.get(name))
            or "neither",
            where=place.where,
            next_step="Say once where the repeated measurements are.",
        )
    elif len(set(columns or visits)) < max(FEWEST, len(columns or visits)):
        yield PlanError(
            expected="two or more measurements, each named once",
            found=", ".join(columns or visits),
            where=place.where,
            next_step="Name what is compared within a subject.",
        )
    known = place.plan.endpoints.get(str(endpoint))
    if known is not None and known.derive not in (Derivation.VALUE, Derivation.CHANGE):
        yield PlanError(
            expected="an endpoint that is a number at each visit",
            found=known.derive.value,
            where=place.where,
            next_step="Name an endpoint derived as value or change.",
        )


def compute(context: Context, entry: Analysis) -> Answer:
    """The same quantity measured again in whoever has every measurement.

    Sums of squares, F, epsilon and Mauchly's W are pingouin's, of the covariance within groups; Huynh and
    Feldt's epsilon is Lecoutre's for groups: ((N - g + 1) d e - 2) / (d (N - g - d e)), as R's ``anova.mlm``.
    """
    import pandas as pd

    library = libraries.pingouin(entry)
    data, names = _measured(context, entry)
    by = BETWEEN.of(entry)
    observed = data[list(names)].notna().all(axis=1) & (data[by].notna() if by else True)
    used = data[observed]
    groups = [str(g) for g in used[by].drop_duplicates().sort_values()] if by else []
    _require(entry, used, by, groups)
    _require_spread(entry, used[list(names)], used[by] if by else None)
    long = used.melt(
        ["subject_id", *([by] if by else [])], list(names), var_name="measured", value_name="value"
    )
    if by:
        long[by] = long[by].astype(str)
    effects, sphericity = _variance(context, entry, library, long, len(used), len(names))
    tables = {
        "effects": effects,
        "sphericity": sphericity,
        "cells": _cells(library, long, names, by, groups),
        "scales": pd.DataFrame([{"endpoint": entry.title, "unit": "", "confidence_level": None}]),
    }
    if groups:
        tables["spreads"] = _spreads(library, long, names, by)
    held = f", between {context.label_and_unit(by)[0].lower() if by != 'arm' else 'arms'}" if by else ""
    return Answer(
        tables=tables,
        counts=context.counts(data, observed, "a measurement missing"),
        method=f"Analysis of variance of repeated measurements{held} by pingouin; p values corrected by "
        "Greenhouse-Geisser's and by Huynh-Feldt's epsilon, whatever Mauchly's test says; "
        f"missing data: {COMPLETE_SUBJECTS}, who lack one measurement are left out",
    )


def _measured(context: Context, entry: Analysis) -> tuple[pd.DataFrame, dict[str, str]]:
    """Subjects with a column a measurement, and what each is called."""
    columns = COLUMNS.of(entry)
    if columns:
        subjects = context.subjects(entry)
        names = {name: with_unit(*context.label_and_unit(name)) for name in columns}
    else:
        endpoint = context.plan.endpoints[ENDPOINT.of(entry)]
        places = [(endpoint.parameter, visit) for visit in AT.of(entry)]
        subjects = wide_data(context, entry, places)
        names = {f"{score}@{visit}": context.visit_label(visit) for score, visit in places}
        if endpoint.derive is Derivation.CHANGE:
            long = context.datasets.assessments
            base = long[long["parameter"] == endpoint.parameter].drop_duplicates("subject_id")
            start = subjects["subject_id"].map(base.set_index("subject_id")["base"])
            for name in names:
                subjects[name] = subjects[name] - start
    return subjects.astype(dict.fromkeys(names, float)), names


def _require(entry: Analysis, used: pd.DataFrame, by: str, groups: list[str]) -> None:
    sizes = used[by].astype(str).value_counts().to_dict() if by else {EVERYBODY: len(used)}
    small = [name for name, n in sizes.items() if n < FEWEST]
    if len(used) < FEWEST or small or (by and len(groups) < FEWEST):
        raise AnalysisError(
            expected=said("{n} subjects or more with every measurement in each group", n=FEWEST)
            if by
            else said("{n} subjects or more with every measurement", n=FEWEST),
            found=str(len(used)) if not small else said("{n} in a group", n=min(sizes.values())),
            where=entry.where,
            next_step="Use a mixed model (mmrm), which takes whoever was measured once.",
        )


def _require_spread(entry: Analysis, wide: pd.DataFrame, group: pd.Series | None) -> None:
    """What is left within subjects once means of subjects and measurements are taken out."""
    within = wide.sub(wide.mean(axis=1), axis=0)
    means = within.mean() if group is None else within.groupby(group, observed=True).transform("mean")
    left = float((within - means).abs().to_numpy().max())
    if left <= ROUNDING * max(1.0, float(wide.abs().to_numpy().max())):
        raise AnalysisError(
            expected="measurements that vary within subjects",
            found="none that do",
            where=entry.where,
            next_step="Look at the columns: they hold the same values, or one is made of another.",
        )


def _variance(
    context: Context, entry: Analysis, library: Any, long: pd.DataFrame, n: int, k: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """F tests with corrected p values, and Mauchly's test of the covariance they rest on."""
    import pandas as pd

    by = BETWEEN.of(entry)
    asked = {"data": long, "dv": "value", "within": "measured", "subject": "subject_id", "correction": True,
             "effsize": "np2"}  # fmt: skip
    if by:
        made = library.mixed_anova(**asked, between=by)
        g, rows = long[by].nunique(), made.to_dict("records")
    else:
        made = library.rm_anova(**asked, detailed=True)
        first, error = made.to_dict("records")
        g, rows = 1, [{**first, "DF1": first["DF"], "DF2": error["DF"], "Source": "measured"}]
    within = next(row for row in rows if row["Source"] == "measured")
    d, left = k - 1, n - g
    eps = _epsilons(float(within.get("eps", 1.0)), d, left)
    effects = pd.DataFrame([_line(context, entry, row, eps, d) for row in rows])
    tested = d > 1 and left >= d
    w, p = (float(within.get(name, math.nan)) if tested else math.nan for name in ("W_spher", "p_spher"))
    assumed = {"test": "Mauchly's test of sphericity", "w": w, "df_residual": left, "p_value": p}
    return effects, pd.DataFrame([{**assumed, "epsilon_gg": eps[0], "epsilon_hf": eps[1]}])


def _epsilons(gg: float, d: int, left: int) -> Eps:
    below = d * (left - d * gg)
    hf = ((left + 1) * d * gg - 2) / below if d > 1 and below > 0 else 1.0
    return gg, min(hf, 1.0)


def _line(context: Context, entry: Analysis, row: dict[str, Any], eps: Eps, d: int) -> dict[str, Any]:
    from scipy import stats

    by = BETWEEN.of(entry)
    between = context.label_and_unit(by)[0] if by and by != "arm" else "Arm"
    within = "Visit" if ENDPOINT.of(entry) else "Measurement"
    names = {"measured": within, "Interaction": f"{between} × {within[0].lower()}{within[1:]}"}
    f, df1, df2 = float(row["F"]), float(row["DF1"]), float(row["DF2"])
    repeated = row["Source"] in names and d > 1
    gg, hf = (float(stats.f.sf(f, df1 * one, df2 * one)) if repeated else math.nan for one in eps)
    return {
        "term": names.get(str(row["Source"]), between), "sum_of_squares": float(row["SS"]), "df_num": df1,
        "df_den": df2, "statistic": f, "p_value": float(row["p_unc"]), "p_value_gg": gg, "p_value_hf": hf,
        "partial_eta_squared": float(row["np2"]),
    }  # fmt: skip


def _cells(
    library: Any, long: pd.DataFrame, names: dict[str, str], by: str, groups: list[str]
) -> pd.DataFrame:
    """Mean and Shapiro-Wilk's test of each measurement, in each group."""
    import pandas as pd

    rows = []
    for group in groups or [EVERYBODY]:
        for name, label in names.items():
            values = long.loc[
                (long["measured"] == name) & ((long[by] == group) if by else True), "value"
            ].to_numpy()
            w = p = math.nan
            if len(values) >= FEWEST_FOR_SHAPIRO and values.std() > 0:
                w, p = library.normality(values).iloc[0][["W", "pval"]]
            rows.append(
                {
                    "group": group, "measurement": label, "n": len(values), "mean": float(values.mean()),
                    "sd": float(values.std(ddof=1)), "shapiro_w": float(w), "shapiro_p": float(p),
                }
            )  # fmt: skip
    return pd.DataFrame(rows)


def _spreads(library: Any, long: pd.DataFrame, names: dict[str, str], by: str) -> pd.DataFrame:
    """Levene's test about medians (Brown and Forsythe) of each measurement between the groups."""
    import pandas as pd

    rows = []
    for name, label in names.items():
        here = long[long["measured"] == name]
        made = library.homoscedasticity(here, dv="value", group=by, method="levene").iloc[0]
        g = here[by].nunique()
        rows.append(
            {
                "measurement": label, "statistic": float(made["W"]), "df_num": g - 1,
                "df_den": len(here) - g, "p_value": float(made["pval"]),
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


METHOD = Method(
    name="repeated_measures",
    says="Analysis of variance of repeated measurements, with Mauchly's test and corrected p values.",
    keys=(),
    confirmatory=(keys.missing(COMPLETE_SUBJECTS),),
    optional=(COLUMNS, ENDPOINT, AT, BETWEEN),
    outputs=(
        Listed(
            source="effects",
            title="{title}: analysis of variance",
            label=Plain("term"),
            head="Term",
            columns=(
                Col("F", Number("statistic")),
                Col("df", Number("df_num", 0)),
                Col("Error df", Number("df_den", 0)),
                Col("p", PValue(), note="sphericity assumed"),
                Col("p", PValue("p_value_gg", reason="nothing to correct"), note="Greenhouse-Geisser"),
                Col("p", PValue("p_value_hf", reason="nothing to correct"), note="Huynh-Feldt"),
                Col("Partial η²", Number("partial_eta_squared", 3)),
            ),
        ),
        Listed(
            source="sphericity",
            title="{title}: sphericity",
            label=Plain("test"),
            head="",
            columns=(
                Col("W", Number("w", 3, reason="too few subjects or measurements to test")),
                Col("p", PValue(reason="too few subjects or measurements to test")),
                Col("ε", Number("epsilon_gg", 3), note="Greenhouse-Geisser"),
                Col("ε", Number("epsilon_hf", 3), note="Huynh-Feldt"),
            ),
        ),
        Listed(
            source="cells",
            title="{title}: means, and tests of normality",
            label=Plain("measurement"),
            head="Measurement",
            columns=(
                Col("n", Count("n")),
                Col("Mean (SD)", MeanSD("mean", "sd")),
                Col("W", Number("shapiro_w", 3, reason="too few to test"), note="Shapiro-Wilk"),
                Col("p", PValue("shapiro_p", reason="too few to test")),
            ),
            sections="group",
        ),
        Listed(
            source="spreads",
            title="{title}: equal variances",
            label=Plain("measurement"),
            head="Measurement",
            columns=(
                Col("F", Number("statistic"), note="Levene, about medians"),
                Col("df", Number("df_num", 0)),
                Col("Error df", Number("df_den", 0)),
                Col("p", PValue()),
            ),
        ),
    ),
    check=check,
    compute=compute,
    several=Several.DESCRIBED,
    symmetric=frozenset({"effects", "sphericity"}),
    joint=frozenset({"effects", "sphericity"}),
)
