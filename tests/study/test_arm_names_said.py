"""The rule of docs/operations.md for free text, both ways: what names an arm, and what wards write."""

from __future__ import annotations

import pytest

from trialkit import resources
from trialkit.study import load_study
from trialkit.study.arm_names import ArmNames, arm_names
from trialkit.study.labels import read_labels

ONLY = (
    "only NAIDs", "only NSAID", "takes only NSAIDs", "only on NSAIDs", "just NSAIDs",
    "just the NSAID", "nothing but NSAID", "NSAID by itself", "NSAIDs on their own",
    "NSAID only", "NSAIDs only", "NAIDs only", "N.S.A.I.D. only", "NSAID and nothing else",
    "NSAID without exercise", "NSAID - no exercise", "NSAID treatment only", "NSAID mono",
    "NSAID only group", "solely NSAID",
)  # fmt: skip
"""Of "NSAID alone": the part by itself, in other words."""
CUT_SHORT = (
    "C group", "group C", "Grp E", "E-group", "E/N group", "E+N arm", "EN group", "E + NSAID",
    "E+NSAIDs", "Ex + NSAID", "exerc. + NSAID", "e + nsaid", "E & NSAID", "E/NSAID",
    "E and NSAID", "NSAID+E", "exercise plus NSAID", "training + NSAID",
    "NSAIDs with exercise", "allocated to E", "randomised to C", "in CG", "in the IG",
    "EG patient", "exercise w/ NSAID", "NSAID + exercise",
)  # fmt: skip
"""Labels by their capitals, and their parts joined by any sign."""
SPELT = (
    "c\u00f8ntrol", "c\u00f8ntrol arm", "\u00e7ontrol group", "\u0107ontrol group",
    "\u24d2\u24de\u24dd\u24e3\u24e1\u24de\u24db group",
    "\U0001d41c\U0001d428\U0001d427\U0001d42d\U0001d42b\U0001d428\U0001d425 group",
    "\U0001d58a\U0001d59d\U0001d58a\U0001d597\U0001d588\U0001d58e\U0001d598\U0001d58a arm",
    "\U0001f152\U0001f15e\U0001f15d\U0001f163\U0001f161\U0001f15e\U0001f15b group",
    "\u0435\u0445\u0435r\u0441\u0456s\u0435 group", "\u03b5xercise group",
    "\u025bxercise group", "exer\u00e7\u0131se group",
    "\u1d07x\u1d07\u0280\u1d04\u026as\u1d07 group", "c0ntr0l", "c0ntrol arm", "3xercise arm",
    "ex3rc1se group", "c@ntrol group", "gr0up control", "control gr0up", "con-\ntrol arm",
    "exer-\ncise therapy", "exer- cise group", "con-trol group", "c-o-n-t-r-o-l group",
    "c.o.n.t.r.o.l group", "c_o_n_t_r_o_l arm", "c o n t r o l g r o u p",
    "con\u200btrol group", "con\u200ctrol group", "con\u200dtrol arm", "con\ufefftrol arm",
    "con\u00adtrol arm", "con\u3164trol group", "ex\u2060ercise group", "c\u034fontrol arm",
    "exerc!se group", "C O N T R O L",
    "group - control", "group \u2013 control",
)  # fmt: skip
"""Letters with strokes and of other alphabets, digits for letters, parted, with marks unseen."""
SLIPS = (
    "exersize group", "exersize arm", "exersise therapy", "excersise group", "exercize arm",
    "excercising group", "exercisse arm", "execise group", "exrcise arm", "xercise group",
    "exericse group", "exercisegrp", "exercise grp", "exercise gruop", "control gropu",
    "contol group", "controle group", "cntrol arm", "conrtol arm", "kontrol group",
    "cotnrol group", "ctrl arm", "ctl group", "cont. group",
    "exercisers", "exercisers' group", "the exercisers group",
    "controls group", "controls' arm", "exercise patients", "exercise participants",
    "an exercise subject", "the control patient", "control subjects",
    "patient A-012 (control)", "exercise allocation", "exercise intervention",
    "in arm exercise", "moved to group control", "for the arm control",
    "allocated exercise", "assigned: control", "treatment = exercise", "arm is exercise",
    "group was exercise", "sessions of exercise", "exercise-arm", "EXERCISE ARM",
    "Exercise/arm", "exercise (arm)", "exercise's group", "exercise branch", "exercise cohort",
    "exercise subgroup", "NSAID arm", "NSAIDs group", "NSAID-group", "NSAID-alone group",
    "non-exercise group", "no-exercise arm",
)  # fmt: skip
"""A word that tells beside one that speaks of arms, misspelt, inflected or plain."""
CHINESE = (
    "入运动", "入运动组", "进运动组", "患者入运动", "分入运动", "进了运动组", "入了对照",
    "入对照", "纳入运动", "归运动", "运动组患者", "运动那组", "运动的那组", "运动这组",
    "运动小组", "运动 组", "运-动-组", "运.动.组", "运·动·组", "运/动/组", "運動組", "運動 組",
    "入運動", "锻炼组", "鍛煉組", "训练组", "健身组", "对照那组", "对照的组", "对 照",
    "组别:运动", "组别：对照", "分组：运动", "分组结果是对照", "分配为运动", "随机到运动",
    "抽到对照", "运动+NSAID", "运动＋NSAID", "运动加NSAID", "锻炼联合NSAID", "NSAID联合运动",
    "运动和NSAID", "只用NSAID", "仅用NSAID", "只吃NSAID", "单纯NSAID", "单用非甾体",
    "只服用非甾体抗炎药", "NSAID单药", "NSAID单用", "只用NAID", "E组", "C组", "N组", "Ｅ组",
    "运动臂", "运动受试者", "对照者", "对照病人", "yundong zu", "yundongzu", "duizhao zu",
    "dui zhao zu", "Y\u00f9nd\u00f2ng z\u01d4", "在运动组里", "是运动组的", "不是对照组",
    "运动祖", "对照租", "运\u200b动\u200b组", "运动组\ufe00",
)  # fmt: skip
"""The same in Chinese, and in its Latin letters."""
CLINICAL = (
    "pain during exercise", "NSAID stopped for gastritis", "control visit",
    "Pain during exercise and at rest", "Pain on exertion, exercise stopped early",
    "Takes regular exercise", "Exercise test stopped at 6 minutes",
    "Given exercise advice by his physician", "Group exercise at the gym", "Takes part in group exercise",
    "Does arm exercises for his shoulder", "Left arm exercises hurt",
    "The pain is under control", "Poor control of blood pressure",
    "Control of diabetes improved", "Came for the control visit", "Control MRI planned",
    "Took control of his diet", "Bladder control got worse",
    "Pain control given by the pharmacist", "Infection control measures at the ward",
    "Treatment controls the pain well", "NSAID only when needed",
    "Takes the NSAID only at night", "NSAID-related dyspepsia", "NSAID intolerance",
    "Only NSAID-related gastritis was found", "Only one NSAID tablet left",
    "The only NSAID he tolerates is celecoxib", "NSAID dose halved",
    "Stopped the NSAID, pain came back", "Drug of the NSAID group",
    "Exercise makes it worse. NSAID helps.", "Pain with exercise, NSAID taken in the evening",
    "Pain in the arm with exercise", "Pain in left arm, exercise tolerance reduced",
    "Moves the arm to exercise it", "C-arm fluoroscopy performed",
    "Hepatitis C group of viruses", "Vitamin B group taken", "Blood type A", "GOLD group B",
    "Exercised yesterday", "Exercise takes 30 minutes a day", "Exercise got easier",
    "Exercise given up because of pain", "Tripped during training for a race",
    "Trained staff absent", "Randomly selected sample", "Was given a control appointment",
    "Standard X-ray of the arm", "Usual dose taken", "Both arms numb", "The group was late",
    "The group met on Monday", "A support group was recommended",
    "One group of muscles is weak", "Patient in a care home", "Treatment delayed by a holiday",
    "Therapy for depression started", "Reference range exceeded", "In the intervention hall",
    "Test result missing", "Rest and exercise pain equal", "Comparison with the earlier film",
    "Sugar controlled by diet", "He is in control of his pain",
    "Waiting list for knee surgery", "Placebo effect discussed in the press",
    "Active arm elevation limited", "Could not exercise: fever", "On the treadmill no pain",
    "Expertise of the group", "Draining arm wound", "Contrast group enhanced",
    "Contract work group", "Physiotherapy sessions for the shoulder elsewhere",
    "Only paracetamol at home", "Just back pain", "Exercise-induced asthma",
    "NSAID, PPI and vitamin D", "Alone at home", "He lives alone", "Pain only on exercise",
    "Only exercise hurts", "Only walking helps", "No exercise today",
    "without exercise no pain", "Exercise ECG normal", "Control blood sample haemolysed",
    "Blood group O", "Into group therapy", "Item group missing", "Subject E-012 moved",
    "Patient C has flu", "I group my tablets by day",
)  # fmt: skip
"""What names no arm, though its words may."""
CLINICAL_CHINESE = (
    "运动后疼痛加重", "服用NSAID后胃痛", "因胃炎停用NSAID", "NSAID过敏", "疼痛时服用NSAID",
    "运动时疼痛", "运动后好转", "不能运动", "活动受限", "血糖控制可", "血压控制不佳",
    "参加体育运动", "每天锻炼一小时", "患者自行锻炼", "锻炼后腰痛缓解", "训练肌肉",
    "进入运动状态", "投入运动", "加入试验", "入院治疗", "收入治疗", "收入观察", "对照X线片",
    "与对照侧相比", "对照既往影像", "控制饮食", "控制体重", "治疗小组讨论", "组织损伤",
    "组织液", "肌肉组织", "小组会议", "实验室检查", "试验期间感冒", "常规检查", "常规用药",
    "药物过敏", "联合用药", "单纯性肥胖", "单纯疱疹", "只能平卧", "仅夜间疼痛", "仅右侧疼痛",
    "只服用降压药", "光线刺激", "做运动一组", "运动员", "运动障碍", "运动系统检查",
    "运动神经传导", "训练有素", "康复科就诊", "做了两组动作", "A组链球菌", "B组维生素",
    "患者属于高危组", "年龄组", "危险分组:低危", "分组讨论", "进食差", "进行性加重",
    "进展缓慢", "就诊于骨科", "NSAID能缓解", "仅NSAID有效",
)  # fmt: skip
"""The same in Chinese."""
BY_THEMSELVES = ("C O N T R O L", "c\u00f8ntrol", "c0ntr0l", "exercisers", "对 照")
"""Words that tell where nothing else stands."""


@pytest.fixture(scope="module")
def bilingual() -> ArmNames:
    folder = resources.folder("sample_data")
    return arm_names(load_study(folder), read_labels(folder).values())


@pytest.mark.parametrize("text", [*ONLY, *CUT_SHORT, *SPELT, *SLIPS, *CHINESE])
def test_an_arm_is_found_however_it_is_said(bilingual: ArmNames, text: str) -> None:
    assert bilingual.named_in(text, plain_words=False)
    assert bilingual.named_in(f"Seen on Monday. {text}", plain_words=False) or text in BY_THEMSELVES


@pytest.mark.parametrize("text", [*CLINICAL, *CLINICAL_CHINESE])
def test_what_wards_write_names_no_arm(bilingual: ArmNames, text: str) -> None:
    assert not bilingual.named_in(text, plain_words=False)
    assert not bilingual.named_in(f"{text}. Seen on Monday.", plain_words=False)


OTHER_STUDIES = {
    "acupuncture": (
        "usual care only|only usual care|acu group|acupunture arm|A + UC|Acupuncture and usual care|UC group"
        "|acupuncture patients|usual-care arm|ususal care arm|needling group",
        "usual dose|usual bowel habit|pain as usual|takes care of her mother|a group of friends"
        "|A fall at home|A group of nurses",
    ),
    "doses": (
        "high group|low arm|200 mg|placebo|high dose group|H group|lo group|plc group|placeb group",
        "high blood pressure|low back pain|a high temperature|lower arm|low risk group|Low dose aspirin",
    ),
    "streptomycin": (
        "strep arm|S group|streptomycine group|bed rest only|bedrest group|BR group|S + BR"
        "|streptomicin given",
        "rest pain|bed sores|rests at noon|strep throat|Streptococcus group A|group A strep|bedridden",
    ),
}


@pytest.mark.parametrize("name", OTHER_STUDIES)
def test_the_rule_is_made_from_the_arms_of_the_study(name: str) -> None:
    names = arm_names(load_study(resources.folder("examples") / name))
    telling, plain = OTHER_STUDIES[name]
    assert [text for text in telling.split("|") if not names.named_in(text, plain_words=False)] == []
    assert [text for text in plain.split("|") if names.named_in(text, plain_words=False)] == []
