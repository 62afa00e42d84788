"""The API thrown at from its own schema."""

from __future__ import annotations

from typing import Any

import schemathesis
from browsing import PASSWORD
from hypothesis import HealthCheck, Phase, given, settings

from trialkit import operations as op
from trialkit.access import ACTS, may
from trialkit.vocabulary import Role
from trialkit.web import Web, make_application


def token_of(web: Web, role: Role) -> str:
    site = "A" if role in (Role.COORDINATOR, Role.OUTCOME_ASSESSOR) else None
    actor = op.log_in(web.trial, login=f"{role}_a", password=PASSWORD, role=role, site=site)
    blinded = web.trial.study.blinding.blinded_roles
    acts = [n for n, act in ACTS.items() if may(role, act, blinded_roles=blinded) and not act.needs_signature]
    return op.issue_token(web.trial, actor, label="fuzz", scopes=acts).token


def throw(web: Web, role: Role, *, examples: int, step: int = 1, paths: tuple[str, ...] = ()) -> list[Any]:
    """Operations (each ``step``-th, or those named) with arguments inside and outside their schema."""
    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", make_application(web))
    headers = {"Authorization": f"Bearer {token_of(web, role)}"}
    answers: list[Any] = []
    checks = (
        schemathesis.checks.not_a_server_error,
        schemathesis.checks.status_code_conformance,
        schemathesis.checks.content_type_conformance,
        schemathesis.checks.response_schema_conformance,
    )
    for result in list(schema.get_all_operations())[::step]:
        operation = result.ok()
        if paths and not any(part in operation.path for part in paths):
            continue
        for mode in (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE):

            @given(case=operation.as_strategy(generation_mode=mode))
            @settings(
                max_examples=examples, deadline=None, database=None, derandomize=True,
                phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck),
            )  # fmt: skip
            def one(case: Any) -> None:
                answers.append(case.call_and_validate(headers=headers, checks=checks))

            try:
                one()
            except Exception as error:
                if type(error).__name__ != "Unsatisfiable":
                    raise
    return answers
