"""Every command that reaches a study, as somebody could type it.

STUDY stands for the study folder, OUT/ for a folder that is looked at afterwards, IN/ for files to be read.
"""

from __future__ import annotations

from collections.abc import Iterator

import click

from trialkit import resources
from trialkit.cli.root import root

_compliance_field = [
    *("--subject", "A-001", "--visit", "week_6"),
    *("--form", "compliance", "--item", "compl_sessions_done"),
]
_ITEM = {"compliance": "compl_sessions_done", "vas": "vas_mm"}
PLAN = resources.folder("sap") / "study_a.toml"
SECOND = ["--confirmed-by", "dm", "--confirmed-by-password-file", "IN/password"]


def every_leaf() -> set[str]:
    return set(_leaves(root, ()))


def _leaves(command: click.Command, path: tuple[str, ...]) -> Iterator[str]:
    if not isinstance(command, click.Group):
        yield " ".join(path)
        return
    for name in command.list_commands(click.Context(command)):
        found = command.get_command(click.Context(command), name)
        assert found is not None
        yield from _leaves(found, (*path, name))


def name_of(words: list[str]) -> str:
    leaves = every_leaf()
    return next(name for n in (2, 1) if (name := " ".join(words[:n])) in leaves)


def commands(login: str, password: list[str]) -> list[list[str]]:
    """In an order in which the later ones still find something to do."""
    who = ["STUDY", "--as", login, *password]
    return [
        *_audit(who),
        *_accounts(who),
        *_randomization(who),
        *_versions(who),
        *_subjects(who),
        *_kept(who),
        *_data(who),
        *_safety(who),
        *_work(who),
        *_closing(who),
        *_after_a_loss(who),
        ["upgrade", "STUDY"],
        [
            "init",
            "STUDY",
            "--definition",
            "DEFINITION",
            *("--administrator", "x", "--name", "X"),
            "--no-password",
        ],
    ]


def _audit(who: list[str]) -> list[list[str]]:
    return [
        ["audit", "verify", "STUDY"],
        ["audit", "verify", "STUDY", "--json"],
        ["audit", "anchor", "STUDY", "--out", "OUT/anchor"],
        ["audit", "verify", "STUDY", "--anchor", "IN/anchor"],
        ["audit", "show", *who],
        ["audit", "show", *who, "--json"],
        ["audit", "show", *who, "--operation", "randomize", "--last", "2"],
        ["audit", "show", *who, "--subject", "A-001"],
        ["audit", "show", *who, "--form", "compliance"],
        ["audit", "show", *who, "--item", "vas_mm", "--account", "typist"],
    ]


def _accounts(who: list[str]) -> list[list[str]]:
    new = ["--login", "newcomer", "--name", "N", "--gets", "monitor", "--no-password"]
    return [
        ["account", "list", *who],
        ["account", "attempts", *who, "--days", "1"],
        ["account", "add", *who, *new],
        ["account", "grant", *who, "--login", "newcomer", "--gets", "dsmb"],
        ["account", "password", *who, "--login", "newcomer", "--new-password-file", "IN/password"],
    ]


def _randomization(who: list[str]) -> list[list[str]]:
    one, why = ["--subject", "A-001"], ["--reason", "a reason"]
    values = ["--value", "site=A", "--value", "sex=female"]
    wrong = ["randomize", "mistake", *who, *one, "--kind", "wrong_treatment"]
    sealed = ["--bundle", "IN/bundle", "--commitment", "IN/promise", "--key", "IN/key"]
    return [
        ["randomize", "show", *who],
        ["randomize", "show", *who, "--json"],
        ["randomize", "report", *who, "--out", "OUT/report.html"],
        ["randomize", "report", *who, "--with-arms", "--out", "OUT/report.html"],
        ["randomize", "export", *who, "--out", "OUT/arms.csv"],
        ["randomize", "enrol", *who, *one, *values, "--confirm", "A-001", "--paper", "OUT/paper"],
        ["randomize", "enrol", *who, *one, "--value", "site=A", "--value", "sex=male", "--confirm", "A-001"],
        ["randomize", "enrol", *who, "--subject", "A-999", *values, "--confirm", "A-999"],
        ["randomize", "unblind", *who, *one, *why],
        ["randomize", "unblind", *who, "--for-analysis", *why],
        [*wrong, "--received-file", "IN/control", *why],
        [*wrong, "--received-file", "IN/password", *why],
        ["randomize", "mistake", *who, *one, "--kind", "ineligible", *why],
        ["randomize", "mistake", *who, *one, "--kind", "wrong_stratum", *why],
        ["randomize", "mistake", *who, "--subject", "A-003", "--kind", "duplicate", "--duplicate-of", "A-001",
         *why],
        ["randomize", "load", *who, *sealed],
        ["randomize", "load", *who, *sealed, "--extension"],
        ["randomize", "pause", *who, *why],
        ["randomize", "pause", *who, "--stratum", "sex=male;site=A", *why],
        ["randomize", "pause", *who, "--at-site", "Q", *why],
    ]  # fmt: skip


def _after_a_loss(who: list[str]) -> list[list[str]]:
    """Whoever may suspend and re-enter guesses both arms for a subject that was lost."""
    why = ["--reason", "a reason"]
    values = ["--value", "site=A", "--value", "sex=female"]
    paper = ["--at", "2025-07-01T00:01:00+00:00", "--code", "0000-0000-0000-0000", *values, *why]
    again = ["--bundle", "IN/bundle-again", "--key", "IN/key-again"]
    return [
        ["randomize", "suspend", *who, "--anchor", "IN/anchor", *why],
        ["randomize", "suspend", *who, "--record", "9999", "a" * 64, *why],
        ["randomize", "show", *who],
        ["enrol", *who, "--site", "A", "--consent-date", "2025-05-03", "--subject", "A-077"],
        ["randomize", "reenter", *who, "--subject", "A-001", "--arm-file", "IN/control", *paper],
        ["randomize", "reenter", *who, "--subject", "A-004", "--arm-file", "IN/control", *paper],
        ["randomize", "reenter", *who, "--subject", "A-004", "--arm-file", "IN/exercise", *paper],
        ["randomize", "resume", *who, *why],
        ["randomize", "load-resealed", *who, "--bundle", "IN/bundle", "--key", "IN/key", *why],
        ["randomize", "load-resealed", *who, *again, *why],
        ["randomize", "report", *who, "--out", "OUT/report.html"],
        ["audit", "verify", "STUDY"],
    ]


def _work(who: list[str]) -> list[list[str]]:
    return [
        ["todo", *who, "--csv", "OUT/todo.csv"],
        ["work", "list", *who, "--json"],
        ["work", "list", *who, "--form", "compliance", "--counts"],
        ["work", "missing", *who, "--html", "OUT/missing.html"],
        ["work", "people", *who],
        ["flags", *who, "--json"],
        ["error-rates", *who, "--json", "--html", "OUT/rates.html"],
    ]


def _safety(who: list[str]) -> list[list[str]]:
    known = ["--subject", "A-001", "--term", "a fall", "--aware-at", "2025-05-30T10:00"]
    told = ["--because", "hospital_stay", "--severity", "severe", "--outcome", "recovering"]
    return [
        ["sae", "note", *who, *known],
        ["sae", "report", *who, "--number", "1", *told, "--started", "2025-05"],
        ["sae", "list", *who, "--json"],
        ["sae", "list", *who, "--by-arm", "--csv", "OUT/sae.csv"],
    ]


def _versions(who: list[str]) -> list[list[str]]:
    """Each site is asked about, and subjects who are on the list and who are not."""
    activate = ["study", "activate", *who, "--version", "amended", "--approval", "EC 7"]
    return [
        ["study", "amend", *who, "--definition", "IN/amended", "--reason", "a reason"],
        [*activate, "--at", "A", "--from", "2025-05-01"],
        [*activate, "--at", "B", "--from", "2025-05-15"],
        ["study", "versions", *who],
        ["study", "versions", *who, "--json"],
        ["reconsent-list", *who, "--json", "--csv", "OUT/reconsent.csv"],
        ["reconsent", *who, "--subject", "A-001", "--consent-version", "2", "--date", "2025-05-20"],
        ["reconsent", *who, "--subject", "A-003", "--consent-version", "3", "--date", "2025-05-20"],
        ["reconsent-list", *who],
    ]


def _subjects(who: list[str]) -> list[list[str]]:
    one, why = ["--subject", "A-001"], ["--reason", "a reason"]
    return [
        ["enrol", *who, "--site", "A", "--consent-date", "2025-05-02"],
        ["visit", *who, *one, "--visit", "month_1", "--date", "2025-06-01"],
        ["visit", *who, "--subject", "B-009", "--visit", "month_1", "--date", "2025-06-01"],
        ["not-done", *who, *one, "--visit", "month_3", "--form", "compliance", *why],
        ["not-done", *who, *one, "--visit", "month_3", *why],
        ["screen-fail", *who, *one, "--date", "2025-05-20", *why],
        ["withdraw", *who, "--subject", "A-003", "--date", "2025-05-20", *why],
    ]


def _data(who: list[str]) -> list[list[str]]:
    why = ["--reason", "a reason"]
    place = ["--subject", "A-001", "--visit", "week_6", "--form"]
    sessions = ["--item", "compl_sessions_done"]
    new = ["--choice", "new_value", "--value", "6", "--why", "misread"]
    return [
        ["discrepancies", *who, "--all"],
        ["export-passes", *who, "--form", "vas", "--pass", "1", "--into", "OUT/passes"],
        ["discrepancies", *who, "--json"],
        ["discrepancies", *who, "--xlsx", "OUT/list.xlsx"],
        ["adjudicate", *who, "--file", "IN/decisions.csv"],
        ["discrepancies", *who, "--subject", "A-001", "--csv", "OUT/list.csv"],
        ["enter", *who, *place, "compliance", "--value", "compl_sessions_done=3"],
        ["enter", *who, *place, "odi", "--value", "odi_pain=1"],
        ["enter", *who, *place, "nothing", "--value", "odi_pain=1"],
        *_about_forms_of_one_arm(who),
        ["import", *who, "--file", "IN/vas.csv", "--form", "vas", "--visit", "month_1"],
        ["import", *who, "--file", "IN/compliance.csv", "--form", "compliance", "--visit", "week_6"],
        [
            "imaging",
            "import",
            *who,
            "--subject",
            "A-001",
            "--visit",
            "baseline",
            "--date",
            "2025-05-03",
            "--image",
            "IN/fat.nii.gz",
            "--water",
            "IN/water.nii.gz",
            "--segmentation",
            "IN/muscles.seg.nrrd",
        ],
        ["end-import", *who, "--import", "1", *why],
        ["vouch", *who, "--file", "IN/vas.csv"],
        ["import-trial", *who, "--file", "IN/vas.csv"],
        ["adjudicate", *who, *place, "compliance", *sessions, "--choice", "first", "--why", "misread"],
        ["adjudicate", *who, *place, "vas", "--item", "vas_mm", *new, *SECOND],
        ["adjudicate", *who, *place, "vas", "--item", "vas_mm", "--choice", "first", "--why", "misread"],
        ["decide-rows", *who, *place, "compliance", "--pass", "1", "--row", "1", "--entered-in-error"],
        *_about_the_record(who),
        ["correct", *who, *place, "compliance", *sessions, "--value", "4", *why],
        ["correct", *who, *place, "vas", "--item", "vas_mm", "--value", "4", *why, *SECOND],
        ["correct", *who, *place, "vas", "--item", "vas_mm", "--value", "4", "--seen", "5", *why, *SECOND],
        ["corrections", "list", *who],
        ["corrections", "list", *who, "--all"],
        ["corrections", "endorse", *who, "--number", "1"],
        ["corrections", "object", *who, "--number", "1", "--text", "a reason"],
        ["void", *who, *place, "vas", "--pass", "1", *why],
        ["void", *who, *place, "compliance", *why],
        ["correct-departure", *who, "--subject", "A-001", "--never-left", *why],
    ]


def _kept(who: list[str]) -> list[list[str]]:
    """What is in a backup is the database, which its administrator holds anyway: it is not looked at."""
    return [["backup", *who, "--out", "IN/backup"], ["archive", *who, "--out", "OUT/archive"]]


def _about_the_record(who: list[str]) -> list[list[str]]:
    """Queries 1 000 001 and 1 000 002 are about forms that one arm has, whoever that is; the rest is not."""
    why, asked = ["--reason", "a reason"], ["--text", "a text"]
    said = []
    for subject in ("A-001", "A-003"):
        one = ["--subject", subject, "--visit", "week_6"]
        for form in ("compliance", "vas"):
            said += [
                ["query", "open", *who, *one, "--form", form, *asked],
                ["sign", *who, *one, "--form", form, "--meaning", "approved"],
                ["verify-source", *who, *one, "--form", form],
                ["freeze", *who, "--form", f"{subject}/week_6/{form}", *why],
                ["lock", *who, "--form", f"{subject}/week_6/{form}", *why],
                ["unlock", *who, "--form", f"{subject}/week_6/{form}", *why],
                ["verify-source", *who, *one, "--form", form, "--item", _ITEM[form]],
            ]
        about = ["--subject", subject, "--set", "per_protocol", "--plan", str(PLAN)]
        said.append(["decide-set", *who, *about, "--exclude", *why])
    for number in ("1", "2", "3", "99", "1000001", "1000002"):
        one = ["--number", number]
        said += [
            ["query", "answer", *who, *one, *asked],
            ["query", "reopen", *who, *one, *asked],
            ["query", "close", *who, *one],
        ]
    said += [
        ["redact", *who, "--text-file", "IN/name", "--find"],
        ["redact", *who, "--text-file", "IN/name", *why],
        ["redact", *who, *_compliance_field, *why],
        ["query", "raise", *who, "--subject", "A-001"],
        ["query", "raise", *who, "--json"],
        ["query", "open", *who, "--subject", "A-001", "--visit", "week_6", *asked],
        ["query", "list", *who, "--check", "window", "--json"],
        ["query", "list", *who, "--check", "telling", "--json"],
    ]
    files = ["--csv", "OUT/q.csv", "--html", "OUT/q.html"]
    states = ["--status", "open", "--status", "closed"]
    return [*said, ["query", "list", *who, *states, *files], ["verify-source", *who, "--list", "--json"]]


def _about_forms_of_one_arm(who: list[str]) -> list[list[str]]:
    """Each question to two subjects: in one of the two databases the first has the form, in the other not."""
    why = ["--reason", "a reason"]
    sessions, stopped = "compl_sessions_done", "ts_treatment"
    asked = []
    for subject in ("A-001", "A-003"):
        one = ["--subject", subject, "--visit", "week_6"]
        asked += [
            ["enter", *who, *one, "--form", "compliance", "--value", f"{sessions}=7"],
            ["correct", *who, *one, "--form", "compliance", "--item", sessions, "--value", "4", *why],
            ["void", *who, *one, "--form", "compliance", *why],
            [
                "correct",
                *who,
                *one,
                "--form",
                "treatment_stop",
                "--row",
                "1",
                "--item",
                stopped,
                "--value",
                "nsaid",
                *why,
            ],
            [
                "adjudicate",
                *who,
                *one,
                "--form",
                "compliance",
                "--item",
                sessions,
                "--choice",
                "second",
                "--why",
                "misread",
            ],
            [
                "decide-rows",
                *who,
                *one,
                "--form",
                "treatment_stop",
                "--pass",
                "1",
                "--row",
                "1",
                "--entered-in-error",
            ],
            ["not-done", *who, *one, "--form", "compliance", *why],
            ["discrepancies", *who, "--all", "--subject", subject],
        ]
    asked.append(["import", *who, "--file", "IN/compliance.csv", "--form", "compliance", "--visit", "week_6"])
    return asked  # fmt: skip


def _closing(who: list[str]) -> list[list[str]]:
    why = ["--reason", "a reason"]
    return [
        ["decide-rows", *who, "--list", "--csv", "OUT/lines.csv"],
        ["lock", *who, "--check"],
        ["lock", *who, *why],
        ["unlock", *who, *why],
        ["snapshot", *who, "--out", "OUT/snapshot"],
        ["snapshot", *who, "--unblinded", "--out", "OUT/snapshot"],
        ["sap", "run", "PLAN", "IN/snapshot", "--into", "OUT/analysis"],
    ]
