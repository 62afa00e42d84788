"""Who may do what: role by act by site by blinding, pure; and the registry of acts."""

from trialkit.access.act import Act, Told
from trialkit.access.actor import Actor, Authentication, this_host, this_os_user
from trialkit.access.acts import ACTS, act_named
from trialkit.access.errors import AccessError
from trialkit.access.rights import Grant, check_right, may, sites_reached
from trialkit.access.separation import clash

__all__ = [
    "ACTS",
    "AccessError",
    "Act",
    "Actor",
    "Authentication",
    "Grant",
    "Told",
    "act_named",
    "check_right",
    "clash",
    "may",
    "sites_reached",
    "this_host",
    "this_os_user",
]
