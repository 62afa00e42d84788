"""``[sign_in]`` of ``study.toml``: what signing in takes."""

from __future__ import annotations

from dataclasses import dataclass

from trialkit.permitted import Within
from trialkit.strict_toml import Section

LONGEST_PASSWORD_DAYS = 3650


@dataclass(frozen=True, slots=True)
class SignIn:
    """What the study asks of whoever signs in.

    Attributes
    ----------
    second_factor
        Whether signing in at the pages takes a code besides the password.
    password_days
        How many days a password holds from the day it was set; 0: until it is changed.
    """

    second_factor: bool = False
    password_days: int = 0


def read_sign_in(root: Section) -> SignIn:
    table = root.optional_section("sign_in")
    if table is None:
        return SignIn()
    found = SignIn(
        table.boolean("second_factor", False),
        table.integer("password_days", 0, within=Within(0, LONGEST_PASSWORD_DAYS)),
    )
    table.done()
    return found
