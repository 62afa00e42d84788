"""The second person beside the screen, who confirms a value of a critical item by login and password."""

from __future__ import annotations

from trialkit.access import Actor
from trialkit.access.acts.capture import CONFIRM_CRITICAL
from trialkit.operations import log_in
from trialkit.operations.web_desk import roles_held
from trialkit.vocabulary import Role
from trialkit.web.asking import Asked


def second_person(asked: Asked) -> Actor | None:
    """Who the form names, proved by password; None where nobody is named. The act judges the person.

    Raises
    ------
    AccessError
        A wrong password.
    """
    login = asked.form.get("second_login", "").strip()
    if not login:
        return None
    site = asked.actor.site
    held = [one for one in roles_held(asked.trial, login) if one.role in CONFIRM_CRITICAL.allowed_roles]
    near = [one for one in held if one.site in (None, site)]
    chosen = next(iter(near or held), None)
    role, at = (chosen.role, chosen.site) if chosen else (Role.INVESTIGATOR, None)
    password = asked.form.get("second_password", "")
    return log_in(
        asked.trial,
        login=login,
        password=password,
        role=role,
        site=at,
        host=asked.host,
        os_user="",
        device=asked.device_of(login),
    )
