"""The model card as lines of name and value, in the languages of the calculator."""

from __future__ import annotations

from typing import Any

from trialkit import numbers

_SHOWN = (
    "auc",
    "brier",
    "sensitivity",
    "specificity",
    "calibration_intercept",
    "calibration_slope",
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
        "auc": "AUC",
        "brier": "Brier score",
        "sensitivity": "Sensitivity",
        "specificity": "Specificity",
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
        "auc": "AUC",
        "brier": "Brier 分数",
        "sensitivity": "灵敏度",
        "specificity": "特异度",
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
    rows.append((words["made_on"], words["people"].format(n=card["n"], events=card["events"])))
    rows.append((words["model"], words["chosen"].format(**{k: stated(k) for k in ("learner", "chosen_by")})))
    if card.get("carried_out"):
        rows.append((words["resamples"], stated("carried_out")))
    for metric in _SHOWN:
        estimate, lower, upper = (_number(value) for value in card["performance"][metric])
        value = numbers.estimate_interval(estimate, lower, upper, 2)
        rows.append((words[metric], words["corrected"].format(value=value)))
    rows.append((words["validation"], _NOT_VALIDATED_ZH if language == "zh" else card["validation"]))
    limits = (language == "zh" and card.get("contradictions_zh")) or card["contradictions"]
    rows += [(words["said"], text) for text in limits]
    if model["model"]["kind"] == "logistic":
        rows.append((words["equation"], equation(model)))
    rows += [(words[key], card[key] or words["nothing"]) for key in ("licence", "contact")]
    made = model.get("software", {})
    rows.append((words["software"], ", ".join(f"{name} {version}" for name, version in made.items())))
    rows.append((words["version"], f"{model['version']}, SHA-256 {model['sha256']}"))
    return rows


def equation(model: dict[str, Any]) -> str:
    """Log-odds in the features' own units."""
    slopes = [b / c["scale"] for b, c in zip(model["model"]["coefficients"], model["columns"], strict=True)]
    shift = sum(b * c["mean"] for b, c in zip(slopes, model["columns"], strict=True))
    units = {f["key"]: f["unit"] for f in model["features"]}
    terms = [f"{b:+.6g} × [{_named(c, units)}]" for b, c in zip(slopes, model["columns"], strict=True)]
    curved = {t["feature"]: t["knots"] for c in model["columns"] for t in c["terms"] if t.get("curve")}
    splines = "".join(
        f"; curves of {feature}: rcspline.eval, norm 2, knots {', '.join(f'{knot:g}' for knot in knots)}"
        for feature, knots in curved.items()
    )
    return f"log-odds = {model['model']['intercept'] - shift:.6g} " + " ".join(terms) + splines


def _named(column: dict[str, Any], units: dict[str, str]) -> str:
    """Its label with the unit the slope is for; an indicator is 1 or 0."""
    name = str(column.get("label", column["name"]))
    written = [
        units.get(term["feature"], "")
        for term in column["terms"]
        if term["level"] is None and not term.get("curve")
    ]
    return ", ".join(filter(None, (name, *written)))


def _number(value: float | None) -> float:
    return float("nan") if value is None else value
