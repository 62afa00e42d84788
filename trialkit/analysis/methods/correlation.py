"""What goes with what: correlations, partial and semi-partial ones, adjusted for their number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, get_args

from trialkit import numbers
from trialkit.analysis import libraries
from trialkit.analysis.context import Context
from trialkit.analysis.formula_words import name_words
from trialkit.analysis.method import Answer, Method
from trialkit.analysis.methods.case_control import ADJUST, ADJUSTED_WORDS, COMPLETE_PAIRS
from trialkit.analysis.planned_lines import called
from trialkit.documents.declared import (
    Col,
    Count,
    DeclaredFigure,
    Estimate,
    Listed,
    Plain,
    PValue,
    Shown,
    Words,
    distinct,
)
from trialkit.documents.declared.output import Drawn
from trialkit.documents.declared.wording import with_unit
from trialkit.plan import Analysis, Key, Plan, keys
from trialkit.plan.method import Several
from trialkit.study.model import Study

if TYPE_CHECKING:
    import pandas as pd

FIRST = Key("first", "the first column of each pair", "items", keys.VARIABLES.read, keys.VARIABLES.check)
SECOND = Key("second", "the second", "items", keys.VARIABLES.read, keys.VARIABLES.check)
GIVEN = Key(
    "given", "what partial correlations hold constant", "items", keys.STRATA.read, keys.VARIABLES.check
)
Kind = Literal["pearson", "spearman"]
KIND: Key[Kind] = keys.word("kind", "Pearson's, or of ranks", *get_args(Kind))
MATRIX: Key[tuple[str, ...]] = Key(
    "matrix", "the columns of a scatter matrix", "items", keys.VARIABLES.read, keys.VARIABLES.check, absent=()
)

PARTIAL, SEMI = "partial", "semi-partial"
WORDS = {PARTIAL: "out of both", SEMI: "out of the second"}
UNROUNDED = 15  # decimals; pingouin rounds to six unless asked


def compute(context: Context, entry: Analysis) -> Answer:
    import pandas as pd

    from trialkit.stats import correlations

    first, second, given = FIRST.of(entry), SECOND.of(entry), GIVEN.of(entry)
    data = _as_numbers(context.subjects(entry))
    level = keys.TWO_SIDED_INTERVAL.of(entry).level
    found = correlations(
        data, first, second, kind=KIND.of(entry), adjust=ADJUST.of(entry), confidence_level=level
    )
    tables = {
        "pairs": _labelled(context, found.table),
        "scales": pd.DataFrame([{"endpoint": entry.title, "unit": "", "confidence_level": level}]),
    }
    if given:
        tables["partial"] = _labelled(context, _partial(entry, data, level))
    if MATRIX.of(entry):
        tables["scatter"] = _scatter(context, data, MATRIX.of(entry))
    held = ", ".join(name_words(context, name) for name in given)
    partial = f"; partial and semi-partial ones given {held} by pingouin" if given else ""
    return Answer(
        tables=tables,
        counts=context.counts(data, data[[*first, *second]].notna().any(axis=1), "nothing measured"),
        method=f"{KIND.of(entry).capitalize()} correlations; {ADJUSTED_WORDS[ADJUST.of(entry)]} within each "
        f"table{partial}; missing data: {COMPLETE_PAIRS}",
        notes=("A correlation does not say what causes what.",),
    )


def _as_numbers(data: pd.DataFrame) -> pd.DataFrame:
    """Categories as their place in the dictionary's order."""
    coded = data.copy()
    for name in coded.select_dtypes("category"):
        codes = coded[name].cat.codes
        coded[name] = codes.where(codes >= 0).astype(float)
    return coded


def _partial(entry: Analysis, data: pd.DataFrame, level: float) -> pd.DataFrame:
    """Partial and semi-partial correlations, by the library that psychology trusts with them."""
    import pandas as pd

    pingouin = libraries.pingouin(entry)
    given, rows = list(GIVEN.of(entry)), []
    for one in FIRST.of(entry):
        for two in SECOND.of(entry):
            for form, held in ((PARTIAL, {"covar": given}), (SEMI, {"y_covar": given})):
                made = pingouin.partial_corr(data, x=one, y=two, method=KIND.of(entry), **held).iloc[0]
                p = made[next(name for name in made.index if str(name).startswith("p"))]
                row = {"first": one, "second": two, "form": form, "n": int(made["n"]), "p_value": float(p)}
                r, used = float(made["r"]), int(made["n"]) - len(given)
                limits = pingouin.compute_esci(
                    stat=r, nx=used, ny=used, eftype="r", confidence=level, decimals=UNROUNDED
                )
                rows.append(
                    {**row, "estimate": r, "ci_lower": float(limits[0]), "ci_upper": float(limits[1])}
                )
    table = pd.DataFrame(rows)
    parts = [_adjusted(entry, table[table["form"] == form]) for form in (PARTIAL, SEMI)]
    return pd.concat(parts, ignore_index=True).assign(words=lambda made: made["form"].map(WORDS))


def _adjusted(entry: Analysis, table: pd.DataFrame) -> pd.DataFrame:
    from trialkit.stats import adjust_p_values

    method = ADJUST.of(entry)
    if method == "none":
        return table.assign(adjusted_p_value=table["p_value"])
    labels = [f"{one} {two}" for one, two in zip(table["first"], table["second"], strict=True)]
    p = dict(zip(labels, table["p_value"], strict=True))
    adjusted = adjust_p_values(p, method=method).table["adjusted_p_value"]
    return table.assign(adjusted_p_value=adjusted.to_numpy())


def _labelled(context: Context, table: pd.DataFrame) -> pd.DataFrame:
    labels = {name: with_unit(*context.label_and_unit(name)) for name in {*table["first"], *table["second"]}}
    named = table.copy()
    named["first_label"] = named["first"].map(labels)
    named["second_label"] = named["second"].map(labels)
    return named


def _scatter(context: Context, data: pd.DataFrame, names: tuple[str, ...]) -> pd.DataFrame:
    """The points of the scatter matrix, a row a subject and column."""
    long = data[["subject_id", *names]].melt("subject_id", list(names), var_name="column")
    long["label"] = [with_unit(*context.label_and_unit(str(name))) for name in long["column"]]
    return long


def draw_matrix(shown: Shown, key: str) -> Drawn | None:
    from trialkit.figures.heatmap import CorrelationCell, draw_correlations

    rows = shown.rows("pairs")
    cells = [
        CorrelationCell(
            str(row["first_label"]),
            str(row["second_label"]),
            float(row["estimate"]),
            clear=float(row["adjusted_p_value"]) < 0.05,
        )
        for row in rows
    ]
    told = "; ".join(f"{c.first} and {c.second} {numbers.fixed(c.estimate, 2)}" for c in cells)
    foot = ("Bold: adjusted p below 0.05.",)
    alt = f"Heatmap of correlations: {told}."
    return Drawn(draw_correlations(cells, key, alt), alt, foot)


def draw_scatter(shown: Shown, key: str) -> Drawn | None:
    from trialkit.figures.scatter_matrix import draw_scatter_matrix

    rows = shown.rows("scatter")
    columns: dict[str, list[float]] = {}
    for label in distinct(rows, "label"):
        here = [row for row in rows if row["label"] == label]
        columns[str(label)] = [float(row["value"]) if row.has("value") else float("nan") for row in here]
    alt = f"Scatter matrix of {', '.join(columns)}, with histograms on the diagonal."
    return Drawn(draw_scatter_matrix(columns, key, alt), alt)


_COLUMNS = (
    Col("n", Count("n")),
    Col("Correlation", Estimate(decimals=2), note="({interval})"),
    Col("p", PValue(), note="two-sided"),
    Col("Adjusted p", PValue("adjusted_p_value")),
)


def expected(entry: Analysis, _plan: Plan, study: Study) -> dict[str, list[dict[str, Any]]]:
    pairs = [
        {"first_label": called(study, one), "second_label": called(study, two)}
        for one in FIRST.of(entry)
        for two in SECOND.of(entry)
    ]
    return {"pairs": pairs, "partial": pairs if GIVEN.of(entry) else []}


METHOD = Method(
    name="correlation",
    says="Correlations of columns with columns, partial where asked, p values adjusted.",
    keys=(FIRST, SECOND, KIND, ADJUST, keys.TWO_SIDED_INTERVAL),
    confirmatory=(keys.missing(COMPLETE_PAIRS), GIVEN),
    optional=(GIVEN, MATRIX),
    outputs=(
        DeclaredFigure(
            "correlations", "pairs", "{title}", "Each correlation as a coloured cell.", draw_matrix
        ),
        Listed(
            source="pairs",
            title="{title}: correlations",
            label=Plain("second_label"),
            head="With",
            columns=_COLUMNS,
            sections="first_label",
        ),
        Listed(
            source="partial",
            title="{title}: partial and semi-partial correlations",
            label=Plain("second_label"),
            head="With",
            columns=(Col("Covariates taken", Words("words"), align="left"), *_COLUMNS),
            sections="first_label",
        ),
        DeclaredFigure(
            "scatter", "scatter", "{title}: scatter matrix", "Each pair of columns.", draw_scatter
        ),
    ),
    expected=expected,
    compute=compute,
    several=Several.DESCRIBED,
)
