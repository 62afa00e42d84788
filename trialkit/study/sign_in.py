"""``[sign_in]`` of ``study.toml``: what signing in takes."""

from __future__ import annotations

from trialkit.strict_toml import Section


def read_second_factor(root: Section) -> bool:
    """Whether signing in at the pages takes a code of a second factor besides the password."""
    table = root.optional_section("sign_in")
    if table is None:
        return False
    wanted = table.boolean("second_factor", False)
    table.done()
    return wanted
