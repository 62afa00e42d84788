# Events expected of each subject: the fitted probabilities of its intervals at risk, added up; residuals likewise.
suppressPackageStartupMessages(library(jsonlite))
trial <- read.csv("trial.csv")
long <- do.call(rbind, lapply(seq_len(nrow(trial)), function(i) data.frame(trial[rep(i, trial$visit[i]), c("arm", "base")], row = i,
  k = 1:trial$visit[i], y = c(rep(0, trial$visit[i] - 1), trial$event[i]))))
model <- glm(y ~ 0 + factor(k) + arm + base, binomial("cloglog"), long, control = glm.control(epsilon = 1e-15, maxit = 100))
added <- function(x) unname(c(tapply(x, long$row, sum)))
writeLines(toJSON(list(R = R.version.string, fitted = added(fitted(model)), residuals = added(residuals(model, type = "response"))),
  digits = I(15), auto_unbox = TRUE), "residuals.json")
