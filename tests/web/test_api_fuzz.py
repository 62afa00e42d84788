"""Whatever a program sends, it gets an answer that the description knows, and no arm if it is blinded."""

from __future__ import annotations

import pytest
from fuzzing import throw

from trialkit.vocabulary import Role
from trialkit.web import Web


def _no_arm(web: Web, answers: list[object]) -> None:
    names = {text for arm in web.trial.study.arms for text in (arm.name, arm.label)}
    for answer in answers:
        text = answer.text  # type: ignore[attr-defined]
        assert not any(f'"{name}"' in text for name in names), text[:500]


def test_no_argument_is_a_server_error(web: Web) -> None:
    answers = throw(web, Role.COORDINATOR, examples=2, step=4)
    assert len(answers) > 30
    assert {answer.status_code for answer in answers} >= {200, 404}


@pytest.mark.long
@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.DATA_MANAGER, Role.ADMINISTRATOR, Role.MONITOR])
def test_no_argument_is_a_server_error_at_length(web: Web, role: Role) -> None:
    assert len(throw(web, role, examples=15)) > 600


@pytest.mark.long
@pytest.mark.parametrize("role", [Role.OUTCOME_ASSESSOR, Role.STATISTICIAN])
def test_no_blinded_token_is_told_an_arm(web: Web, role: Role) -> None:
    _no_arm(web, throw(web, role, examples=10))
