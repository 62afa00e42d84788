"""Numbers of the report's tables, in the order in which they stand; of those that are there."""

from __future__ import annotations

from trialkit.prediction.developed import Development


def table_numbers(development: Development) -> dict[str, str]:
    """What a table is about -> its number; ``performance`` has parts, 3.1 and so on."""
    present = {
        "size": True,
        "data": True,
        "performance": True,
        "leaks": development.leak_audit is not None,
        "features": True,
        "lime": True,
        "plainer": len(development.baseline) > 0,
        "groups": len(development.subgroups) > 0,
        "without_outcome": len(development.missing.who) > 0,
        "weighed": len(development.missing.weighed) > 0,
        "pathway": bool(development.plan.pathway),
        "software": True,
        "tripod": True,
    }
    there = [name for name, is_there in present.items() if is_there]
    return {name: str(place) for place, name in enumerate(there, 1)}
