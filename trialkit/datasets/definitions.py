"""``define.html``: every column of every analysis dataset with label, unit, type, codes, origin and rule."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from trialkit.datasets.definition_tables import tables_below
from trialkit.datasets.known_columns import AS_CAPTURED, COLUMNS, OF_ONE_TABLE, TRUTH, Known
from trialkit.plan import Plan
from trialkit.study.model import Form, Item, Score, Study

if TYPE_CHECKING:
    import pandas as pd

FORM = "form_"  # and a form's name: its rows as captured
CHOSEN = ("assessments", "imputed")  # here the plan says which visit something counts for
OF_VISITS = "visits"
DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
HEADS = ("Column", "Label", "Unit", "Type", "Codes", "Origin", "Rule")
STYLE = (
    "body{font:15px/1.45 sans-serif;margin:2rem auto;max-width:80rem;padding:0 1rem}"
    "table{border-collapse:collapse;width:100%;margin-bottom:2rem}"
    "td,th{border-bottom:1px solid #ccc;padding:.25rem .5rem;text-align:left;vertical-align:top}"
)


class Definitions:
    """What the columns of the datasets of one study and plan are."""

    def __init__(self, study: Study, plan: Plan) -> None:
        self._study, self._plan = study, plan
        self._items = {item.name: item for form in study.forms for item in form.items}
        self._scores = {score.name: score for score in study.scores}
        self._baseline = next((rule.name for rule in plan.visits.values() if rule.choose == "last"), "")

    def of(self, table: str, column: str) -> Known:
        """A column as it is told; of a name that nobody knows, the plan's rule on the rows of its table."""
        if (table, column) in OF_ONE_TABLE:
            return OF_ONE_TABLE[table, column]
        if column == "visit" and table not in CHOSEN:
            return AS_CAPTURED._replace(codes=self._codes("crf_visit"))
        captured = column in self._items and (table == OF_VISITS or table.startswith(FORM))
        if column in COLUMNS and not captured:
            return COLUMNS[column]._replace(codes=COLUMNS[column].codes or self._codes(column, table))
        return self._of_plan(table, column) or self._of_study(table, column)

    def within(self, table: str, frame: pd.DataFrame) -> Callable[[str], Known]:
        """As :meth:`of`, the entries of the plan told alone that the dataset has rows of."""

        def told(column: str) -> Known:
            known = self.of(table, column)
            if column != "analysis":
                return known
            used = set(frame[column].astype(str))
            codes = ", ".join(f"{one.id} = {one.title}" for one in self._plan.analyses if one.id in used)
            return known._replace(codes=codes)

        return told

    def _of_plan(self, table: str, column: str) -> Known | None:
        """Flags of sets and records, by the plan's own rules; levels of the stratification factors."""
        kind, _, name = column.partition("_")
        if kind == "set" and name in self._plan.sets:
            return Known(self._plan.sets[name].label, "plan", self._set_rule(name), codes=TRUTH)
        if column.startswith("left_out_"):
            label = self._plan.sets[column.removeprefix("left_out_")].label
            return Known(
                f"Left out of: {label}",
                "derived",
                "the record or decision that leaves somebody out; else empty",
            )
        flags = self._plan.records[table].flags if table in self._plan.records else {}
        if column in flags:
            return Known(column, "plan", flags[column], codes=TRUTH)
        for factor in self._study.factors:
            for ending, words in (("_randomized", "as used in the allocation"), ("_true", "as the data say")):
                if column == factor.name + ending:
                    return Known(
                        f"Stratum of {factor.name}, {words}", "subjects.csv", "as captured",
                        codes=", ".join(factor.levels),
                    )  # fmt: skip
        return None

    def _set_rule(self, name: str) -> str:
        chosen = self._plan.sets[name]
        left = [f"no {records}{f' ({flag})' if flag else ''}" for records, flag in chosen.without]
        rule = chosen.whole_rule
        if left and not chosen.requires and " or " in rule:
            rule = f"({rule})"
        return " and ".join([rule, *left])

    def _of_study(self, table: str, column: str) -> Known:
        if column in self._scores:
            score = self._scores[column]
            return Known(score.label, "values.csv", self._scored(score), unit=score.unit)
        item = self._items.get(column)
        if item is None:
            return Known(column, "plan", "the plan's rule on the row")
        codes = ", ".join(f"{one.label} ({one.code})" for one in item.choices)
        rule = f"computed: {item.calculation}" if item.calculation else "as captured"
        return Known(item.label, self._place(table, item), rule, unit=item.unit or "", codes=codes)

    def _place(self, table: str, item: Item) -> str:
        """The form, and for a column of subjects the visit it is read at."""
        form = self._study.form(item.form)
        at = f" at {self._baseline}" if table == "subjects" and self._baseline in form.visits else ""
        return f"values.csv, form {item.form}{at}"

    def _scored(self, score: Score) -> str:
        at = self._visit_of(self._study.form(score.form))
        settings = "".join(f", {name} {value}" for name, value in score.settings.items())
        return f"{score.instrument} of {', '.join(score.items)}{settings}; form {score.form}{at}"

    def _visit_of(self, form: Form) -> str:
        if self._baseline in form.visits:
            return f" at {self._baseline}"
        return f" at {form.visits[0]}" if len(form.visits) == 1 else ""

    def _codes(self, column: str, table: str = "") -> str:
        """Codes with their words, of the columns that name a thing of the study or plan."""
        named: Mapping[str, Sequence[tuple[str, str]]] = {
            "site": [(site.code, site.name) for site in self._study.sites],
            "planned_arm": [(arm.name, arm.label) for arm in self._study.arms],
            "actual_arm": [(arm.name, arm.label) for arm in self._study.arms],
            "visit": [
                (rule.name, rule.label or self._visit_label(rule.name)) for rule in self._plan.visits.values()
            ],
            "crf_visit": [(visit.name, visit.label) for visit in self._study.visits],
        }
        if column == "category" and table in self._plan.records:
            item = self._items[self._plan.records[table].category]
            return ", ".join(f"{one.label} ({one.code})" for one in item.choices)
        return ", ".join(f"{code} = {label}" for code, label in named.get(column, ()))

    def _visit_label(self, name: str) -> str:
        return next((visit.label for visit in self._study.visits if visit.name == name), name)

    def parameters(self) -> Iterator[tuple[str, ...]]:
        """The parameters and endpoints of the long datasets: name, label, unit, better, rule."""
        seen = set()
        for endpoint in self._plan.endpoints.values():
            name = endpoint.parameter or endpoint.name
            if name in seen:
                continue
            seen.add(name)
            if name in self._scores:
                score = self._scores[name]
                better = score.better.value if score.better else ""
                yield name, score.label, score.unit, better, self._scored(score)
            elif name in self._items:
                item = self._items[name]
                better = endpoint.better.value if endpoint.better else ""
                yield name, item.label, item.unit or "", better, f"as captured; form {item.form}"
            else:
                rule = f"{endpoint.definition}; from {endpoint.origin}; censored at {endpoint.censor}"
                yield name, endpoint.label, "days", "", rule


def type_words(values: pd.Series) -> str:
    """What a column holds, as a reader says it."""
    import pandas as pd

    if isinstance(values.dtype, pd.CategoricalDtype):
        return "category"
    if values.dtype.kind == "O":
        known = values.dropna()
        if len(known) and known.isin([True, False]).all():
            return "true or false"
        written = known.astype(str)[known.astype(str) != ""]
        return "date" if len(written) and written.str.fullmatch(DAY).all() else "text"
    words = {"b": "true or false", "i": "whole number", "u": "whole number", "f": "number", "M": "date"}
    return words.get(values.dtype.kind, "text")


def definitions_page(tables: Mapping[str, pd.DataFrame], study: Study, plan: Plan) -> str:
    """The page; the same datasets, study and plan give the same text."""
    known = Definitions(study, plan)
    parts = [
        "<!doctype html><html lang='en'><meta charset='utf-8'><title>Analysis datasets</title>",
        f"<style>{STYLE}</style><h1>Analysis datasets</h1>",
        f"<p>{html.escape(f'Study {study.id}, version {study.version}; plan {plan.id}, {plan.version}')}. "
        "A choice stands in the files as its label; in brackets, its code in values.csv. An empty cell "
        "is a value that is not there.</p>",
    ]
    for name, frame in tables.items():
        used = known.within(name, frame)
        rows = [_cells(used(str(column)), str(column), frame[column]) for column in frame.columns]
        parts += [f"<h2>{html.escape(name)}</h2><p>{len(frame):,} rows.</p>", *_table(HEADS, rows)]
    for title, heads, made in tables_below(study, plan, list(known.parameters())):
        parts += [f"<h2>{html.escape(title)}</h2>", *_table(heads, made)]
    return "\n".join([*parts, "</html>", ""])


def _cells(known: Known, column: str, values: pd.Series) -> tuple[str, ...]:
    item_type = type_words(values)
    return column, known.label, known.unit, item_type, known.codes, known.origin, known.rule


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield "<table><tr>" + "".join(f"<th scope='col'>{html.escape(head)}</th>" for head in heads) + "</tr>"
    for row in rows:
        yield "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>"
    yield "</table>"
