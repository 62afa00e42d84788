"""Typing a form: its items in the dictionary's order, a draft kept on the way, one deliberate Complete.

The page is the same for both entries and shows nothing of the other one.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from hashlib import sha256
from http import HTTPStatus

from starlette.responses import Response

from trialkit.entry.checking import HOW_TO_KEEP, check_entries
from trialkit.errors import TrialkitError
from trialkit.operations import EnteredRow, FormEntry, PassesEntered, enter_pass
from trialkit.operations.challenges import is_verified
from trialkit.operations.entry_desk import DeskStanding, FormAtDesk, require_form_open, wanted_forms
from trialkit.operations.subjects import local_date
from trialkit.study.model import Form
from trialkit.vocabulary import EntryMode
from trialkit.web.asking import Asked, new_request_key
from trialkit.web.drafts import draft_at, keep_draft, newer_copy, place_of, typed_fields
from trialkit.web.entry_fields import Field, fields_of, problems_in, row_typed
from trialkit.web.entry_logic import logic_of
from trialkit.web.flags_told import flags_in_form
from trialkit.web.once import Done, once
from trialkit.web.pages import in_language
from trialkit.web.second_person import second_person
from trialkit.web.views.comparing import told_at
from trialkit.web.views.form_place import form_asked, form_key, others_at
from trialkit.web.views.subjects import known_subject
from trialkit.web.whole_number import whole_number
from trialkit.wording import said
from trialkit.wording.catalogues import translator

_MOST_ROWS = 500  # drawn, whatever a draft says
_OWN_WAY = said(
    "Mend it. Where it stands so on the paper form, F9 or the button beside the field keeps it as written."
)
_log = logging.getLogger("trialkit.web")


def ask(asked: Asked) -> Response:
    return _page(asked, form_asked(asked), draft_at(asked).typed)


def entered(asked: Asked) -> Response:
    """Complete the form, or show it again with everything typed and what is wrong with it."""
    at_desk = form_asked(asked)
    form = at_desk.form
    try:
        require_form_open(asked.trial, asked.actor, form_key(asked))
    except TrialkitError as error:
        keep_draft(asked)
        return _page(asked, at_desk, typed_fields(asked.form), error=error)
    if asked.form.get("add_line"):
        older = newer_copy(asked, at_desk.site) if keep_draft(asked) is None else None
        return _page(asked, at_desk, typed_fields(asked.form), error=older, more_lines=1)

    told = _to_look_at(asked, at_desk)
    if told and asked.form.get("looked") != _digest(told):
        # The page bears the version of the newer copy: untold, the next press would replace it.
        older = newer_copy(asked, at_desk.site) if keep_draft(asked) is None else None
        return _page(asked, at_desk, typed_fields(asked.form), error=older, to_look_at=told)

    def act() -> Done:
        kept = keep_draft(asked)
        if not at_desk.is_open:  # said before anything else that may be wrong with what changes nothing
            raise TrialkitError(expected="a form that waits for an entry of yours", found="one that does not")
        if kept is None:
            raise newer_copy(asked, at_desk.site)
        done = enter_pass(
            asked.trial,
            asked.actor,
            entry=FormEntry(*form_key(asked), rows=_rows(form, asked.form)),
            confirmed=asked.form.get("confirmed") == "yes",
            confirmed_by=asked.form.get("confirmed_by", "").strip() or None,
            second_person=second_person(asked),
        )
        asked.web.desk.drop_draft(asked.login, place_of(asked))
        return _done(asked, at_desk, done)

    try:
        return once(asked, act)
    except TrialkitError as error:
        return _page(asked, at_desk, typed_fields(asked.form), error=error)


def _to_look_at(asked: Asked, at_desk: FormAtDesk) -> tuple[str, ...]:
    """To a page without scripts what is blank or odd, while it can be mended; scripts tell it themselves."""
    if asked.form.get("not_asked", "-") != "-" or not at_desk.is_open:
        return ()
    entry = FormEntry(*form_key(asked), rows=_rows(at_desk.form, asked.form))
    try:
        (checked,) = check_entries(lambda _: at_desk.rules, [entry])
    except TrialkitError:
        return ()  # the act refuses it, and says why
    return flags_in_form(asked.trial.study, checked.flags)


def _digest(told: tuple[str, ...]) -> str:
    return sha256("\n".join(told).encode()).hexdigest()[:16]


def _done(asked: Asked, at_desk: FormAtDesk, done: PassesEntered) -> Done:
    """Never whether the two entries differ: a typist must not learn of it."""
    flags = (*flags_in_form(asked.trial.study, done.flags), *_disagreement(asked, at_desk))
    subject_id = asked.at("subject_id")
    heading = said("{form} of {subject} is complete", form=at_desk.form.label, subject=subject_id)
    following = said("Next form of {subject}", subject=subject_id)
    return Done(heading, flags, f"/subjects/{subject_id}/next-form", following)


def following_form(asked: Asked) -> Response:
    """To the next form of a subject that wants an entry of this account; to the subject where none does."""
    subject_id = known_subject(asked).subject_id
    wanted = wanted_forms(asked.trial, asked.actor, subject_ids=[subject_id])
    if not wanted:
        return asked.redirect(f"/subjects/{subject_id}")
    return asked.redirect(f"/subjects/{subject_id}/visits/{wanted[0].visit}/forms/{wanted[0].form}/entry")


def _disagreement(asked: Asked, at_desk: FormAtDesk) -> tuple[str, ...]:
    """A trip-wire: the page says which items it held not asked, and the server finds the same, or tells."""
    told = asked.form.get("not_asked")
    if told is None or told == "-":  # a page without scripts
        return ()
    rows = [row_typed(at_desk.form, asked.form, number) for number in range(_lines(asked.form))]
    different = at_desk.not_asked(rows, asked.at("visit")) ^ set(told.split())
    if not different:
        return ()
    _log.error("logic disagreement on %d item(s)", len(different))
    text = said(
        "The page and the server differ on which items are asked: {items}. Tell whoever runs trialkit.",
        items=", ".join(sorted(different)),
    )
    return (text,)


def _page(
    asked: Asked,
    at_desk: FormAtDesk,
    typed: Mapping[str, str],
    *,
    error: TrialkitError | None = None,
    more_lines: int = 0,
    to_look_at: tuple[str, ...] = (),
) -> Response:
    form, draft = at_desk.form, draft_at(asked)
    single = form.entry is EntryMode.SINGLE
    lines = min(max(1, _lines(typed) + more_lines), _MOST_ROWS) if form.repeating else 1
    problems = problems_in(error)
    told = told_at(asked, form, typed, lines)
    labels, translate = asked.web.labels.get(asked.language, {}), translator(asked.language)
    return asked.page(
        "entry.html",
        subject_id=asked.at("subject_id"),
        visit=asked.trial.study.visit(asked.at("visit")),
        form=form,
        lines=[fields_of(form, number, typed, problems, told) for number in range(lines)],
        verified=is_verified(asked.trial, form),
        problems=problems,
        error=_in_own_words(asked, error),
        to_look_at=to_look_at,
        looked=_digest(to_look_at),
        draft=draft,
        kept_at=asked.time_of_day(draft.kept_at, at_desk.site) if draft.kept_at else "",
        others=others_at(asked, form),
        wanted=at_desk.is_open,
        closed=at_desk.standing is DeskStanding.CLOSED,
        study_locked=at_desk.study_locked,
        record_shown=not asked.actor.types_blindly,
        single=single,
        second_needed=single
        and asked.trial.study.capture.second_person_at_entry
        and any(item.critical for item in form.items),
        second_login=asked.form.get("second_login", ""),
        sent=asked.form,
        today=local_date(asked.trial, at_desk.site, asked.web.now()).isoformat() if single else "",
        logic=logic_of(form, asked.at("visit"), lambda text: in_language(text, labels, translate)),
        request_key=new_request_key(),
        status=HTTPStatus.CONFLICT if error else HTTPStatus.OK,
    )


def _in_own_words(asked: Asked, error: TrialkitError | None) -> TrialkitError | None:
    """What keeps a text as written is a key or button of this page; without scripts, the syntax of files."""
    if error is None or error.next_step != HOW_TO_KEEP or asked.form.get("not_asked", "-") == "-":
        return error
    return TrialkitError(expected=error.expected, found=error.found, where=error.where, next_step=_OWN_WAY)


def _rows(form: Form, sent: Mapping[str, str]) -> tuple[EnteredRow, ...]:
    """The lines that were typed; of a form with several, those with nothing on them are left out."""
    if not form.repeating:
        return (EnteredRow(row_typed(form, sent, 0), kept=_kept(form, sent, 0)),)
    rows = []
    for number in range(_lines(sent)):
        values = row_typed(form, sent, number)
        if any(text.strip() for text in values.values()):
            place = said("line {n}", n=number + 1)
            line = "" if form.row_key in values else str(number + 1)
            rows.append(EnteredRow(values, line, place, _kept(form, sent, number)))
    return tuple(rows)


def _kept(form: Form, sent: Mapping[str, str], number: int) -> frozenset[str]:
    """Values that the typist keeps, told that they differ."""
    return frozenset(item.name for item in form.items if sent.get(Field.keeps(number, item.name)) == "yes")


def _lines(sent: Mapping[str, str]) -> int:
    """How many lines stand in what was typed."""
    numbers = [whole_number(name[1:].partition(".")[0]) for name in typed_fields(sent)]
    return min(max((number + 1 for number in numbers if number is not None), default=0), _MOST_ROWS)
