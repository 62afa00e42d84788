"""The model card as data: what the model is, for whom, how it was measured, what was not done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from trialkit.numbers import plain
from trialkit.prediction.developed import Development
from trialkit.prediction.environment import environment_sha256, used_software
from trialkit.prediction.learners import LABELS, LABELS_ZH
from trialkit.prediction.metrics import METRICS
from trialkit.prediction.plan import PredictionPlan

NOT_A_DEVICE = (
    "Not a medical device. A general guide for people who are trained to read it; it does not replace "
    "judgement, and nobody's care may rest on it alone."
)
NOT_VALIDATED = (
    "External validation: not done. Every number here comes from the people the model was made on."
)

NO_BETTER = "The interval of its AUC holds 0.5: it may tell nobody apart. Not to be used for anybody."
NO_GAIN = (
    "Its Brier score is not below that of telling everybody the prevalence: its risks help nobody. "
    "Not to be used for anybody."
)
TOO_EXTREME = (
    "The whole interval of its calibration slope lies below 1: its risks are too extreme, the high ones too "
    "high and the low ones too low. To be recalibrated before anybody is told one."
)
LEAKS = (
    "Its pipeline predicts shuffled outcomes better than a coin: something of the outcome leaks into it. Not "
    "to be used for anybody."
)
_LEAKS_ZH = "对打乱的结局，其流程的预测优于随机：结局信息存在泄漏，不应用于任何个体。"
_NO_GAIN_ZH = "Brier 分数不低于对所有人一律给出患病率时的值：其给出的概率无助于任何人，不应用于任何个体。"
_NO_BETTER_ZH = "AUC 的区间包含 0.5：该模型可能无法区分任何人，不应用于任何个体。"
_TOO_EXTREME_ZH = (
    "校准斜率的整个区间低于 1：其给出的概率过于极端，高者过高，低者过低；重新校准之前不应告知任何人。"
)


@dataclass(frozen=True)
class Caution:
    """Why the model is not to be used as it is, under a head of two or three words."""

    head: str
    text: str
    text_zh: str
    head_zh: str = ""


def carried_out(plan: PredictionPlan) -> str:
    """How many samples and learners; where the plan was cut short, of how many."""
    samples, learners = plan.resampling.bootstraps, len(plan.learners)
    if plan.stated is None or not plan.cut_short:
        return f"Carried out: {samples} bootstrap samples, {learners} learner{'s' * (learners != 1)}."
    return f"Cut short: {samples} of {plan.stated[0]} samples, {learners} of {plan.stated[1]} learners."


def _carried_out_zh(plan: PredictionPlan) -> str:
    samples, learners = plan.resampling.bootstraps, len(plan.learners)
    if plan.stated is None or not plan.cut_short:
        return f"已完成：{samples} 个自助样本，{learners} 种学习器。"
    return (
        f"计划被缩减：{plan.stated[0]} 个样本中的 {samples} 个，{plan.stated[1]} 种学习器中的 {learners} 种。"
    )


def cautions(development: Development) -> list[Caution]:
    """Why the model is not to be used as it is: on every page that shows it."""
    leaks = development.leak_audit is not None and development.leak_audit.leak
    all_of_them = (
        (leaks, Caution("Not to be used", LEAKS, _LEAKS_ZH)),
        (development.no_better_than_chance, Caution("Not to be used", NO_BETTER, _NO_BETTER_ZH)),
        (development.no_better_than_prevalence, Caution("Not to be used", NO_GAIN, _NO_GAIN_ZH)),
        (development.too_extreme, Caution("Risks too extreme", TOO_EXTREME, _TOO_EXTREME_ZH)),
    )
    return [*(caution for holds, caution in all_of_them if holds), *_plainer(development)]


def _plainer(development: Development) -> list[Caution]:
    zh = {
        comparator.label: comparator.label_zh or comparator.label for comparator in development.plan.plainer
    }
    return [
        Caution(
            "A plainer model is better",
            f"{label}: cross-validated AUC above this model's, the whole interval of the difference. "
            "Use the plainer one.",
            f"更简单的模型（{zh[label]}）更好：其交叉验证 AUC 高于本模型，差值的整个区间均如此；"
            "应使用更简单者。",
            "更简单的模型更好",
        )
        for label in development.better_plainer
    ]


def kicker(development: Development, words: str) -> str:
    """What stands over a page; of people who do not exist it says so."""
    return f"{words}, simulated people" if development.simulated else words


def model_card(development: Development) -> dict[str, Any]:
    """Keys in the order a card is read; numbers are estimate and interval on everybody, corrected."""
    plan, chosen = development.plan, development.chosen
    return {
        "title": plan.title,
        "version": plan.version,
        "population": plan.population,
        "intended_use": plan.intended_use,
        "simulated": development.simulated,
        "disclaimer": NOT_A_DEVICE,
        "validation": NOT_VALIDATED,
        "outcome": plan.outcome.label,
        "title_zh": plan.title_zh,
        "population_zh": plan.population_zh,
        "intended_use_zh": plan.intended_use_zh,
        "outcome_zh": plan.outcome.label_zh,
        "learner_zh": LABELS_ZH[chosen],
        "horizon_days": plan.outcome.horizon_days or None,
        "n": development.n,
        "events": development.events,
        "learner": LABELS[chosen],
        "chosen_by": development.choice.words(),
        "chosen_by_zh": development.choice.words_zh(),
        "performance": {
            metric: list(development.estimate(chosen, "optimism_corrected", metric)) for metric in METRICS
        },
        "split_test": {
            metric: list(development.estimate(chosen, "split_test", metric)) for metric in METRICS
        },
        "threshold": development.threshold,
        "selected": list(development.pipeline.selected),
        "stability": development.stability.nogueira,
        "no_better_than_chance": development.no_better_than_chance,
        "no_better_than_prevalence": development.no_better_than_prevalence,
        "too_extreme": development.too_extreme,
        "leaks": bool(development.leak_audit and development.leak_audit.leak),
        "better_plainer": [vars(caution) for caution in _plainer(development)],
        "brier_of_prevalence": development.brier_of_prevalence,
        "test_set": development.split.words(),
        "test_set_zh": development.split.words_zh(),
        "without_outcome": development.without_outcome,
        "contradictions": [
            *(caution.text for caution in cautions(development)),
            *([carried_out(plan)] if plan.cut_short else []),
            *development.contradictions,
        ],
        "carried_out": carried_out(plan),
        "carried_out_zh": _carried_out_zh(plan),
        "contradictions_zh": _contradictions_zh(development),
        "notes": list(development.notes),
        "seed": plan.seed,
        "plan_sha256": plan.sha256,
        "data_sha256": development.data_sha256,
        "software": used_software(plan),
        "environment_sha256": environment_sha256(),
        "model_sha256": development.model.get("sha256", ""),
        "licence": plan.licence,
        "contact": plan.contact,
    }


def _contradictions_zh(development: Development) -> list[str]:
    whole, split = development.sample_size, development.sample_size_split
    found = [caution.text_zh for caution in cautions(development)]
    found += [_carried_out_zh(development.plan)] if development.plan.cut_short else []
    if whole.needed > whole.n:
        found.append(
            f"{whole.parameters} 个候选参数需要 {whole.needed:,} 人；现有 {whole.n} 人，"
            f"只够 {whole.supported} 个。"
        )
    found.append(
        f"按 {plain(100 * development.plan.resampling.train_share, 0)}% 拆分后仅 {split.n} 人用于建模，"
        f"够 {split.supported} 个参数，"
        f"由 {whole.n - split.n} 人检验；以全体受试者的校正估计为主要结果。"
    )
    return found
