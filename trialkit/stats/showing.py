"""Text and notebook forms of results."""

from __future__ import annotations

from trialkit.errors import TrialkitError
from trialkit.stats import display


class Printed:
    """A result that prints the tables a statistician expects; the tables themselves stay at full
    precision."""

    def _shown(self) -> display.Shown:
        raise NotImplementedError

    def __repr__(self) -> str:
        return display.as_text(self._to_print())

    def _repr_html_(self) -> str:
        return display.as_html(self._to_print())

    def _to_print(self) -> display.Shown:
        """What is shown; printing never raises: where a table cannot be made, why."""
        try:
            return self._shown()
        except TrialkitError as error:
            return display.Shown(type(self).__name__, (), (f"cannot be shown: {error}",))
