"""Randomization: designs, the list, its custody and its proof. Pure: no database, no command line.

Names are handed out when asked for, so that importing the room costs nothing.
"""

from __future__ import annotations

import importlib
from typing import Any

_MODULE_OF = {
    "AllocationKey": "sealing",
    "BundleHeader": "bundle",
    "Check": "reveal",
    "Commitment": "commitment",
    "DesignProperties": "properties",
    "ListFiles": "list_making",
    "MadeList": "list_making",
    "RandomizationDesign": "design",
    "Restriction": "restriction",
    "Reveal": "commitment",
    "Schedule": "schedule",
    "SealedBundle": "bundle",
    "SealedSlot": "sealing",
    "SeedFile": "seedfile",
    "Slot": "schedule",
    "SlotContent": "sealing",
    "Stratum": "design",
    "Verification": "reveal",
    "about_file": "files",
    "assess_design": "properties",
    "bundle_digest": "bundle",
    "check_bundle": "commitment",
    "check_key": "bundle",
    "check_resealed": "commitment",
    "confirmation_code": "confirmation",
    "demonstration_entropy": "stream",
    "generate_schedule": "schedule",
    "label_of_values": "design",
    "load_restriction": "restriction",
    "lock_seed": "seedfile",
    "make_commitment": "commitment",
    "make_list": "list_making",
    "open_slot": "sealing",
    "read_allocations": "reveal",
    "read_custody_file": "files",
    "remaining_supply": "bundle",
    "reseal": "commitment",
    "reseal_list": "list_making",
    "restriction_text": "restriction",
    "same_code": "confirmation",
    "seal_schedule": "bundle",
    "seal_slot": "sealing",
    "unlock_seed": "seedfile",
    "verify_reveal": "reveal",
    "write_custody_file": "files",
    "write_list": "list_making",
}


def __getattr__(name: str) -> Any:
    module = _MODULE_OF.get(name)
    if module is None:
        raise AttributeError(f"trialkit.randomization has no {name!r}")
    return getattr(importlib.import_module(f"trialkit.randomization.{module}"), name)


def __dir__() -> list[str]:
    return sorted(_MODULE_OF)
