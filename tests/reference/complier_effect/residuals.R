# Fitted values and residuals of two-stage least squares by two calls of lm: fitted at what was really received.
library(jsonlite)
d <- read.csv("trial.csv")
stages <- function(received, covariates) {
  first <- lm(reformulate(c("arm", covariates), received), d)
  d$predicted <- fitted(first)
  second <- lm(reformulate(c("predicted", covariates), "chg"), d)
  X <- model.matrix(reformulate(c(received, covariates)), d)
  fitted <- unname(drop(X %*% coef(second)))
  list(fitted = fitted, residuals = d$chg - fitted)
}
writeLines(toJSON(list(R = R.version.string, received = stages("received", c("base", "site")), sessions = stages("sessions", "base")),
  digits = I(15), auto_unbox = TRUE), "residuals.json")
