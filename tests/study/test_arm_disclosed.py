"""A note for blinded eyes discloses no arm, in trials of every design; what wards write passes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from trialkit import resources
from trialkit.study import load_study
from trialkit.study.arm_names import ArmNames, arm_names
from trialkit.study.model import Arm, Component

# Arm: name, label, components; component: name, label, drugs.
_Design = tuple[list[tuple[str, str, list[str]]], list[tuple[str, str, list[str]]]]
DESIGNS: dict[str, _Design] = {
    "placebo": (
        [("semaglutide", "Semaglutide 2.4 mg weekly", ["sema"]), ("placebo", "Placebo", ["pla"])],
        [
            ("sema", "Subcutaneous semaglutide 2.4 mg", ["semaglutide"]),
            ("pla", "Matching placebo injection", []),
        ],
    ),
    "surgery": (
        [("surgery", "Surgery", ["op"]), ("conservative", "Conservative treatment", ["cons"])],
        [("op", "Arthroscopic repair within 4 weeks", []), ("cons", "Physiotherapy, 12 weeks", [])],
    ),
    "dose": (
        [("high", "High dose", ["h"]), ("low", "Low dose", ["l"])],
        [("h", "Prednisone 40 mg", ["prednisone"]), ("l", "Prednisone 10 mg", ["prednisone"])],
    ),
    "letters": (
        [("A", "Treatment A", ["a"]), ("B", "Treatment B", ["b"])],
        [("a", "Device A", []), ("b", "Device B", [])],
    ),
    "strengths": (
        [("d5", "5 mg", ["a"]), ("d10", "10 mg", ["b"])],
        [("a", "Nebivolol 5 mg", ["nebivolol"]), ("b", "Nebivolol 10 mg", ["nebivolol"])],
    ),
    "lengths": (
        [("short", "6 weeks", ["s"]), ("long", "12 weeks", ["l"])],
        [("s", "Splint for 6 weeks", []), ("l", "Splint for 12 weeks", [])],
    ),
    "tablets": (
        [("apixaban", "Apixaban", ["apx"]), ("placebo", "Placebo", ["pla"])],
        [("apx", "Apixaban 2.5 mg twice daily", ["apixaban"]), ("pla", "Matching placebo tablets", [])],
    ),
    "needles": (
        [("tcm", "针灸", ["acu"]), ("sham", "假针灸", ["sham"])],
        [("acu", "针灸治疗，每周三次", []), ("sham", "假针", [])],
    ),
}

DISCLOSING = {
    "reference": """
        unblinded: exercise / the envelope said exercise / the envelope said control / Alloc: NSAID only
        randomized: E / allocation = control / randomised to the active arm / control patient
        he's on the control / exercise pt / placed in controls / one of the exercisers
        stopped multidimensional exercise / he drew exercise / is doing the study exercises
        exercise sessions stopped due to pain / unblinded, control / code broken: exercise
        crossed over to exercise / 分到锻炼组 / 對照組
    """,
    "placebo": """
        on placebo / on semaglutide / got the dummy / placebo pt / received active drug / verum
        she is on sema / unblinded, placebo / code broken: placebo / PBO / randomised to PBO
        took semaglutide 2.4 mg / drug arm / sugar pill / placebo, per envelope / 安慰剂 / 安慰剂组
        she thinks she got placebo
    """,
    "surgery": """
        surgery group / randomised to surgery / conservative arm / in the non-operative group
        operated as allocated / surgical arm / crossed over to surgery / awaits study surgery
        envelope: surgery
    """,
    "dose": """
        high dose / in the high group / low-dose arm / 40 mg group / gets 40 mg prednisone / on high
        allocated high / higher-dose patient / 10mg arm / 10 mg prednisone per day / assigned to 40 mg arm
    """,
    "letters": """
        group A / arm B / treatment B / device A used / he got A / allocated: B / B-arm / on A / A group
        received B / Group: A / 組A / A组 / unblinded by the pharmacy: B
    """,
    "strengths": """
        5 mg / 10mg arm / on 10 mg / gets 5 mg / randomised to 10 mg / nebivolol 10 mg / 5 mg nebivolol
        the ten mg group / ten milligram arm / 10 milligrams group / 10毫克组 / higher-dose arm
        low dose group / unblinded, 5 mg / envelope: 10mg / switched to 10 mg / D10 / allocated d5
        up-titrated from 5 mg to 10 mg of study drug
    """,
    "lengths": """
        12-week arm / six weeks group / allocated to 12 weeks / randomised: 6 weeks / 12周组
    """,
    "tablets": """
        unblinded by the pharmacy: apixaban / Pt on active / on active treatment / the real drug
        was on the real thing / inert tablets / blank tablets / code break: apixaban / apix pt
        envelope opened: placebo / received the study drug apixaban / study drug = apixaban
        IMP is placebo / placebo as per randomisation
    """,
    "needles": """
        true needles / real treatment
        针灸组 / 患者在针灸组 / 假针组 / 接受针灸 / 分到假针灸 / 針灸組 / sham needle / tcm group / 真针
    """,
}

CLINICAL = {
    "reference": """
        Pain at exercise, relieved by rest / Exercise tolerance reduced on allocation day
        Allergic to NSAIDs / The control of diabetes improved / Quality control of the scan failed
        Put on exercise ECG schedule / Advised to exercise more by GP / Patient needs pain control
        Takes regular exercise twice a week / Switched to paracetamol
        Randomization visit moved to Monday / Worse on exercise / Sent a reminder envelope
        Control visit in 3 months / Works as a fitness instructor
        Code broken into by the thief, police told
    """,
    "placebo": """
        Nausea after injection / Started metformin 500 mg / Placebo effect discussed in general newsletter
        Took a placebo-controlled trial drug in 2015 / Active lifestyle / Drug allergy to penicillin
        Active infection excluded / Drug store closed / On holiday / 2.4 ml of paracetamol
    """,
    "surgery": """
        Cataract surgery in 2018 / Surgery of the hernia planned / Visited the GP surgery
        Conservative estimate of pain / Post-surgery scar abdomen / Knee surgery contralateral
        Treated conservatively for ankle fracture 2011
    """,
    "dose": """
        High blood pressure / Low back pain / High dose vitamin C taken over the counter
        Low dose aspirin 100 mg / Took ibuprofen 400 mg / Took 40 mg pantoprazole / High fever 39.5
        Lower leg oedema
    """,
    "letters": """
        Hepatitis B vaccination / Blood group B / Influenza A / A patient who moved
        Plan B: call by phone / Ward B closed / Visit at site A / Streptococcus group A
        A device alarm sounded / A treatment of the cough was started / Type B dissection / On a walk
        Unblinded by nobody: call the ward back
    """,
    "strengths": """
        bisoprolol 5 mg stopped / on amlodipine 5 mg / received 10 mg morphine / gets 5 mg of folic acid
        Took 10 mg of diazepam at night / Visit 10 min late / potassium 5 mmol/l / lost 5 kg
        High dose vitamin D / low dose aspirin / creatinine 10 mg/l / switched to 10 mg/ml drops
    """,
    "lengths": """
        Back pain for 6 weeks / Away for 12 weeks / Holiday of 6 weeks planned / Next visit in 6 weeks
    """,
    "tablets": """
        Active substance abuse denied / Active medication list reviewed / Started apixaban by GP
        Study tablets counted, 12 left / Study drug stopped for bleeding / Active bleeding of the gum
        Randomization visit: ECG normal / 2.5 mg bisoprolol twice daily / Real improvement since March
    """,
    "needles": """
        患者出差 / 打针后疼痛 / 胰岛素针剂 / 既往针刺伤 / 针眼
    """,
}


def _sentences(listed: dict[str, str]) -> list[tuple[str, str]]:
    return [
        (design, text.strip())
        for design, lines in listed.items()
        for line in lines.strip().splitlines()
        for text in line.split(" / ")
    ]


@pytest.fixture(scope="module")
def designs() -> dict[str, ArmNames]:
    study = load_study(resources.folder("sample_data"))
    roles = [arm.role for arm in study.arms]
    made = {"reference": arm_names(study)}
    for design, (arms, parts) in DESIGNS.items():
        made[design] = arm_names(
            replace(
                study,
                arms=tuple(
                    Arm(name, label, role, 1, tuple(components))
                    for (name, label, components), role in zip(arms, roles, strict=True)
                ),
                components=tuple(Component(name, label, "", tuple(drugs)) for name, label, drugs in parts),
            )
        )
    return made


@pytest.mark.parametrize(("design", "text"), _sentences(DISCLOSING))
def test_what_discloses_an_arm_is_found(designs: dict[str, ArmNames], design: str, text: str) -> None:
    assert designs[design].named_in(text, plain_words=False)


@pytest.mark.parametrize(("design", "text"), _sentences(CLINICAL))
def test_what_wards_write_passes(designs: dict[str, ArmNames], design: str, text: str) -> None:
    assert not designs[design].named_in(text, plain_words=False)
