"""What an import would take and lose: levels and visits that no code means, codes read as missing."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from trialkit.study.findings import Finding, Severity
from trialkit.study.import_mapping import ImportMapping
from trialkit.study.model import Item, Study


def import_that_loses_something(study: Study) -> Iterator[Finding]:
    """What `trialkit import-trial` would take, and lose: levels no code reaches, codes read as missing."""
    mapping = study.import_mapping
    if mapping is None:
        return
    lost = [
        f"{column.column} is said to be missing with itself"
        for column in mapping.columns
        if column.missing_with == column.column
    ]
    lost += [*_levels_lost(study, mapping), *_read_as_missing(study, mapping)]
    if lost:
        yield Finding(
            "import-loses-values",
            Severity.CONTRADICTION,
            "The mapping of [import] cannot bring everything that its file may hold",
            "; ".join(lost) + ".",
            ("import",),
            "Give each level its code, and say missing by what is no value.",
        )
    without = [*_levels_without_a_code(study, mapping), *_items_without_a_column(study, mapping)]
    if without:
        yield Finding(
            "import-leaves-something-out",
            Severity.GAP,
            "[import] leaves out what its file may hold or its forms ask",
            "; ".join(without) + ".",
            ("import",),
            "Give each its code or column; where the file has none, nothing is to be done.",
        )
    left = list(_visits_left_out(study, mapping))
    if left:
        yield Finding(
            "import-leaves-a-visit-out",
            Severity.GAP,
            "[import] fills forms that are asked at visits which no code of the file means",
            "; ".join(left) + ".",
            ("import",),
            "Add the visit under visit_codes; where the file really has none, its forms stay empty.",
        )


def _levels_lost(study: Study, mapping: ImportMapping) -> Iterator[str]:
    """Two codes for one level while another has none: a slip, where collapsing would leave none out."""
    for column in mapping.columns:
        reached = list(column.codes.values())
        choices = [choice.code for choice in study.item(column.item).choices]
        unreached = [code for code in choices if code not in reached]
        if not reached or not unreached:
            continue
        for level in dict.fromkeys(level for level in reached if reached.count(level) > 1):
            codes = " and ".join(code for code, meant in column.codes.items() if meant == level)
            yield (
                f"the codes {codes} of {column.column} both mean {level!r}, and none means "
                f"{' or '.join(map(repr, unreached))}"
            )


def _levels_without_a_code(study: Study, mapping: ImportMapping) -> Iterator[str]:
    """Levels that no code brings in, where no two codes mean one (which is told as a loss)."""
    for column in mapping.columns:
        meant = list(column.codes.values())
        choices = [choice.code for choice in study.item(column.item).choices]
        left = [code for code in choices if code not in meant]
        if meant and left and len(set(meant)) == len(meant):
            yield f"no code of {column.column} means {' or '.join(map(repr, left))} of {column.item}"
    sites = [site.code for site in study.sites if site.code not in mapping.site_codes.values()]
    if mapping.site_codes and sites:
        yield f"no code of {mapping.site_column} means the site {' or '.join(sites)}"


def _items_without_a_column(study: Study, mapping: ImportMapping) -> Iterator[str]:
    mapped = {column.item for column in mapping.columns}
    for name in dict.fromkeys(study.item(one).form for one in mapped):
        items = [item for item in study.form(name).items if item.required and not item.retired]
        left = [item.name for item in items if item.name not in mapped]
        if left:
            yield f"form {name} requires {' and '.join(left)}, which no column is mapped to"


def _read_as_missing(study: Study, mapping: ImportMapping) -> Iterator[str]:
    coded: dict[str, Collection[str]] = {
        mapping.allocation_column or "": mapping.allocation_codes,
        mapping.site_column or "": mapping.site_codes or [site.code for site in study.sites],
        mapping.visit_column or "": mapping.visit_codes or [visit.name for visit in study.visits],
    }
    for column in mapping.columns:
        item = study.item(column.item)
        coded[column.column] = column.codes or [choice.code for choice in item.choices]
    for missing in filter(None, mapping.missing_values):
        for name, codes in coded.items():
            if name and missing in codes:
                yield f"missing_values holds {missing!r}, which is a code of {name}"
        for column in mapping.columns:
            if _in_range(study.item(column.item), missing):
                yield f"missing_values holds {missing!r}, which {column.item} may be"


def _in_range(item: Item, text: str) -> bool:
    """Whether a text is a number within a range that the dictionary closes at both ends."""
    low, high = item.minimum, item.maximum
    if not isinstance(low, float) or not isinstance(high, float):
        return False
    try:
        return low <= float(text) <= high
    except ValueError:
        return False


def _visits_left_out(study: Study, mapping: ImportMapping) -> Iterator[str]:
    if mapping.visit_column is None or not mapping.visit_codes:
        return
    told = set(mapping.visit_codes.values())
    filled = dict.fromkeys(study.item(column.item).form for column in mapping.columns if not column.visit)
    for name in filled:
        for visit in study.form(name).visits:
            if visit not in told:
                yield f"form {name} is asked at {visit}, which no code of {mapping.visit_column} means"
