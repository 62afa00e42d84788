"""Random intercept and slope, 5 visits, beside statsmodels MixedLM and (where installed) lme4 with lmerTest.

    python benchmarks/lmm.py [--sizes 314 3140 27518] [--repeats 3] [--largest-in-statsmodels 3140]

One thread. Each time is CPU seconds from a data frame to coefficients with Satterthwaite df and LS means,
the best of the repeats; ours includes reading the formula. statsmodels has no df: it is timed for its fit. A
ratio says how many times faster trialkit was. Estimates must agree before a time is printed.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import tracemalloc
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from trialkit.stats import lmm

FORMULA = "y ~ base + arm * time"
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")

R_PROGRAM = """
suppressPackageStartupMessages({ library(lmerTest); library(emmeans); emm_options(lmerTest.limit = 1e7) })
d <- read.csv(commandArgs(TRUE)[1]); d$arm <- factor(d$arm); d$subject <- factor(d$subject)
cpu <- function(work) {
  gc(FALSE)
  spent <- system.time(value <- work())
  list(spent[["user.self"]] + spent[["sys.self"]], value)
}
fit <- cpu(function() lme4::lmer(y ~ base + arm * time + (1 + time | subject), d))
full <- cpu(function() {
  m <- lmerTest::lmer(y ~ base + arm * time + (1 + time | subject), d)
  list(m, summary(m), suppressMessages(summary(emmeans(m, ~ arm, lmer.df = "satterthwaite"))))
})
cat(sprintf('{"fit": %.4f, "full": %.4f, "estimate": [%s]}', fit[[1]], full[[1]],
  paste(sprintf("%.15g", lme4::fixef(fit[[2]])), collapse = ", ")))
"""


def growth(n: int) -> pd.DataFrame:
    """Subjects at five times that differ between them."""
    rng = np.random.default_rng(314)
    subject = np.repeat(np.arange(n), 5)
    moment = np.tile(np.arange(5.0), n) + rng.uniform(-0.2, 0.2, 5 * n)
    arm, base = np.repeat(rng.choice(["control", "exercise"], n), 5), np.repeat(rng.normal(40, 9, n), 5)
    y = 0.4 * base + rng.normal(0, 6, n)[subject] + (rng.normal(0, 1, n)[subject] - 0.3) * moment
    y = y + rng.normal(0, 4, 5 * n)
    return pd.DataFrame({"subject": subject, "time": moment, "arm": arm, "base": base, "y": y})


def ours(data: pd.DataFrame) -> np.ndarray:
    fit = lmm(FORMULA, data, "1 + time | subject")
    fit.ls_means("arm")
    return fit.coefficients["estimate"].to_numpy()


def statsmodels(data: pd.DataFrame) -> np.ndarray:
    import statsmodels.formula.api as smf

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit = smf.mixedlm(FORMULA, data, groups="subject", re_formula="~time").fit(reml=True)
    return fit.fe_params.to_numpy()


def lmer(data: pd.DataFrame) -> dict[str, Any]:
    """CPU seconds inside R; starting R and reading the file are not counted."""
    if shutil.which("Rscript") is None:
        return {}
    with tempfile.TemporaryDirectory() as folder:
        program, table = Path(folder, "lmm.R"), Path(folder, "data.csv")
        program.write_text(R_PROGRAM, encoding="utf-8")
        data.to_csv(table, index=False)
        command = ["Rscript", str(program), str(table)]
        answer = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return dict(answer)


def seconds(work: Callable[[pd.DataFrame], np.ndarray], data: pd.DataFrame, repeats: int) -> float:
    best = float("inf")
    for _ in range(repeats):
        begun = time.process_time()
        work(data)
        best = min(best, time.process_time() - begun)
    return best


def megabytes(work: Callable[[pd.DataFrame], np.ndarray], data: pd.DataFrame) -> float:
    tracemalloc.start()
    work(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1e6


def agree(theirs: np.ndarray, estimate: np.ndarray, within: float) -> None:
    """Programs order and name coefficients in their own ways."""
    np.testing.assert_allclose(np.sort(theirs), np.sort(estimate), rtol=within, atol=within)


def cell(peer: float | None, mine: float, width: int = 11) -> str:
    if peer is None:
        return f"{'-':>{width}}{'-':>8}"
    return f"{peer:>{width - 2}.3f} s{peer / mine:>8.1f}"


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--sizes", type=int, nargs="+", default=[314, 3140, 27_518])
    options.add_argument("--repeats", type=int, default=3)
    options.add_argument("--largest-in-statsmodels", type=int, default=3140)
    asked = options.parse_args()
    heads = ("subjects", "trialkit", "statsmodels", "ratio", "lme4 fit", "ratio", "lmerTest", "ratio", "MB")
    print("".join(f"{head:>{w}}" for head, w in zip(heads, (9, 11, 13, 8, 11, 8, 11, 8, 8), strict=True)))
    for size in asked.sizes:
        data = growth(size)
        estimate, mine = ours(data), seconds(ours, data, asked.repeats)
        peer = None
        if size <= asked.largest_in_statsmodels:
            agree(statsmodels(data), estimate, 1e-3)
            peer = seconds(statsmodels, data, 1)
        r = lmer(data)
        if r:
            agree(np.array(r["estimate"]), estimate, 1e-3)
        cells = cell(peer, mine, 13) + cell(r.get("fit"), mine) + cell(r.get("full"), mine)
        print(f"{size:>9,}{mine:>9.4f} s{cells}{megabytes(ours, data):>8.1f}")


if __name__ == "__main__":
    if not ONE_THREAD.items() <= os.environ.items():  # NumPy reads these once, when it is first imported
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **ONE_THREAD})
    main()
