"""Who acts in the demonstration: accounts for people who do not exist, and says so in the audit trail."""

from __future__ import annotations

from trialkit.access import Actor, Authentication
from trialkit.operations import Trial, add_account
from trialkit.vocabulary import Role

ADMINISTRATOR = "administrator"
DATA_MANAGER = "data_manager"
ADJUDICATOR = "adjudicator"
STATISTICIAN = "unblinded_statistician"


def simulated(login: str, role: Role, site: str | None = None) -> Actor:
    """An actor whose audit records say ``simulated``; the same on every machine."""
    return Actor(login, role, site, Authentication.SIMULATED, os_user="demo", host="demo")


def administrator() -> Actor:
    return simulated(ADMINISTRATOR, Role.ADMINISTRATOR)


def coordinator(site: str) -> Actor:
    return simulated(f"coordinator_{site}", Role.COORDINATOR, site)


def investigator(site: str) -> str:
    """The login of who confirms what is entered once at a site."""
    return f"investigator_{site}"


def data_manager() -> Actor:
    return simulated(DATA_MANAGER, Role.DATA_MANAGER)


def adjudicator() -> Actor:
    return simulated(ADJUDICATOR, Role.ADJUDICATOR)


def statistician() -> Actor:
    return simulated(STATISTICIAN, Role.UNBLINDED_STATISTICIAN)


def typist(login: str, pass_number: int) -> Actor:
    return simulated(login, Role.FIRST_ENTRY if pass_number == 1 else Role.SECOND_ENTRY)


def reader(number: int) -> Actor:
    """Of scans: two who read, and a third for what lies too far apart."""
    role = (Role.FIRST_ENTRY, Role.SECOND_ENTRY, Role.ADJUDICATOR)[number - 1]
    return simulated(f"reader_{number}", role)


def open_accounts(trial: Trial, first_typist: str, second_typist: str) -> int:
    """One account a person: a coordinator and an investigator at each site, two typists, an adjudicator, a
    data manager, a statistician who will see the arms, and three readers of scans.
    """
    everywhere = (
        typist(first_typist, 1),
        typist(second_typist, 2),
        adjudicator(),
        data_manager(),
        statistician(),
        *(reader(number) for number in (1, 2, 3)),
    )
    sites = [site.code for site in trial.study.sites]
    confirming = (simulated(investigator(site), Role.INVESTIGATOR, site) for site in sites)
    actors = [*(coordinator(site) for site in sites), *confirming, *everywhere]
    for actor in actors:
        name = actor.account.replace("_", " ").capitalize()
        add_account(
            trial, administrator(), login=actor.account, person_name=name, role=actor.role, site=actor.site
        )
    return len(actors) + 1
