"""``trialkit study from-redcap``, ``from-epidata`` and ``init``: a definition drafted from what there is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from trialkit.interchange.definition_draft import ConvertedStudy

FILE = click.Path(path_type=Path)
_INTO = click.option(
    "--into", type=FILE, required=True, metavar="DIR", help="A new folder for the definition."
)
_ENCODING = click.option(
    "--encoding", metavar="NAME", help="Where a file is not UTF-8, e.g. cp1252, gb18030."
)
_ID = click.option(
    "--id",
    "study_id",
    metavar="ID",
    help="Of the study; the name of the file, or folder, by default.",
)
_TITLE = click.option("--title", default="", metavar="TEXT", help="Of the study.")
_LOST = "not_carried_over.csv"


@click.command("from-redcap", epilog="Exit status: 0 written, 2 the files cannot be read.")
@click.argument("dictionary", type=FILE)
@click.option(
    "--records", type=FILE, metavar="FILE", help="The project's records, exported as CSV (raw data)."
)
@_INTO
@_ENCODING
@_ID
@_TITLE
def from_redcap(
    dictionary: Path, records: Path | None, into: Path, encoding: str | None, study_id: str | None, title: str
) -> None:
    """Make a study definition of a REDCap project.

    DICTIONARY is the data dictionary as REDCap exports it, .csv or .xlsx, in any language of header. With the
    records come the events and which forms each has, repeating instruments and data access groups. What
    cannot be carried over is listed in DIR/not_carried_over.csv: line, what, why.
    """
    from trialkit.interchange import read_table
    from trialkit.interchange.reading import ONE_PART
    from trialkit.interchange.redcap_study import study_from_redcap
    from trialkit.study.dictionary_file import dictionary_text

    made = study_from_redcap(
        dictionary_text(dictionary, encoding),
        file=dictionary.name,
        records=None if records is None else read_table(records, encoding, many_parts=ONE_PART),
        study_id=study_id or _id_of(dictionary),
        title=title,
    )
    _write(made, into)


@click.command("from-epidata", epilog="Exit status: 0 written, 2 the file cannot be read.")
@click.argument("file", type=FILE)
@_INTO
@_ENCODING
@_ID
@_TITLE
def from_epidata(file: Path, into: Path, encoding: str | None, study_id: str | None, title: str) -> None:
    """Make a study definition of an EpiData project, record file or questionnaire.

    FILE is .epx or .epz (every form of the project), .rec or .qes (with the .chk beside it). What cannot be
    carried over is listed in DIR/not_carried_over.csv: line, what, why.
    """
    from trialkit.interchange.epidata_study import study_from_epidata

    identifier = study_id or _id_of(file)
    _write(study_from_epidata(file, encoding=encoding, study_id=identifier, title=title), into)


@click.command("template", epilog="Exit status: 0 written, 2 the definition cannot be read.")
@click.argument("folder", type=FILE)
@click.option("--form", required=True, metavar="NAME", help="The form to be typed.")
@click.option("--out", type=FILE, required=True, metavar="FILE", help="The workbook, .xlsx.")
def template(folder: Path, form: str, out: Path) -> None:
    """Write a workbook to type one form into, with drop-downs and ranges; `trialkit import` takes it."""
    from trialkit.interchange.template import template_xlsx
    from trialkit.nearest import advice
    from trialkit.safe_files import write_new
    from trialkit.study import StudyError, load_study
    from trialkit.study.asked import without_retired

    study = without_retired(load_study(folder))
    names = [known.name for known in study.forms]
    if form not in names:
        near = advice(form, names, otherwise="")
        raise StudyError(expected="a form of the study", found=repr(form), where="--form", next_step=near)
    write_new(out, template_xlsx(study, study.form(form)))
    click.echo(f"Written: {out}. Fill in a row a form, and `trialkit import` it with --form {form}.")


@click.command("crf", epilog="Exit status: 0 written, 2 the definition cannot be read.")
@click.argument("folder", type=FILE)
@click.option("--into", type=FILE, required=True, metavar="DIR", help="A folder for the two documents.")
@click.option(
    "--language",
    type=click.Choice(["en", "zh", "de", "fr", "es"]),
    default="en",
    show_default=True,
    help="Of the printed words.",
)
def crf(folder: Path, into: Path, language: str) -> None:
    """Print the case report forms: blank_crf.pdf to fill in, annotated_crf.pdf with items, codes and rules.

    Every field has the same number on both. One form begins a page. What is retired is not printed. Labels
    are those of labels.LANGUAGE.csv beside the definition, as far as they are there.
    """
    from trialkit.report.crf import write_crf
    from trialkit.safe_files import refuse_present
    from trialkit.study import load_study
    from trialkit.study.asked import without_retired
    from trialkit.study.labels import in_words, read_labels

    study = in_words(without_retired(load_study(folder)), read_labels(folder).get(language, {}))
    names = {"blank_crf.pdf": False, "annotated_crf.pdf": True}
    for name in names:
        refuse_present(into / name)
    into.mkdir(parents=True, exist_ok=True)
    for name, annotated in names.items():
        click.echo(f"Written: {write_crf(study, into / name, annotated=annotated, language=language)}")


@click.command("init", epilog="Exit status: 0 written, 2 the dictionary cannot be read.")
@click.argument("dictionary", type=FILE)
@_INTO
@_ENCODING
@_ID
@_TITLE
def init(dictionary: Path, into: Path, encoding: str | None, study_id: str | None, title: str) -> None:
    """Begin a study definition from a data dictionary alone.

    Every required table of study.toml is written, with what the dictionary says; the rest stands as "to be
    stated", and `trialkit study check DIR` lists it.
    """
    from trialkit.interchange.redcap_study import study_from_redcap
    from trialkit.study.dictionary_file import dictionary_text

    text = dictionary_text(dictionary, encoding)
    identifier = study_id or _id_of(dictionary)
    _write(study_from_redcap(text, file=dictionary.name, study_id=identifier, title=title), into)


def _id_of(path: Path) -> str:
    """Of REDCap's ``MyTrial_DataDictionary_2026-01-31.csv`` the trial; of ``dictionary.csv`` its folder."""
    name = re.split("_?data_?dictionary|^dictionary", path.stem, flags=re.IGNORECASE)[0]
    for words in (name, path.resolve().parent.name):
        identifier = "".join(character for character in words.upper() if character.isalnum())
        if identifier:
            return identifier
    return "STUDY"


def _write(made: ConvertedStudy, into: Path) -> None:
    from trialkit.safe_files import refuse_present, write_new

    contents: dict[str, str | bytes] = {
        "study.toml": made.definition_text,
        "dictionary.csv": made.dictionary_text,
        _LOST: made.not_carried_over_csv(),
    }
    for name in contents:
        refuse_present(into / name)
    into.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        write_new(into / name, content)
    study = made.study
    items = sum(len(form.items) for form in study.forms)
    click.echo(
        f"Study {study.id}: {len(study.forms)} forms, {items} items, {len(study.visits)} visits, "
        f"{len(study.sites)} sites."
    )
    click.echo(f"Written: {into}/study.toml, {into}/dictionary.csv")
    click.echo(
        f"Not carried over: {len(made.not_carried_over)}, each with its line and why in {into}/{_LOST}"
    )
    click.echo(f"Next: fill in what is to be stated, and `trialkit study check {into}`.")
