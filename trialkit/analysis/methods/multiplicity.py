"""Several questions, one error rate: the p-values of other entries adjusted as the plan says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from trialkit.analysis.context import Context
from trialkit.analysis.errors import AnalysisError, WithheldError
from trialkit.analysis.method import Answer, Method
from trialkit.documents.declared import Col, Listed, Plain, PValue, Words
from trialkit.documents.declared.rows import ResultRow
from trialkit.documents.declared.wording import alternative_words, no_effects
from trialkit.plan import Analysis, Key, Place, PlanError, keys
from trialkit.plan.comparisons import MINUS, UNADJUSTED, pairs_of
from trialkit.plan.errors import PlanWarning
from trialkit.plan.method import Several
from trialkit.plan.model import AnalysisRole
from trialkit.plan.references import unknown
from trialkit.wording import said

if TYPE_CHECKING:
    import pandas as pd

PROCEDURES = {
    "holm": "Holm",
    "hochberg": "Hochberg",
    "fixed-sequence": "fixed order, as the plan lists them",
    "bonferroni": "Bonferroni",
}
WHOSE = (
    "Of an entry over visits the last visit's p-value; of a time to event that of its log-rank test, or "
    "where its entry asks for none that of the arm's hazard ratio."
)
IN_ORDER = "fixed-sequence"
_WITH_P_VALUE = (AnalysisRole.PRIMARY, AnalysisRole.SECONDARY, AnalysisRole.SUPPLEMENTARY)
# Where an entry's answer keeps the p-value of its main question, first found first, with what it is called;
# the last row for a visit.
PLACES = {
    "contrasts": "contrast of the arms",
    "log_rank": "log-rank test",
    "test": "test",
    "effect": "effect",
    "odds_ratios": "odds ratio of the arm",
    "hazard_ratios": "hazard ratio of the arm",
}


def _check_family(value: tuple[str, ...], place: Place) -> Iterator[PlanError]:
    known = {entry.id: entry for entry in place.plan.analyses}
    for twice in sorted({one for one in value if value.count(one) > 1}):
        yield PlanError(
            expected="each p value once in the family",
            found=said("{name} twice", name=twice),
            where=place.where,
            next_step="Leave one out: every copy makes the others cost more.",
        )
    if len(value) < 2:
        yield PlanError(
            expected="two entries or more: one alone needs no adjustment",
            found=", ".join(value) or "none",
            where=place.where,
            next_step="Name the family, or leave this entry out.",
        )
    for one in value:
        name, contrast = _parts(one)
        if name not in known:
            yield unknown("an entry of the plan", name, place.where, known)
            continue
        if known[name].fault is None and known[name].role not in _WITH_P_VALUE:
            yield PlanError(
                expected="primary, secondary or supplementary entries in the family",
                found=said("{name}, which is {role}", name=name, role=known[name].role.value),
                where=place.where,
                next_step="A descriptive entry has no p value; a sensitivity one is no further question.",
            )
        yield from _check_contrast(known[name], contrast, place)
    yield from _primary_among(value, known, place)


def _primary_among(
    value: tuple[str, ...], known: Mapping[str, Analysis], place: Place
) -> Iterator[PlanError]:
    """The primary question has the whole alpha, before others: in a family it is the first in order."""
    members = [name for name in dict.fromkeys(_parts(one)[0] for one in value) if name in known]
    primary = [name for name in members if known[name].role is AnalysisRole.PRIMARY]
    first_in_order = place.entry.keys.get("procedure") == IN_ORDER and members[:1] == primary
    if primary and len(members) > 1 and not first_in_order:
        yield PlanWarning(
            expected=said(
                "the primary analysis outside a family of others, or first of {order!r}", order=IN_ORDER
            ),
            found=said("{name}, which is primary, among {n} others", name=primary[0], n=len(members) - 1),
            where=place.where,
            next_step="Its p value would be paid for by theirs: leave it out, or name it first and in order.",
        )


def _parts(member: str) -> tuple[str, str]:
    """``P1``, or of an entry with several contrasts ``P1: X - Y``: the entry and its contrast."""
    name, _, contrast = member.partition(":")
    return name.strip(), contrast.strip()


def _check_contrast(named: Analysis, contrast: str, place: Place) -> Iterator[PlanError]:
    """Of several contrasts the family says which; none of them is adjusted twice."""
    many = named.contrasts is not None
    known = [MINUS.join(pair) for pair in pairs_of(named.contrasts, place.plan.arms)] if many else []
    if (many or contrast) and contrast not in known:
        yield PlanError(
            expected=said(
                "of entry {name} one of its contrasts: {known}", name=named.id, known="; ".join(known)
            )
            if many
            else said("entry {name} without a contrast: it has one", name=named.id),
            found=repr(contrast) if contrast else "none named",
            where=place.where,
            next_step=said('Write it as "{name}: X - Y".', name=named.id) if many else "Leave it out.",
        )
    elif named.contrasts is not None and named.contrasts.adjust != UNADJUSTED:
        yield PlanError(
            expected=said("entry {name} with p values not yet adjusted", name=named.id),
            found=said("adjust = {adjust!r}", adjust=named.contrasts.adjust),
            where=place.where,
            next_step='Let one of the two adjust: there adjust = "none", because this entry does.',
        )


FAMILY = Key(
    "family",
    "the entries adjusted together, in order",
    "ids; of several contrasts `P1: X - Y`",
    lambda s, k: s.texts(k),
    _check_family,
)
PROCEDURE = keys.word("procedure", "how they are adjusted", *PROCEDURES)
ALPHA = Key("alpha", "the error rate over all of them", "a number such as 0.05", keys.read_alpha)


def compute(context: Context, entry: Analysis) -> Answer:
    from trialkit.stats import adjust_p_values

    procedure = PROCEDURE.of(entry)
    p_values, warnings = _p_values(context, entry, in_order=procedure == IN_ORDER)
    result: Any = adjust_p_values(p_values, procedure, ALPHA.of(entry))  # type: ignore[arg-type]
    table = result.table.rename(columns={"hypothesis": "entry"})
    table["title"] = [_question(context, str(one)) for one in table["entry"]]
    table["p_of"] = [_place(context, str(one))[1] for one in table["entry"]]
    table["rejected"] = ["yes" if bool(one) else "no" for one in table["rejected"]]
    subjects = context.subjects(entry)
    return Answer(
        tables={"adjusted": table},
        counts=context.counts(subjects, subjects["arm"].notna(), "arm not known"),
        method=f"{PROCEDURES[procedure]}; family-wise error rate {ALPHA.of(entry):g}",
        warnings=warnings,
    )


def _p_values(
    context: Context, entry: Analysis, *, in_order: bool
) -> tuple[dict[str, float], tuple[str, ...]]:
    """The p-values of the family; of a fixed order those before the first that could not be estimated, since
    what comes after does not bear on them."""
    found: dict[str, float] = {}
    for one in FAMILY.of(entry):
        try:
            found[one], _ = _place(context, one)
        except WithheldError:
            raise
        except AnalysisError as error:
            if not in_order or not found:
                raise
            why = said("{one} and what comes after it could not be tested: {why}", one=one, why=error.whole)
            return found, (why,)
    return found, ()


def _question(context: Context, member: str) -> str:
    name, contrast = _parts(member)
    title = f"{context.plan.analysis(name).title}{_tested_against(context, name)}"
    labels = {arm.name: arm.label for arm in context.study.arms}
    words = " minus ".join(labels.get(arm, arm) for arm in contrast.split(MINUS))
    return f"{title}: {words}" if contrast else title


def _tested_against(context: Context, name: str) -> str:
    """A null value other than no effect, without which its p cannot be read beside those of other entries."""
    for table in context.answered[name].tables.values():
        if {"null_value", "p_value"} <= set(table.columns) and len(table):
            row = ResultRow(name, "test", 0, dict(table.iloc[-1]))
            if row.has("null_value") and row["null_value"] not in no_effects(row):
                return f"; {alternative_words(row)}"
    return ""


def _place(context: Context, member: str) -> tuple[float, str]:
    """The p-value that an entry hands over, and of what it is."""
    name, contrast = _parts(member)
    answered = context.answered.get(name)
    if answered is not None and answered.withheld:
        raise WithheldError(
            expected=said("a p-value of entry {name}", name=name), found="an entry that is withheld"
        )
    if answered is None or answered.failure is not None:
        raise AnalysisError(
            expected=said("a p-value of entry {name}", name=name),
            found="none: it could not be estimated" if answered else "none: it comes later in the plan",
            next_step=said("See entry {name}.", name=name) if answered else "Put it after its family.",
        )
    for place, words in PLACES.items():
        table = _of_the_arm(answered.tables.get(place))
        if contrast and table is not None:
            table = table[table["contrast"].map(_plain) == contrast] if "contrast" in table else None
        if table is not None and "p_value" in table and table["p_value"].notna().any():
            known = table[table["p_value"].notna()]
            row = known.iloc[-1 if "visit" in table else 0]
            more = [str(row[column]) for column in ("measure", "visit") if column in table]
            return float(row["p_value"]), ", ".join([words, *more])
    raise AnalysisError(
        expected=said("a p-value of entry {name}", name=name),
        found="none: its test could not be estimated" if answered.warnings else "an entry that tests nothing",
        next_step=said("See entry {name}.", name=name),
    )


def _of_the_arm(table: pd.DataFrame | None) -> pd.DataFrame | None:
    """Of a model's terms that of the arm, wherever in the formula it stands."""
    if table is None or "term" not in table:
        return table
    mine = table["term"].astype(str).str.match(r"(C\()?arm\b[^:]*$")
    return table[mine] if mine.any() else table


def _plain(contrast: str) -> str:
    """Ratios are told as ``X / Y``; the plan names the pair."""
    return contrast.replace(" / ", MINUS)


METHOD = Method(
    name="multiplicity",
    says="The p-values of several entries, adjusted together.",
    keys=(FAMILY, PROCEDURE, ALPHA),
    outputs=(
        Listed(
            source="adjusted",
            title="{title}",
            label=Plain("entry"),
            head="Entry",
            columns=(
                Col("Question", Words("title"), align="left"),
                Col("p of", Words("p_of"), align="left"),
                Col("p", PValue()),
                Col("Adjusted p", PValue("adjusted_p_value")),
                Col("Rejected", Words("rejected")),
            ),
            footnotes=(WHOSE,),
        ),
    ),
    page="secondary",
    compute=compute,
    several=Several.DESCRIBED,
    symmetric=frozenset({"adjusted"}),
)
