"""The lines of a form that is expected at a visit: one, or as many as a repeating form has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from trialkit.simulation.forms import FormFiller, Known
from trialkit.simulation.paper import FormRow
from trialkit.simulation.rules import Facts
from trialkit.simulation.streams import Streams
from trialkit.study.model import Form

_MEAN_LINES = 1.5
_MOST_LINES = 9


def plain_rows(
    filler: FormFiller,
    form: Form,
    visit: str,
    facts: Facts,
    streams: Streams,
    known: Sequence[Known],
    chosen: NDArray[np.int64],
    fixed: Sequence[Mapping[str, str]] = (),
) -> Iterator[tuple[int, FormRow]]:
    """Fill in an expected form: position in ``facts`` and row, for everybody ``chosen``.

    A repeating form whose row key is coded has a line for each code; any other has one line and then, on
    average, as many more as the scenario's ``repeats`` says less one.
    """
    for row_key, having in _lines(filler, form, facts.n, streams, chosen):
        under = streams.under("row", row_key) if form.repeating else streams
        filled = filler.fill(form, visit, facts, under, known, having, row_key, fixed)
        for position, values in zip(having.tolist(), filled, strict=True):
            yield position, FormRow(str(facts["subject_id"][position]), visit, form.name, row_key, values)


def _lines(
    filler: FormFiller, form: Form, n: int, streams: Streams, chosen: NDArray[np.int64]
) -> Iterator[tuple[str, NDArray[np.int64]]]:
    if not form.repeating:
        yield "", chosen
        return
    codes = form.item(form.row_key).choices if form.row_key else ()
    if codes:
        for choice in codes:
            yield choice.code, chosen
        return
    mean = filler.scenario.repeats.get(form.name, _MEAN_LINES)
    lines = 1 + streams("lines").poisson(max(mean - 1, 0.0), size=n)
    lines = np.minimum(lines, _MOST_LINES)
    for line in range(1, int(lines[chosen].max(initial=0)) + 1):
        yield str(line), chosen[lines[chosen] >= line]
