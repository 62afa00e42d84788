"""Names that a plan uses twice: a reader cannot tell which is meant, a table may show one for the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from trialkit.plan.errors import PlanError, PlanWarning
from trialkit.plan.families import FAMILY
from trialkit.plan.model import Analysis, Plan
from trialkit.study.model import Study
from trialkit.wording import said


def names(plan: Plan, _study: Study) -> Iterator[PlanError]:
    """Names of one kind that differ in capitals alone, and labels that two of a kind share."""
    kinds: Mapping[str, Mapping[str, Any]] = {
        "sets": plan.sets,
        "visits": plan.visits,
        "endpoints": plan.endpoints,
        "estimands": plan.estimands,
        "records": plan.records,
    }
    for kind, parts in kinds.items():
        for name in twice(parts):
            yield _own(
                said("{kind}/{name}", kind=kind, name=name),
                said("a name that differs by more than capitals"),
                name,
            )
        labels = {one: label for one, part in parts.items() if (label := getattr(part, "label", ""))}
        for place, label in _later(labels):
            yield _own(said("{kind}/{name}/label", kind=kind, name=place), said("a label of its own"), label)
    for endpoint in plan.endpoints.values():
        for label in twice(event.label for event in endpoint.competing):
            yield _own(
                said("endpoints/{name}/competing", name=endpoint.name), said("a label of its own"), label
            )
    for label in twice(one.label for one in plan.published):
        yield _own("published", said("a label of its own"), label)


def _later(labels: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Where a label stands for the second time."""
    seen: set[str] = set()
    for name, label in labels.items():
        if _folded(label) in seen:
            yield name, label
        seen.add(_folded(label))


def titles(entry: Analysis, plan: Plan, _study: Study) -> Iterator[PlanError]:
    """Two entries under one title are told apart by their numbers alone."""
    earlier = plan.analyses[: plan.analyses.index(entry)]
    same = next((one.id for one in earlier if _folded(one.title) == _folded(entry.title)), None)
    if same is not None:
        yield PlanWarning(
            expected="a title of its own",
            found=said("{title!r}, that of {id} too", title=entry.title, id=same),
            where=f"{entry.where} ({entry.id})",
            next_step="Say in the title how they differ.",
        )


def in_lists(entry: Analysis, plan: Plan, _study: Study) -> Iterator[PlanError]:
    """A name twice in one list of an entry: a line, a test or a term twice. Of a family its method tells."""
    for key, value in entry.keys.items():
        if key == FAMILY:
            continue
        for at, listed in _lists(value):
            for name in twice(listed):
                yield PlanError(
                    expected=said("each name once in {key}", key=".".join((key, *at))),
                    found=said("{name!r} twice", name=name),
                    where=at_key(entry, plan, key, *at),
                    next_step="Leave one out.",
                )


def _lists(value: Any) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Lists of names in a value, with the labels they stand under; what has its own class checks its own."""
    if isinstance(value, tuple) and all(isinstance(one, str) for one in value):
        yield (), value
    elif isinstance(value, Mapping):
        for label, inner in value.items():
            if isinstance(inner, tuple) and all(isinstance(one, str) for one in inner):
                yield (str(label),), inner


def twice(names: Iterable[str]) -> list[str]:
    """The names that stand there again, capitals and outer spaces aside, each once."""
    listed = list(names)
    counted = Counter(map(_folded, listed))
    again = [name for name in listed if counted[_folded(name)] > 1]
    return list({_folded(name): name for name in again}.values())


def at_key(entry: Analysis, plan: Plan, *path: str) -> str:
    """``file:line`` of a key of an entry, or of the nearest thing around it that has a line."""
    place = next((i for i, one in enumerate(plan.analyses) if one.id == entry.id), None)
    keys = list(path)
    while keys and place is not None:
        line = plan.places.get(".".join(("analysis", str(place), *keys)))
        if line:
            return f"{line}:{'.'.join(path)} ({entry.id})"
        keys.pop()
    return f"{entry.where} ({entry.id})"


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _own(where: str, expected: str, found: str) -> PlanError:
    return PlanError(
        expected=expected,
        found=said("{name!r} twice", name=found),
        where=where,
        next_step="A reader takes the one for the other: rename one of them.",
    )
