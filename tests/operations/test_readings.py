"""A reader's measurements of a scan are that reader's pass; a scan that is not the subject's is refused."""

from __future__ import annotations

import hashlib
import json
import shutil
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from chain import ADJUDICATOR, COORDINATOR, FIRST, MANAGER, SECOND
from click.testing import CliRunner

from tests.imaging.conftest import write_series
from trialkit import operations as op
from trialkit.access.acts.reading import VIEW_ERROR_RATES
from trialkit.cli.root import root
from trialkit.entry import PassError
from trialkit.errors import EntryError, ImagingError, MeasurementError
from trialkit.imaging import measure, read_image, read_segmentation
from trialkit.imaging.identity.items import form_values
from trialkit.imaging.identity.linking import check_headers, check_places
from trialkit.imaging.muscle.grades import read_grades
from trialkit.imaging.phantom.scan import make_scan, typical_back, write_scan
from trialkit.operations import ScanReading, import_reading, import_readings
from trialkit.operations.gate import reading
from trialkit.operations.quality import quality_counts
from trialkit.operations.same_files import files_as_both_entries
from trialkit.store.reading.finals import final_values
from trialkit.vocabulary import ItemType

LEVELS = ("L1", "L2", "L3", "L4", "L5")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("scan")
    (folder / "grades.csv").write_text(
        "muscle,level,side,goutallier\n" + "".join(f"multifidus,{level},,2\n" for level in LEVELS)
    )
    return {**write_scan(make_scan(typical_back(), 3), folder, "s"), "grades": folder / "grades.csv"}


@pytest.fixture
def subject_id(trial: op.Trial) -> str:
    today = trial.clock.now().date()
    who = op.enrol(trial, COORDINATOR, site="A", consent_date=today).subject_id
    op.record_visits(trial, COORDINATOR, visits_done=[op.VisitDone(who, "baseline", today)])
    return who


def scan_of(trial: op.Trial, files: dict[str, Path], who: str, reader: str, **changed: object) -> ScanReading:
    fat, water = read_image(files["fat"]), read_image(files["water"])
    table = measure(fat, read_segmentation(files[reader]), water, grades=read_grades(files["grades"]))
    items = [item.name for item in trial.study.form("mri").items]
    day = trial.clock.now().date()
    values = {**form_values(table, items), "mri_date": day.isoformat()}
    if reader == "reader_2":  # beyond any tolerance
        values["mri_l4_multifidus_fat_percent"] = "60.0"
    stated = {"subject_id": who, "visit": "baseline", "form": "mri", "scan_date": day,
              "file_name": "s_fat.nii.gz",
              "file_sha256": fat.sha256, "values": values}  # fmt: skip
    return ScanReading(**{**stated, **changed})  # type: ignore[arg-type]


def test_two_readers_make_the_two_passes_and_what_differs_goes_to_a_third(trial, files, subject_id):
    first = scan_of(trial, files, subject_id, "reader_1")
    assert import_reading(trial, FIRST, scan=first).first_passes == 1
    second = scan_of(trial, files, subject_id, "reader_2")
    entered = import_reading(trial, SECOND, scan=second)
    assert files_as_both_entries(trial, MANAGER) == [], "both read one image: that is how it is meant"
    allowed = {item.name: item.agree_within for item in trial.study.form("mri").items}
    apart = {item: abs(float(text) - float(second.values[item])) for item, text in first.values.items()
             if allowed[item]}  # fmt: skip
    differ = {item for item, far in apart.items() if far > allowed[item]}
    assert entered.discrepancies == len(differ)
    item = "mri_l4_multifidus_fat_percent"
    assert item in differ
    near = max(set(apart) - differ, key=lambda name: apart[name] / allowed[name])
    with trial.store.reading() as reader:
        final = {one.item: one.value.text for one in final_values(reader, forms={"mri"})}
    assert apart[near] > 0
    assert float(final[near]) == pytest.approx(
        (float(first.values[near]) + float(second.values[near])) / 2, abs=0.5
    )
    assert item not in final
    verdict = op.Verdict(subject_id, "baseline", "mri", "", item, op_choice("first"), op_reason(), None)
    assert op.adjudicate(trial, ADJUDICATOR, verdicts=[verdict]) is not None


def test_what_readers_differ_in_is_counted_apart_from_typing(trial, files, subject_id):
    """Rates of double entry are of copies of paper: a reading is none."""
    import_reading(trial, FIRST, scan=scan_of(trial, files, subject_id, "reader_1"))
    differ = import_reading(trial, SECOND, scan=scan_of(trial, files, subject_id, "reader_2")).discrepancies
    for who, mm in ((FIRST, "20"), (SECOND, "30")):
        typed = op.FormEntry(subject_id, "baseline", "vas", (op.EnteredRow({"vas_mm": mm}),))
        op.enter_pass(trial, who, entry=typed)
    with reading(trial, MANAGER, VIEW_ERROR_RATES) as gate:
        counts = {row["measure"]: int(row["value"]) for row in quality_counts(gate)}
    of_vas = sum(item.type is not ItemType.DERIVED for item in trial.study.form("vas").items)
    of_mri = sum(item.type is not ItemType.DERIVED for item in trial.study.form("mri").items)
    assert (counts["fields_compared"], counts["fields_discordant"]) == (of_vas, 1)
    assert (counts["readings_compared"], counts["readings_discordant"]) == (of_mri, differ)
    assert (counts["adjudicated"], counts["readings_adjudicated"]) == (0, 0)


def op_choice(name: str):
    from trialkit.entry import AdjudicationChoice

    return AdjudicationChoice(name)


def op_reason():
    from trialkit.entry import ReasonCode

    return next(iter(ReasonCode))


def test_one_reader_does_not_make_both_passes(trial, files, subject_id):
    import_reading(trial, FIRST, scan=scan_of(trial, files, subject_id, "reader_1"))
    with pytest.raises(PassError):
        import_reading(trial, FIRST, scan=scan_of(trial, files, subject_id, "reader_2"))


def test_a_scan_from_which_another_subjects_form_was_read_is_refused(trial, files, subject_id):
    import_reading(trial, FIRST, scan=scan_of(trial, files, subject_id, "reader_1"))
    today = trial.clock.now().date()
    other = op.enrol(trial, COORDINATOR, site="A", consent_date=today).subject_id
    op.record_visits(trial, COORDINATOR, visits_done=[op.VisitDone(other, "baseline", today)])
    with pytest.raises(EntryError, match="another subject's form") as refused:
        import_reading(trial, FIRST, scan=scan_of(trial, files, other, "reader_1"))
    assert subject_id not in str(refused.value)
    op.void_pass(trial, MANAGER, subject_id=subject_id, visit="baseline", form="mri", reason="wrong subject")
    import_reading(trial, FIRST, scan=scan_of(trial, files, other, "reader_1"))


def test_a_scan_far_from_its_visit_or_without_one_is_refused(trial, files, subject_id):
    day = trial.clock.now().date() - timedelta(days=32)
    with pytest.raises(EntryError, match="32 days from"):
        import_reading(trial, FIRST, scan=scan_of(trial, files, subject_id, "reader_1", scan_date=day))
    with pytest.raises(EntryError, match="a visit that took place"):
        import_reading(trial, FIRST, scan=scan_of(trial, files, subject_id, "reader_1", visit="week_6"))


def test_a_dicom_scan_of_somebody_else_or_with_a_name_is_refused(tmp_path):
    array = np.random.default_rng(1).integers(1, 900, (3, 6, 6))
    write_series(tmp_path / "ok", array)
    assert str(check_headers(tmp_path / "ok", "A-001")) == "2025-01-03"
    with pytest.raises(ImagingError, match="another patient ID"):
        check_headers(tmp_path / "ok", "A-002")
    for number, tag in enumerate(({"PatientName": "Zhang^Wei"}, {"PatientBirthDate": "19560412"})):
        write_series(tmp_path / f"named{number}", array, **tag)
        with pytest.raises(ImagingError, match="names no person") as refused:
            check_headers(tmp_path / f"named{number}", "A-001")
        assert "Zhang" not in str(refused.value)
        assert next(iter(tag)) in str(refused.value)


def test_exchanged_sides_are_refused_and_missing_muscles_named(files):
    from dataclasses import replace

    masks = read_segmentation(files["reader_1"])
    check_places(masks)
    exchanged = {name.replace("left", "x").replace("right", "left").replace("x", "right"): mask
                 for name, mask in masks.segments.items()}  # fmt: skip
    with pytest.raises(ImagingError, match="lie to the right"):
        check_places(replace(masks, segments=exchanged))
    fat, water = read_image(files["fat"]), read_image(files["water"])
    with pytest.raises(MeasurementError, match="none for mri_l4_goutallier"):
        form_values(measure(fat, masks, water), ["mri_l4_goutallier", "mri_l4_psoas_csa_mm2"])


def test_the_command_measures_and_enters(trial, files, subject_id, tmp_path):
    study = tmp_path / "copy"
    shutil.copytree(trial.folder, study)
    day = trial.clock.now().date().isoformat()
    done = CliRunner().invoke(
        root,
        ["imaging", "import", str(study), "--as", "first", "--subject", subject_id, "--visit", "baseline",
         "--image", str(files["fat"]), "--water", str(files["water"]),
         "--segmentation", str(files["reader_1"]),
         "--grades", str(files["grades"]), "--date", day],
    )  # fmt: skip
    assert done.exit_code == 0, done.exception
    assert "1" in done.output


def test_a_single_dicom_file_is_held_to_the_same_rules_as_a_folder(tmp_path):
    array = np.random.default_rng(1).integers(1, 900, (3, 6, 6))
    write_series(tmp_path / "series", array, PatientName="Zhang^Wei")
    one = next((tmp_path / "series").iterdir())
    bare = one.rename(tmp_path / "scan")  # archives export files without a suffix
    for subject_id, told in (("A-001", "PatientName"), ("A-002", "PatientName")):
        with pytest.raises(ImagingError, match=told) as refused:
            check_headers(bare, subject_id)
        assert "Zhang" not in str(refused.value)
    write_series(tmp_path / "clean", array)
    with pytest.raises(ImagingError, match="another patient ID"):
        check_headers(next((tmp_path / "clean").iterdir()), "A-002")
    write_series(tmp_path / "nobody", array, PatientID="", PatientName="")
    with pytest.raises(ImagingError, match="no patient ID"):
        check_headers(tmp_path / "nobody", "A-001")


def test_a_person_told_beside_the_picture_is_found_too(files, tmp_path):
    image = tmp_path / "s_fat.nii.gz"
    shutil.copy(files["fat"], image)
    sidecar = tmp_path / "s_fat.json"
    for content, told in (
        ({"PatientName": "Zhang^Wei"}, "PatientName"),
        ({"PatientBirthDate": "1956-04-12"}, "PatientBirthDate"),
        ({"PatientID": "A-002"}, "another patient ID"),
    ):
        sidecar.write_text(json.dumps(content))
        with pytest.raises(ImagingError, match=told) as refused:
            check_headers(image, "A-001")
        assert "Zhang" not in str(refused.value)
        assert "1956" not in str(refused.value)
    sidecar.write_text(json.dumps({"PatientID": "A-001", "PatientName": "A-001", "EchoTime": 0.003}))
    assert check_headers(image, "A-001") is None


def test_an_nrrd_header_that_names_a_person_is_refused(tmp_path):
    import nrrd

    header = {"space": "left-posterior-superior", "space directions": np.eye(3),
              "space origin": np.zeros(3), "DICOM_0010_0010": "Zhang^Wei"}  # fmt: skip
    nrrd.write(str(tmp_path / "scan.nrrd"), np.zeros((2, 2, 2)), header)
    with pytest.raises(ImagingError, match="PatientName"):
        check_headers(tmp_path / "scan.nrrd", "A-001")


def test_a_scan_without_a_date_tells_none(tmp_path):
    write_series(tmp_path / "s", np.ones((3, 6, 6), dtype=int), StudyDate="")
    assert check_headers(tmp_path / "s", "A-001") is None


def test_two_imports_at_once_link_a_scan_to_one_subject(trial, files, subject_id, monkeypatch):
    """The second looks before the first has written, and is refused when it writes."""
    from trialkit.operations import readings

    today = trial.clock.now().date()
    other = op.enrol(trial, COORDINATOR, site="A", consent_date=today).subject_id
    op.record_visits(trial, COORDINATOR, visits_done=[op.VisitDone(other, "baseline", today)])
    before = readings.write_batch

    def after_the_other(*given: object, **named: object) -> object:
        monkeypatch.setattr(readings, "write_batch", before)
        import_reading(trial, SECOND, scan=scan_of(trial, files, other, "reader_1"))
        return before(*given, **named)

    monkeypatch.setattr(readings, "write_batch", after_the_other)
    with pytest.raises(EntryError, match="another subject's form"):
        import_reading(trial, FIRST, scan=scan_of(trial, files, subject_id, "reader_1"))


def test_several_scans_are_entered_in_one_act_or_none_is(trial, files, subject_id, tmp_path):
    today = trial.clock.now().date()
    other = op.enrol(trial, COORDINATOR, site="A", consent_date=today).subject_id
    op.record_visits(trial, COORDINATOR, visits_done=[op.VisitDone(other, "baseline", today)])
    one = scan_of(trial, files, subject_id, "reader_1")
    same_file = scan_of(trial, files, other, "reader_1")
    with pytest.raises(EntryError, match="another subject's form"):
        import_readings(trial, FIRST, scans=[one, same_file])
    own_file = scan_of(trial, files, other, "reader_1", file_sha256="0" * 64)
    far = scan_of(trial, files, other, "reader_1", file_sha256="0" * 64, scan_date=today - timedelta(days=90))
    with pytest.raises(EntryError, match="90 days from"):
        import_readings(trial, FIRST, scans=[one, far])
    entered = import_readings(trial, FIRST, scans=[one, own_file])
    assert (entered.forms, entered.first_passes) == (2, 2)
    assert not entered.notes
    with pytest.raises(EntryError, match="another subject's form"):
        import_reading(
            trial, SECOND, scan=scan_of(trial, files, subject_id, "reader_2", file_sha256="0" * 64)
        )


def test_the_second_readers_import_says_nothing_of_the_first(trial, files, subject_id):
    import_reading(trial, FIRST, scan=scan_of(trial, files, subject_id, "reader_1"))
    entered = import_reading(trial, SECOND, scan=scan_of(trial, files, subject_id, "reader_2"))
    assert not entered.notes


def test_the_record_of_a_reading_tells_where_its_numbers_come_from(trial, files, subject_id, tmp_path):
    shutil.copytree(trial.folder, tmp_path / "copy")
    day = trial.clock.now().date().isoformat()
    done = CliRunner().invoke(
        root,
        ["imaging", "import", str(tmp_path / "copy"), "--as", "first", "--subject", subject_id,
         "--visit", "baseline", "--image", str(files["fat"]), "--water", str(files["water"]),
         "--segmentation", str(files["reader_1"]), "--grades", str(files["grades"]), "--date", day],
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    with op.open_trial(tmp_path / "copy") as copy, copy.store.reading() as reader:
        record = reader.exec_driver_sql(
            "SELECT payload_text FROM audit_transaction ORDER BY number DESC LIMIT 1"
        ).scalar_one()
    for path in ("fat", "water", "reader_1"):
        assert hashlib.sha256(files[path].read_bytes()).hexdigest() in record
    assert "csa/1" in record
    assert "slice_rule" in record


def another_subject(trial: op.Trial) -> str:
    today = trial.clock.now().date()
    other = op.enrol(trial, COORDINATOR, site="A", consent_date=today).subject_id
    op.record_visits(trial, COORDINATOR, visits_done=[op.VisitDone(other, "baseline", today)])
    return other


@pytest.mark.parametrize("kind", ["water", "segmentation"])
def test_a_file_beside_the_image_belongs_to_one_subject_too(trial, files, subject_id, kind):
    digest = {f"{kind}_sha256": "a" * 64}
    import_reading(trial, FIRST, scan=scan_of(trial, files, subject_id, "reader_1", provenance=digest))
    other = another_subject(trial)
    theirs = scan_of(trial, files, other, "reader_1", file_sha256="b" * 64, provenance=digest)
    with pytest.raises(EntryError, match="another subject's form") as refused:
        import_reading(trial, FIRST, scan=theirs)
    assert kind in refused.value.where
    assert subject_id not in str(refused.value)
    as_image = scan_of(trial, files, other, "reader_1", file_sha256="a" * 64)
    with pytest.raises(EntryError, match="another subject's form"):
        import_reading(trial, FIRST, scan=as_image)


def test_the_second_reader_reads_the_same_image_with_outlines_of_the_own(trial, files, subject_id):
    drawn = {"segmentation_sha256": "a" * 64}
    import_reading(trial, FIRST, scan=scan_of(trial, files, subject_id, "reader_1", provenance=drawn))
    other_image = {"file_sha256": "b" * 64, "provenance": {"segmentation_sha256": "c" * 64}}
    with pytest.raises(EntryError, match="the image that this form's other pass was read from"):
        import_reading(trial, SECOND, scan=scan_of(trial, files, subject_id, "reader_2", **other_image))
    with pytest.raises(EntryError, match="this reader's own"):
        import_reading(trial, SECOND, scan=scan_of(trial, files, subject_id, "reader_2", provenance=drawn))
    said_so = scan_of(trial, files, subject_id, "reader_2", another_file=True, **other_image)
    assert import_reading(trial, SECOND, scan=said_so).second_passes == 1
    with trial.store.reading() as reader:
        told = reader.exec_driver_sql(
            "SELECT payload_text FROM audit_transaction ORDER BY number DESC LIMIT 1"
        ).scalar_one()
    assert "another_file" in told


def test_the_mean_of_two_sides_needs_both(files):
    table = measure(
        read_image(files["fat"]), read_segmentation(files["reader_1"]), read_image(files["water"])
    )
    item, of_left = "mri_l4_multifidus_csa_mm2", "mri_l4_multifidus_left_csa_mm2"
    at = (table["muscle"] == "multifidus") & (table["level"] == "L4") & (table["metric"] == "csa")
    left, right = (table[at & (table["side"] == side)]["value"].item() for side in ("left", "right"))
    assert form_values(table, [item]) == {item: f"{(left + right) * 50:.0f}"}
    one_side = table[~(at & (table["side"] == "right"))]
    assert form_values(one_side, [of_left]) == {of_left: f"{left * 100:.0f}"}
    with pytest.raises(MeasurementError, match="right is not drawn"):
        form_values(one_side, [item])
    twice = table.assign(segment=table["segment"])._append(table[at], ignore_index=True)
    with pytest.raises(MeasurementError, match="several segments on one side"):
        form_values(twice, [item])
    with pytest.raises(MeasurementError, match="the image gives no such value"):
        form_values(table, ["mri_l4_multifidus_fi_otsu_percent"])


def test_of_two_imports_at_once_on_postgresql_one_links_the_scan(on_postgresql, files):
    """Two connections of their own, let go together: the database decides, and one subject has the scan."""
    from concurrent.futures import ThreadPoolExecutor
    from threading import Barrier

    trial = on_postgresql
    subjects = [another_subject(trial) for _ in range(2)]
    scans = [scan_of(trial, files, who, "reader_1") for who in subjects]
    together = Barrier(2)

    def one(scan: ScanReading) -> str:
        with op.open_trial(trial.folder, clock=trial.clock) as own:
            together.wait(timeout=30)
            try:
                return f"entered {import_reading(own, FIRST, scan=scan).first_passes}"
            except EntryError as refused:
                return refused.found

    with ThreadPoolExecutor(2) as pool:
        told = sorted(pool.map(one, scans))
    assert told == ["entered 1", "one from which another subject's form was read"]
    with trial.store.reading() as reader:
        from trialkit.store.reading.files import subjects_of_files

        assert len(subjects_of_files(reader, [scans[0].file_sha256])[scans[0].file_sha256]) == 1
