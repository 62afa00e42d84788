"""What a reader looks at: calibration, decision curve, selection, the five models' areas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import fill

import numpy as np

from trialkit.figures.drawing import Drawing, drawn
from trialkit.figures.style import (
    ARM_COLOURS,
    FULL_WIDTH_INCHES,
    MUTED,
    house_style,
    new_figure,
    quiet_grid,
)
from trialkit.numbers import plain
from trialkit.prediction.developed import Development
from trialkit.prediction.explain import Explanation
from trialkit.prediction.learners import LABELS
from trialkit.prediction.naming import column_labels

_MOST_DOTS = 1000  # of a cohort of 27,518 the first thousand show the shape
_RESAMPLINGS = {"optimism_corrected": "Corrected, everybody", "split_test": "Test part of the split"}


def calibration_picture(development: Development) -> Drawing:
    """Observed against predicted risk, with how many had each risk below."""
    key = "calibration"
    with house_style(key):
        figure = new_figure(FULL_WIDTH_INCHES * 0.62, 4.6)
        axes = figure.add_axes((0.14, 0.3, 0.82, 0.66))
        axes.plot([0, 1], [0, 1], color=MUTED, linewidth=0.9, linestyle=(0, (4, 3)), label="Perfect")
        names = {"apparent": "On the people it was made on", "cross_validation": "Cross-validated"}
        for curve, colour in zip(development.calibration, reversed(ARM_COLOURS[:2]), strict=True):
            axes.plot(curve.x, curve.y, color=colour, label=names[curve.name])
        axes.set(xlim=(0, 1), ylim=(0, 1), ylabel="Observed proportion")
        axes.legend(loc="upper left")
        quiet_grid(axes, "both")
        below = figure.add_axes((0.14, 0.12, 0.82, 0.13), sharex=axes)
        seen = development.weights > 0
        risk = development.crossed.mean_risk(development.chosen)[seen]
        outcome = development.outcome[seen]
        edges = np.linspace(0, 1, 41)
        for value, sign, colour in ((1, 1, ARM_COLOURS[0]), (0, -1, ARM_COLOURS[1])):
            counts, _ = np.histogram(risk[outcome == value], edges)
            below.bar(edges[:-1], sign * counts, width=0.022, align="edge", color=colour)
        below.set(xlabel="Predicted risk", yticks=[])
        below.set_ylabel("with\nwithout", fontsize=7.5, rotation=0, ha="right", va="center")
        return drawn(
            figure, key, "Calibration: observed proportion against predicted risk, with their counts."
        )


def decision_picture(development: Development) -> Drawing:
    """Net benefit over the risk from which one would act."""
    key = "decision"
    table = development.decision
    with house_style(key):
        figure = new_figure(FULL_WIDTH_INCHES * 0.8, 3.4)
        axes = figure.add_axes((0.12, 0.15, 0.86, 0.8))
        names = {
            development.chosen: LABELS[development.chosen],
            "everybody": "Act on everybody",
            "nobody": "On nobody",
        }
        colours = (ARM_COLOURS[0], ARM_COLOURS[1], MUTED)
        for (strategy, label), colour in zip(names.items(), colours, strict=True):
            part = table[table["strategy"] == strategy]
            axes.plot(part["threshold"], part["net_benefit"], color=colour, label=label)
        top = float(table["net_benefit"].max())
        axes.set(
            xlim=(0, 1),
            ylim=(-0.25 * top, 1.08 * top),
            xlabel="Risk from which one acts",
            ylabel="Net benefit",
        )
        axes.legend(loc="upper right")
        quiet_grid(axes)
        return drawn(
            figure, key, "Decision curve: net benefit of the model, of acting on everybody and on nobody."
        )


def areas_picture(development: Development) -> Drawing:
    """AUC of each learner, corrected and on the test part, with intervals."""
    key = "areas"
    learners = development.plan.learners
    with house_style(key):
        height = 0.5 * len(learners) + 1.1
        figure = new_figure(FULL_WIDTH_INCHES * 0.8, height)
        axes = figure.add_axes((0.26, 0.55 / height, 0.72, 1 - 0.95 / height))
        for offset, (resampling, label), colour in zip(
            (-0.14, 0.14), _RESAMPLINGS.items(), ARM_COLOURS, strict=False
        ):
            for i, name in enumerate(learners):
                estimate, lower, upper = development.estimate(name, resampling, "auc")
                y = i + offset
                axes.plot([lower, upper], [y, y], color=colour)
                axes.plot(estimate, y, "o", color=colour, markersize=5, label=label if i == 0 else None)
        axes.axvline(0.5, color=MUTED, linewidth=0.9, linestyle=(0, (4, 3)))
        axes.set_yticks(range(len(learners)), [LABELS[name] for name in learners])
        axes.set_ylim(len(learners) - 0.5, -0.5)
        axes.set_xlabel("AUC, 95 % interval")
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=2)
        quiet_grid(axes, "x")
        return drawn(
            figure, key, "AUC of each model with its interval: corrected on everybody, and on the test part."
        )


def selection_picture(development: Development, most: int = 20) -> Drawing:
    """How often each column came back over the bootstrap samples."""
    key = "selection"
    came_back = development.selection[development.selection["frequency"] > 0]
    table = came_back.head(most).iloc[::-1]
    with house_style(key):
        names, height = _rows(table["column"].map(column_labels(development.plan)).tolist(), 0.22, 0.8)
        figure = new_figure(FULL_WIDTH_INCHES, height)
        axes = figure.add_axes((0.42, 0.5 / height, 0.56, 1 - 0.6 / height))
        colours = [ARM_COLOURS[0] if chosen else MUTED for chosen in table["selected"]]
        axes.barh(names, 100 * table["frequency"], color=colours, height=0.65)
        axes.set(xlim=(0, 100), xlabel="Selected in % of bootstrap samples")
        quiet_grid(axes, "x")
        return drawn(
            figure,
            key,
            "Share of bootstrap samples in which each candidate was selected; the model's own in blue.",
        )


def shap_picture(explanation: Explanation, labels: Mapping[str, str], most: int = 12) -> Drawing:
    """Contributions, a dot a subject (a thousand at most), coloured by the value; strongest on top."""
    key = f"shap-{explanation.learner}"
    names = explanation.importance["column"].head(most).tolist()
    written, height = _rows([labels[name] for name in reversed(names)], 0.26, 0.9)
    random = np.random.default_rng(0)  # spreads the dots; says nothing
    with house_style(key):
        figure = new_figure(FULL_WIDTH_INCHES, height)
        axes = figure.add_axes((0.42, 0.5 / height, 0.56, 1 - 0.6 / height))
        for y, name in enumerate(reversed(names)):
            i = explanation.columns.index(name)
            contributions = explanation.contributions[:_MOST_DOTS, i]
            spread = y + random.uniform(-0.25, 0.25, len(contributions))
            shade = np.clip(explanation.values[:_MOST_DOTS, i], -2, 2)
            axes.scatter(contributions, spread, c=shade, cmap="cividis", s=6, linewidths=0)
        axes.axvline(0, color=MUTED, linewidth=0.9)
        axes.set_yticks(range(len(names)), written)
        axes.set_xlabel(f"Contribution, {explanation.unit}; dark: low value, yellow: high")
        quiet_grid(axes, "x")
        return drawn(figure, key, f"SHAP values of {LABELS[explanation.learner]}, in {explanation.unit}.")


def lime_picture(development: Development, most: int = 12) -> Drawing:
    """Each column's weight for three people with its reach over the seeds: one that crosses 0 explains
    nothing."""
    table, labels = development.lime, column_labels(development.plan)
    names = list(dict.fromkeys(table["column"]))[:most][::-1]
    written, height = _rows([labels[name] for name in names], 0.26, 1.1)
    reach = 1.08 * float(table[["smallest", "largest"]].abs().to_numpy().max()) or 1.0
    with house_style("lime"):
        figure = new_figure(FULL_WIDTH_INCHES, height)
        for i, (person, rows) in enumerate(table.groupby("person", sort=False)):
            axes = figure.add_axes((0.42 + 0.195 * i, 0.5 / height, 0.18, 1 - 0.85 / height))
            for row in rows[rows["column"].isin(names)].to_dict("records"):
                y, colour = names.index(row["column"]), MUTED if row["changes_sign"] else ARM_COLOURS[0]
                axes.plot([row["smallest"], row["largest"]], [y, y], color=colour)
                axes.plot(row["mean"], y, "o", color=colour, markersize=4)
            axes.axvline(0, color=MUTED, linewidth=0.9)
            axes.set_yticks(range(len(names)), written if i == 0 else [])
            axes.set_xlim(-reach, reach)
            axes.set_ylim(-0.6, len(names) - 0.4)
            axes.set_title(
                f"{str(person).capitalize()} risk, {plain(100 * rows['risk'].iloc[0], 0)} %", fontsize=9
            )
            axes.set_xlabel("Weight, probability a SD; line: five seeds" if i == 1 else "")
            quiet_grid(axes, "x")
        return drawn(figure, "lime", "LIME weights of three people over five seeds; grey: the sign changes.")


def _rows(labels: Sequence[str], of_one: float, around: float) -> tuple[list[str], float]:
    """Labels, on two lines where one would run out of the picture; and the height that takes, in inches."""
    written = [fill(label, 42) for label in labels]
    return written, (of_one + 0.1 * any("\n" in label for label in written)) * len(written) + around
