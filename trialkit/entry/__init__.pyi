from trialkit.entry.adjudication import (
    AdjudicationChoice as AdjudicationChoice,
    Decision as Decision,
    ReasonCode as ReasonCode,
    RowDecision as RowDecision,
    adjudicate as adjudicate,
    check_row_decisions as check_row_decisions,
)
from trialkit.entry.agreement import (
    TextRule as TextRule,
    TypedValue as TypedValue,
    compare_texts as compare_texts,
    compare_values as compare_values,
)
from trialkit.entry.comparison import (
    ComparisonReport as ComparisonReport,
    compare as compare,
)
from trialkit.entry.errors import (
    AdjudicationError as AdjudicationError,
    ComparisonError as ComparisonError,
    FormLifeError as FormLifeError,
    PassError as PassError,
)
from trialkit.entry.final_record import (
    Discrepancy as Discrepancy,
    FinalDraft as FinalDraft,
    FinalValue as FinalValue,
    ItemRule as ItemRule,
    PassRow as PassRow,
    RowPairs as RowPairs,
    UnmatchedRow as UnmatchedRow,
    ValueOrigin as ValueOrigin,
    compare_rows as compare_rows,
    merge_passes as merge_passes,
    pair_rows as pair_rows,
    take_single_pass as take_single_pass,
)
from trialkit.entry.form_life import (
    FORM_TRANSITIONS as FORM_TRANSITIONS,
    QUERY_TRANSITIONS as QUERY_TRANSITIONS,
    FormStatus as FormStatus,
    QueryStatus as QueryStatus,
    check_form_step as check_form_step,
    check_query_step as check_query_step,
    form_status as form_status,
)
from trialkit.entry.lock import (
    FormStanding as FormStanding,
    Obstacle as Obstacle,
    ObstacleKind as ObstacleKind,
    lock_obstacles as lock_obstacles,
)
from trialkit.entry.passes import (
    AccountId as AccountId,
    PassState as PassState,
    PassStatus as PassStatus,
    check_adjudicator as check_adjudicator,
    check_pass_may_be_voided as check_pass_may_be_voided,
    check_pass_may_change as check_pass_may_change,
    live_passes as live_passes,
    number_of_new_pass as number_of_new_pass,
)
from trialkit.entry.rates import (
    clopper_pearson as clopper_pearson,
)
from trialkit.entry.values import (
    Reading as Reading,
    ReadValue as ReadValue,
    read_value as read_value,
    text_of as text_of,
)
