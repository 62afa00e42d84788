"""What is known of a page before anybody asks for it: its address, what answers it, its line of the menu."""

from __future__ import annotations

from dataclasses import dataclass, field

from trialkit.web.asking import View
from trialkit.web.setting import LARGEST_BODY


@dataclass(frozen=True, slots=True)
class Known:
    """A page. ``needs_session`` False: for anybody; ``before_role``: before a role was chosen.

    ``files`` and ``largest_body`` (bytes): what a form sent to it may hold.
    """

    path: str
    views: dict[str, View] = field(repr=False)
    needs_session: bool = True
    before_role: bool = False
    files: int = 0
    largest_body: int = LARGEST_BODY

    @property
    def methods(self) -> tuple[str, ...]:
        return tuple(self.views)


@dataclass(frozen=True, slots=True)
class MenuLine:
    """A line of the menu, for roles that may do the act it is named after; everybody's without one."""

    words: str
    path: str
    act: str = ""
