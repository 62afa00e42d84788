"""Text and notebook forms of the results that are not models."""

from __future__ import annotations

from trialkit.stats import display


class Printed:
    """A result that prints the tables a statistician expects; the tables themselves stay at full
    precision."""

    def _shown(self) -> display.Shown:
        raise NotImplementedError

    def __repr__(self) -> str:
        return display.as_text(self._shown())

    def _repr_html_(self) -> str:
        return display.as_html(self._shown())
