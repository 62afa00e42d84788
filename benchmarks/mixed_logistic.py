"""Mixed logistic regression of study C's size, beside glmmTMB and (with --glmer) glmer.

    python benchmarks/mixed_logistic.py [--sizes 2000 27518] [--repeats 3] [--glmer]

One thread; 11 covariates and an intercept, 18 sites. Each time is CPU seconds from a data frame to
coefficients with standard errors, the best of the repeats; ours includes reading the formula. A ratio says
how many times faster trialkit was with the same approximation. glmer with 10 points takes minutes at 27,518
rows.
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
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from trialkit.stats import mixed_logistic

NAMES = [f"x{position}" for position in range(11)]
FORMULA = "y ~ " + " + ".join(NAMES)
POINTS = (1, 10, 25)
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")

R_PROGRAM = """
arguments <- commandArgs(TRUE)
d <- read.csv(arguments[1]); d$site <- factor(d$site)
f <- as.formula(paste("y ~", paste0("x", 0:10, collapse = " + "), "+ (1 | site)"))
cpu <- function(work) {
  gc(FALSE)
  spent <- system.time(value <- work())
  list(spent[["user.self"]] + spent[["sys.self"]], value)
}
out <- list()
if (requireNamespace("glmmTMB", quietly = TRUE)) {
  one <- glmmTMB::glmmTMBControl(parallel = 1)
  fit <- cpu(function() glmmTMB::glmmTMB(f, d, family = binomial, control = one))
  out$glmmTMB <- list(seconds = fit[[1]], estimate = unname(glmmTMB::fixef(fit[[2]])$cond))
}
if (arguments[2] == "yes" && requireNamespace("lme4", quietly = TRUE)) {
  fit <- cpu(function() suppressWarnings(lme4::glmer(f, d, family = binomial, nAGQ = 10)))
  out$glmer <- list(seconds = fit[[1]], estimate = unname(lme4::fixef(fit[[2]])))
}
cat(jsonlite::toJSON(out, auto_unbox = TRUE, digits = 15))
"""


def sites(n: int) -> pd.DataFrame:
    """Rows of 18 sites; a fifth have the event."""
    rng = np.random.default_rng(314)
    X = rng.normal(size=(n, 11))
    X[:, :3] = X[:, :3] > 0
    site = rng.integers(0, 18, n)
    eta = X @ np.linspace(-0.4, 0.4, 11) + rng.normal(0, 0.5, 18)[site] - 1.4
    y = (rng.random(n) < 1 / (1 + np.exp(-eta))).astype(int)
    return pd.DataFrame(X, columns=NAMES).assign(site=site, y=y)


def in_r(data: pd.DataFrame, glmer: bool) -> dict[str, Any]:
    """CPU seconds and estimates inside R; starting R and reading the file are not counted."""
    if shutil.which("Rscript") is None:
        return {}
    with tempfile.TemporaryDirectory() as folder:
        program, table = Path(folder, "mixed.R"), Path(folder, "data.csv")
        program.write_text(R_PROGRAM, encoding="utf-8")
        data.to_csv(table, index=False)
        command = ["Rscript", str(program), str(table), "yes" if glmer else "no"]
        answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found: dict[str, Any] = json.loads(answer)
    return found


def seconds(data: pd.DataFrame, points: int, repeats: int) -> float:
    best = float("inf")
    for _ in range(repeats):
        begun = time.process_time()
        mixed_logistic(FORMULA, data, "1 | site", points)
        best = min(best, time.process_time() - begun)
    return best


def megabytes(data: pd.DataFrame, points: int) -> float:
    tracemalloc.start()
    mixed_logistic(FORMULA, data, "1 | site", points)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1e6


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--sizes", type=int, nargs="+", default=[2000, 27_518])
    options.add_argument("--repeats", type=int, default=3)
    options.add_argument("--glmer", action="store_true", help="time glmer with 10 points too")
    asked = options.parse_args()
    left = f"{'rows':>9}{'points':>8}{'trialkit':>11}  {'peer':<9}{'seconds':>10}{'ratio':>8}"
    print(f"{left}{'gap to 25, SE':>15}{'MB':>8}")
    for size in asked.sizes:
        data = sites(size)
        final = mixed_logistic(FORMULA, data, "1 | site", 25).coefficients
        r = in_r(data, asked.glmer)
        for points in POINTS:
            fit = mixed_logistic(FORMULA, data, "1 | site", points)
            mine = seconds(data, points, asked.repeats)
            gap = float((np.abs(fit.coefficients.estimate - final.estimate) / final.standard_error).max())
            peer = {1: "glmmTMB", 10: "glmer"}.get(points, "")
            cells = f"  {'-':<9}{'-':>10}{'-':>8}"
            if peer in r:
                np.testing.assert_allclose(r[peer]["estimate"], fit.coefficients.estimate, atol=2e-3)
                cells = f"  {peer:<9}{r[peer]['seconds']:>8.2f} s{r[peer]['seconds'] / mine:>8.1f}"
            print(f"{size:>9,}{points:>8}{mine:>9.4f} s{cells}{gap:>15.1e}{megabytes(data, points):>8.1f}")


if __name__ == "__main__":
    if not ONE_THREAD.items() <= os.environ.items():  # NumPy reads these once, when it is first imported
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **ONE_THREAD})
    main()
