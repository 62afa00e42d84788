"""The registry of acts: the system's table of contents.

Role table, audit vocabulary, help texts and documentation come from here; the rights themselves are
tested against a hand-written table, ``tests/expected_rights.csv``.
"""

from __future__ import annotations

from dataclasses import dataclass

from trialkit.vocabulary import Role

_R = Role
_ENTRY = frozenset({_R.COORDINATOR, _R.FIRST_ENTRY, _R.SECOND_ENTRY, _R.OUTCOME_ASSESSOR, _R.INVESTIGATOR})
_SITE = frozenset({_R.COORDINATOR, _R.INVESTIGATOR})
_SITE_AND_DATA = _SITE | {_R.DATA_MANAGER}
_DATA = frozenset({_R.DATA_MANAGER})


@dataclass(frozen=True, slots=True)
class Act:
    """Something a person does to the trial; one file in ``operations`` each.

    Parameters
    ----------
    name
        As in the audit trail.
    summary
        One line, for help and documentation.
    allowed_roles
        Who may do it at all; the site of the right is checked besides.
    needs_reason
        A reason must be stated.
    needs_signature
        It must be signed: by an account that proves itself with its password.
    reveals_arm
        Its answer tells somebody's arm: a blinded role may do it only after unblinding.
    whole_study
        It concerns every site at once: a role held at one site is not enough.
    """

    name: str
    summary: str
    allowed_roles: frozenset[Role]
    needs_reason: bool = False
    needs_signature: bool = False
    reveals_arm: bool = False
    whole_study: bool = False


_LIST = (
    Act("create_study", "Found a study's database.", frozenset({_R.ADMINISTRATOR})),
    Act("add_account", "Open an account for a person.", frozenset({_R.ADMINISTRATOR}), whole_study=True),
    Act(
        "grant_role",
        "Give an account a role, at one site or all.",
        frozenset({_R.ADMINISTRATOR}),
        whole_study=True,
    ),
    Act("set_password", "Set the password of an account.", frozenset({_R.ADMINISTRATOR}), whole_study=True),
    Act(
        "load_schedule", "Load a sealed randomization list.", frozenset({_R.ADMINISTRATOR}), whole_study=True
    ),
    Act(
        "load_extension",
        "Load the list that follows one that runs out.",
        frozenset({_R.ADMINISTRATOR}),
        whole_study=True,
    ),
    Act(
        "load_resealed",
        "After a lost allocation key: load the list sealed again under a new key.",
        frozenset({_R.ADMINISTRATOR}),
        needs_reason=True,
        needs_signature=True,
        whole_study=True,
    ),
    Act(
        "set_recruitment",
        "Open, pause or close recruitment.",
        frozenset({_R.ADMINISTRATOR, _R.DATA_MANAGER}),
        needs_reason=True,
    ),
    Act(
        "suspend_randomization",
        "Declare an anchor that the database is behind: nobody is randomized.",
        frozenset({_R.ADMINISTRATOR, _R.DATA_MANAGER}),
        needs_reason=True,
        needs_signature=True,
        whole_study=True,
    ),
    Act(
        "reenter_allocation",
        "After a restore: re-enter an allocation from its paper confirmation.",
        frozenset({_R.ADMINISTRATOR}),
        needs_reason=True,
        needs_signature=True,
    ),
    Act(
        "resume_randomization",
        "After a restore: declare that every allocation told is in the database again.",
        frozenset({_R.ADMINISTRATOR}),
        needs_reason=True,
        needs_signature=True,
        whole_study=True,
    ),
    Act(
        "view_balance",
        "Count the subjects of each arm, overall and by factor.",
        frozenset({_R.STATISTICIAN, _R.UNBLINDED_STATISTICIAN, _R.DSMB}),
        reveals_arm=True,
        whole_study=True,
    ),
    Act(
        "export_allocations",
        "Write everybody's arm to a file, for the proof of the list.",
        frozenset({_R.STATISTICIAN, _R.UNBLINDED_STATISTICIAN}),
        reveals_arm=True,
        whole_study=True,
    ),
    Act("enrol", "Enter a consenting person into screening.", _SITE),
    Act("record_visits", "Record that visits took place, and when.", _SITE_AND_DATA | _ENTRY),
    Act("enter_passes", "Enter forms from paper, first or second pass.", _ENTRY),
    Act("import_pass", "Import a file of one pass, naming its typist.", _DATA | _ENTRY),
    Act("mark_not_done", "State that a visit or form was not done.", _SITE_AND_DATA, needs_reason=True),
    Act("screen_fail", "Record that a screened person does not enter the trial.", _SITE, needs_reason=True),
    Act("randomize", "Allocate the next slot to an eligible subject.", _SITE, reveals_arm=True),
    Act("withdraw", "Record that a subject leaves the study.", _SITE_AND_DATA, needs_reason=True),
    Act(
        "record_external_allocations",
        "Record allocations that were made outside trialkit.",
        frozenset({_R.UNBLINDED_STATISTICIAN, _R.ADMINISTRATOR}),
        needs_reason=True,
    ),
    Act(
        "import_outside_data",
        "Import the data file of a trial that was run elsewhere, allocations included.",
        frozenset({_R.UNBLINDED_STATISTICIAN, _R.ADMINISTRATOR}),
        whole_study=True,
    ),
    Act(
        "record_mistake",
        "Record what went wrong at a randomization; nothing is undone.",
        _SITE_AND_DATA,
        needs_reason=True,
    ),
    Act("adjudicate", "Decide what two passes disagree about.", frozenset({_R.ADJUDICATOR})),
    Act("decide_rows", "Pair leftover rows of two passes, or reject them.", frozenset({_R.ADJUDICATOR})),
    Act("correct", "Correct a value of the final record.", _DATA, needs_reason=True),
    Act("lock", "Lock the study's data.", _DATA, needs_reason=True, needs_signature=True, whole_study=True),
    Act(
        "unlock",
        "Lift the lock of the study's data.",
        _DATA,
        needs_reason=True,
        needs_signature=True,
        whole_study=True,
    ),
    Act(
        "emergency_unblind",
        "Open one subject's arm in an emergency; nobody else's.",
        frozenset({_R.INVESTIGATOR, _R.UNBLINDED_STATISTICIAN}),
        needs_reason=True,
        needs_signature=True,
        # Not reveals_arm: an emergency is what opens one arm to somebody who is blinded.
    ),
    Act(
        "unblind",
        "Declare the locked study open for its analysis.",
        _DATA,
        needs_reason=True,
        needs_signature=True,
        whole_study=True,
    ),
    Act(
        "write_snapshot",
        "Write a blinded snapshot for analysis.",
        frozenset({_R.DATA_MANAGER, _R.STATISTICIAN, _R.UNBLINDED_STATISTICIAN}),
        whole_study=True,
    ),
    Act(
        "write_unblinded_snapshot",
        "Write a snapshot with everybody's arm.",
        frozenset({_R.STATISTICIAN, _R.UNBLINDED_STATISTICIAN}),
        reveals_arm=True,
        whole_study=True,
    ),
)

ACTS: dict[str, Act] = {act.name: act for act in _LIST}


def act_named(name: str) -> Act:
    return ACTS[name]
