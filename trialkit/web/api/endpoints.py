"""Every address of the API, and the operation behind it: its arguments and answer are the operation's own."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, create_model

from trialkit import operations as op
from trialkit.access import ACTS, Act
from trialkit.operations.analysis_runs import ACT_OF, list_analysis_runs
from trialkit.operations.custody_state import custody_state
from trialkit.operations.data_review import decide_set
from trialkit.operations.endorsing import endorse_correction, list_corrections, object_to_correction
from trialkit.operations.second_factor import remove_second_factor
from trialkit.operations.unblinding_notices import list_unblindings
from trialkit.web.api import acts

_READS, _WRITES = "GET", "POST"
_MODEL = ConfigDict(extra="forbid")
_NUMBER = Annotated[int, Field(ge=-(2**31), lt=2**31)]


@dataclass(frozen=True)
class Endpoint:
    """One operation at one address. Parts of the path are arguments of it, and so is all else it takes.

    ``widened_by`` are further acts that it asks about: a token issued for them as well is shown more here.
    """

    method: str
    path: str
    operation: Callable[..., Any]
    act: Act
    widened_by: tuple[Act, ...] = ()

    @property
    def in_path(self) -> tuple[str, ...]:
        return tuple(part[1:-1] for part in self.path.split("/") if part.startswith("{"))

    @property
    def names_a_subject(self) -> bool:
        """Whether it concerns a subject who is there; enrolling gives a number."""
        return "subject_id" in self.named and self.operation is not op.enrol

    @property
    def named(self) -> Mapping[str, inspect.Parameter]:
        return inspect.signature(self.operation).parameters

    @property
    def writes(self) -> bool:
        return self.method == _WRITES

    @cached_property
    def arguments(self) -> type[BaseModel]:
        """What is sent besides the path: in the body of a write, in the query of a reading."""
        hints = get_type_hints(self.operation)
        fields: dict[str, Any] = {}
        for name, parameter in self.named.items():
            if parameter.kind is parameter.KEYWORD_ONLY and name not in self.in_path:
                absent = parameter.default is parameter.empty
                fields[name] = (_sized(hints[name]), ... if absent else parameter.default)
        return create_model(f"{self.name}_arguments", __config__=_MODEL, **fields)

    @cached_property
    def path_arguments(self) -> type[BaseModel]:
        hints = get_type_hints(self.operation)
        fields: dict[str, Any] = {name: (_sized(hints[name]), ...) for name in self.in_path}
        return create_model(f"{self.name}_path", __config__=_MODEL, **fields)

    @cached_property
    def answer(self) -> TypeAdapter[Any]:
        return TypeAdapter(get_type_hints(self.operation)["return"])

    @property
    def name(self) -> str:
        return self.operation.__name__

    @property
    def summary(self) -> str:
        return (inspect.getdoc(self.operation) or self.act.summary).partition("\n")[0]


def _sized(hint: Any) -> Any:
    """Whole numbers within what both databases hold."""
    if hint is int:
        return _NUMBER
    return _NUMBER | None if hint == (int | None) else hint


def _reads(path: str, operation: Callable[..., Any], act: str, *widened_by: str) -> Endpoint:
    return Endpoint(_READS, path, operation, ACTS[act], tuple(ACTS[name] for name in widened_by))


def _writes(path: str, operation: Callable[..., Any], act: str = "") -> Endpoint:
    return Endpoint(_WRITES, path, operation, ACTS[act or operation.__name__])


_SUBJECT = "/subjects/{subject_id}"
_FORM = _SUBJECT + "/visits/{visit}/forms/{form}"

ENDPOINTS: tuple[Endpoint, ...] = (
    _reads("/subjects", acts.subjects, "list_forms"),
    _writes("/subjects", op.enrol),
    _reads(_SUBJECT, acts.subject, "list_forms"),
    _reads(_SUBJECT + "/forms", acts.forms_of, "list_forms"),
    _reads(_SUBJECT + "/readiness", acts.readiness_of, "randomize"),
    _writes(_SUBJECT + "/randomization", acts.randomize),
    _reads(_SUBJECT + "/allocation", op.allocation_told, "tell_allocation"),
    _writes(_SUBJECT + "/screening-failure", acts.screen_fail),
    _writes(_SUBJECT + "/withdrawal", acts.withdraw),
    _writes(_SUBJECT + "/departure-correction", op.correct_departure),
    _writes(_SUBJECT + "/mistakes", op.record_mistake),
    _writes(_SUBJECT + "/consents", op.record_consent),
    _reads("/reconsent", op.list_reconsent, "list_reconsent"),
    _reads("/versions", op.list_versions, "list_versions"),
    _writes("/sites/{site}/versions/{version}", op.activate_version),
    _writes(_SUBJECT + "/analysis-sets/{analysis_set}", decide_set),
    _writes(_SUBJECT + "/visits/{visit}", acts.record_visit, "record_visits"),
    _writes(_SUBJECT + "/visits/{visit}/not-done", acts.mark_not_done),
    _writes(_FORM + "/entries", acts.enter_form, "enter_passes"),
    _writes(_FORM + "/adjudications", acts.adjudicate),
    _writes(_FORM + "/row-decisions", op.decide_rows),
    _writes(_FORM + "/corrections", acts.correct),
    _writes(_FORM + "/void", op.void_pass),
    _writes(_FORM + "/source-verification", op.verify_source),
    _writes(_FORM + "/source-ticks", op.verify_values, "verify_source"),
    _writes("/source-verification", op.verify_place, "verify_source"),
    _reads("/wanted-forms", acts.wanted, "enter_passes"),
    _reads("/to-do", op.todo, "view_todo"),
    _reads("/worklist", op.list_work, "list_work"),
    _reads("/worklist/by-person", op.work_by_person, "count_work"),
    _reads("/missing-forms", op.missing_forms, "list_work"),
    _reads("/discrepancies", acts.discrepancies, "list_discrepancies"),
    _reads("/queries", op.list_queries, "list_queries"),
    _writes("/queries", op.open_query),
    _writes("/queries/raised-by-checks", acts.raise_queries),
    _writes("/queries/{number}/answer", op.answer_query),
    _writes("/queries/{number}/close", op.close_query),
    _writes("/queries/{number}/reopen", op.reopen_query),
    _reads("/corrections", list_corrections, "list_corrections"),
    _writes("/corrections/{number}/endorsement", endorse_correction),
    _writes("/corrections/{number}/objection", object_to_correction),
    _reads("/flags", op.list_flags, "list_flags"),
    _reads("/error-rates", op.error_rates, "view_error_rates"),
    _reads("/serious-events", acts.serious_events, "list_serious_events"),
    _reads("/serious-events/by-arm", acts.serious_events_by_arm, "list_serious_events_by_arm"),
    _writes("/serious-events", op.note_serious_event),
    _writes("/serious-events/{number}/reports", op.report_serious_event),
    _writes("/freezes", op.freeze),
    _writes("/freezes/lift", op.lift_freeze),
    _reads("/obstacles", op.obstacles, "view_obstacles"),
    _reads("/mistakes", op.list_mistakes, "list_mistakes"),
    _reads("/recruitment", acts.recruitment, "view_recruitment"),
    _writes("/recruitment", op.set_recruitment),
    _reads("/supply", op.supply_of, "view_supply", "count_supply"),
    _reads("/balance", acts.balance, "view_balance"),
    _reads("/analyses", list_analysis_runs, "list_analyses", *sorted({one.name for one in ACT_OF.values()})),
    _reads(
        "/audit-trail", op.read_trail, "read_trail", "read_trail_of", "read_trail_details", "read_history"
    ),
    _reads("/sign-ins", op.list_sign_ins, "list_sign_ins"),
    _reads("/state", custody_state, "view_custody"),
    _reads("/emergency-unblindings", list_unblindings, "list_unblindings"),
    _reads("/accounts", op.list_accounts, "list_accounts"),
    _writes("/accounts", op.add_account),
    _writes("/accounts/{login}/roles", op.grant_role),
    _writes("/accounts/{login}/roles/withdrawal", op.withdraw_role),
    _writes("/accounts/{login}/closing", op.close_account),
    _writes("/accounts/{login}/reopening", op.reopen_account),
    _writes("/accounts/{login}/password", op.set_password),
    _writes("/accounts/{login}/second-factor-removal", remove_second_factor),
    _reads("/tokens", op.list_tokens, "list_tokens"),
    _writes("/tokens/{number}/revocation", op.revoke_token),
)

SCOPES: frozenset[Act] = frozenset(act for one in ENDPOINTS for act in (one.act, *one.widened_by))
"""What a token can be issued for to any purpose: no other act is asked about at an address of the API."""
