"""MMRM, unstructured, 5 visits and 20 coefficients, beside R's mmrm (where installed) and nlme::gls.

    python benchmarks/mmrm.py [--sizes 314 3140 31400] [--repeats 3] [--largest-in-r 3140]

One thread. Each time is CPU seconds from a data frame to coefficients, type III tests and LS means by visit
with their df, the best of the repeats; ours includes reading the formula. gls gives no small-sample df: it is
timed for the fit alone. A ratio says how many times faster trialkit was. Estimates must agree before a time
is printed.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
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

from trialkit.stats import mmrm

FORMULA = "y ~ base * visit + sex + site + arm * visit"
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")

R_PROGRAM = """
suppressPackageStartupMessages({ library(nlme); library(emmeans) })
arguments <- commandArgs(TRUE)
d <- read.csv(arguments[1])
for (v in c("visit", "sex", "site", "arm", "id")) d[[v]] <- factor(d[[v]])
d <- d[!is.na(d$y), ]; d$step <- as.integer(d$visit)
cpu <- function(work) {
  gc(FALSE)
  spent <- system.time(value <- work())
  list(spent[["user.self"]] + spent[["sys.self"]], value)
}
out <- list()
gls_fit <- cpu(function() gls(y ~ base * visit + sex + site + arm * visit, d,
  correlation = corSymm(form = ~ step | id), weights = varIdent(form = ~ 1 | visit)))
out$gls <- list(seconds = gls_fit[[1]], estimate = unname(coef(gls_fit[[2]])))
if (requireNamespace("mmrm", quietly = TRUE)) {
  for (method in c("Satterthwaite", "Kenward-Roger")) {
    found <- cpu(function() {
      m <- mmrm::mmrm(y ~ base * visit + sex + site + arm * visit + us(visit | id), d, method = method)
      list(m, summary(m), summary(emmeans(m, ~ arm | visit)))
    })
    out[[method]] <- list(seconds = found[[1]], estimate = unname(coef(found[[2]][[1]])))
  }
}
cat(jsonlite::toJSON(out, auto_unbox = TRUE, digits = 15))
"""


def trial(n: int) -> pd.DataFrame:
    """Subjects at five visits, 14 % of the values missing by dropout or by chance."""
    rng = np.random.default_rng(314)
    visits = 5
    arm, sex = rng.choice(["control", "exercise"], n), rng.choice(["female", "male"], n)
    site, base = rng.choice(list("ABCDE"), n), rng.normal(40.0, 9.0, n)
    y = 0.5 * base[:, None] + rng.normal(0, 6, n)[:, None] + rng.normal(0, 5, (n, visits))
    y = y - np.arange(visits) * (1.5 + 0.5 * (arm == "exercise")[:, None])
    gone = np.maximum.accumulate(rng.random((n, visits)) < 0.04, axis=1) | (rng.random((n, visits)) < 0.05)
    y[gone] = np.nan
    wide = {"id": np.arange(n), "arm": arm, "sex": sex, "site": site, "base": base}
    long = {name: np.repeat(values, visits) for name, values in wide.items()}
    return pd.DataFrame({**long, "visit": np.tile(np.arange(1, visits + 1), n), "y": y.ravel()})


def ours(data: pd.DataFrame, df_method: Any) -> np.ndarray:
    fit = mmrm(FORMULA, data, "id", "visit", df_method=df_method)
    fit.ls_means("arm", by="visit")
    fit.contrasts("arm", by="visit")
    fit.terms  # noqa: B018 - the tests are part of what is timed
    return fit.coefficients["estimate"].to_numpy()


def in_r(data: pd.DataFrame) -> dict[str, Any]:
    """CPU seconds and estimates inside R; starting R and reading the file are not counted."""
    if shutil.which("Rscript") is None:
        return {}
    with tempfile.TemporaryDirectory() as folder:
        program, table = Path(folder, "mmrm.R"), Path(folder, "data.csv")
        program.write_text(R_PROGRAM, encoding="utf-8")
        data.to_csv(table, index=False)
        answer = subprocess.run(
            ["Rscript", str(program), str(table)], check=True, capture_output=True, text=True
        )
    found: dict[str, Any] = json.loads(answer.stdout)
    return found


def seconds(data: pd.DataFrame, df_method: str, repeats: int) -> float:
    best = float("inf")
    for _ in range(repeats):
        begun = time.process_time()
        ours(data, df_method)
        best = min(best, time.process_time() - begun)
    return best


def megabytes(data: pd.DataFrame) -> float:
    tracemalloc.start()
    ours(data, "kenward-roger-linear")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1e6


def cell(peer: dict[str, Any] | None, mine: float) -> str:
    return (
        f"{'-':>11}{'-':>8}" if peer is None else f"{peer['seconds']:>9.2f} s{peer['seconds'] / mine:>8.1f}"
    )


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--sizes", type=int, nargs="+", default=[314, 3140, 31_400])
    options.add_argument("--repeats", type=int, default=3)
    options.add_argument("--largest-in-r", type=int, default=3140)
    asked = options.parse_args()
    peers = {"satterthwaite": ("gls", "Satterthwaite"), "kenward-roger": ("gls", "Kenward-Roger")}
    left = f"{'subjects':>9}  {'df':<14}{'trialkit':>11}"
    print(f"{left}{'R gls':>11}{'ratio':>8}{'R mmrm':>11}{'ratio':>8}{'MB':>8}")
    for size in asked.sizes:
        data = trial(size)
        estimate = ours(data, "satterthwaite")
        r = in_r(data) if size <= asked.largest_in_r else {}
        if r:
            np.testing.assert_allclose(np.sort(r["gls"]["estimate"]), np.sort(estimate), rtol=1e-3, atol=1e-4)
        memory = megabytes(data)
        for df_method, names in peers.items():
            mine = seconds(data, df_method, asked.repeats)
            cells = "".join(cell(r.get(name), mine) for name in names)
            print(f"{size:>9,}  {df_method:<14}{mine:>9.4f} s{cells}{memory:>8.1f}")
    print(
        f"largest memory of this process {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB"
    )


if __name__ == "__main__":
    if not ONE_THREAD.items() <= os.environ.items():  # NumPy reads these once, when it is first imported
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **ONE_THREAD})
    main()
