"""The model card as lines of name and value, in the languages of the calculator."""

from __future__ import annotations

from typing import Any

from trialkit import numbers
from trialkit.documents.declared.wording import unit_words

_SHOWN = (
    "auc",
    "brier",
    "sensitivity",
    "specificity",
    "ppv",
    "npv",
    "f1",
    "calibration_intercept",
    "calibration_slope",
    "observed_expected",
    "ici",
)
_WORDS: dict[str, dict[str, str]] = {
    "en": {
        "intended_use": "Intended use",
        "population": "People",
        "outcome": "Outcome",
        "made_on": "Made on",
        "people": "{n} people, {events} with the outcome",
        "model": "Model",
        "chosen": "{learner}: {chosen_by}",
        "resamples": "Resamples",
        "corrected": "{value}, corrected",
        "crossed": "{value}, cross-validated",
        "beside": "{value}, corrected; {reference} if everybody is told the prevalence, p (1 − p)",
        "to": " to ",
        "interval": "{estimate} ({limits})",
        "feature": "Input: {label}",
        "test_set": "Test set of the split",
        "without": "{text}; {n} more without an outcome left out",
        "seed": "Seed",
        "environment": "Environment",
        "log_odds": "log-odds",
        "curves": "curves of",
        "knots": "knots",
        "auc": "AUC",
        "brier": "Brier score",
        "sensitivity": "Sensitivity",
        "specificity": "Specificity",
        "ppv": "PPV",
        "npv": "NPV",
        "f1": "F1",
        "observed_expected": "Observed / expected",
        "ici": "ICI",
        "gaps": "Gaps",
        "no_answer": (
            "Missing: no answer. Outside the range: no answer of predict apply, a warning of the calculator."
        ),
        "calibration_intercept": "Calibration intercept",
        "calibration_slope": "Calibration slope",
        "validation": "Validation",
        "said": "Said of it",
        "equation": "Equation",
        "licence": "Licence",
        "contact": "Contact",
        "software": "Software",
        "version": "Version",
        "nothing": "Not stated.",
    },
    "zh": {
        "intended_use": "预期用途",
        "population": "适用人群",
        "outcome": "结局",
        "made_on": "建模数据",
        "people": "{n} 人，其中 {events} 人出现结局",
        "model": "模型",
        "chosen": "{learner}：{chosen_by}",
        "resamples": "重抽样",
        "corrected": "{value}（经乐观校正）",
        "crossed": "{value}（交叉验证）",
        "beside": "{value}（经乐观校正）；若对所有人一律给出患病率则为 {reference}，即 p (1 − p)",
        "to": " 至 ",
        "interval": "{estimate}（{limits}）",
        "feature": "输入：{label}",
        "test_set": "拆分的测试集",
        "without": "{text}；另有 {n} 人结局未知，未纳入",
        "seed": "随机种子",
        "environment": "软件环境",
        "log_odds": "对数优势",
        "curves": "曲线变量",
        "knots": "节点",
        "auc": "AUC",
        "brier": "Brier 分数",
        "sensitivity": "灵敏度",
        "specificity": "特异度",
        "ppv": "阳性预测值",
        "npv": "阴性预测值",
        "f1": "F1 分数",
        "observed_expected": "观察/预期",
        "ici": "ICI（综合校准指数）",
        "gaps": "缺失与超范围",
        "no_answer": "缺失：不给出结果。超出范围：predict apply 拒绝，计算器给出警告。",
        "calibration_intercept": "校准截距",
        "calibration_slope": "校准斜率",
        "validation": "验证",
        "said": "局限",
        "equation": "方程",
        "licence": "许可",
        "contact": "联系方式",
        "software": "软件",
        "version": "版本",
        "nothing": "未说明。",
    },
}
_NOT_VALIDATED_ZH = "未做外部验证。此处所有数字均来自建模人群。"


def card_rows(model: dict[str, Any], card: dict[str, Any], language: str = "en") -> list[tuple[str, str]]:
    """What the plan states in one language alone stands in it."""
    words = _WORDS[language]

    def stated(key: str) -> str:
        return (language == "zh" and card.get(f"{key}_zh")) or card[key] or words["nothing"]

    rows = [(words[key], stated(key)) for key in ("intended_use", "population", "outcome")]
    made_on = words["people"].format(n=card["n"], events=card["events"])
    if card.get("without_outcome"):
        made_on = words["without"].format(text=made_on, n=card["without_outcome"])
    rows.append((words["made_on"], made_on))
    rows.append((words["model"], words["chosen"].format(**{k: stated(k) for k in ("learner", "chosen_by")})))
    rows += [(words[head], stated(key)) for head, key in _IF_THERE if card.get(key)]
    rows += [(words[m], _measured(card, m, words)) for m in _SHOWN if m in card["performance"]]
    rows.append((words["validation"], _NOT_VALIDATED_ZH if language == "zh" else card["validation"]))
    limits = (language == "zh" and card.get("contradictions_zh")) or card["contradictions"]
    above = {text for _, text in rows}
    rows += [(words["said"], text) for text in limits if text not in above]
    rows += [_input(feature, words, language) for feature in model["features"]]
    rows.append((words["gaps"], words["no_answer"]))
    if model["model"]["kind"] == "logistic":
        rows.append((words["equation"], equation(model, language)))
    rows += [(words[key], card[key] or words["nothing"]) for key in ("licence", "contact")]
    made = card.get("software") or model.get("software", {})
    rows.append((words["software"], ", ".join(f"{name} {version}" for name, version in made.items())))
    if card.get("environment_sha256"):
        rows.append((words["environment"], f"environment.txt, SHA-256 {card['environment_sha256']}"))
    if "seed" in card:
        rows.append((words["seed"], str(card["seed"])))
    rows.append((words["version"], f"{model['version']}, SHA-256 {model['sha256']}"))
    return rows


_IF_THERE = (("resamples", "carried_out"), ("test_set", "test_set"))


def _measured(card: dict[str, Any], metric: str, words: dict[str, str]) -> str:
    """Estimate and interval; beside a Brier score what telling everybody the prevalence would give. An ICI
    is a distance, which less its optimism could fall below 0: it is the folds' own.
    """
    estimate, lower, upper = (_number(value) for value in card["performance"][metric])
    decimals = 3 if metric == "brier" else 2
    value = words["interval"].format(
        estimate=numbers.fixed(estimate, decimals),
        limits=numbers.span(lower, upper, decimals, words["to"]),
    )
    reference = card.get("brier_of_prevalence")
    if metric == "brier" and reference is not None:
        return words["beside"].format(value=value, reference=numbers.fixed(reference, 3))
    return words["crossed" if metric == "ici" else "corrected"].format(value=value)


def _input(feature: dict[str, Any], words: dict[str, str], language: str) -> tuple[str, str]:
    """A line of the data dictionary: unit or levels, definition, IBSI tag, name of the column."""
    label, definition = (_in(language, feature, key) for key in ("label", "definition"))
    labels = (language == "zh" and feature.get("level_labels_zh")) or feature["level_labels"]
    what = " / ".join(labels)
    if not feature["levels"]:
        span = words["to"].join(f"{feature[end]:.5g}" for end in ("lower", "upper"))
        what = f"{span} {unit_words(_in(language, feature, 'unit'))}".strip()
    told = (what, definition, feature["tag"], f"[{feature['name']}]")
    return words["feature"].format(label=label), "; ".join(filter(None, told))


def _in(language: str, of: dict[str, Any], key: str) -> str:
    return str((language == "zh" and of.get(f"{key}_zh")) or of.get(key, ""))


def equation(model: dict[str, Any], language: str = "en") -> str:
    """Log-odds in the features' own units."""
    words = _WORDS[language]
    slopes = [b / c["scale"] for b, c in zip(model["model"]["coefficients"], model["columns"], strict=True)]
    shift = sum(b * c["mean"] for b, c in zip(slopes, model["columns"], strict=True))
    units = {f["key"]: unit_words(_in(language, f, "unit")) for f in model["features"]}
    terms = [
        f"{b:+.6g} × [{_named(c, units, language)}]" for b, c in zip(slopes, model["columns"], strict=True)
    ]
    curved = {t["feature"]: t["knots"] for c in model["columns"] for t in c["terms"] if t.get("curve")}
    labels = {f["key"]: _in(language, f, "label") for f in model["features"]}
    splines = "".join(
        f"; {words['curves']} {labels.get(feature, feature)}: rcspline.eval, norm 2, {words['knots']} "
        f"{', '.join(f'{knot:g}' for knot in knots)}"
        for feature, knots in curved.items()
    )
    return f"{words['log_odds']} = {model['model']['intercept'] - shift:.6g} " + " ".join(terms) + splines


def _named(column: dict[str, Any], units: dict[str, str], language: str) -> str:
    """Its label with the unit the slope is for; an indicator is 1 or 0."""
    name = (language == "zh" and column.get("label_zh")) or str(column.get("label", column["name"]))
    written = [
        units.get(term["feature"], "")
        for term in column["terms"]
        if term["level"] is None and not term.get("curve")
    ]
    return ", ".join(filter(None, (name, *written)))


def _number(value: float | None) -> float:
    return float("nan") if value is None else value
