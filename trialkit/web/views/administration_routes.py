"""Pages of administration, of one's own account, of monitoring and of an emergency."""

from __future__ import annotations

from trialkit.web.known import Known, MenuLine
from trialkit.web.views import accounts, custody, emergency, entrance, me, verification, versions
from trialkit.wording import said

_SUBJECT = "/subjects/{subject_id}"

ROUTES: tuple[Known, ...] = (
    Known(
        "/first-password",
        {"GET": entrance.ask_password, "POST": entrance.password_changed},
        needs_session=False,
    ),
    Known("/first-factor", {"GET": entrance.ask_factor, "POST": entrance.factor_set}, needs_session=False),
    Known("/me", {"GET": me.me, "POST": me.changed}),
    Known("/me/tokens", {"POST": me.token_issued}),
    Known("/accounts", {"GET": accounts.listed, "POST": accounts.added}),
    Known("/accounts/{login}", {"GET": accounts.account, "POST": accounts.changed}),
    Known("/accounts/{login}/password", {"POST": accounts.password_reset}),
    Known("/state", {"GET": custody.state, "POST": custody.recruitment_set}),
    Known("/versions", {"GET": versions.listed}),
    Known("/source-verification", {"GET": verification.listed}),
    Known("/emergency-unblindings", {"GET": emergency.notices}),
    Known(_SUBJECT + "/emergency-unblinding", {"GET": emergency.ask, "POST": emergency.confirm}),
)

MENU: tuple[MenuLine, ...] = (
    MenuLine(said("Source verification"), "/source-verification", "verify_source"),
    MenuLine(said("Unblindings"), "/emergency-unblindings", "list_unblindings"),
    MenuLine(said("Study state"), "/state", "view_custody"),
    MenuLine(said("Versions"), "/versions", "list_versions"),
    MenuLine(said("Accounts"), "/accounts", "add_account"),
)
