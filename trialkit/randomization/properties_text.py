"""The properties of a design as text for a reader, and as JSON for a program."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trialkit.numbers import plain

if TYPE_CHECKING:
    from trialkit.randomization.properties import DesignProperties

_NAMES = {"correct_guess_probability": "best guesser right", "deterministic_share": "next arm certain"}
_SECRET = (
    "Whoever can calculate finds the block lengths from these numbers:\n"
    "for the protocol's reviewer, not for whoever enrols or assesses."
)


def properties_json(found: DesignProperties) -> dict[str, Any]:
    return {
        "subjects": found.subjects,
        "simulations": found.simulations,
        "seed": found.seed,
        "correct_guess_probability": found.correct_guess_probability,
        "deterministic_share": found.deterministic_share,
        "overflow_share": found.overflow_share,
        "strata_sizes": list(found.strata_sizes),
        "guessing": found.guessing.to_dict("records"),
        "imbalance": [
            {name: None if value == float("inf") else value for name, value in row.items()}
            for row in found.imbalance.to_dict("records")
        ],
    }


def properties_text(found: DesignProperties) -> str:
    return "\n\n".join([_head(found), _guessing(found), _imbalance(found), _SECRET])


def _head(found: DesignProperties) -> str:
    arms, strata = found.design.arms, len(found.design.strata())
    least, most = found.strata_sizes
    sizes = f"{least}" if least == most else f"{least} to {most}"
    where = f"{strata} strata of {sizes}" if strata > 1 else "1 stratum"
    chance = max(arms.values()) / sum(arms.values())
    return (
        f"{found.subjects} subjects in {where}, {found.simulations:,} simulated trials.\n\n"
        f"Best guesser right         {_percent(found.correct_guess_probability)} of allocations"
        f" (without any knowledge {plain(100 * chance, 1)} %)\n"
        f"Next arm certain           {_percent(found.deterministic_share)} of allocations\n"
        f"A stratum runs out         {_percent(found.overflow_share)} of trials"
    )


def _guessing(found: DesignProperties) -> str:
    lines = ["How each was found"]
    for row in found.guessing.to_dict("records"):
        error = f" (standard error {plain(100 * row['standard_error'], 2)})" if row["standard_error"] else ""
        lines.append(
            f"  {_NAMES[row['quantity']]:<19}{row['method']:<12}"
            f"{plain(100 * row['estimate'], 2):>6} %{error:<23}"
            f" over {row['over']}; knows {row['knows']}"
        )
    return "\n".join(lines)


def _imbalance(found: DesignProperties) -> str:
    title = f"Imbalance, {imbalance_unit(found)}"
    lines = [f"{title:<60} {'mean':>5} {'95 %':>6} {'most':>6} {'bound':>6}"]
    for row in found.imbalance.to_dict("records"):
        bound = "none" if row["bound"] == float("inf") else _number(row["bound"])
        lines.append(
            f"  {_name_of(row):<56} {plain(row['mean'], 2):>7} {_number(row['q95']):>6} "
            f"{_number(row['maximum']):>6} "
            f"{bound:>6}"
        )
    return "\n".join(lines)


def imbalance_unit(found: DesignProperties) -> str:
    if list(found.design.arms.values()) == [1, 1]:
        return "difference between the arms in subjects"
    return "largest less smallest arm per unit of ratio"


def _percent(share: float) -> str:
    return f"{plain(100 * share, 1):>5} %"


def _number(value: float) -> str:
    """With 2:1 a half subject is a value of its own: nothing is rounded to a whole one."""
    return plain(value, 2).rstrip("0").rstrip(".")


def _name_of(row: dict[Any, Any]) -> str:
    if row["scope"] == "overall":
        return "whole trial"
    return f"{row['factor']} {row['level']}" if row["factor"] else str(row["level"])
