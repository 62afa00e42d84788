"""Accounts, one's own account, the state of the study, source verification, an emergency: by the pages."""

from __future__ import annotations

import re
from base64 import b64decode
from dataclasses import replace
from datetime import timedelta

import pytest
from browsing import PASSWORD, Browser, fields_in
from chain import with_study
from pyotp import TOTP

from trialkit import operations as op
from trialkit.access import AccessError, Actor
from trialkit.clock import SimulatedClock
from trialkit.operations.second_factor import new_factor_secret, remove_second_factor, set_second_factor
from trialkit.store.reading.accounts import password_set_at
from trialkit.store.reading.audit import audit_head
from trialkit.store.reading.subjects import subjects
from trialkit.study.sign_in import SignIn
from trialkit.vocabulary import Role
from trialkit.web import Web

ADMIN = Actor("administrator_a", Role.ADMINISTRATOR)


def _secret(page: str) -> str:
    found = re.search(r'class="secret">([^<]+)<', page)
    assert found, page[:2000]
    return found[1]


@pytest.fixture
def administrator(anybody: Browser) -> Browser:
    anybody.sign_in("administrator_a")
    return anybody


@pytest.fixture
def earnest(web: Web) -> Web:
    """The same study as one that is no demonstration."""
    study = replace(web.trial.study, demonstration=False, sign_in=SignIn(second_factor=True))
    return replace(web, trial=with_study(web.trial, study))


def _randomized(web: Web, site: str = "A") -> str:
    with web.trial.store.reading() as reader:
        return next(n for n, state in subjects(reader).items() if state.site == site and state.allocated)


def _number(web: Web) -> int:
    with web.trial.store.reading() as reader:
        return audit_head(reader)[0]


def test_an_account_is_opened_with_a_password_shown_once(administrator: Browser, web: Web) -> None:
    form = administrator.form_at("/accounts") | {
        "login": "nora", "person_name": "Nora Lind", "role": "coordinator", "site": "B",
    }  # fmt: skip
    told = administrator.post("/accounts", form)
    password = _secret(told.text)
    assert told.status_code == 200 and "Nora Lind" not in told.text
    again = administrator.post("/accounts", form)
    assert again.status_code == 303
    assert password not in administrator.get(again.headers["location"]).text
    assert password.encode() not in web.desk.path.read_bytes()
    with Browser(web) as nora:
        assert nora.sign_in("nora", password).headers["location"] == "/"


def test_a_role_is_given_and_taken_back_and_an_account_closed(administrator: Browser, web: Web) -> None:
    with Browser(web) as other:
        other.sign_in("coordinator_b")
        path = "/accounts/coordinator_b"
        form = administrator.form_at(path)
        given = form | {"change": "grant", "role": "first_entry", "site": "B"}
        assert administrator.post(path, given).status_code == 303
        taken = administrator.form_at(path) | {
            "change": "withdraw",
            "held": "first_entry@B",
            "reason": "done",
        }
        assert administrator.post(path, taken).status_code == 303
        closed = administrator.form_at(path) | {"change": "close", "reason": "left"}
        assert administrator.post(path, closed).status_code == 303
        assert other.get("/").headers["location"] == "/sign-in", "its session ended"
        assert other.sign_in("coordinator_b").status_code == 401
        reopened = administrator.form_at(path) | {"change": "reopen", "reason": "back"}
        assert administrator.post(path, reopened).status_code == 303
        assert other.sign_in("coordinator_b").status_code == 303


def test_a_change_without_a_reason_is_refused_and_shown(administrator: Browser) -> None:
    path = "/accounts/coordinator_b"
    refused = administrator.post(path, administrator.form_at(path) | {"change": "close", "reason": " "})
    assert refused.status_code == 409 and "a reason for close_account" in refused.text


def test_a_password_set_by_somebody_else_is_changed_before_the_first_session(earnest: Web) -> None:
    web = replace(earnest, trial=with_study(earnest.trial, replace(earnest.trial.study, sign_in=SignIn())))
    with Browser(web) as browser:
        assert 'value="monitor_a"' in browser.sign_in("monitor_a").text, "the login stands there already"
        assert browser.get("/").headers["location"] == "/sign-in"
        form = {"login": "monitor_a", "present": PASSWORD, "password": "a phrase of my own"}
        assert browser.post("/first-password", form | {"again": "another"}).status_code == 409
        assert (
            browser.post(
                "/first-password", form | {"again": "a phrase of my own", "present": "x"}
            ).status_code
            == 409
        )
        done = browser.post("/first-password", form | {"again": "a phrase of my own"})
        assert (
            done.status_code == 200 and 'action="/sign-in"' in done.text and 'value="monitor_a"' in done.text
        )
        assert browser.sign_in("monitor_a", "a phrase of my own").headers["location"] == "/"


def test_a_password_older_than_the_study_permits_is_changed_before_a_session(earnest: Web) -> None:
    trial = with_study(
        earnest.trial, replace(earnest.trial.study, demonstration=True, sign_in=SignIn(password_days=90))
    )
    web = replace(earnest, trial=trial)
    with trial.store.reading() as reader:
        since = password_set_at(reader, "monitor_a")
    assert since is not None
    for days, expired in ((89, False), (90, True)):
        later = replace(web, trial=replace(trial, clock=SimulatedClock(since + timedelta(days=days))))
        with Browser(later) as browser:
            page = browser.sign_in("monitor_a")
            assert ("holds 90 days" in page.text) is expired
            assert (page.headers.get("location") == "/") is not expired
        if expired:
            with pytest.raises(AccessError, match="within 90 days"):
                op.log_in(later.trial, login="monitor_a", password=PASSWORD, role=Role.MONITOR, site="A")
        else:
            op.log_in(later.trial, login="monitor_a", password=PASSWORD, role=Role.MONITOR, site="A")
    with Browser(later) as browser:
        form = {"login": "monitor_a", "present": PASSWORD, "password": "a phrase of my own", "expired": "yes"}
        assert "holds 90 days" in browser.post("/first-password", form | {"again": "x"}).text
        changed = browser.post("/first-password", form | {"again": "a phrase of my own"})
        assert changed.status_code == 200 and "The password is changed. Sign in with" in changed.text


def test_a_second_factor_is_set_asked_for_used_once_and_taken_away(earnest: Web) -> None:
    trial = earnest.trial
    monitor = Actor("monitor_a", Role.MONITOR)
    op.change_own_password(trial, monitor, present=PASSWORD, password="a phrase of my own")
    with Browser(earnest) as browser:
        asked = browser.sign_in("monitor_a", "a phrase of my own").text
        form = fields_in(asked)
        assert form["login"] == "monitor_a", "the login stands there already"
        picture = re.search(r'src="data:image/svg\+xml;base64,([^"]+)"', asked)
        assert picture and b64decode(picture[1]).startswith(b"<svg")
        assert picture[0] not in browser.get("/first-factor").text, "a secret of its own"
        totp = TOTP(form["secret"])

        def code() -> str:
            return totp.at(trial.clock.now())

        sent = form | {"login": "monitor_a", "password": "a phrase of my own"}
        assert browser.post("/first-factor", sent | {"code": "000000"}).status_code == 409
        set_now = browser.post("/first-factor", sent | {"code": code()})
        assert set_now.status_code == 200 and 'action="/sign-in"' in set_now.text
        assert "The second factor is set. Sign in with the next code that it shows." in set_now.text
        assert browser.post("/first-factor", sent | {"code": code()}).status_code == 409, "there is one"
        entry = {"login": "monitor_a", "password": "a phrase of my own"}
        refused = browser.post("/sign-in", entry)
        assert refused.status_code == 401 and "its password and the code that the second" in refused.text
        nobody = browser.post("/sign-in", entry | {"login": "nobody"}).text
        assert nobody == refused.text.replace("monitor_a", "nobody"), "nothing is told of an account"
        assert browser.post("/sign-in", entry | {"code": "123456"}).status_code == 401
        assert browser.post("/sign-in", entry | {"code": code()}).status_code == 401, "it set the factor"
        trial.clock.advance(timedelta(seconds=30))
        assert browser.post("/sign-in", entry | {"code": code()}).headers["location"] == "/"
        assert browser.post("/sign-in", entry | {"code": code()}).status_code == 401, "used once"
        trial.clock.advance(timedelta(seconds=90))
        assert browser.post("/sign-in", entry | {"code": code()}).status_code == 303
        assert form["secret"].encode() not in b"".join(
            file.read_bytes() for file in trial.folder.rglob("*") if file.is_file()
        )
        remove_second_factor(trial, ADMIN, login="monitor_a", reason="lost the telephone")
        assert 'action="/first-factor"' in browser.post("/sign-in", entry).text


def test_a_password_that_holds_is_not_changed_before_a_session(earnest: Web) -> None:
    trial = earnest.trial
    monitor = Actor("monitor_a", Role.MONITOR)
    op.change_own_password(trial, monitor, present=PASSWORD, password="a phrase of my own")
    secret = new_factor_secret()
    code = TOTP(secret).at(trial.clock.now())
    set_second_factor(trial, earnest.desk, monitor, secret=secret, code=code)
    new = {"password": "a thief's long phrase", "again": "a thief's long phrase"}
    form = {"login": "monitor_a", "present": "a phrase of my own"} | new
    factor = {"login": "monitor_a", "secret": new_factor_secret(), "code": "000000"}
    with Browser(earnest) as browser:
        right = browser.post("/first-password", form).text
        assert right == browser.post("/first-password", form | {"present": "a wrong phrase"}).text
        assert "The password is changed" not in right and 'name="code"' in right
        short = {"password": "x", "again": "x"}
        told = browser.post("/first-password", form | short).text
        assert told == browser.post("/first-password", form | short | {"present": "wrong"}).text
        trial.clock.advance(timedelta(seconds=30))
        held = browser.post("/first-password", form | {"code": TOTP(secret).at(trial.clock.now())})
        assert held.status_code == 409 and "one that holds" in held.text
        right = browser.post("/first-factor", factor | {"password": "a phrase of my own"}).text
        wrong = browser.post("/first-factor", factor | {"password": "a wrong phrase"}).text
        assert [re.sub('data:[^"]+', "", one) for one in (right, wrong)] == [
            re.sub('data:[^"]+', "", wrong)
        ] * 2


def test_wrong_passwords_from_elsewhere_do_not_stop_a_signature_in_a_session(
    coordinator: Browser, web: Web
) -> None:
    with Browser(web) as theirs:
        for _ in range(9):
            theirs.sign_in("coordinator_a", "a wrong password")
    token = coordinator.form_at("/me") | {"label": "nightly", "days": "30", "scope.list_forms": "yes"}
    assert coordinator.post("/me/tokens", token | {"password": PASSWORD}).status_code == 200
    form = coordinator.form_at("/me") | {
        "change": "password", "present": PASSWORD,
        "password": "another long phrase", "again": "another long phrase",
    }  # fmt: skip
    assert coordinator.post("/me", form).status_code == 303


def test_ones_own_password_is_changed_and_other_sessions_end(coordinator: Browser, web: Web) -> None:
    with Browser(web) as other:
        other.sign_in("coordinator_a")
        form = coordinator.form_at("/me") | {
            "change": "password", "present": PASSWORD,
            "password": "another long phrase", "again": "another long phrase",
        }  # fmt: skip
        assert coordinator.post("/me", form).status_code == 303
        assert coordinator.get("/").status_code == 200
        assert other.get("/").status_code == 303
        assert other.sign_in("coordinator_a", "another long phrase").status_code == 303


def test_a_token_is_issued_with_the_password_shown_once_and_revoked(coordinator: Browser) -> None:
    form = coordinator.form_at("/me") | {"label": "nightly", "days": "30", "scope.list_forms": "yes"}
    assert coordinator.post("/me/tokens", form | {"password": "wrong"}).status_code == 409
    told = coordinator.post("/me/tokens", form | {"password": PASSWORD})
    token = _secret(told.text)
    headers = {"Authorization": f"Bearer {token}"}
    assert coordinator.client.get("/api/v1/subjects", headers=headers).status_code == 200
    assert coordinator.client.get("/api/v1/supply", headers=headers).status_code == 403
    page = coordinator.get("/me").text
    assert token not in page and "nightly" in page
    revoked = coordinator.form_at("/me") | {"change": "revoke", "token": "1"}
    assert coordinator.post("/me", revoked).status_code == 303
    assert coordinator.client.get("/api/v1/subjects", headers=headers).status_code == 401


def test_recruitment_is_paused_and_the_state_says_so(administrator: Browser, web: Web) -> None:
    page = administrator.get("/state").text
    assert "The audit key is on this machine" in page and "No backup folder is named" in page
    form = administrator.form_at("/state") | {"site": "A", "state": "paused", "reason": "audit"}
    assert administrator.post("/state", form).status_code == 303
    assert "site A: paused" in administrator.get("/state").text


def test_a_backups_age_is_told(administrator: Browser, web: Web) -> None:
    import os

    folder = web.trial.folder / "backups"
    folder.mkdir()
    settings = web.trial.folder / "trialkit.toml"
    settings.write_text(settings.read_text() + '\n[backups]\nfolder = "backups"\n')
    assert "is empty or out of reach" in administrator.get("/state").text
    (folder / "one.dump").write_bytes(b"x")
    then = (web.now() - timedelta(hours=30)).timestamp()
    os.utime(folder / "one.dump", (then, then))
    assert "30 hours old" in administrator.get("/state").text


def test_the_monitor_reads_a_complete_form_and_ticks_it(anybody: Browser, web: Web) -> None:
    anybody.sign_in("monitor_a")
    page = anybody.get("/source-verification").text
    found = re.search(r'href="(/subjects/[^"]+/forms/[^"/]+)"', page)
    assert found
    shown = anybody.get(found[1]).text
    assert "Held against its source" in shown
    before = page.count("/forms/")
    ticked = anybody.post(f"{found[1]}/verification", anybody.form_at(found[1]))
    assert ticked.status_code == 303
    assert 'href="/source-verification"' in anybody.get(ticked.headers["location"]).text
    assert f'href="{found[1]}"' not in anybody.get("/source-verification").text
    listed = anybody.get("/source-verification?all=yes").text
    assert f'href="{found[1]}"' in listed
    assert ", A Person (monitor_a)</td>" in listed, "by name; a namesake with the login"
    assert anybody.get("/source-verification").text.count("/forms/") == before - 1


def test_what_an_emergency_refuses_is_said_before_anybody_signs(anybody: Browser, web: Web) -> None:
    number = _randomized(web)
    path = f"/subjects/{number}/emergency-unblinding"
    anybody.sign_in("investigator_a")
    first = anybody.form_at(path) | {"number": number, "reason": "fell in the exercise arm"}
    refused = anybody.post(path, first)
    assert refused.status_code == 409 and "names no treatment" in refused.text
    assert ">fell in the exercise arm</textarea>" in refused.text, "it stands there to be mended"
    assert 'name="password"' not in refused.text
    with web.trial.store.reading() as reader:
        left = next(n for n, one in subjects(reader).items() if not one.allocated)
    other = f"/subjects/{left}/emergency-unblinding"
    refused = anybody.post(other, first | {"number": left, "reason": "bleeding"})
    assert refused.status_code == 409 and "a randomized subject" in refused.text


def test_an_emergency_is_two_steps_signed_once_and_told_without_the_arm(anybody: Browser, web: Web) -> None:
    number = _randomized(web)
    arms = [arm.label for arm in web.trial.study.arms]
    path = f"/subjects/{number}/emergency-unblinding"
    anybody.sign_in("investigator_a")
    before = _number(web)
    first = anybody.form_at(path) | {"reason": "severe bleeding before surgery"}
    assert anybody.post(path, first | {"number": "other"}).status_code == 409
    second = anybody.post(path, first | {"number": number})
    assert second.status_code == 200 and not any(arm in second.text for arm in arms)
    from browsing import fields_in

    signed = fields_in(second.text) | {"password": "wrong"}
    assert anybody.post(path, signed).status_code == 409
    assert _number(web) == before, "nothing was opened so far"
    signed = fields_in(anybody.post(path, first | {"number": number}).text) | {"password": PASSWORD}
    opened = anybody.post(path, signed)
    assert sum(arm in opened.text for arm in arms) == 1
    facts = re.findall(r"<dt>([^<]*)</dt>", opened.text)
    assert {"Study", "Site", "Time", "Audit record", "By"} <= set(facts)
    assert _number(web) == before + 1
    again = anybody.post(path, signed)
    assert again.status_code == 303 and _number(web) == before + 1
    assert not any(arm in anybody.get(again.headers["location"]).text for arm in arms)
    anybody.sign_in("data_manager_a")
    assert f"{number} was opened by A Person (investigator_a)" in anybody.get("/").text
    notices = anybody.get("/emergency-unblindings").text
    assert number in notices and "bleeding" not in notices and not any(arm in notices for arm in arms)
    anybody.sign_in("outcome_assessor_a")
    assert anybody.get("/emergency-unblindings").status_code == 404


def test_nobody_locks_a_person_out_of_a_browser_of_theirs(web: Web) -> None:
    """Wrong passwords from the very same address, without end: the known browser gets in at once."""
    with Browser(web) as mine, Browser(web) as theirs:
        assert mine.sign_in("coordinator_a").status_code == 303
        for _ in range(40):
            assert theirs.sign_in("coordinator_a", "a wrong password").status_code == 401
        assert theirs.sign_in("coordinator_a").status_code == 401, "slowed"
        assert mine.sign_in("coordinator_a").status_code == 303
        for _ in range(8):
            mine.sign_in("coordinator_a", "a wrong password")
        assert mine.sign_in("coordinator_a").status_code == 401, "its own wrong ones slow it"


def test_a_browser_known_to_one_login_is_none_of_anothers(web: Web) -> None:
    with Browser(web) as mine:
        mine.sign_in("coordinator_a")
        for _ in range(6):
            mine.sign_in("investigator_a", "a wrong password")
        assert mine.sign_in("investigator_a").status_code == 401
