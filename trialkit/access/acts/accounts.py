"""Who works in the study."""

from __future__ import annotations

from trialkit.access.act import Act
from trialkit.access.groups import ADMINISTRATOR

CREATE_STUDY = Act("create_study", "Found a study's database.", ADMINISTRATOR)
ADD_ACCOUNT = Act("add_account", "Open an account for a person.", ADMINISTRATOR, whole_study=True)
GRANT_ROLE = Act("grant_role", "Give an account a role, at one site or all.", ADMINISTRATOR, whole_study=True)
SET_PASSWORD = Act("set_password", "Set the password of an account.", ADMINISTRATOR, whole_study=True)
