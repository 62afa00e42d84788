# Fitted times and response residuals of survreg. Run in this folder: Rscript residuals.R
library(survival); library(jsonlite)
d <- read.csv("trial.csv"); d$arm <- factor(d$arm, c("both", "control", "exercise"))
m <- survreg(Surv(days, event) ~ arm + age, d, dist = "weibull", control = survreg.control(rel.tolerance = 1e-15, maxiter = 200))
write(toJSON(list(R = R.version.string, survival = as.character(packageVersion("survival")),
  fitted = unname(predict(m, type = "response")), residuals = unname(residuals(m, type = "response"))), digits = 15,
  auto_unbox = TRUE), "residuals.json")
