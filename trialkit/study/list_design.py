"""What a study says to its list maker: the design, and which restriction file and seed belong to it."""

from __future__ import annotations

from trialkit.randomization import RandomizationDesign, Restriction
from trialkit.randomization.errors import RestrictionError, SeedError
from trialkit.study.errors import StudyError
from trialkit.study.model import Study
from trialkit.wording import said


def list_design(study: Study, restriction: Restriction, subjects: int | None = None) -> RandomizationDesign:
    """The study's arms and factors, with the block lengths that only the list maker knows.

    ``subjects`` is the trial's total; None takes the planned sample size.
    """
    planned = study.sample_size.total if study.sample_size else None
    return RandomizationDesign(
        arms={arm.name: arm.ratio for arm in study.arms},
        factors={factor.name: list(factor.levels) for factor in study.factors},
        block_lengths=restriction.block_lengths,
        subjects_per_stratum=restriction.subjects_per_stratum,
        subjects=subjects or planned,
    )


def refuse_chosen_seed(study: Study, seed: int | None) -> None:
    """Only a demonstration may choose its seed."""
    if seed is not None and not study.demonstration:
        raise SeedError(
            expected="no --seed: the seed of a real trial comes from the operating system",
            found="a chosen number, which could be guessed or chosen again",
            next_step="Leave --seed out, or mark the study as a demonstration.",
        )


def require_stated_restriction(study: Study, restriction: Restriction, where: str) -> None:
    """The study binds its list to one restriction file by digest; a real trial must.

    Raises
    ------
    RestrictionError
        No digest in the definition, or that of another file.
    """
    stated = study.randomization.restriction_sha256
    if stated is None and not study.demonstration:
        raise RestrictionError(
            expected="restriction_sha256 in the study definition: it binds the list to this file",
            found="none",
            where="study.toml: [randomization]",
            next_step=said('Add restriction_sha256 = "{digest}".', digest=restriction.digest),
        )
    if stated is not None and stated != restriction.digest:
        raise RestrictionError(
            expected=said("the restriction with digest {stated} that the study states", stated=stated[:12]),
            found=said("one with digest {digest}", digest=restriction.digest[:12]),
            where=where,
            next_step="Use the file that belongs to this study version, or correct study.toml.",
        )


def site_targets(study: Study) -> dict[str, dict[str, float]]:
    """How many subjects each site means to bring, by the factor that is the site.

    Raises
    ------
    StudyError
        A site without a target, or sites that are no stratification factor.
    """
    by_site = [factor for factor in study.factors if factor.item is None]
    targets = {site.code: site.target for site in study.sites}
    if not by_site or None in targets.values():
        raise StudyError(
            expected="sites as a stratification factor, each with a target",
            found="a site without one, or no such factor",
            where="study.toml: [sites]",
            next_step="State the targets, or leave --by-target out.",
        )
    return {by_site[0].name: {code: float(target or 0) for code, target in targets.items()}}
