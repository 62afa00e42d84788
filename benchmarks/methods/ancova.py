"""ANCOVA of a change: type III tests, LS means, difference; the answer is difference, error, means and F.

All pairs of three arms, too: differences and Tukey's p values.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from benchmarks.measure import Measure, Numbers, PythonPeer, RPeer
from benchmarks.trials import two_arms
from trialkit.stats import ancova

FORMULA = "chg ~ arm + base + sex + site"


def ours(data: pd.DataFrame) -> Numbers:
    fit = ancova(FORMULA, data, treatment="arm", reference="control")
    contrast = fit.contrasts().loc[0, ["estimate", "standard_error"]]
    statistic = fit.terms.set_index("term").loc["arm", "statistic"]
    return np.array([*contrast, *fit.ls_means("arm")["estimate"], statistic], dtype=float)


def statsmodels(data: pd.DataFrame) -> Numbers:
    """LS means by hand: the average row of each arm over the levels of the other factors."""
    import patsy
    import statsmodels.api as sm
    import statsmodels.formula.api as smf

    fit = smf.ols("chg ~ C(arm, Sum) + base + C(sex, Sum) + C(site, Sum)", data).fit()
    tests = sm.stats.anova_lm(fit, typ=3)
    sexes, sites = sorted(data["sex"].unique()), sorted(data["site"].unique())
    rows = []
    for arm in ("control", "exercise"):
        cells = pd.MultiIndex.from_product([[arm], sexes, sites], names=["arm", "sex", "site"])
        grid = cells.to_frame(index=False).assign(base=data["base"].mean())
        (matrix,) = patsy.build_design_matrices([fit.model.data.model_spec], grid)
        rows.append(np.asarray(matrix).mean(axis=0))
    means = fit.t_test(np.array(rows))
    difference = fit.t_test(rows[1] - rows[0])
    return np.array([*difference.effect, difference.sd.item(), *means.effect, tests.loc["C(arm, Sum)", "F"]])


def three_arms(subjects: int) -> pd.DataFrame:
    return two_arms(subjects).assign(dose=np.array(["high", "low", "none"])[np.arange(subjects) % 3])


def all_pairs(data: pd.DataFrame) -> Numbers:
    table = ancova("chg ~ dose + base", data, treatment="dose", reference="none").pairwise()
    return np.concatenate([np.sort(np.abs(table["estimate"])), np.sort(table["p_value"])])


MEASURES = (
    Measure(
        what="type III tests, LS means, difference",
        data=two_arms,
        ours=ours,
        sizes=(314, 31_400),
        quick=60,
        peers=(
            PythonPeer(name="statsmodels OLS, LS means by hand", work=statsmodels, within=1e-6),
            RPeer(
                name="R lm, car::Anova, emmeans",
                packages=("car", "emmeans"),
                setup='library(emmeans); options(contrasts = c("contr.sum", "contr.poly"))',
                work=f"""
                  m <- lm({FORMULA}, d); summary(m)
                  tests <- car::Anova(m, type = 3)
                  means <- emmeans(m, "arm")
                  difference <- summary(pairs(means, reverse = TRUE))
                  c(difference$estimate, difference$SE, summary(means)$emmean, tests["arm", "F value"])""",
                within=1e-6,
            ),
            RPeer(
                name="R lm, drop1, emmeans",
                packages=("emmeans",),
                setup='library(emmeans); options(contrasts = c("contr.sum", "contr.poly"))',
                work=f"""
                  m <- lm({FORMULA}, d); summary(m)
                  tests <- drop1(m, test = "F")
                  means <- emmeans(m, "arm")
                  difference <- summary(pairs(means, reverse = TRUE))
                  c(difference$estimate, difference$SE, summary(means)$emmean, tests["arm", "F value"])""",
                within=1e-6,
            ),
        ),
    ),
    Measure(
        what="all pairs of three arms, Tukey",
        data=three_arms,
        ours=all_pairs,
        sizes=(314, 31_400),
        quick=60,
        peers=(
            RPeer(
                name="R lm, emmeans",
                packages=("emmeans",),
                setup="library(emmeans)",
                work="""
                  m <- lm(chg ~ dose + base, d)
                  found <- summary(pairs(emmeans(m, "dose")))
                  c(sort(abs(found$estimate)), sort(found$p.value))""",
                within=1e-4,
            ),
        ),
    ),
)
