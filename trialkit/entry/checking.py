"""What is entered, read and checked before any transaction opens; pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from trialkit.entry.agreement import TypedValue
from trialkit.entry.errors import EntryError
from trialkit.entry.final_record import PassRow
from trialkit.entry.meaning import AS_WRITTEN, WRITTEN_PREFIX, Typed
from trialkit.entry.rules import StudyRules
from trialkit.nearest import advice
from trialkit.study.model import Form
from trialkit.vocabulary import ValueState
from trialkit.wording import said

HOW_TO_KEEP = said(
    "Look at the paper form. What stands there and can be no value is typed as {prefix}TEXT; on the entry "
    "page, key F9 keeps it.",
    prefix=WRITTEN_PREFIX,
)


@dataclass(frozen=True, slots=True)
class EnteredRow:
    """One line of a form as typed.

    Parameters
    ----------
    values
        Item -> text as typed (blank: empty text; a missing code: ``@unknown``), or a ``TypedValue``.
    row
        The printed line number on a repeating form; where the form's key item is among ``values``, that
        counts. Empty on other forms.
    place
        Where it comes from, for errors: ``file:line``. Empty: ``subject/visit/form``.
    kept
        Items whose value the typist keeps, told that it differs from the other entry.
    """

    values: Mapping[str, str | TypedValue]
    row: str = ""
    place: str = ""
    kept: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class FormEntry:
    """One form of one subject at one visit, as one person typed it."""

    subject_id: str
    visit: str
    form: str
    rows: tuple[EnteredRow, ...]
    key: tuple[str, str, str] = field(init=False, repr=False, compare=False)
    """Subject, visit, form: asked for a dozen times where the entry is saved."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", (self.subject_id, self.visit, self.form))

    @property
    def where(self) -> str:
        return "/".join(self.key)


@dataclass(frozen=True, slots=True)
class Flag:
    """Something to look at in what was entered; it was taken all the same.

    ``row`` and ``item`` say where in its form, ``check`` which check of the study's own warned, or that the
    text is kept as written; they are empty where it is about more, or is a range or a required item.
    """

    where: str
    text: str
    row: str = ""
    item: str = ""
    check: str = ""

    def __str__(self) -> str:
        return f"{self.where}: {self.text}"


@dataclass(frozen=True, slots=True)
class CheckedEntry:
    """An entry whose every text can be a value."""

    entry: FormEntry
    form: Form
    rows: tuple[PassRow, ...]
    flags: tuple[Flag, ...] = field(default=())


def check_entries(
    rules_of: Callable[[FormEntry], StudyRules],
    entries: Sequence[FormEntry],
    asked: Mapping[str, Collection[str]] | None = None,
) -> list[CheckedEntry]:
    """Read every entry, or refuse all, naming everything that cannot be taken.

    ``rules_of`` says by which version of the study each is read; ``asked``, of an amended study, form -> the
    items that any version asks.

    An item of the form that was left out stands as blank and is flagged: nobody finds it missing later.

    Raises
    ------
    EntryError
        An unknown form, visit or item, a form twice, no row, two rows with one key, a text that is no
        value of its item; each with its place, the first with the others in ``also``.
    """
    seen: set[tuple[str, str, str]] = set()
    problems: list[EntryError] = []
    checked: list[CheckedEntry] = []
    for entry in entries:
        if entry.key in seen:
            problems.append(_problem(entry, None, "", "each form once in a batch", "one twice"))
            continue
        seen.add(entry.key)
        found = _check_entry(rules_of(entry), entry, problems, (asked or {}).get(entry.form, ()))
        if found is not None:
            checked.append(found)
    if problems:
        raise EntryError.all_of(problems)
    return checked


def _check_entry(
    rules: StudyRules, entry: FormEntry, problems: list[EntryError], asked: Collection[str]
) -> CheckedEntry | None:
    form = rules.forms.get(entry.form)
    before = len(problems)
    if form is None:
        near = advice(entry.form, list(rules.forms), otherwise="")
        problems.append(_problem(entry, None, "", "a form of the study", repr(entry.form), near))
        return None
    if entry.visit not in form.visits:
        expected = said("a visit of form {name}: {visits}", name=form.name, visits=", ".join(form.visits))
        near = advice(entry.visit, form.visits, otherwise="")
        problems.append(_problem(entry, None, "", expected, repr(entry.visit), near))
        return None
    if not entry.rows or (len(entry.rows) > 1 and not form.repeating):
        number = "at least one row" if form.repeating else "exactly one row"
        problems.append(_problem(entry, None, "", number, str(len(entry.rows))))
        return None
    rows: list[PassRow] = []
    flags: list[Flag] = []
    for entered in entry.rows:
        row = _check_row(rules, entry, form, entered, problems, flags, asked)
        if row is not None:
            rows.append(row)
    for row in rows:
        flags += _warnings(rules, entry, row)
    times = Counter(row.row_key for row in rows) if len(rows) > 1 else {}
    repeated = sorted(key for key, n in times.items() if n > 1)
    if repeated and not repeated[0].strip():
        problems.append(_problem(entry, None, "", "a number on each line", "several lines without one"))
    elif repeated:
        problems.append(
            _problem(
                entry, None, "", "each line number once", said("{repeated!r} twice", repeated=repeated[0])
            )
        )
    if len(problems) > before:
        return None
    return CheckedEntry(entry, form, tuple(rows), tuple(flags))


def _warnings(rules: StudyRules, entry: FormEntry, row: PassRow) -> list[Flag]:
    """What lies outside a reference range, and which of the study's own checks the row fails."""
    typed = {name: value.text for name, value in row.values.items() if value.text is not None}
    ranges = rules.checks.ranges_in_pass(entry.visit, typed)
    checks = rules.checks.warning_in_pass(entry.form, entry.visit, typed)
    if not ranges and not checks:
        return []
    where = "/".join(filter(None, (entry.where, row.row_key)))
    return [
        *(Flag(f"{where}/{item}", message, row.row_key, item) for item, message in ranges),
        *(Flag(where, check.message, row.row_key, check=check.name) for check in checks),
    ]


def _check_row(
    rules: StudyRules,
    entry: FormEntry,
    form: Form,
    entered: EnteredRow,
    problems: list[EntryError],
    flags: list[Flag],
    asked: Collection[str],
) -> PassRow | None:
    items = rules.form_items[form.name]
    if not entered.values.keys() <= items.keys():
        unknown = next(name for name in entered.values if name not in items)
        problems.append(_unknown_item(rules, entry, entered, unknown, asked))
        return None
    derived = rules.derived[form.name]
    given = dict(entered.values)
    for name in derived & given.keys():
        if given[name] == "":
            del given[name]
    if form.row_key is not None and entered.row:
        given.setdefault(form.row_key, entered.row)
    line = str(given.get(form.row_key, entered.row) if form.row_key else entered.row).strip()
    left_out: list[str] = []
    if not given.keys() >= rules.typed[form.name]:
        left_out = [name for name in items if name not in derived and name not in given]
        given |= dict.fromkeys(left_out, "")
    found = rules.read_row(form.name, given, entry.visit)
    values = {}
    for name in left_out:
        if found[name].value.state is ValueState.BLANK:
            oddity = said("left out, and taken as blank")
            flags.append(Flag(f"{entry.where}/{name}", oddity, line, name))
            found[name] = Typed(found[name].value)
    for name, typed in found.items():
        if typed.problem:
            text = typed.value.text if typed.value.text is not None else f"@{typed.value.missing_code}"
            problems.append(_problem(entry, entered, name, typed.problem, repr(text), HOW_TO_KEEP))
        elif typed.oddity:
            check = AS_WRITTEN if typed.as_written else ""
            flags.append(Flag(f"{entry.where}/{name}", typed.oddity, line, name, check))
        values[name] = typed.value
    key = entered.row
    if form.row_key is not None and form.row_key in values:
        key = values[form.row_key].text or ""
    if form.row_key is not None and entered.row.strip() and entered.row.strip() != key.strip():
        problems.append(_two_lines(entry, entered, form.row_key, key))
    if not form.repeating and key:
        problems.append(_problem(entry, entered, "row", "no line number here", repr(key)))
    return PassRow(key, values)


def _unknown_item(
    rules: StudyRules, entry: FormEntry, entered: EnteredRow, name: str, asked: Collection[str]
) -> EntryError:
    """An item that the form has not, or has in another version than the one it goes by."""
    form, items = entry.form, rules.form_items[entry.form]
    if name not in asked:
        near = advice(name, list(items), otherwise="")
        return _problem(entry, entered, name, said("an item of form {name}", name=form), repr(name), near)
    return _problem(
        entry,
        entered,
        name,
        said(
            "an item of form {name} in version {version}, by which it goes here",
            name=form,
            version=rules.study.version,
        ),
        said("{name!r}, which another version asks", name=name),
        "Record the visit first: a form goes by the version of its visit's day, and by today's where there "
        "is none. One that is begun keeps its own.",
    )


def _two_lines(entry: FormEntry, entered: EnteredRow, item: str, key: str) -> EntryError:
    """One row that states two line numbers."""
    return _problem(
        entry,
        entered,
        item,
        said("the line number stated for the row, {row!r}, or none", row=entered.row.strip()),
        repr(key.strip()) if key.strip() else said("a blank"),
        said("Look at the number printed on the line; state it once."),
    )


def place_of(entry: FormEntry, entered: EnteredRow | None, item: str = "") -> str:
    """Where a typist finds it: of a file or page its line, else the form; and the item."""
    place = entered.place if entered is not None and entered.place else entry.where
    separator = ":" if entered is not None and entered.place else "/"
    return f"{place}{separator}{item}" if item else place


def _problem(
    entry: FormEntry,
    entered: EnteredRow | None,
    item: str,
    expected: str,
    found: str,
    next_step: str = "",
) -> EntryError:
    return EntryError(
        expected=expected,
        found=found,
        where=place_of(entry, entered, item),
        next_step=next_step or "Look at the paper form.",
    )
