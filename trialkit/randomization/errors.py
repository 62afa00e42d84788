"""What can go wrong with a list, its custody or its proof: one class a cause."""

from __future__ import annotations

from trialkit.errors import TrialkitError


class RandomizationError(TrialkitError):
    """Any refusal of this room."""


class LabelError(RandomizationError):
    """A name of an arm, factor or level is empty or cannot be written the same way everywhere."""


class ArmsError(RandomizationError):
    """The arms or their ratio cannot be randomized to."""


class FactorLevelError(RandomizationError):
    """A factor has no level, or one level (or factor) twice."""


class BlockLengthError(RandomizationError):
    """A block length does not fit the ratio, is repeated, or is missing."""


class ScheduleSizeError(RandomizationError):
    """The list asked for is empty or absurdly long."""


class SeedError(RandomizationError):
    """The seed is neither 32 bytes nor a non-negative integer."""


class UnknownLevelError(RandomizationError):
    """A subject's stratum values name a factor or level that the list does not have."""


class AllocationKeyError(RandomizationError):
    """The allocation key is missing, malformed, or belongs to another bundle."""


class TamperedBundleError(RandomizationError):
    """A sealed slot or a bundle is not what was sealed."""


class PassphraseError(RandomizationError):
    """The passphrase is too short, or does not open the seed file."""


class CustodyFileError(RandomizationError):
    """A file of the custody chain is missing, malformed, of another kind, or already there."""


class CommitmentError(RandomizationError):
    """What was revealed or resealed is not what was committed to."""


class RestrictionError(RandomizationError):
    """The list maker's ``randomization.toml`` cannot be used."""


class AssessmentError(RandomizationError):
    """A design cannot be assessed with these numbers, or is too large to be."""
