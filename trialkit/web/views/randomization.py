"""Randomizing a subject: what stands for it, the stratum read back, one deliberate act, and its result."""

from __future__ import annotations

from starlette.responses import Response

from trialkit.errors import TrialkitError
from trialkit.operations import allocation_told, randomize
from trialkit.operations.readiness import readiness_of
from trialkit.study.model import Factor
from trialkit.web.asking import Asked, new_request_key
from trialkit.web.once import Done, once
from trialkit.web.views.subjects import known_subject
from trialkit.wording import said


def ask(asked: Asked) -> Response:
    return _form(asked)


def _form(asked: Asked, error: TrialkitError | None = None) -> Response:
    subject = known_subject(asked)
    readiness = readiness_of(asked.trial, asked.actor, subject.subject_id)
    if readiness.allocated and error is None:
        return asked.redirect(f"/subjects/{subject.subject_id}/allocation")
    study = asked.trial.study
    return asked.page(
        "randomize.html",
        subject=subject,
        readiness=readiness,
        forms={form.name: form for form in study.forms},
        items={item.name: item for form in study.forms for item in form.items},
        numbers={name: number for form in study.forms for name, number in form.line_numbers.items()},
        error=error,
        request_key=new_request_key(),
        status=409 if error else 200,
    )


def _texts(asked: Asked, factor: Factor, level: str) -> tuple[str, ...]:
    """What may be typed for a level: it, and its label as the study and as the page has it."""
    study = asked.trial.study
    label = study.item(factor.item).label_of(level) if factor.item else study.site(level).name
    here = asked.web.labels.get(asked.language, {}).get(label, label)
    return (level, label, here, f"{level} ({label})", f"{level} ({here})")


def randomized(asked: Asked) -> Response:
    """The act. The operation gives one subject one allocation, whoever asks how often."""
    subject = known_subject(asked)

    def act() -> Done:
        answer = randomize(
            asked.trial, asked.actor, subject_id=subject.subject_id, stratum_values=_read_back(asked)
        )
        return Done(
            said("{subject} is randomized", subject=answer.subject_id),
            show=f"/subjects/{answer.subject_id}/allocation{'?again=yes' if answer.repeated else ''}",
        )

    try:
        return once(asked, act)
    except TrialkitError as error:
        return _form(asked, error)


def _read_back(asked: Asked) -> dict[str, str]:
    """What was typed for each factor: a level, its label, or letters that only one of them begins with."""
    return {
        factor.name: _level(asked, factor, asked.form.get(f"factor.{factor.name}", ""))
        for factor in asked.trial.study.factors
    }


def _level(asked: Asked, factor: Factor, typed: str) -> str:
    wanted = typed.strip().casefold()
    exact = [level for level in factor.levels if level.casefold() == wanted]
    begun = [
        level
        for level in factor.levels
        if wanted and any(text.casefold().startswith(wanted) for text in _texts(asked, factor, level))
    ]
    found = exact or begun
    if len(found) == 1:
        return found[0]
    raise TrialkitError(
        expected=said(
            "one of {levels} for {factor}",
            levels=", ".join(_texts(asked, factor, level)[2] for level in factor.levels),
            factor=asked.trial.study.item(factor.item).label if factor.item else said("Site"),
        ),
        found=repr(typed),
        where=asked.at("subject_id"),
        next_step="Type it as it stands on the form. No slot was taken.",
    )


def allocation(asked: Asked) -> Response:
    """The result, told again as often as it is asked for; each time is recorded, since it tells an arm."""
    subject = known_subject(asked)
    told = allocation_told(asked.trial, asked.actor, subject_id=subject.subject_id)
    return asked.page(
        "allocation.html",
        subject=subject,
        told=told,
        arm=asked.trial.study.arm(told.arm),
        again=asked.request.query_params.get("again") == "yes",
    )
