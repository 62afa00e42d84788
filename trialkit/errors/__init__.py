"""One place to import any trialkit error from.

The base error is here; each room keeps its own errors in its ``errors`` module, and this page hands them
out by name when asked, so that importing it costs nothing and imports still run down the floors.
"""

from __future__ import annotations

import importlib
from typing import Any

from trialkit.errors.base import TrialkitError

__all__ = ["ROOM_OF_ERROR", "TrialkitError"]

ROOM_OF_ERROR: dict[str, str] = {
    "AccessError": "access",
    "AdjudicationError": "entry",
    "AllocationKeyError": "randomization",
    "AnalysisError": "analysis",
    "ArmsError": "randomization",
    "AssessmentError": "randomization",
    "AuditError": "store",
    "BlockLengthError": "randomization",
    "CommitmentError": "randomization",
    "ComparisonError": "entry",
    "ConvergenceError": "stats",
    "CustodyFileError": "randomization",
    "DataError": "stats",
    "DatasetError": "datasets",
    "DocumentError": "documents",
    "EligibilityError": "operations",
    "EntryError": "operations",
    "ExpressionError": "expressions",
    "FactorLevelError": "randomization",
    "FileEncodingError": "table_files",
    "FileFormatError": "table_files",
    "FormLifeError": "entry",
    "FormulaError": "stats",
    "GeometryError": "imaging",
    "ImageFileError": "imaging",
    "ImagingError": "imaging",
    "InstrumentError": "instruments",
    "LabelError": "randomization",
    "LockRefusedError": "operations",
    "MeasurementError": "imaging",
    "MissingLibraryError": "imaging",
    "NonEstimableError": "stats",
    "OperationError": "operations",
    "PassError": "entry",
    "PassphraseError": "randomization",
    "PlanError": "plan",
    "RadiomicsError": "imaging",
    "RandomizationError": "randomization",
    "RankDeficiencyError": "stats",
    "ReportError": "report",
    "RestrictionError": "randomization",
    "ScheduleSizeError": "randomization",
    "SeedError": "randomization",
    "SegmentationError": "imaging",
    "SeparationError": "stats",
    "SimulationError": "simulation",
    "SnapshotError": "snapshot",
    "StoreError": "store",
    "StudyError": "study",
    "TamperedBundleError": "randomization",
    "TrialError": "operations",
    "UnknownLevelError": "randomization",
}


def __getattr__(name: str) -> Any:
    room = ROOM_OF_ERROR.get(name)
    if room is None:
        raise AttributeError(f"trialkit.errors has no {name!r}")
    return getattr(importlib.import_module(f"trialkit.{room}.errors"), name)


def __dir__() -> list[str]:
    return sorted([*__all__, *ROOM_OF_ERROR])
