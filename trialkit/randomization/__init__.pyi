from trialkit.randomization.bundle import (
    BundleHeader as BundleHeader,
    SealedBundle as SealedBundle,
    bundle_digest as bundle_digest,
    check_key as check_key,
    remaining_supply as remaining_supply,
    seal_schedule as seal_schedule,
)
from trialkit.randomization.commitment import (
    Commitment as Commitment,
    Reveal as Reveal,
    check_bundle as check_bundle,
    check_resealed as check_resealed,
    make_commitment as make_commitment,
    reseal as reseal,
)
from trialkit.randomization.confirmation import (
    confirmation_code as confirmation_code,
    same_code as same_code,
)
from trialkit.randomization.design import (
    RandomizationDesign as RandomizationDesign,
    Stratum as Stratum,
    label_of_values as label_of_values,
)
from trialkit.randomization.files import (
    about_file as about_file,
    read_custody_file as read_custody_file,
    write_custody_file as write_custody_file,
)
from trialkit.randomization.list_making import (
    ListFiles as ListFiles,
    MadeList as MadeList,
    make_list as make_list,
    reseal_list as reseal_list,
    write_list as write_list,
)
from trialkit.randomization.properties import (
    DesignProperties as DesignProperties,
    assess_design as assess_design,
)
from trialkit.randomization.restriction import (
    Restriction as Restriction,
    load_restriction as load_restriction,
    restriction_text as restriction_text,
)
from trialkit.randomization.reveal import (
    Check as Check,
    Verification as Verification,
    read_allocations as read_allocations,
    verify_reveal as verify_reveal,
)
from trialkit.randomization.schedule import (
    Schedule as Schedule,
    Slot as Slot,
    generate_schedule as generate_schedule,
)
from trialkit.randomization.sealing import (
    AllocationKey as AllocationKey,
    SealedSlot as SealedSlot,
    SlotContent as SlotContent,
    open_slot as open_slot,
    seal_slot as seal_slot,
)
from trialkit.randomization.seedfile import (
    SeedFile as SeedFile,
    lock_seed as lock_seed,
    unlock_seed as unlock_seed,
)
from trialkit.randomization.stream import (
    demonstration_entropy as demonstration_entropy,
)
