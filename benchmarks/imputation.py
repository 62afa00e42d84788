"""Multiple imputation under MAR by arm and a pooled ANCOVA, side by side with R's mice.

    python benchmarks/imputation.py [--subjects 314] [--imputations 200]

One two-arm trial: baseline, four visits, dropout that depends on the visit before. Both impute each arm from
a normal model, fit the ANCOVA of the last visit to every completed data set and pool with Barnard-Rubin df.
mice runs 5 iterations, its default. CPU seconds over all threads, without the start of R and its packages.
Where R or mice is not installed, our own time is printed without a ratio.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import tempfile
import time
import tracemalloc
from pathlib import Path

import numpy as np
import pandas as pd

from trialkit.stats import ancova, impute, pool

VISITS = ["week6", "month3", "month6", "month12"]
R_PROGRAM = """
suppressPackageStartupMessages(library(mice))
arguments <- commandArgs(TRUE); m <- as.integer(arguments[2])
trial <- read.csv(arguments[1], stringsAsFactors = TRUE)
work <- function() {
  parts <- lapply(split(trial, trial$arm), function(d)
    mice(d[, names(d) != "arm"], m = m, method = "norm", seed = 1, printFlag = FALSE))
  fits <- lapply(seq_len(m), function(i) lm(month12 ~ arm + base + sex, data = do.call(rbind,
    lapply(names(parts), function(a) cbind(arm = factor(a, levels(trial$arm)), complete(parts[[a]], i))))))
  summary(pool(as.mira(fits)))
}
spent <- system.time(found <- work())
cat(sum(spent[c("user.self", "sys.self")]), found$estimate[2], found$std.error[2])
"""


def trial_of(subjects: int) -> pd.DataFrame:
    """A trial in which about a quarter of the last visits are missing."""
    rng = np.random.default_rng(314)
    arm = np.where(np.arange(subjects) % 2 == 0, "control", "exercise")
    trial = pd.DataFrame({"arm": arm, "sex": rng.integers(0, 2, subjects)})
    trial["base"] = rng.normal(42, 9, subjects)
    level, gone = rng.normal(0, 6, subjects), np.zeros(subjects, dtype=bool)
    for i, visit in enumerate(VISITS):
        values = 8 + 0.6 * trial["base"] - 1.2 * (i + 1) * (arm == "exercise") + level
        values = values + rng.normal(0, 6, subjects)
        skipped = rng.random(subjects) < 0.03
        trial[visit] = np.where(gone | skipped, np.nan, values)
        gone |= rng.random(subjects) < 1 / (1 + np.exp(-(values - 58) / 8))
    return trial


def ours(trial: pd.DataFrame, imputations: int) -> tuple[float, float]:
    """Difference and standard error."""
    imputed = impute(trial, ["sex", "base", *VISITS], n=imputations, seed=1)
    fits = [ancova("month12 ~ arm + base + sex", frame, treatment="arm") for frame in imputed]
    row = pool(fits).contrasts().iloc[0]
    return float(row["estimate"]), float(row["standard_error"])


def seconds(trial: pd.DataFrame, imputations: int, repeats: int = 3) -> float:
    best = float("inf")
    for _ in range(repeats):
        begun = time.process_time()
        ours(trial, imputations)
        best = min(best, time.process_time() - begun)
    return best


def megabytes(trial: pd.DataFrame, imputations: int) -> float:
    tracemalloc.start()
    ours(trial, imputations)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1e6


def mice(trial: pd.DataFrame, imputations: int) -> tuple[float, float, float] | None:
    """CPU seconds, difference, standard error; None without R and mice."""
    if shutil.which("Rscript") is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        data, program = Path(folder, "trial.csv"), Path(folder, "program.R")
        trial.to_csv(data, index=False)
        program.write_text(R_PROGRAM, encoding="utf-8")
        command = ["Rscript", str(program), str(data), str(imputations)]
        found = subprocess.run(command, capture_output=True, text=True, check=False)
    if found.returncode:
        return None
    spent, estimate, error = map(float, found.stdout.split())
    return spent, estimate, error


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--subjects", type=int, default=314)
    options.add_argument("--imputations", type=int, default=200)
    asked = options.parse_args()
    trial = trial_of(asked.subjects)
    share = trial["month12"].isna().mean()
    print(
        f"{asked.subjects} subjects, {share:.0%} of the last visit missing, {asked.imputations} imputations"
    )
    ours(trial, 2)
    estimate, error = ours(trial, asked.imputations)
    mine = seconds(trial, asked.imputations)
    print(f"{'':<10}{'CPU s':>8}{'difference':>13}{'error':>9}")
    print(f"{'trialkit':<10}{mine:>8.2f}{estimate:>13.3f}{error:>9.3f}")
    peer = mice(trial, asked.imputations)
    if peer is None:
        print("R with mice is not installed: no ratio")
    else:
        print(f"{'mice':<10}{peer[0]:>8.2f}{peer[1]:>13.3f}{peer[2]:>9.3f}")
        print(f"ratio: {peer[0] / mine:.1f} times faster")
    print(f"peak memory {megabytes(trial, asked.imputations):.0f} MB")


if __name__ == "__main__":
    main()
