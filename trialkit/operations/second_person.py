"""Critical items: what one person alone says of them does not enter the final record."""

from __future__ import annotations

from collections.abc import Collection

from trialkit.access import Actor
from trialkit.access.acts.capture import CONFIRM_CRITICAL
from trialkit.operations.errors import OperationError
from trialkit.operations.gate import Gate, OpenAct
from trialkit.wording import said

Field = tuple[str, str]
"""form, item."""


def confirm_critical(
    progress: OpenAct,
    fields: Collection[Field],
    second: Actor | None,
    *,
    sites: Collection[str],
    authors: Collection[str] = (),
    where: str = "",
) -> None:
    """Require the second person where one of the fields is critical, and put that person on the record.

    Parameters
    ----------
    fields
        Those of which somebody alone says a value.
    second
        Who confirms it, proved by password. One who is not needed is recorded all the same.
    sites
        Of the subjects: the second person's right is held against each.
    authors
        The accounts behind the values that are replaced or set aside: none of them confirms.

    Raises
    ------
    OperationError
        None, and one is needed; or the actor, an author, or somebody who is not shown the item.
    AccessError
        Not proved by password, or in a role that may not.
    """
    items = progress.trial.rules.form_items
    critical = [field for field in fields if items[field[0]][field[1]].critical]
    if second is None:
        if critical:
            raise OperationError(
                expected=said(
                    "a second person for the critical item(s) {items}",
                    items=", ".join(dict.fromkeys(item for _, item in critical)),
                ),
                found="none",
                where=where,
                next_step="Let somebody else confirm the value, with login and password.",
            )
        return
    own = {progress.actor.account, *authors}
    if second.account in own:
        raise OperationError(
            expected="a second person: neither the one who acts, nor who typed or said the earlier value",
            found=second.account,
            where=where,
            next_step="Ask another person.",
        )
    gate = Gate(progress.trial, progress.reader, second, CONFIRM_CRITICAL)
    gate.authorize(sites)
    if not all(gate.sight.of_item(*field) for field in critical or fields):
        raise OperationError(
            expected="a second person who is shown the item",
            found=second.account,
            where=where,
            next_step="Ask somebody who is.",
        )
    progress.state(
        second_person={
            "account": second.account,
            "role": str(second.role),
            "authentication": str(second.authentication),
        }
    )
