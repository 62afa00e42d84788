library(survival); library(jsonlite)
set.seed(5)
n <- 150
d <- data.frame(arm = rep(c("control", "exercise", "both"), n / 3), age = round(rnorm(n, 45, 10), 1))
d$days <- round(100 * exp(0.4 * (d$arm == "exercise") + 0.6 * (d$arm == "both") - 0.01 * (d$age - 45)) * rweibull(n, 1.3), 2) + 0.01
d$event <- as.integer(d$days < 150); d$days <- pmin(d$days, 150)
write.csv(d, "trial.csv", row.names = FALSE)
d$arm <- factor(d$arm, c("both", "control", "exercise"))
new <- data.frame(arm = c("both", "control"), age = c(40, 55))
found <- lapply(c(weibull = "weibull", lognormal = "lognormal", loglogistic = "loglogistic", exponential = "exponential"), function(k) {
  m <- survreg(Surv(days, event) ~ arm + age, d, dist = k, control = survreg.control(rel.tolerance = 1e-15, maxiter = 200))
  lp <- predict(m, new, type = "lp"); z <- sapply(c(30, 120), function(t) (log(t) - lp) / m$scale)
  base <- switch(k, weibull = , exponential = exp(-exp(z)), lognormal = pnorm(-z), loglogistic = 1 / (1 + exp(z)))
  v <- vcov(m)
  hr <- if (k == "weibull") {
    J <- cbind(-diag(length(coef(m))) / m$scale, coef(m) / m$scale)
    list(estimate = unname(-coef(m) / m$scale), se = unname(sqrt(diag(J %*% v %*% t(J)))))
  } else NULL
  list(estimate = unname(coef(m)), se = unname(sqrt(diag(v)))[seq_along(coef(m))], scale = m$scale,
       scale_se = if (k == "exponential") 0 else unname(sqrt(diag(v)))[length(coef(m)) + 1], loglik = m$loglik[2],
       survival = as.vector(base), hazards = hr,
       concordance = unname(concordance(m)$concordance))
})
write(toJSON(c(list(R = R.version.string, survival = as.character(packageVersion("survival"))), found), digits = 15, auto_unbox = TRUE, null = "null"), "output.json")
