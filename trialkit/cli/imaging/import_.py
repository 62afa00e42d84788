"""``trialkit imaging import``."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from trialkit.access.acts.capture import IMPORT_PASS
from trialkit.cli.door import FILE, Desk, at_desk, performs
from trialkit.cli.entered import entered_text
from trialkit.cli.imaging.measuring import (
    confounder_corrected_option,
    image_is_option,
    measure_settings,
    slice_option,
    trust_grid_option,
)
from trialkit.cli.imaging.telling import tell_notices, tell_oddities
from trialkit.wording import said

if TYPE_CHECKING:
    from trialkit.operations import Trial


@click.command("import", epilog="Exit status: 0 entered, 2 refused (nothing is written).")
@at_desk
@click.option("--subject", required=True, metavar="ID", help="Whose scan it is.")
@click.option("--visit", required=True, metavar="NAME", help="The visit it belongs to.")
@click.option("--form", default="mri", show_default=True, metavar="NAME", help="The form of readings.")
@click.option(
    "--image", type=FILE, required=True, metavar="IMAGE", help="The image; of a Dixon pair that of fat."
)
@click.option("--water", type=FILE, metavar="IMAGE", help="The water image of a Dixon pair.")
@click.option("--segmentation", type=FILE, required=True, metavar="FILE", help="This reader's segmentation.")
@click.option("--labels", type=FILE, metavar="FILE", help="What the label numbers mean.")
@click.option(
    "--grades", type=FILE, metavar="FILE", help="Grades as read: muscle,level,side,goutallier,kjaer."
)
@slice_option
@image_is_option
@confounder_corrected_option
@trust_grid_option
@click.option(
    "--another-file",
    is_flag=True,
    help="The other reader read another file of this scan, such as a conversion; this is recorded.",
)
@click.option("--date", "stated", metavar="YYYY-MM-DD", help="Of the scan, where the image does not tell it.")
@click.option(
    "--value", "others", multiple=True, metavar="ITEM=VALUE", help="An item that no scan gives; repeat."
)
@performs(IMPORT_PASS, says="Measure a scan and enter the result as the reader's own pass of a form.")
def import_(
    desk: Desk,
    subject: str,
    visit: str,
    form: str,
    image: Path,
    water: Path | None,
    segmentation: Path,
    labels: Path | None,
    grades: Path | None,
    slice_rule: str,
    image_is: str,
    confounder_corrected: bool,
    trust_grid: bool,
    another_file: bool,
    stated: str | None,
    others: tuple[str, ...],
) -> None:
    """The second reader enters the other pass without seeing the first; what differs goes to a third, as in
    double entry. Refused: a scan of another subject or far from the visit, one that names a person, sides or
    levels that contradict where segments lie, an image, water image or segmentation from which another
    subject's form was read, another image than the other reader's, and the other reader's segmentation.
    """
    from trialkit.imaging import measure, read_segmentation
    from trialkit.imaging.identity.items import form_values
    from trialkit.imaging.identity.linking import check_headers, check_places, provenance_of
    from trialkit.imaging.identity.places import oddities
    from trialkit.imaging.muscle.grades import read_grades
    from trialkit.imaging.reading.dixon import read_pair
    from trialkit.operations import ScanReading, import_reading

    told = check_headers(image, subject)
    if water is not None:
        told = check_headers(water, subject, scanned_on=told) or told
    check_headers(segmentation, subject)
    masks = read_segmentation(segmentation, labels=labels)
    check_places(masks)
    scanned, wet = read_pair(image, water)
    settings = measure_settings(slice_rule, image_is, confounder_corrected, trust_grid)
    read = read_grades(grades) if grades else ()
    table = measure(scanned, masks, wet, settings, scan=subject, grades=read)
    tell_notices(scanned, wet, masks)
    tell_oddities(segmentation, oddities(masks))
    day = _date(stated, told)
    with desk.open() as (trial, actor):
        names = _items(trial, form)
        values = {**form_values(table, names), **_stated(others)}
        if f"{form}_date" in names:
            values.setdefault(f"{form}_date", day.isoformat())
        scan = ScanReading(
            subject,
            visit,
            form,
            day,
            image.name,
            scanned.sha256,
            values,
            provenance_of(table),
            another_file,
        )
        entered = import_reading(trial, actor, scan=scan)
    click.echo(entered_text(entered, actor))


def _date(stated: str | None, told: date | None) -> date:
    from trialkit.imaging.errors import ImagingError

    try:
        found = datetime.strptime(stated, "%Y-%m-%d").date() if stated else None
    except ValueError:
        raise ImagingError(expected="a date YYYY-MM-DD", found=repr(stated), where="--date") from None
    if found is None and told is None:
        raise ImagingError(
            expected="the date of the scan", found="none in the image", next_step="State it with --date."
        )
    if found is not None and told is not None and found != told:
        raise ImagingError(
            expected="one date of the scan",
            found=said("{told} in the image", told=told),
            where=said("--date {found}", found=found),
        )
    day = found or told
    assert day is not None
    return day


def _stated(others: tuple[str, ...]) -> dict[str, str]:
    from trialkit.imaging.errors import ImagingError

    if not all("=" in text for text in others):
        raise ImagingError(expected="ITEM=VALUE", found=", ".join(others), where="--value")
    return dict(text.split("=", 1) for text in others)


def _items(trial: Trial, form: str) -> list[str]:
    from trialkit.imaging.errors import ImagingError

    known = trial.rules.forms.get(form)
    if known is None:
        raise ImagingError(
            expected=said("a form of the study: {forms}", forms=", ".join(trial.rules.forms)),
            found=repr(form),
            where="--form",
        )
    return [item.name for item in known.items]
