"""What `trialkit randomize verify` answers: the certificate of the list, as text and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trialkit import __version__

if TYPE_CHECKING:
    from trialkit.randomization import Commitment, RandomizationDesign, Verification
    from trialkit.randomization.proof import Proof


def proof_text(proof: Proof, export_sha256: str) -> str:
    """The certificate for the trial master file."""
    lines = [
        "CERTIFICATE OF THE RANDOMIZATION LIST",
        f"Export      {_allocations(proof.allocations)}, SHA-256 {export_sha256}",
        f"Checked by  trialkit {__version__}, from files alone",
    ]
    for design, promise, found in zip(proof.designs, proof.commitments, proof.lists, strict=True):
        lines += ["", *_list_lines(design, promise, found)]
    lines += ["", _verdict(proof), "", "This does not prove"]
    lines += [f"  - {text}" for text in proof.not_proved]
    return "\n".join(lines)


def _list_lines(design: RandomizationDesign, promise: Commitment, found: Verification) -> list[str]:
    lines = [
        f"Schedule    {found.schedule_id}",
        f"Commitment  {promise.value}",
        f"Follows     {promise.previous or 'no earlier list'}",
        f"Design      {_arms(design)}; {_blocks(design)}; from {design.subjects_per_stratum} slots a stratum",
        f"            stratified by {_factors(design)}",
        f"Checked     {_allocations(found.allocations_checked)} of this schedule",
    ]
    for check in found.checks:
        lines.append(f"  {'yes' if check.passed else 'NO '}  {check.question}")
        lines += [f"         {problem}" for problem in check.problems]
    return lines


def _arms(design: RandomizationDesign) -> str:
    return " : ".join(f"{arm} {share}" for arm, share in design.arms.items())


def _blocks(design: RandomizationDesign) -> str:
    if design.block_lengths is None:
        return "no blocks (simple randomization)"
    return f"blocks of {', '.join(str(length) for length in design.block_lengths)}"


def _factors(design: RandomizationDesign) -> str:
    said = [f"{name} ({', '.join(levels)})" for name, levels in design.factors.items()]
    return "; ".join(said) or "nothing"


def _allocations(number: int) -> str:
    return "1 allocation" if number == 1 else f"{number} allocations"


def _verdict(proof: Proof) -> str:
    if not proof.lists_hold:
        return "NOT PROVED"
    if proof.not_covered:
        covered = proof.allocations - proof.not_covered
        return (
            f"PROVED FOR {covered} OF {proof.allocations} ALLOCATIONS ONLY. Not covered: {proof.not_covered} "
            f"of other lists ({', '.join(proof.other_schedules)}); give their reveals and commitments too."
        )
    if not proof.allocations:
        return "PROVED that the list is the one committed to; the export holds no allocation"
    return f"PROVED for every allocation of the export ({proof.allocations})"


def proof_json(proof: Proof, export_sha256: str) -> dict[str, Any]:
    return {
        "proved": proof.passed,
        "export_sha256": export_sha256,
        "allocations": proof.allocations,
        "allocations_not_covered": proof.not_covered,
        "lists": [
            {
                "schedule_id": found.schedule_id,
                "commitment": promise.value,
                "previous_commitment": promise.previous,
                "design": design.canonical(),
                "allocations_checked": found.allocations_checked,
                "checks": [
                    {"question": check.question, "passed": check.passed, "problems": list(check.problems)}
                    for check in found.checks
                ],
            }
            for design, promise, found in zip(proof.designs, proof.commitments, proof.lists, strict=True)
        ],
        "not_proved": list(proof.not_proved),
    }
