"""Random intercept and slope, five times a subject: coefficients with Satterthwaite df, and LS means."""

from __future__ import annotations

import numpy as np
import pandas as pd

from benchmarks.measure import Measure, Numbers, PythonPeer, RPeer, sorted_gap
from trialkit.stats import lmm

FORMULA = "y ~ base + arm * time"
IN_R = f"{FORMULA} + (1 + time | subject), d"
SIZES = (314, 3140, 27_518)


def growth(subjects: int) -> pd.DataFrame:
    """Times differ between the subjects."""
    rng = np.random.default_rng(314)
    subject, count = np.repeat(np.arange(subjects), 5), 5 * subjects
    moment = np.tile(np.arange(5.0), subjects) + rng.uniform(-0.2, 0.2, count)
    arm = np.repeat(rng.choice(["control", "exercise"], subjects), 5)
    base = np.repeat(rng.normal(40, 9, subjects), 5)
    slope = rng.normal(0, 1, subjects)[subject] - 0.3
    y = 0.4 * base + rng.normal(0, 6, subjects)[subject] + slope * moment + rng.normal(0, 4, count)
    return pd.DataFrame({"subject": subject, "time": moment, "arm": arm, "base": base, "y": y})


def ours(data: pd.DataFrame) -> Numbers:
    fit = lmm(FORMULA, data, "1 + time | subject")
    fit.ls_means("arm")
    return fit.coefficients["estimate"].to_numpy()


def statsmodels(data: pd.DataFrame) -> Numbers:
    import statsmodels.formula.api as smf

    return (
        smf.mixedlm(FORMULA, data, groups="subject", re_formula="~time").fit(reml=True).fe_params.to_numpy()
    )


MEASURES = (
    Measure(
        what="random intercept and slope, 5 times, Satterthwaite",
        data=growth,
        ours=ours,
        sizes=SIZES,
        quick=60,
        peers=(
            PythonPeer(
                name="statsmodels MixedLM, fit alone",
                work=statsmodels,
                gap=sorted_gap,
                within=1e-2,
                aim={314: 20},
                largest=3140,
            ),
            RPeer(
                name="R lme4, fit alone",
                packages=("lme4",),
                setup="d$subject <- factor(d$subject)",
                work=f"lme4::fixef(lme4::lmer({IN_R}))",
                gap=sorted_gap,
                within=1e-2,
            ),
            RPeer(
                name="R lme4 with lmerTest and emmeans",
                packages=("lmerTest", "emmeans"),
                setup="""d$subject <- factor(d$subject)
                  library(lmerTest); library(emmeans); emm_options(lmerTest.limit = 1e7)""",
                work=f"""
                  m <- lmer({IN_R})
                  summary(m); suppressMessages(summary(emmeans(m, ~ arm, lmer.df = "satterthwaite")))
                  lme4::fixef(m)""",
                gap=sorted_gap,
                within=1e-2,
                aim=dict.fromkeys(SIZES, 1),
            ),
        ),
    ),
)
