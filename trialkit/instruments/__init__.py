"""Questionnaires and measurements: their items, how they are scored, and what a change in them means."""

from __future__ import annotations

from trialkit.instruments.definition import Instrument, Question, Scored, Setting
from trialkit.instruments.errors import InstrumentError
from trialkit.instruments.joa import GRADES_CHINA, GRADES_JAPAN, improvement_rate, joa_grade
from trialkit.instruments.odi import odi_band
from trialkit.instruments.registry import (
    INSTRUMENTS,
    check_item_count,
    explain,
    instrument,
    score,
    settings_of,
)
from trialkit.instruments.single import nass_satisfied, vas_band

__all__ = [
    "GRADES_CHINA",
    "GRADES_JAPAN",
    "INSTRUMENTS",
    "Instrument",
    "InstrumentError",
    "Question",
    "Scored",
    "Setting",
    "check_item_count",
    "explain",
    "improvement_rate",
    "instrument",
    "joa_grade",
    "nass_satisfied",
    "odi_band",
    "score",
    "settings_of",
    "vas_band",
]
