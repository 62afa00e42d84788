"""A snapshot made straight from simulated paper: the analysis wing needs no database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tests.made_once import datasets_made_once
from trialkit import resources
from trialkit.analysis import load_plan
from trialkit.plan import Plan
from trialkit.simulation import Candidates, TrialPaper, candidates, load_scenario, outcomes
from trialkit.snapshot import Snapshot, SnapshotContent, read_snapshot, write_snapshot
from trialkit.study import load_study
from trialkit.study.model import Study

ARMS = ("exercise", "control")


@pytest.fixture(scope="session", autouse=True)
def _datasets_made_once() -> Iterator[None]:
    with datasets_made_once():
        yield


@pytest.fixture(scope="session")
def study() -> Study:
    return load_study(resources.folder("sample_data"))


@pytest.fixture(scope="session")
def plan() -> Plan:
    return load_plan(resources.folder("sap") / "study_a.toml")


@pytest.fixture(scope="session")
def snapshot(study: Study, tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    scenario = load_scenario(resources.folder("sample_data") / "simulation.toml")
    screened = candidates(study, scenario, n=314, seed=11)
    arm_of = {person.subject_id: ARMS[i % 2] for i, person in enumerate(screened.eligible)}
    paper = outcomes(study, scenario, screened, arm_of, seed=11)
    folder = tmp_path_factory.mktemp("snapshot") / "locked"
    write_snapshot(folder, snapshot_content(study, screened, paper, arm_of))
    return read_snapshot(folder)


def snapshot_content(
    study: Study, screened: Candidates, paper: TrialPaper, arm_of: dict[str, str]
) -> SnapshotContent:
    withdrawn = {course.subject_id for course in paper.courses if course.withdrawal_date}
    subjects = [
        {
            "subject_id": person.subject_id,
            "site": person.site,
            "status": "screen_failed"
            if not person.eligible
            else ("withdrawn" if person.subject_id in withdrawn else "completed"),
            "status_reason": person.failure,
            "consent_date": person.consent_date.isoformat(),
            "randomization_date": person.ready_on.isoformat() if person.ready_on else "",
            "stratum_randomized": "/".join(person.factors.values()) if person.eligible else "",
            "stratum_true": "/".join(person.factors.values()) if person.eligible else "",
            **{
                f"{factor.name}_{kind}": person.factors[factor.name] if person.eligible else ""
                for factor in study.factors
                for kind in ("randomized", "true")
            },
        }
        for person in screened.screened
    ]
    return SnapshotContent(
        study_id=study.id,
        study_version=study.version,
        study_sha256=study.sha256,
        definition_text=study.definition_text,
        dictionary_text=study.dictionary_text,
        factors=tuple(factor.name for factor in study.factors),
        tables={
            "subjects": subjects,
            "visits": [
                {
                    "subject_id": visit.subject_id,
                    "visit": visit.visit,
                    "date": visit.date.isoformat() if visit.date else "",
                    "status": visit.status,
                    "reason": visit.reason,
                }
                for visit in paper.visits
            ],
            "values": [
                {
                    "subject_id": row.subject_id,
                    "visit": row.visit,
                    "form": row.form,
                    "row": str(row.row),
                    "item": item,
                    "value": "" if value.startswith("@") else value,
                    "state": "missing" if value.startswith("@") else "value" if value else "blank",
                    "missing_code": value[1:] if value.startswith("@") else "",
                }
                for row in paper.rows
                for item, value in row.values.items()
            ],
            "quality": [{"measure": "fields_compared", "value": "10"}],
            "unblinding": [
                {
                    "audit_number": "1",
                    "signed_by": "manager",
                    "signed_at": "2026-01-01T00:00:00+00:00",
                    "reason": "Data locked",
                }
            ],
            "allocations": [
                {"subject_id": subject, "planned_arm": arm, "actual_arm": arm}
                for subject, arm in arm_of.items()
            ],
        },
        state="locked",
        taken_at=datetime(2026, 1, 1, tzinfo=UTC),
        audit_number=1,
        audit_hash="0" * 64,
    )
