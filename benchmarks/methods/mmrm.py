"""MMRM, 5 visits, 20 coefficients: coefficients, type III tests, LS means and contrasts by visit, with df."""

from __future__ import annotations

from typing import Any

import pandas as pd

from benchmarks.measure import Measure, Numbers, RPeer, sorted_gap
from benchmarks.trials import visits
from trialkit.stats import mmrm

FORMULA = "y ~ base * visit + sex + site + arm * visit"
SETUP = 'for (v in c("visit", "id")) d[[v]] <- factor(d[[v]]); d <- d[!is.na(d$y), ]'


def ours(df_method: Any) -> Any:
    def work(data: pd.DataFrame) -> Numbers:
        fit = mmrm(FORMULA, data, "id", "visit", df_method=df_method)
        fit.ls_means("arm", by="visit")
        fit.contrasts("arm", by="visit")
        fit.terms  # noqa: B018 - the tests are part of what is timed
        return fit.coefficients["estimate"].to_numpy()

    return work


def r_mmrm(df_method: str, recorded: dict[int, float], aim: dict[int, float]) -> RPeer:
    return RPeer(
        name="R mmrm with emmeans",
        packages=("mmrm", "emmeans"),
        setup=f"library(emmeans); {SETUP}",
        work=f"""
          m <- mmrm::mmrm({FORMULA} + us(visit | id), d, method = "{df_method}")
          summary(m); summary(emmeans(m, ~ arm | visit))
          coef(m)""",
        gap=sorted_gap,
        within=1e-3,
        recorded=recorded,
        aim=aim,
        largest=31_400,
    )


GLS = RPeer(
    name="R nlme::gls, fit alone",
    packages=("nlme",),
    setup=f"library(nlme); {SETUP}; d$step <- as.integer(d$visit)",
    work=f"""
      coef(gls({FORMULA}, d, correlation = corSymm(form = ~ step | id),
        weights = varIdent(form = ~ 1 | visit)))""",
    gap=sorted_gap,
    within=1e-2,
    largest=3140,
)

SATTERTHWAITE = r_mmrm(
    "Satterthwaite", recorded={314: 0.45, 3140: 5.3, 31_400: 50.0}, aim={314: 10, 3140: 50, 31_400: 100}
)
KENWARD_ROGER = r_mmrm("Kenward-Roger", recorded={314: 1.2, 3140: 9.0}, aim={314: 20, 3140: 100})

MEASURES = tuple(
    Measure(
        what=f"unstructured, 5 visits, {words}",
        data=visits,
        ours=ours(df_method),
        sizes=(314, 3140, 31_400),
        quick=60,
        peers=peers,
    )
    for words, df_method, peers in (
        ("Satterthwaite", "satterthwaite", (SATTERTHWAITE, GLS)),
        ("Kenward-Roger linear", "kenward-roger-linear", (KENWARD_ROGER, GLS)),
        ("Kenward-Roger", "kenward-roger", (KENWARD_ROGER, GLS)),
    )
)
