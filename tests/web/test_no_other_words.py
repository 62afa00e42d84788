"""In Chinese no page and no refusal says an English word; no refusal on a page names a command's option."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path

import pytest
from browsing import Browser, filled
from chain import PEOPLE

import trialkit
from trialkit import operations as op
from trialkit.operations.web_desk import act_in_session
from trialkit.store.reading.subjects import subjects
from trialkit.study.model import Study
from trialkit.vocabulary import Role
from trialkit.web import Web
from trialkit.web.views.routes import ROUTES

PACKAGE = Path(trialkit.__file__).parent
# Names and codes, the same in every language.
CODES = frozenset(
    {
        "trialkit",
        "Enter",
        "Tab",
        "Ctrl",
        "Alt",
        "Delete",
        "Esc",
        "API",
        "toml",
        "JSON",
        "CSV",
        "csv",
        "tsv",
        "txt",
        "xlsx",
        "utf",
        "SVG",
        "PDF",
        "REDCap",
    }
    | {
        "YYYY",
        "UTC",
        "English",
        "SHA",
        "OpenAPI",
        "Bearer",
        "Authorization",
        "token",
        "QR",
        "ICH",
        "SAE",
        "CRF",
    }
)
_WORD = re.compile(r"[A-Za-z]{3,}")
_SILENT = re.compile(r"<(script|style|code|kbd|samp|title)\b.*?</\1>|<[^>]+>", re.S)
MANAGER = act_in_session("data_manager_a", Role.DATA_MANAGER, None, "")
COORDINATOR = act_in_session("coordinator_a", Role.COORDINATOR, "A", "")


def _own_words(study: Study) -> Iterator[str]:
    """What the study wrote, in the language that it wrote it in."""
    yield from (study.id, study.title, *(site.name for site in study.sites))
    yield from (word for visit in study.visits for word in (visit.label, visit.name))
    yield from (word for arm in study.arms for word in (arm.label, arm.name))
    yield from (criterion.label for criterion in study.criteria)
    for form in study.forms:
        yield from (form.label, form.name)
        for item in form.items:
            yield from (item.label, item.name, item.unit or "", item.section or "")
            yield from (word for choice in item.choices for word in (choice.label, choice.code))


def _english_in(page: str, own: list[str]) -> set[str]:
    """Words of Latin letters that are shown, or read aloud, and are neither codes nor the study's own."""
    main = "<body" + page.partition("<body")[2]
    aloud = re.findall(r'(?:aria-label|alt|placeholder|data-[a-z-]+)="([^"{]*[ a-z][^"{]*)"', main)
    text = unescape(" ".join((_SILENT.sub(" ", main), *(one for one in aloud if " " in one))))
    for word in own:
        text = text.replace(word, " ")
    text = re.sub(r"\b[0-9a-f]{8,}\b", " ", text)
    return {word for word in _WORD.findall(text) if word not in CODES}


@pytest.fixture
def lived(web: Web) -> tuple[Web, str]:
    """A query with its thread, a correction, a discrepancy, a freeze, a pause."""
    trial = web.trial
    with trial.store.reading() as reader:
        number = next(n for n, state in subjects(reader).items() if state.site == "A" and state.allocated)
    place = {"subject_id": number, "visit": "baseline", "form": "demographics"}
    asked = op.open_query(trial, MANAGER, **place, item="height_cm", text="152?").number
    op.answer_query(trial, COORDINATOR, number=asked, text="153")
    op.correct(trial, MANAGER, **place, item="height_cm", value="153", reason="1", query=asked)
    op.open_query(trial, MANAGER, **place, text="2")
    for login, role, value in (
        ("first_entry_a", Role.FIRST_ENTRY, "55"),
        ("second_entry_a", Role.SECOND_ENTRY, "65"),
    ):
        row = op.EnteredRow({"vas_mm": value})
        entry = op.FormEntry(number, "baseline", "vas", (row,))
        op.enter_pass(trial, act_in_session(login, role, None, ""), entry=entry)
    op.freeze(trial, MANAGER, scope=op.FreezeScope.FORM, place=f"{number}/baseline/eligibility", reason="1")
    op.set_recruitment(
        trial, MANAGER, scope=op.RecruitmentScope.SITE, state=op.RecruitmentState.PAUSED, name="A", reason="1"
    )
    return web, number


@contextmanager
def _in_chinese(web: Web, role: Role) -> Iterator[Browser]:
    with Browser(web) as browser:
        browser.client.headers["accept-language"] = "zh-CN"
        browser.sign_in(f"{role}_a")
        browser.post("/language", {"csrf": browser.token(), "language": "zh"})
        yield browser


@pytest.mark.parametrize("role", list(Role))
def test_no_page_in_chinese_says_an_english_word(lived: tuple[Web, str], role: Role) -> None:
    web, number = lived
    own = _everything_own(web)
    found: dict[str, set[str]] = {}
    with _in_chinese(web, role) as browser:
        for known in ROUTES:
            if "GET" not in known.views or ".svg" in known.path or "calculators/" in known.path:
                continue
            forms = ("demographics", "vas") if "{form}" in known.path else ("vas",)
            for form in forms:
                item = "height_cm" if form == "demographics" else "vas_mm"
                path = filled(
                    known.path,
                    subject_id=number,
                    visit="baseline",
                    form=form,
                    item=item,
                    number="1",
                    login="monitor_a",
                )
                page = browser.get(path)
                if page.headers.get("content-type", "").startswith("text/html"):
                    words = _english_in(page.text, own)
                    if words:
                        found[path] = words
    assert not found, found


@pytest.mark.parametrize("role", list(Role))
def test_no_refusal_in_chinese_says_an_english_word(lived: tuple[Web, str], role: Role) -> None:
    web, number = lived
    own = _everything_own(web)
    found: dict[str, set[str]] = {}
    with _in_chinese(web, role) as browser:
        token = browser.token()
        for known in ROUTES:
            if "POST" not in known.views or known.path in (
                "/sign-in",
                "/sign-out",
                "/language",
                "/acting-as",
            ):
                continue
            path = filled(
                known.path,
                subject_id=number,
                visit="baseline",
                form="vas",
                item="vas_mm",
                number="1",
                login="xx",
            )
            for step in _STEPS:
                sent = {"csrf": token, "request_key": f"{path}{step}"[:60], "consent_date": "9", **step}
                answer = browser.post(path, sent)
                if answer.status_code in (400, 404, 409) and "html" in answer.headers.get("content-type", ""):
                    words = _english_in(answer.text, own)
                    if words:
                        found[f"{path} {step}"] = words
    assert not found, found


_STEPS: tuple[dict[str, str], ...] = (
    {},
    {"step": "answer", "answer": "object", "change": "password"},
    {"step": "freeze", "scope": "form", "place": "0", "reason": "1"},
    {"step": "lock", "scope": "subject", "place": "0", "reason": "1", "password": "0"},
    {"value": "999", "reason": "1", "query": "1", "text": "1", "step": "close", "seen": "0"},
    {"r0.vas_mm": "999", "step": "lift", "scope": "site", "place": "Q"},
)


def _everything_own(web: Web) -> list[str]:
    study = web.trial.study
    own = {*_own_words(study), *web.labels["zh"].values(), "coordinator_b", "A Person", "testclient"}
    own |= {name for one in PEOPLE for name in (one.account, one.account.title())}
    own |= {"Ada Admin", "Goutallier grade under 2"}  # who founded the study of these tests; a reason typed
    own |= {study.registry, *(factor.name for factor in study.factors), "site"}
    own |= {f"{one}_a" for one in Role}
    return sorted((word for word in own if len(word) > 2), key=len, reverse=True)


# What can be reached by a command alone may name its options.
COMMANDS_ALONE = frozenset(
    {
        "amending.py", "anchoring.py", "backup.py", "founding.py", "serving.py",
        "import_batches.py", "import_parts.py", "importing.py", "migrations.py",
        "outside_people.py", "redaction.py", "schedule_loading.py", "test_set_look.py",
    }
)  # fmt: skip
_OF_A_COMMAND = re.compile(r"(?<!-)--[a-z]{2,}|\btrialkit [a-z]+(-[a-z]+)*\b|`")
_NO_COMMAND = re.compile(r"no trialkit|trialkit (version|database|study|installation)")


def test_no_refusal_that_a_page_may_show_names_a_command_or_its_option() -> None:
    found = []
    for room in ("operations", "entry", "access", "store", "web"):
        for file in sorted((PACKAGE / room).rglob("*.py")):
            if file.name in COMMANDS_ALONE:
                continue
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                if isinstance(node, ast.Call):
                    texts = [*node.args, *(one.value for one in node.keywords if one.arg in _FIELDS)]
                    found += [
                        f"{file.name}:{text.lineno}: {text.value}"
                        for text in texts
                        if isinstance(text, ast.Constant)
                        and isinstance(text.value, str)
                        and (
                            (isinstance(node.func, ast.Name) and node.func.id == "said")
                            or text not in node.args
                        )
                        and _OF_A_COMMAND.search(_NO_COMMAND.sub("", text.value))
                    ]
    assert not found, "\n".join(found)


_FIELDS = ("expected", "found", "next_step", "where")


def test_no_page_uses_what_a_command_alone_may_say() -> None:
    used = set()
    for file in (PACKAGE / "web").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("trialkit.operations"):
                for name in node.names:
                    thing = getattr(op, name.name, None)
                    module = getattr(thing, "__module__", node.module) or ""
                    used.add(f"{module.rpartition('.')[2]}.py")
    assert not used & COMMANDS_ALONE
