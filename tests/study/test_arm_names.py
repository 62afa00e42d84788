"""Texts that name an arm are found however they are written; texts that speak of something else are not."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

import pytest

from trialkit import resources
from trialkit.study import load_study
from trialkit.study.arm_names import ArmNames, arm_names
from trialkit.study.labels import read_labels
from trialkit.study.model import Arm, Item, Study
from trialkit.study.unseen import items_that_tell, without_what_tells
from trialkit.vocabulary import ArmRole, ItemType


@pytest.fixture(scope="module")
def study() -> Study:
    return load_study(resources.folder("sample_data"))


def _named(study: Study, text: str, *, plain_words: bool = False) -> bool:
    return arm_names(study).named_in(text, plain_words=plain_words)


WRITTEN = [
    "{}",
    "Given {} by mistake",
    "(({}))",
    "was on\t{}\nsince May",
]
WAYS = {
    "as it is": lambda t: t,
    "upper": str.upper,
    "spaced": lambda t: " ".join(t),
    "wide": lambda t: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in t),
    "decomposed": lambda t: unicodedata.normalize("NFD", t),
    "unseen": lambda t: "\u200b".join(t),
    "soft hyphens": lambda t: "\u00ad".join(t),
    "squeezed": lambda t: t.replace(" ", ""),
    "punctuated": lambda t: t.replace(" ", "_"),
}


@pytest.mark.parametrize("way", sorted(WAYS))
@pytest.mark.parametrize("written", WRITTEN)
def test_a_label_is_found_however_it_is_written(study: Study, written: str, way: str) -> None:
    for arm in study.arms:
        assert _named(study, written.format(WAYS[way](arm.label)))


@pytest.mark.parametrize(
    "text",
    ["the exercise arm", "Allocated to CONTROL", "treatment: exercise", "c o n t r o l group", "control",
     "received exercise", "randomised to the control"],
)  # fmt: skip
def test_a_plain_word_names_an_arm_beside_a_word_that_speaks_of_arms(study: Study, text: str) -> None:
    assert _named(study, text)


@pytest.mark.parametrize(
    "text",
    ["", "Not able to exercise", "Loss of bladder control", "uncontrolled hypertension", "NSAID",
     "moved away", "A fall at home", "迁居", "the group met"],
)  # fmt: skip
def test_what_speaks_of_something_else_is_left_alone(study: Study, text: str) -> None:
    assert not _named(study, text)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("is he on exercise?", True),
        ("Was the patient on exercise", True),
        ("is he on EXERCISE ?", True),
        ("does he exercise at home?", False),
        ("is he on exercise restriction?", False),
        ("is he short of breath on exercise?", False),
        ("was the pain worse on exercise?", False),
        ("he was on exercise leave", False),
    ],
)
def test_a_question_after_somebodys_arm_names_it(study: Study, text: str, names: bool) -> None:
    assert _named(study, text) is names


def test_where_a_treatment_was_mixed_up_every_word_tells(study: Study) -> None:
    assert _named(study, "Not able to exercise", plain_words=True)
    assert not _named(study, "uncontrolled hypertension", plain_words=True)


def test_arms_of_one_letter_and_labels_without_spaces(study: Study) -> None:
    arms = (Arm("A", "针刺组", ArmRole.TEST), Arm("B", "假针刺", ArmRole.REFERENCE))
    lettered = replace(study, arms=arms, components=())
    for text in ("arm A", "group b", "was allocated to A", "病人在针刺组", "假 针 刺"):
        assert _named(lettered, text), text
    for text in ("A fall", "vitamin B", "患者迁居"):
        assert not _named(lettered, text, plain_words=True), text


WORDS = {
    "number": ("exercises group", "NSAIDs alone", "the controls arm"),
    "tense": ("in the exercising arm", "was allocated to exercising", "exercised group"),
    "another script": (
        "\u0435xercise arm",
        "ex\u0435rcis\u0435 group",
        "c\u03bfntrol arm",
        "\u0441ontrol group",
    ),
    "a letter wrong": ("excercise arm", "exercice group", "received exercse", "contorl group"),
    "said otherwise": ("NSAID only", "NSAIDs only"),
    "by its part": ("the test arm", "Reference group", "in the experimental arm", "intervention group"),
    "a translation": ("单用 NSAID", "单用NSAID", "在锻炼组", "分到单用组", "锻炼 + NSAID"),
}


@pytest.mark.parametrize("way", WORDS)
def test_an_arm_is_found_in_any_number_tense_script_and_language_of_the_study(study: Study, way: str) -> None:
    names = arm_names(study, read_labels(resources.folder("sample_data")).values())
    for text in WORDS[way]:
        assert names.named_in(text, plain_words=False), text


@pytest.mark.parametrize(
    "text",
    ["exercises every day", "exercising hurts", "well controlled diabetes", "a test of strength", "NSAIDs",
     "锻炼时疼痛", "参加锻炼", "患者迁居", "the only group met", "tested at home",
     "refers to a group of muscles",
     "упражнение", "no control over the bladder", "excessive weight group", "contrast agent received"],
)  # fmt: skip
def test_inflected_words_and_other_languages_that_name_no_arm_are_left_alone(study: Study, text: str) -> None:
    names = arm_names(study, read_labels(resources.folder("sample_data")).values())
    assert not names.named_in(text, plain_words=False)


def test_what_is_calculated_from_or_asked_because_of_a_telling_item_tells(study: Study) -> None:
    form = study.form("vas")
    told = Item("told", "vas", "", ItemType.YES_NO, reveals_allocation=True)
    asked = Item("asked", "vas", "", ItemType.TEXT, branching="[told] = '1'")
    sum_ = Item("sum", "vas", "", ItemType.DERIVED, calculation="[asked] + 1")
    plain = Item("plain", "vas", "", ItemType.TEXT, branching="[vas_mm] > 5")
    changed = replace(form, items=(*form.items, told, asked, sum_, plain))
    other = replace(study, forms=tuple(changed if f.name == "vas" else f for f in study.forms))
    assert {"told", "asked", "sum"} <= items_that_tell(other)
    shown = {item.name for item in without_what_tells(other).form("vas").items}
    assert shown == {"vas_mm", "plain"}


def test_the_blinded_have_no_form_of_one_arm(study: Study) -> None:
    hidden = {form.name for form in study.forms} - {form.name for form in without_what_tells(study).forms}
    assert hidden == {"compliance", "treatment_stop", "deviations"}
    assert {score.name for score in study.scores} - {s.name for s in without_what_tells(study).scores} == {
        "compliance"
    }


CALLED_AS_ANY_ARM = """
运动组 | 对照组 | 患者在运动组 | 分到对照组 | 试验组 | 实验组 | 干预组 | 治疗组 | 训练组 | 锻炼组 |
對照組 | 實驗組 | 運動組 | 控制组 | 对照-组 | 「对照」组 | 抽到运动 | 分到對照組 | 訓練計劃 |
the second arm | first arm | in the first group | ctrl group | ctrl arm |
观察组 | 空白组 | 常规组 | 安慰剂组 | 对照臂 | A组患者 | b组 | 在第一组 | 属于2组 | 1组患者 |
他是对照。 | 分入干预 | 随机到对照 | 运动课没参加 | 按训练计划完成 | 运动打卡 | 对 照 组 | 甲组 |
kontrol arm | in arm 1 | in arm 2 | arm A | Arm B patient | arm-1 | ARM_B | group 1 | Group 2 |
group B | in group a | arm II | arm one | group two | treatment A | does his training sessions |
training programme | missed two exercise classes | her workout plan | the control group |
experimental group | intervention group | treatment group | treatment arm | untreated group |
standard care arm | usual care group | placebo group | sham arm | active group | comparison group |
controlgroup | Kontrollgruppe | groupe contrôle | grupo de control | gruppo di controllo |
she is a control | one of the controls | allocated to intervention | randomised to control |
control participants | group: control | arm = intervention | c o n t r o l arm |
ｃｏｎｔｒｏｌ ｇｒｏｕｐ | controll group | interventon group | experimental patients |
sessions of training | training group | gymnastics group | exercise diary not kept | arm1 | groupA |
the test arm | allocated to training
"""
"""Words for an arm that stand in no label of the study; parted by bars."""

CLINICAL = """
控制血压 | 血压控制良好 | 對照片子 | 運動後疼痛 | 组织水肿 | The second group session was missed |
First group of muscles treated | Moves first arm then leg | Ctrl of pain poor |
Pain control was poor | Blood group A | blood group B, rhesus positive |
Control visit in two weeks | Arm pain on the left | Exercise-induced pain |
Exercise tolerance reduced | He does exercises at home every day | Left arm 1 cm longer |
arm 10 cm above the head | Raised his arm a little | Active arm elevation limited |
The treated arm is swollen | Age group 2 | Muscle group 2 weak | risk group B |
Group A streptococcus tonsillitis | WHO group 1 hypertension | Loss of bladder control |
Birth control pill | Blood pressure well controlled | Intervention by the cardiologist |
Surgical intervention planned elsewhere | Treatment stopped for rash |
Treatment at another hospital | Received treatment for flu | A test of strength was refused |
Reference value exceeded | Controls his diet | Control of the left leg is lost |
Works in a group of nurses | Attends a support group | training for a marathon |
Trained as a nurse | Experimental drug taken in another trial | He waits for surgery |
Standard dose halved | Motor control of the arm | weakness in the left arm, arm A bit better |
Group therapy session for depression | Moved to another city |
Usual care at the general practitioner | Could not come: work | Test not done, machine broken |
the control panel failed | A-001 and A-002 were confused | CT control after 6 months |
疼痛控制不佳 | A型血 | 与健侧对照 | 对照检查片 | 运动时疼痛 | 运动后疼痛加重 | 锻炼后缓解 |
做了三组动作 | A组链球菌感染 | 软组织损伤 | 运动组织损伤 | 药物组合 | 治疗组合方案变更 | 训练有素 |
每天运动30分钟 | 参加试验前服药 | 手术治疗 | 常规检查 | 实验室检查异常 | 观察两周 | 康复后复查 |
肌肉分组测试 | 第三组动作未完成 | 小组讨论 | 患者参加其他试验 | 治疗后好转 | 接受治疗 | ill | 迁居
"""
"""What people write on wards every day, of two arms or none."""


def _each(texts: str) -> list[str]:
    return [" ".join(text.split()) for text in texts.split("|")]


@pytest.fixture(scope="module")
def bilingual(study: Study) -> ArmNames:
    return arm_names(study, read_labels(resources.folder("sample_data")).values())


@pytest.mark.parametrize("text", _each(CALLED_AS_ANY_ARM))
def test_what_anybody_calls_an_arm_names_one(bilingual: ArmNames, text: str) -> None:
    assert bilingual.named_in(text, plain_words=False)


@pytest.mark.parametrize("text", _each(CLINICAL))
def test_ordinary_clinical_sentences_name_no_arm(bilingual: ArmNames, text: str) -> None:
    assert not bilingual.named_in(text, plain_words=False)


def test_numbers_and_letters_beyond_the_arms_there_are_name_none(bilingual: ArmNames) -> None:
    assert bilingual.named_in("in arm 2", plain_words=False)
    assert not bilingual.named_in("in arm 3", plain_words=False)
    assert not bilingual.named_in("vitamin group C", plain_words=False)


def test_a_drug_that_only_one_arm_receives_names_it(study: Study) -> None:
    parts = tuple(
        replace(part, drugs=("celecoxib",) if part.name == "exercise" else ()) for part in study.components
    )
    other = arm_names(replace(study, components=parts))
    assert other.named_in("takes celecoxib", plain_words=False)
    assert not arm_names(study).named_in("takes celecoxib", plain_words=False)
