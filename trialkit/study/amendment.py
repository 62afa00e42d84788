"""A new version of a study held against the one before it: what changes, and what may not.

Data of both versions lie side by side in one database and one snapshot. So a name, once data may stand under
it, means the same for good: what is asked no more is retired, what means something else gets another name.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from trialkit.study.amended_items import item_changes
from trialkit.study.amended_parts import Change, ChangeKind as ChangeKind, Finding, kept, refused, told
from trialkit.study.amended_plan import form_changes, matched, statement_changes, visit_changes
from trialkit.study.errors import StudyError
from trialkit.study.model import Item, Site, Study
from trialkit.wording import said

_BLINDING_TOLD = (
    "stated",
    "runs_analysis",
    "masked_analysis_described",
    "participants_blinded",
    "open_outcomes_described",
)


@dataclass(frozen=True, slots=True)
class Amendment:
    """Two versions held against each other: what the later changes, and why it may not be taken."""

    was: str
    now: str
    changes: tuple[Change, ...]
    refusals: tuple[StudyError, ...]


def compare_versions(was: Study, now: Study, *, same_meaning: Collection[str] = ()) -> Amendment:
    """Hold a new version of a study against the version before it.

    Parameters
    ----------
    was, now
        Both read, and so each in order by itself.
    same_meaning
        ``item=code`` of every code whose label says the same as before in other words.

    Returns
    -------
    Amendment
        Refused are: another study; anything that the randomization or the blinding rests on; an item, form,
        visit, site or code that is not there any more (what is asked no more is marked as retired); an item
        of another type, unit or form; a code with a new meaning; a version that is named as before.
    """
    findings = list(_findings(was, now, same_meaning))
    return Amendment(
        was.version,
        now.version,
        tuple(one for one in findings if isinstance(one, Change)),
        tuple(one for one in findings if isinstance(one, StudyError)),
    )


def require_amendment(was: Study, now: Study, *, same_meaning: Collection[str] = ()) -> Amendment:
    """The same, for a version that is to be taken.

    Raises
    ------
    StudyError
        The first refusal, with the others in ``also``.
    """
    found = compare_versions(was, now, same_meaning=same_meaning)
    if found.refusals:
        raise StudyError.all_of(found.refusals)
    return found


def _findings(was: Study, now: Study, same_meaning: Collection[str]) -> Iterator[Finding]:
    if was.sha256 == now.sha256:
        yield refused("a definition that differs", "the same one", "", "Change it first.")
        return
    yield from _stated_codes(was, same_meaning)
    yield from _study(was, now)

    def items(one: Item, other: Item) -> Iterator[Finding]:
        return item_changes(one, other, same_meaning)

    yield from matched(
        "visit",
        was.visits,
        now.visits,
        visit_changes,
        next_step="Put it back, and mark it: retired = true.",
    )
    yield from matched(
        "form", was.forms, now.forms, form_changes, next_step="Put it back, and mark it: retired = true."
    )
    yield from matched(
        "item",
        [item for form in was.forms for item in form.items],
        [item for form in now.forms for item in form.items],
        items,
        next_step="Put its row back, and write @RETIRED into its Field Annotation.",
    )
    yield from statement_changes(was, now)


def _stated_codes(was: Study, same_meaning: Collection[str]) -> Iterator[StudyError]:
    """A code that is said to mean the same must be one of the study."""
    known = {
        f"{item.name}={choice.code}" for form in was.forms for item in form.items for choice in item.choices
    }
    known |= {
        "=".join(item.name.split("___", 1)) for form in was.forms for item in form.items if "___" in item.name
    }
    for stated in sorted(set(same_meaning) - known):
        yield refused(
            "item=code, of an item with that code", repr(stated), "--same-meaning", "Check both names."
        )


def _study(was: Study, now: Study) -> Iterator[Finding]:
    another = "This is another trial: found it as a study of its own."
    rests = "the randomization rests on it"
    yield from kept("[study]", "id", was.id, now.id, "it names the trial", another)
    yield from kept(
        "[study]",
        "demonstration",
        was.demonstration,
        now.demonstration,
        "people are simulated or not",
        another,
    )
    yield from kept(
        "dictionary", "record id", was.record_id, now.record_id, "it is the subject's key", another
    )
    if was.version == now.version:
        yield refused(
            said("a name for the new version other than {version!r}", version=was.version),
            "the same",
            "[study] version",
            "Count it up: every record says by it which version it was entered under.",
        )
    put_back = "Put it back as it was; what the list rests on is not amended."
    for part, before, after in _rested_on(was, now):
        yield from kept(part, "statement", before, after, rests, put_back)
    yield from kept(
        "[blinding]",
        "blinded_roles",
        was.blinding.blinded_roles,
        now.blinding.blinded_roles,
        "what was shown cannot be hidden, nor the reverse",
        "Put it back as it was.",
    )
    yield from told("blinding", was.blinding, now.blinding, dict.fromkeys(_BLINDING_TOLD, ChangeKind.CHANGED))
    yield from matched(
        "site", was.sites, now.sites, _site_changes, name="code", next_step="Put it back; its data stay."
    )


def _rested_on(was: Study, now: Study) -> Iterator[tuple[str, object, object]]:
    """Part, before and after: arms with what they receive, factors with their levels, how it is concealed."""
    for part, of in (
        ("[arms]", lambda study: tuple((a.name, a.role, a.ratio, a.components) for a in study.arms)),
        ("[factors]", lambda study: tuple((f.name, f.item, f.levels, f.cuts) for f in study.factors)),
        ("[randomization] method", lambda study: study.randomization.method),
        ("[randomization] concealment", lambda study: study.randomization.concealment),
        ("[randomization] restriction_sha256", lambda study: study.randomization.restriction_sha256),
        ("[randomization] minimized_by", lambda study: study.randomization.minimized_by),
    ):
        yield part, of(was), of(now)


def _site_changes(was: Site, now: Site) -> Iterator[Finding]:
    parts = dict.fromkeys(("name", "kind", "time_zone", "target"), ChangeKind.CHANGED)
    yield from told(f"site {was.code}", was, now, parts)
