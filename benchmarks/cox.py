"""Cox regression with 8 covariates and heavy ties, beside lifelines and (where Rscript is installed) coxph.

    python benchmarks/cox.py [--sizes 314 10000 100000] [--repeats 5]

One thread. Each time is CPU seconds of one fit from a data frame to a table of coefficients, the best of the
repeats; ours includes reading the formula. A ratio below 1 means trialkit was faster. The estimates of all
programs must agree before any time is printed.
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

import numpy as np
import pandas as pd

from trialkit.stats import cox

NAMES = [f"x{position}" for position in range(8)]
FORMULA = " + ".join(NAMES)
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")

R_PROGRAM = """
suppressPackageStartupMessages(library(survival))
arguments <- commandArgs(TRUE)
data <- read.csv(arguments[1])
repeats <- as.integer(arguments[2])
formula <- Surv(t, d) ~ x0 + x1 + x2 + x3 + x4 + x5 + x6 + x7
timed <- function(times) {                      # several fits a reading: the clock ticks in milliseconds
  spent <- replicate(repeats, {
    gc(FALSE)
    system.time(for (i in seq_len(times)) fit <<- summary(coxph(formula, data = data)))[["user.self"]]
  })
  min(spent) / times
}
best <- timed(ceiling(0.1 / max(timed(1), 1e-3)))
estimate <- paste(sprintf("%.15g", fit$coefficients[, 1]), collapse = ", ")
cat(sprintf('{"seconds": %.6f, "estimate": [%s]}', best, estimate))
"""


def trial(n: int) -> pd.DataFrame:
    """A year of follow-up in whole days, so that 100,000 subjects share 365 times."""
    rng = np.random.default_rng(314)
    X = rng.normal(size=(n, 8))
    X[:, 1] = X[:, 1] > 0
    time_days = np.ceil(rng.exponential(200 * np.exp(-X @ np.linspace(-0.3, 0.3, 8))))
    censored = np.minimum(np.ceil(rng.uniform(0, 600, n)), 365)
    frame = pd.DataFrame(X, columns=NAMES)
    return frame.assign(t=np.minimum(time_days, censored), d=(time_days <= censored).astype(int))


def ours(data: pd.DataFrame) -> np.ndarray:
    return cox(FORMULA, data, time="t", event="d").coefficients["estimate"].to_numpy()


def lifelines(data: pd.DataFrame) -> np.ndarray:
    from lifelines import CoxPHFitter

    return CoxPHFitter().fit(data, "t", "d").summary["coef"].to_numpy()


def coxph(data: pd.DataFrame, repeats: int) -> tuple[float, np.ndarray] | None:
    """CPU seconds of coxph inside R (starting R and reading the file not counted); None without Rscript."""
    if shutil.which("Rscript") is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        program, table = Path(folder, "coxph.R"), Path(folder, "data.csv")
        program.write_text(R_PROGRAM, encoding="utf-8")
        data.to_csv(table, index=False)
        command = ["Rscript", str(program), str(table), str(repeats)]
        answer = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return float(answer["seconds"]), np.array(answer["estimate"])


def seconds(fit: Callable[[pd.DataFrame], np.ndarray], data: pd.DataFrame, repeats: int) -> float:
    fit(data)
    best = float("inf")
    for _ in range(repeats):
        begun = time.process_time()
        fit(data)
        best = min(best, time.process_time() - begun)
    return best


def megabytes(fit: Callable[[pd.DataFrame], np.ndarray], data: pd.DataFrame) -> float:
    tracemalloc.start()
    fit(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1e6


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--sizes", type=int, nargs="+", default=[314, 10_000, 100_000])
    options.add_argument("--repeats", type=int, default=5)
    asked = options.parse_args()
    warnings.simplefilter("ignore")  # lifelines warns about pandas; its fit is what is timed
    heads = ("subjects", "trialkit", "lifelines", "ratio", "coxph", "ratio", "memory ratio")
    print("".join(f"{head:>{width}}" for head, width in zip(heads, (9, 11, 11, 7, 11, 7, 14), strict=True)))
    for size in asked.sizes:
        data = trial(size)
        estimate = ours(data)
        np.testing.assert_allclose(lifelines(data), estimate, rtol=1e-4, atol=1e-6)
        mine, peer = seconds(ours, data, asked.repeats), seconds(lifelines, data, asked.repeats)
        memory = megabytes(ours, data) / megabytes(lifelines, data)
        r = coxph(data, asked.repeats)
        in_r = f"{'-':>11}{'-':>7}"
        if r is not None:
            np.testing.assert_allclose(r[1], estimate, rtol=1e-6, atol=1e-9)
            in_r = f"{r[0]:>9.4f} s{mine / r[0]:>7.2f}"
        print(f"{size:>9,}{mine:>9.4f} s{peer:>9.4f} s{mine / peer:>7.2f}{in_r}{memory:>14.2f}")


if __name__ == "__main__":
    if not ONE_THREAD.items() <= os.environ.items():  # NumPy reads these once, when it is first imported
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **ONE_THREAD})
    main()
