"""What every output needs to know: arms in order, numbers of outputs, populations and sources in words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from trialkit import numbers
from trialkit.analysis.modes import Mode
from trialkit.documents.declared.rows import ResultRow, frame_rows
from trialkit.documents.declared.wording import lower_first, made_of, readable
from trialkit.report.facts import Truth
from trialkit.report.rows import rows_of

if TYPE_CHECKING:
    from trialkit.analysis.results import AnalysisResult, Results

SET_LABELS = {
    "full": "Full analysis set",
    "per_protocol": "Per-protocol set",
    "safety": "Safety set",
    "screened": "All screened subjects",
    "randomized": "All randomized subjects",
    "all": "All subjects",
}
ROLE_LABELS = {
    "primary": "primary",
    "secondary": "secondary",
    "sensitivity": "sensitivity",
    "supplementary": "supplementary",
    "descriptive": "descriptive",
}
SHORT_HASH = 12


class Context:
    """Labels, numbering and provenance for one report.

    Outputs are numbered in the ICH E3 manner: 14.1 subjects, 14.2 efficacy, 14.3 safety, 16.1 appendices.
    """

    def __init__(
        self, results: Results, truth: Truth | None = None, unprinted: list[str] | None = None
    ) -> None:
        self.results = results
        self.unprinted = (
            unprinted  # what could not be printed goes here; None: the first such ends the report
        )
        self.truth = truth or Truth()
        self._numbers: Counter[tuple[str, str]] = Counter()

    @property
    def arms(self) -> list[str]:
        """Arms in the order of the results: the test arm first."""
        return list(self.results.arm_labels)

    def label(self, arm: Any) -> str:
        return self.results.arm_labels.get(str(arm), str(arm))

    def number(self, kind: str, chapter: str) -> str:
        """The next number of a ``table`` or ``figure`` in a chapter."""
        self._numbers[kind, chapter] += 1
        return f"{chapter}.{self._numbers[kind, chapter]}"

    def primary(self) -> AnalysisResult | None:
        return next((one for one in self.results.analyses if one.role == "primary"), None)

    @property
    def has_letters(self) -> bool:
        """Whether groups are A, B and so on, so that none may be called the test or the reference."""
        return self.results.mode in (Mode.MASKED, Mode.CODED)

    def earlier(self, result: AnalysisResult, tables: Sequence[str]) -> AnalysisResult | None:
        """The first analysis earlier in the plan with the same numbers in all tables of these names."""
        for one in self.results.analyses:
            if one is result:
                return None
            if one.failure is None and all(_same(one.tables, result.tables, name) for name in tables):
                return one
        return None

    def scales(self, result: AnalysisResult) -> dict[str, Any]:
        """Endpoint, unit, direction, MCID and confidence level of a result; absent ones are left out."""
        rows = rows_of(result, "scales")
        return {} if not rows else {k: v for k, v in rows[0].values.items() if not numbers.is_missing(v)}

    def interval_label(self, result: AnalysisResult) -> str:
        """``95% CI``; plain ``CI`` where the results do not state the level."""
        for source in (result, self.primary()):
            level = self.scales(source).get("confidence_level") if source else None
            if level is not None:
                text = numbers.fixed(float(level) * 100, 1).removesuffix(".0")
                return f"{text}% CI"
        return "CI"

    def counts(self, result: AnalysisResult) -> list[ResultRow]:
        return frame_rows(result.id, "counts", result.counts)

    def set_label(self, result: AnalysisResult) -> str:
        name = result.analysis_set
        return SET_LABELS.get(name.lower(), name[:1].upper() + name[1:])

    def population(self, result: AnalysisResult) -> str:
        """The analysis set with, for each arm, how many of it were used; for each thing looked at where the
        numbers differ."""
        if len({row.get("of") for row in self.counts(result)}) > MOST_THINGS_NAMED:
            return "; ".join([self.set_label(result), *self._ranges(result)])
        by_thing: dict[str, list[str]] = {}
        for row in self.counts(result):
            who = f"{self.label(row['arm'])} " if row["arm"] in self.results.arm_labels else ""
            by_thing.setdefault(str(row.get("of") or ""), []).append(f"{who}n = {_of(row)}")
        texts = {"; ".join(parts) for parts in by_thing.values()}
        if len(texts) <= 1:
            return "; ".join([self.set_label(result), *texts])
        each = (f"{thing}: {', '.join(parts)}" for thing, parts in by_thing.items())
        return "; ".join([self.set_label(result), *each])

    def _ranges(self, result: AnalysisResult) -> list[str]:
        """An arm's fewest and most observed, and imputed, over the many things that the entry looks at."""
        texts = []
        for arm, here in result.counts.groupby("arm", sort=False):
            who = f"{self.label(arm)} " if arm in self.results.arm_labels else ""
            imputed = f", {_span(here['n_imputed'])} imputed" if here["n_imputed"].any() else ""
            texts.append(f"{who}n = {_span(here['n_observed'])} of {_span(here['n_set'])}{imputed}")
        return texts

    def exclusions(self, result: AnalysisResult) -> tuple[str, ...]:
        """Who was left out and why, a sentence an arm, and a thing where the entry looks at several."""
        rows = self.counts(result)
        if len({row.get("of") for row in rows}) > MOST_THINGS_NAMED:
            return self._ranges_left_out(result)
        sentences = []
        for row in rows:
            if row.has("n_excluded") and row["n_excluded"] and row.get("reason"):
                count, arm = numbers.integer(row["n_excluded"]), str(row["arm"])
                who = self.label(arm) if arm in self.results.arm_labels else ""
                about = "; ".join(part for part in (str(row.get("of") or ""), who) if part)
                head = f"{about}: " if about else ""
                sentences.append(f"{head}{count} not in this analysis ({row['reason']}).")
        return tuple(dict.fromkeys(sentences))

    def _ranges_left_out(self, result: AnalysisResult) -> tuple[str, ...]:
        """Of many things an arm's fewest and most left out; how many each used is beside it in the table."""
        sentences = []
        for arm, here in result.counts.groupby("arm", sort=False):
            head = f"{self.label(arm)}: " if arm in self.results.arm_labels else ""
            why = "; ".join(dict.fromkeys(reason for reason in here["reason"] if reason))
            if why:
                sentences.append(f"{head}{_span(here['n_excluded'])} not in a line of this analysis ({why}).")
        return tuple(sentences)

    def arm_head(self, result: AnalysisResult, arm: str) -> str:
        """``N = 157``: the size of the analysis set in an arm, or in all arms together."""
        sizes = {str(row["arm"]): row["n_set"] for row in self.counts(result) if row.has("n_set")}
        if arm not in sizes and arm not in self.results.arm_labels:
            return f"N = {numbers.integer(sum(sizes.values()))}" if sizes else ""
        return f"N = {numbers.integer(sizes[arm])}" if arm in sizes else ""

    def source(self, result: AnalysisResult) -> str:
        where = self.results.provenance
        estimand = f", estimand {result.estimand}" if result.estimand else ""
        return (
            f"Plan {where.plan_id} {where.plan_version}, entry {result.id}{estimand}, "
            f"{lower_first(self.set_label(result))}; snapshot {where.snapshot_content_sha256[:SHORT_HASH]} "
            f"({where.snapshot_state})."
        )

    def contrast_words(self, contrast: Any, joint: str = "minus") -> str:
        """``exercise - control`` as ``Exercise + NSAID minus NSAID alone``."""
        test, found, reference = str(contrast).partition(" - ")
        if not found:
            test, found, reference = str(contrast).partition(" / ")
            joint = "over"
        if not found:
            return str(contrast)
        return f"{self.label(test.strip())} {joint} {self.label(reference.strip())}"

    def term_words(self, term: Any) -> str:
        """A model term for readers: ``arm[T.exercise]`` as the arm's label, ``a:b`` as ``a × b``."""
        return " × ".join(self._factor_words(part) for part in str(term).split(":"))

    def _factor_words(self, part: str) -> str:
        made = made_of(part, lambda name: _PLAIN_TERMS.get(name) or self._column_words(name))
        if made is not None:
            return made
        match = re.fullmatch(r"(?:C\()?([\w ]+?)\)?\s*\[(?:T\.)?(.+)\]", part.strip())
        if not match:
            return _PLAIN_TERMS.get(part.strip().lower()) or self._column_words(part.strip())
        factor, level = match.groups()
        if factor.strip() == "arm" and level in self.results.arm_labels:  # a site may be called A too
            return self.label(level)
        names = self.results.level_labels.get(factor.strip(), {})
        called = names.get(level) or names.get(level.removesuffix(".0"), level)
        return f"{self._column_words(factor.strip())}: {called}"

    def _column_words(self, name: str) -> str:
        return self.results.column_labels.get(name) or readable(name)


MOST_THINGS_NAMED = 5  # of more the line over a table gives fewest and most; the table has each one's
_PLAIN_TERMS = {"intercept": "Intercept", "base": "Baseline value", "global": "All terms together"}


def _span(counts: Any) -> str:
    low, high = numbers.integer(counts.min()), numbers.integer(counts.max())
    return low if low == high else f"{low} to {high}"


def _same(ones: Mapping[str, Any], others: Mapping[str, Any], name: str) -> bool:
    """Whether both have the table with the same numbers, or neither has it."""
    if name not in ones or name not in others:
        return name not in ones and name not in others
    return bool(ones[name].equals(others[name]))


def _of(row: ResultRow) -> str:
    if not row.has("n_observed"):
        return numbers.integer(row["n_set"])
    used, total = numbers.integer(row["n_observed"]), numbers.integer(row["n_set"])
    imputed = row.get("n_imputed")
    more = f" observed, {numbers.integer(imputed)} imputed" if imputed else ""
    return used if used == total else f"{used} of {total}{more}"
