"""The words of the field, as enums; see the glossary in docs/glossary.md."""

from __future__ import annotations

from enum import StrEnum

GRADE_UNITS = ("grade", "level")
"""Units of a score whose values are classes in order: counted, never averaged."""


class Role(StrEnum):
    COORDINATOR = "coordinator"
    FIRST_ENTRY = "first_entry"
    SECOND_ENTRY = "second_entry"
    ADJUDICATOR = "adjudicator"
    DATA_MANAGER = "data_manager"
    MONITOR = "monitor"
    OUTCOME_ASSESSOR = "outcome_assessor"
    INVESTIGATOR = "investigator"
    STATISTICIAN = "statistician"
    UNBLINDED_STATISTICIAN = "unblinded_statistician"
    DSMB = "dsmb"
    ADMINISTRATOR = "administrator"


class EntryMode(StrEnum):
    SINGLE = "single"
    DOUBLE = "double"


class SecondPass(StrEnum):
    """What the second typist of a form is told: nothing of the first entry, or where hers differs from it."""

    INDEPENDENT = "independent"
    VERIFICATION = "verification"


class ItemType(StrEnum):
    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    DATE = "date"
    DATETIME = "datetime"
    TIME = "time"
    CODED = "coded"
    YES_NO = "yes_no"
    DERIVED = "derived"


class ValueState(StrEnum):
    """Five different things that a careless system calls "empty" (the first one is not)."""

    VALUE = "value"
    MISSING = "missing"
    BLANK = "blank"
    NOT_APPLICABLE = "not_applicable"
    NEVER_SEEN = "never_seen"


class MissingCode(StrEnum):
    NOT_DONE = "not_done"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not_applicable"
    REFUSED = "refused"


class DiscrepancyKind(StrEnum):
    VALUE = "value"
    MISSING_IN_FIRST = "missing_in_first"
    MISSING_IN_SECOND = "missing_in_second"
    TEXT_ONLY = "text_only"
    TYPE = "type"


class Concealment(StrEnum):
    SERVER = "server"
    CENTRAL = "central"
    DEMONSTRATION = "demonstration"


class ArmRole(StrEnum):
    TEST = "test"
    REFERENCE = "reference"


class Better(StrEnum):
    LOWER = "lower"
    HIGHER = "higher"
