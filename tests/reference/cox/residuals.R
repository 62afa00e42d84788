# Expected events and martingale residuals of coxph: ties, strata, delayed entry. Run in this folder: Rscript residuals.R
suppressPackageStartupMessages({ library(survival); library(jsonlite) })
d <- read.csv("trial.csv")
tight <- coxph.control(eps = 1e-14, toler.chol = 1e-15, iter.max = 50)
of <- function(f, ties) { m <- coxph(f, d, ties = ties, control = tight)
  list(expected = unname(predict(m, type = "expected")), martingale = unname(residuals(m, "martingale"))) }
write(toJSON(list(R = R.version.string, survival = as.character(packageVersion("survival")),
  efron = of(Surv(time, event) ~ arm + base, "efron"), breslow = of(Surv(time, event) ~ arm + base, "breslow"),
  strata = of(Surv(time, event) ~ arm + base + strata(site), "efron"),
  entry = of(Surv(entry, time, event) ~ arm + base, "efron")), digits = 15, auto_unbox = TRUE), "residuals.json")
