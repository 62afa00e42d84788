"""Paper forms: every item, many rows at once, as the scenario says or else as the dictionary allows."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping, Sequence

import numpy as np
from numpy.typing import NDArray

from trialkit.simulation.branching import Branching
from trialkit.simulation.errors import SimulationError
from trialkit.simulation.rules import Facts, draw
from trialkit.simulation.scenario import Measure, Scenario
from trialkit.simulation.spread import spread_over_items
from trialkit.simulation.streams import Streams
from trialkit.simulation.texts import as_texts, fallback, left_out
from trialkit.study.model import Form, Item, Study
from trialkit.vocabulary import Better, ItemType
from trialkit.wording import said

Texts = NDArray[np.object_]
Known = MutableMapping[tuple[str, str | None], str]
CURRENT = "now_{}"
"""The fact that holds a measure's value at the visit being filled in."""


class FormFiller:
    """Fills in forms of one study under one scenario."""

    def __init__(self, study: Study, scenario: Scenario) -> None:
        self.study = study
        self.scenario = scenario
        self.branching = Branching(study)
        self._measures: dict[str, list[Measure]] = {form.name: [] for form in study.forms}
        for measure in scenario.measures:
            form = study.score(measure.score).form if measure.score else study.item(str(measure.item)).form
            self._measures[form].append(measure)

    def fill(
        self,
        form: Form,
        visit: str,
        facts: Facts,
        streams: Streams,
        known: Sequence[Known],
        chosen: NDArray[np.int64],
        row_key: str = "",
        fixed: Sequence[Mapping[str, str]] = (),
    ) -> list[dict[str, str]]:
        """Fill in one form for some of the people the facts are about.

        Parameters
        ----------
        form, visit
            What is filled in, and at which visit.
        facts
            What is true of everybody; needs ``visit_date``. Values are drawn for all, so that nobody's form
            depends on who else has one.
        streams
            Where randomness comes from; every item has a stream of its own.
        known
            For each person in ``facts``, what earlier forms have said. Added to here.
        chosen
            Positions of the people who have the form.
        row_key
            The key of the row; empty on a form that does not repeat.
        fixed
            For each person in ``facts``, texts that stand whatever the rules say.

        Returns
        -------
        list of dict
            Item -> text for each of ``chosen``; derived items are left out.
        """
        columns = self._columns(form, facts, streams)
        if form.row_key in columns:
            columns[str(form.row_key)] = np.full(facts.n, row_key, dtype=object)
        names = [item.name for item in form.items if item.name in columns]
        table = [columns[name][chosen].tolist() for name in names]
        filled = []
        for position, texts in zip(chosen.tolist(), zip(*table, strict=True), strict=True):
            values = dict(zip(names, texts, strict=True))
            if fixed:
                values.update({name: text for name, text in fixed[position].items() if name in values})
            self.branching.hide(form, values, visit, known[position])
            for name in self.branching.used_elsewhere.intersection(values):
                known[position][name, visit] = known[position][name, None] = values[name]
            filled.append(values)
        return filled

    def _columns(self, form: Form, facts: Facts, streams: Streams) -> dict[str, Texts]:
        columns: dict[str, Texts] = {}
        for measure in self._measures[form.name]:
            columns.update(self._measured(form, measure, facts, streams))
        for item in form.items:
            if item.type is not ItemType.DERIVED and item.name not in columns:
                columns[item.name] = self._column(item, facts, streams)
        return columns

    def _column(self, item: Item, facts: Facts, streams: Streams) -> Texts:
        rule = self.scenario.items.get(item.name)
        random = streams("item", item.name)
        if rule is None:
            return fallback(item, random, facts)
        texts = as_texts(item, draw(rule, random, facts))
        if rule.month_only and item.partial_date:
            vague = streams("month_only", item.name).random(facts.n) < rule.month_only
            texts[vague] = [text[:7] for text in texts[vague]]
        if rule.missing:
            texts[streams("missing", item.name).random(facts.n) < rule.missing] = left_out(item)
        return texts

    def _measured(self, form: Form, measure: Measure, facts: Facts, streams: Streams) -> dict[str, Texts]:
        name = CURRENT.format(measure.name)
        if name not in facts:
            return {}
        value = facts[name].astype(float)
        if measure.item is not None:
            columns = {measure.item: as_texts(form.item(measure.item), value)}
        else:
            columns = self._scored(form, measure, value, streams)
        for item, texts in columns.items():
            chance = measure.missing_items.get(item, measure.missing_item)
            texts[streams("missing", item).random(facts.n) < chance] = left_out(form.item(item))
        return columns

    def _scored(
        self, form: Form, measure: Measure, value: NDArray[np.float64], streams: Streams
    ) -> dict[str, Texts]:
        score = self.study.score(str(measure.score))
        items = [form.item(name) for name in score.items]
        ranges = np.array([_points(item, score.better) for item in items], dtype=np.int64)
        lowest, highest = ranges[:, 0], ranges[:, 1]
        total = np.round(value / measure.step).astype(np.int64)
        if (total < lowest.sum()).any() or (total > highest.sum()).any():
            raise SimulationError(
                expected=said(
                    "a score {score!r} that its items can add up to ({lowest} to {highest} points)",
                    score=measure.score,
                    lowest=lowest.sum(),
                    highest=highest.sum(),
                ),
                found=said("{lowest} to {highest} points", lowest=total.min(), highest=total.max()),
                where=said("scenario, measures.{name}", name=measure.name),
                next_step="Mend minimum, maximum or step.",
            )
        random = streams("spread", measure.name)
        points = spread_over_items(total, lowest, highest, measure.item_scatter, random)
        return {
            item.name: np.array([str(point) for point in points[:, column].tolist()], dtype=object)
            for column, item in enumerate(items)
        }


def _points(item: Item, better: Better | None) -> tuple[int, int]:
    """The consecutive points an item can give; an item with gaps between its points stays at its best."""
    if not item.choices:
        low, high = item.minimum, item.maximum
        if isinstance(low, int | float) and isinstance(high, int | float):
            return int(low), int(high)
        raise SimulationError(
            expected=said("{name!r} to have choices or a range, to be spread over", name=item.name),
            found="neither",
        )
    codes = sorted(int(choice.code) for choice in item.choices)
    if codes != list(range(codes[0], codes[-1] + 1)):
        best = codes[0] if better is Better.LOWER else codes[-1]
        return best, best
    return codes[0], codes[-1]
