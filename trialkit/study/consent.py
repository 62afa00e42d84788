"""``[consent]`` of ``study.toml``: which version of the consent form a version of the study asks for."""

from __future__ import annotations

from dataclasses import dataclass

from trialkit.strict_toml import Section


@dataclass(frozen=True, slots=True)
class Consent:
    """The version a subject signs; empty where the study keeps none.

    Whoever signed one of ``still_valid`` need not sign again; whoever signed any other is asked to.
    """

    version: str = ""
    still_valid: tuple[str, ...] = ()

    def covers(self, signed: str | None) -> bool:
        """Whether a subject who last signed this version (None: no version on record) need not sign again."""
        return not self.version or signed == self.version or signed in self.still_valid


def read_consent(root: Section) -> Consent:
    table = root.optional_section("consent")
    if table is None:
        return Consent()
    consent = Consent(table.text("version"), table.texts("still_valid", ()))
    table.done()
    return consent
