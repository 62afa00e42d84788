"""The page that describes a plan file, made from what the methods declare."""

from __future__ import annotations

from typing import Any

from trialkit.plan.method import Declaration, Declarations, Key


def methods_text(methods: Declarations) -> str:
    """The part of the page about ``[[analysis]]``: every method with its keys, as Markdown."""
    return "\n".join(_method(methods[name]) for name in sorted(methods))


def _method(method: Declaration) -> str:
    lines = [
        f"### `{method.name}`",
        "",
        method.says,
        "",
        "| key | says | values | needed |",
        "|---|---|---|---|",
    ]
    confirmatory = {key.name for key in method.confirmatory} - {key.name for key in method.keys}
    always = {key.name for key in method.keys}
    for key in method.every_key:
        when = (
            "always" if key.name in always else "not for a description" if key.name in confirmatory else "no"
        )
        when = f"{when}, where the study has factors" if key.of_factors and when != "no" else when
        lines.append(_row(key, when))
    return "\n".join([*lines, ""])


def _row(key: Key[Any], when: str) -> str:
    return f"| `{key.name}` | {key.says} | {key.values} | {when} |"
