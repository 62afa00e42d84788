from trialkit.access.errors import (
    AccessError as AccessError,
)
from trialkit.analysis.errors import (
    AnalysisError as AnalysisError,
    WithheldError as WithheldError,
)
from trialkit.datasets.errors import (
    DatasetError as DatasetError,
)
from trialkit.documents.errors import (
    DocumentError as DocumentError,
)
from trialkit.entry.errors import (
    AdjudicationError as AdjudicationError,
    ChallengedError as ChallengedError,
    ComparisonError as ComparisonError,
    EntryError as EntryError,
    FormLifeError as FormLifeError,
    InAlreadyError as InAlreadyError,
    PassError as PassError,
)
from trialkit.errors.base import (
    TrialkitError as TrialkitError,
)
from trialkit.expressions.errors import (
    ExpressionError as ExpressionError,
)
from trialkit.imaging.errors import (
    GeometryError as GeometryError,
    ImageFileError as ImageFileError,
    ImagingError as ImagingError,
    MeasurementError as MeasurementError,
    MissingLibraryError as MissingLibraryError,
    RadiomicsError as RadiomicsError,
    SegmentationError as SegmentationError,
)
from trialkit.instruments.errors import (
    InstrumentError as InstrumentError,
)
from trialkit.operations.errors import (
    EligibilityError as EligibilityError,
    LockRefusedError as LockRefusedError,
    OperationError as OperationError,
    TrialError as TrialError,
)
from trialkit.plan.errors import (
    PlanError as PlanError,
    PlanWarning as PlanWarning,
)
from trialkit.prediction.errors import (
    ModelFileError as ModelFileError,
    PredictionError as PredictionError,
)
from trialkit.randomization.errors import (
    AllocationKeyError as AllocationKeyError,
    ArmsError as ArmsError,
    AssessmentError as AssessmentError,
    BlockLengthError as BlockLengthError,
    CommitmentError as CommitmentError,
    CustodyFileError as CustodyFileError,
    FactorLevelError as FactorLevelError,
    LabelError as LabelError,
    PassphraseError as PassphraseError,
    RandomizationError as RandomizationError,
    RestrictionError as RestrictionError,
    ScheduleSizeError as ScheduleSizeError,
    SeedError as SeedError,
    TamperedBundleError as TamperedBundleError,
    UnknownLevelError as UnknownLevelError,
)
from trialkit.report.errors import (
    ReportError as ReportError,
)
from trialkit.simulation.errors import (
    SimulationError as SimulationError,
)
from trialkit.snapshot.errors import (
    SnapshotError as SnapshotError,
)
from trialkit.stats.errors import (
    ConvergenceError as ConvergenceError,
    DataError as DataError,
    FormulaError as FormulaError,
    NonEstimableError as NonEstimableError,
    RankDeficiencyError as RankDeficiencyError,
    SeparationError as SeparationError,
)
from trialkit.store.errors import (
    AuditError as AuditError,
    RightsError as RightsError,
    StoreError as StoreError,
    UnreachableError as UnreachableError,
)
from trialkit.study.errors import (
    StudyError as StudyError,
)
from trialkit.table_files.errors import (
    FileEncodingError as FileEncodingError,
    FileFormatError as FileFormatError,
)
