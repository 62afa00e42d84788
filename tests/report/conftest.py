"""A small trial's results, made by hand: every number here is an input, none comes from an analysis."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from trialkit.analysis.results import AnalysisResult, Provenance, Results
from trialkit.report import TrialFacts, TrueEffect, Truth
from trialkit.study.findings import Finding, Severity

TEST, REFERENCE = "exercise", "control"
ARMS = {TEST: "Exercise + NSAID", REFERENCE: "NSAID alone"}
CONTRAST = f"{TEST} - {REFERENCE}"
NAN = math.nan
VISITS = [
    ("baseline", "Baseline", 0),
    ("week_6", "End of intervention", 42),
    ("month_1", "1 month after intervention", 72),
    ("month_3", "3 months after intervention", 132),
    ("month_6", "6 months after intervention", 222),
    ("month_12", "12 months", 365),
]


def frame(columns: str, *rows: tuple[Any, ...]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=columns.split())


def counts(observed: tuple[int, int] = (157, 157), reason: str = "") -> pd.DataFrame:
    rows = [(arm, 157, n, 157 - n, reason) for arm, n in zip(ARMS, observed, strict=True)]
    return frame("arm n_set n_observed n_excluded reason", *rows)


def result(analysis_id: str, kind: str, tables: dict[str, pd.DataFrame], **more: Any) -> AnalysisResult:
    fields: dict[str, Any] = {
        "role": "secondary",
        "title": f"Analysis {analysis_id}",
        "method": "Descriptive",
        "analysis_set": "Full analysis set",
        "counts": counts(),
        **more,
    }
    return AnalysisResult(id=analysis_id, kind=kind, tables=tables, **fields)


def flow() -> AnalysisResult:
    rows: list[tuple[Any, ...]] = [
        ("assessed", "", 402, ""),
        ("excluded", "", 88, ""),
        ("excluded", "", 51, "ODI outside 20 to 60 %"),
        ("excluded", "", 23, "fatty infiltration below Goutallier grade 2"),
        ("excluded", "", 14, "declined to take part"),
        ("randomized", "", 314, ""),
    ]
    losses = {TEST: (155, 2, 9, 6, 141), REFERENCE: (157, 0, 3, 8, 143)}
    for arm, (received, not_received, stopped, lost, analysed) in losses.items():
        rows += [
            ("allocated", arm, 157, ""),
            ("received", arm, received, ""),
            ("not_received", arm, not_received, ""),
            ("discontinued", arm, stopped, ""),
            ("discontinued", arm, stopped - 1, "pain during exercise or a reaction to the medication"),
            ("discontinued", arm, 1, "reason not stated"),
            ("lost", arm, lost, ""),
            ("lost", arm, lost, "moved away"),
            ("analysed", arm, analysed, ""),
            ("not_analysed", arm, 157 - analysed, ""),
            ("not_analysed", arm, 157 - analysed, "outcome not assessed in the window"),
        ]
    tables = {"flow": frame("stage arm n reason", *rows)}
    return result("D1", "flow", tables, role="descriptive", title="Participant flow")


def baseline() -> AnalysisResult:
    rows: list[dict[str, Any]] = []
    for name, label, unit, mean, sd in [
        ("age", "Age", "years", 68.34, 5.91),
        ("odi", "ODI", "%", 41.25, 9.87),
        ("vbq", "VBQ", "", 2.571, 0.253),
    ]:
        for shift, arm in enumerate((TEST, REFERENCE, "total")):
            mid = mean + sd * shift / 40
            head = {"variable": name, "label": label, "unit": unit, "level": "", "arm": arm}
            middle = {"n": 155, "missing": 2 if name == "vbq" else 0, "mean": mid, "sd": sd, "median": mid}
            ends = {
                "q1": mid - sd * 0.7,
                "q3": mid + sd * 0.7,
                "minimum": mid - 2 * sd,
                "maximum": mid + 2 * sd,
            }
            rows.append({**head, **middle, **ends})
    for level, split in (("female", (93, 90, 183)), ("male", (64, 67, 131)), ("not stated", (0, 0, 0))):
        for arm, count in zip((TEST, REFERENCE, "total"), split, strict=True):
            size = 314 if arm == "total" else 157
            head = {"variable": "sex", "label": "Sex", "unit": None, "level": level, "arm": arm}
            rows.append({**head, "n": size, "missing": 0, "count": count, "percent": 100 * count / size})
    tables = {"baseline": pd.DataFrame(rows)}
    return result("D2", "baseline", tables, role="descriptive", title="Baseline characteristics")


def scales() -> pd.DataFrame:
    label = "Change in ODI from baseline to 12 months"
    return frame(
        "endpoint unit better mcid confidence_level alpha", (label, "percent", "lower", 10.0, 0.95, 0.025)
    )


def contrast(estimate: float = -5.2349, lower: float = -7.8159, upper: float = -2.6539) -> pd.DataFrame:
    return frame(
        "contrast estimate standard_error df statistic p_value ci_lower ci_upper alternative null_value",
        (CONTRAST, estimate, 1.3111, 276.0, -3.9928, 0.0000419, lower, upper, "less", 0.0),
    )


def primary(contrasts: pd.DataFrame | None = None, **more: Any) -> AnalysisResult:
    tables = {
        "descriptives": frame(
            "arm n base_mean base_sd mean sd",
            (TEST, 141, 41.3, 9.9, -14.21, 11.8),
            (REFERENCE, 143, 41.0, 9.7, -8.95, 12.1),
        ),
        "ls_means": frame(
            "arm estimate standard_error df ci_lower ci_upper",
            (TEST, -14.1, 0.93, 276.0, -15.9, -12.2),
            (REFERENCE, -8.87, 0.92, 276.0, -10.7, -7.1),
        ),
        "contrasts": contrast() if contrasts is None else contrasts,
        "coefficients": frame(
            "term estimate standard_error df statistic p_value ci_lower ci_upper",
            ("Intercept", 3.21, 2.9, 276.0, 1.107, 0.269, -2.5, 8.92),
            ("arm[T.exercise]", -5.2349, 1.3111, 276.0, -3.9928, 0.0000838, -7.8159, -2.6539),
            ("base", -0.3012, 0.0671, 276.0, -4.489, 0.0000101, -0.4333, -0.1691),
            ("sex[T.male]", 0.71, 1.35, 276.0, 0.526, 0.599, -1.95, 3.37),
            ("site[T.B]", -1.02, 2.04, 276.0, -0.5, 0.617, -5.04, 3.0),
        ),
        "scales": scales(),
    }
    fields: dict[str, Any] = {
        "role": "primary",
        "title": "Does exercise added to an NSAID lower disability at 12 months?",
        "method": "ANCOVA, chg ~ arm + base + sex + site; missing data: complete cases",
        "counts": counts((141, 143), "outcome or covariate missing"),
        "estimand": "primary",
        **more,
    }
    return result("P1", "ancova", tables, **fields)


def profile() -> AnalysisResult:
    rows = []
    for arm, drops in ((TEST, (0, 9, 11, 12.5, 13.5, 14.2)), (REFERENCE, (0, 7, 7.5, 8, 8.6, 8.9))):
        for place, ((visit, label, day), drop) in enumerate(zip(VISITS, drops, strict=True)):
            mean = 41.3 - drop
            n = 157 - 3 * place
            rows.append(("odi", "ODI", "%", arm, visit, label, day, n, mean, 11.2, mean - 1.7, mean + 1.8))
    columns = "parameter parameter_label unit arm visit visit_label day n mean sd ci_lower ci_upper"
    return result("S1", "profile", {"profile": frame(columns, *rows)}, title="ODI over time")


def responders() -> AnalysisResult:
    definition = "ODI lower by 10 points or more"
    proportions = frame(
        "definition arm n responders proportion ci_lower ci_upper",
        (definition, TEST, 141, 92, 92 / 141, 0.568, 0.726),
        (definition, REFERENCE, 143, 63, 63 / 143, 0.362, 0.522),
    )
    contrasts = frame(
        "measure estimate ci_lower ci_upper p_value",
        ("risk difference", 0.2119, 0.0965, 0.321, 0.00034),
        ("risk ratio", 1.481, 1.189, 1.844, NAN),
        ("number needed to treat", 4.72, 3.12, 10.4, NAN),
    ).assign(definition=definition, contrast=CONTRAST)
    return result(
        "S2",
        "responders",
        {"proportions": proportions, "contrasts": contrasts},
        title="Responders at 12 months",
        method="Risk difference (Newcombe), ratio and number needed to treat; missing data: complete cases",
        counts=counts((141, 143), "outcome missing"),
    )


def curves() -> pd.DataFrame:
    rows = []
    for arm, every in ((TEST, 12), (REFERENCE, 7)):
        left, survival = 157, 1.0
        for day in range(6, 366, 6):
            censored, events = int(day % 36 == 0), int(day % every < 6)
            survival *= 1 - events / left
            half = 1.96 * math.sqrt((1 - survival) * survival / 157)
            low, high = max(0.0, survival - half), min(1.0, survival + half)
            rows.append((arm, day, left, events, censored, survival, 1 - survival, low, high))
            left -= events + censored
    return frame("arm time_days n_at_risk n_events n_censored survival risk ci_lower ci_upper", *rows)


def recurrence() -> AnalysisResult:
    at_risk = [
        (arm, day, n)
        for arm, last in ((TEST, 101), (REFERENCE, 88))
        for day, n in ((0, 157), (90, 140), (180, 128), (270, 115), (365, last))
    ]
    tables = {
        "curves": curves(),
        "at_risk": frame("arm time_days n_at_risk", *at_risk),
        "at": frame(
            "arm time_days survival risk ci_lower ci_upper",
            (TEST, 180, 0.89, 0.11, 0.83, 0.93),
            (TEST, 365, 0.76, 0.24, 0.69, 0.81),
            (REFERENCE, 180, 0.80, 0.20, 0.73, 0.85),
            (REFERENCE, 365, NAN, NAN, NAN, NAN),
        ),
        "medians": frame(
            "arm n events estimate ci_lower ci_upper",
            (TEST, 157, 35, NAN, NAN, NAN),
            (REFERENCE, 157, 52, 361.0, 330.0, NAN),
        ),
        "log_rank": frame("statistic df p_value strata", (5.04, 1, 0.0247, "sex, site")),
        "hazard_ratios": frame(
            "term estimate log_standard_error ci_lower ci_upper p_value",
            ("arm[T.exercise]", 0.612, 0.219, 0.398, 0.94, 0.0249),
        ),
        "proportional_hazards": frame("term statistic df p_value", ("arm", 0.82, 1, 0.365)),
        "restricted_mean": frame(
            "contrast estimate standard_error ci_lower ci_upper p_value",
            (CONTRAST, 12.4, 5.1, 2.4, 22.4, 0.015),
        ),
    }
    return result(
        "R1",
        "time_to_event",
        tables,
        title="Recurrence within 12 months",
        method="Kaplan-Meier (log-log intervals); log-rank and Cox (arm, efron ties) stratified by sex, site",
        notes=("Event: an episode of 24 h or more with VAS above 20 mm. Time zero: randomization.",),
    )


def adverse_events() -> AnalysisResult:
    def table(column: str, *lines: tuple[str, int, int, int, int]) -> pd.DataFrame:
        rows = []
        for value, test, test_events, reference, reference_events in lines:
            rows.append((value, TEST, test, test / 1.57, test_events))
            rows.append((value, REFERENCE, reference, reference / 1.57, reference_events))
        return frame(f"{column} arm n_subjects percent n_events", *rows)

    overview = table("measure", ("Any adverse event", 41, 55, 38, 47), ("Serious adverse event", 2, 2, 0, 0))
    categories = table("category", ("Gastrointestinal", 21, 25, 24, 28), ("Musculoskeletal", 18, 22, 9, 10))
    return result(
        "A1",
        "adverse_events",
        {"overview": overview, "by_category": categories},
        role="descriptive",
        title="Adverse events",
        analysis_set="Safety set",
    )


def imaging() -> AnalysisResult:
    rows = []
    for step in range(41):
        estimate, half = -2.1 - 0.11 * step, 2.2 + 0.0045 * (step - 20) ** 2
        limits = (estimate - half, estimate + half)
        rows.append(("Fat fraction, multifidus L4", "%", 20 + step, estimate, half / 1.97, *limits))
    tables = {
        "effect_by_covariate": frame("covariate unit value estimate standard_error ci_lower ci_upper", *rows),
        "interaction": frame(
            "term estimate standard_error df statistic p_value ci_lower ci_upper",
            ("arm[T.exercise]:fat_fraction", -0.1102, 0.0613, 274.0, -1.798, 0.0733, -0.2309, 0.0105),
        ),
        "scales": scales(),
    }
    return result(
        "I1",
        "effect_modification",
        tables,
        role="supplementary",
        title="Baseline fat fraction and the effect on ODI",
    )


def quality() -> AnalysisResult:
    rows = [
        ("fields_compared", 61342),
        ("fields_discordant", 1210),
        ("adjudicated", 1210),
        ("errors_per_10000", 197.3),
        ("ci_lower", 186.4),
        ("ci_upper", 208.6),
        ("residual_errors_per_10000", 1.8),
    ]
    tables = {"quality": frame("measure value", *rows)}
    return result("Q1", "quality", tables, role="descriptive", title="Double data entry")


def provenance(state: str = "locked") -> Provenance:
    return Provenance(
        plan_id="sap-a",
        plan_version="1.0",
        plan_sha256="a" * 64,
        study_id="study-a",
        study_version="2.1",
        study_sha256="b" * 64,
        snapshot_content_sha256="0123456789abcdef" * 4,
        snapshot_state=state,
        software={"trialkit": "0.1.0", "pandas": "2.3.3"},
    )


def results(*analyses: AnalysisResult, state: str = "locked") -> Results:
    return Results(provenance=provenance(state), arm_labels=ARMS, analyses=tuple(analyses))


def every_kind() -> Results:
    made = (flow, baseline, primary, profile, responders, recurrence, adverse_events, imaging, quality)
    return results(*(make() for make in made))


@pytest.fixture(scope="session")
def by_hand() -> SimpleNamespace:
    """The makers above, so that a test can change one thing."""
    makers = (frame, result, flow, contrast, primary, recurrence, responders, imaging, quality, results)
    return SimpleNamespace(**{make.__name__: make for make in makers}, arms=ARMS)


@pytest.fixture(scope="session")
def trial() -> Results:
    """Every kind the page has a layout for, once."""
    return every_kind()


@pytest.fixture(scope="session")
def truth() -> Truth:
    definition = "treatment policy, complete follow-up"
    effect = TrueEffect("P1", -5.0, standard_error=0.021, subjects=200_000, definition=definition)
    return Truth(effects=(effect,), residual_errors_per_10000=2.1)


@pytest.fixture(scope="session")
def facts() -> TrialFacts:
    months = ["2024-01", "2024-02", "2024-03", "2024-05", "2024-06", "2024-07"]
    rows = [
        (site, month, (7 * place + 3 * number) % 11 + 2)
        for place, site in enumerate("ABCDE")
        for number, month in enumerate(months)
    ]
    findings = (
        Finding(
            "sample_size",
            Severity.CONTRADICTION,
            "The sample size does not follow from its assumptions",
            "15 points at SD 15 need 17 per arm; 141 per arm detect 5.02 points.",
            ("sample_size",),
            "Settle the difference the trial is to detect.",
        ),
        Finding(
            "anchor",
            Severity.GAP,
            "Recurrence has no anchor",
            "No source states the pain-free interval.",
            ("endpoint.recurrence",),
            "State both.",
        ),
    )
    return TrialFacts(
        title="Exercise and NSAIDs against NSAIDs alone in chronic low-back pain",
        registry="ChiCTR (demonstration)",
        protocol="2.1",
        findings=findings,
        recruitment=frame("site month n", *rows),
        site_labels=tuple((site, f"Hospital {site}") for site in "ABCDE"),
        target=314,
    )
