# Repeated yes-or-no outcomes, counts and numbers by estimating equations: package gee, which corrects the working
# correlation for the number of coefficients as statsmodels does; independence also by geepack.
library(gee); library(geepack); library(jsonlite)
set.seed(61)
n <- 90
d <- data.frame(id = rep(1:n, each = 4), visit = rep(1:4, n), arm = rep(c("control", "exercise"), each = 4, length.out = 4 * n))
u <- rep(rnorm(n), each = 4)
d$base <- round(rep(rnorm(n), each = 4), 3)
d$controlled <- rbinom(4 * n, 1, plogis(-0.4 + 0.7 * (d$arm == "exercise") + 0.3 * d$base + u))
d$episodes <- rpois(4 * n, exp(0.2 - 0.4 * (d$arm == "exercise") + 0.5 * u))
d$pain <- round(50 - 5 * (d$arm == "exercise") + 6 * u + rnorm(4 * n, sd = 5), 3)
d <- d[-c(3, 18, 19, 20, 77, 200:203), ]
write.csv(d, "trial.csv", row.names = FALSE)
# statsmodels fixes the scale of binomial and Poisson variances at 1.
fit <- function(f, family, structure) {
  sink("/dev/null"); m <- gee(f, id, d, family = family, corstr = structure, tol = 1e-13, maxiter = 300, silent = TRUE, scale.fix = !identical(family, gaussian)); sink()
  list(estimate = unname(coef(m)), robust = unname(sqrt(diag(m$robust.variance))), naive = unname(sqrt(diag(m$naive.variance))),
       alpha = if (structure == "independence") 0 else m$working.correlation[1, 2], scale = m$scale)
}
g <- geeglm(controlled ~ arm + base + visit, binomial, d, id = id, corstr = "independence",
            control = geese.control(epsilon = 1e-13, maxit = 300))
write(toJSON(list(R = R.version.string, gee = as.character(packageVersion("gee")), geepack = as.character(packageVersion("geepack")),
  exchangeable = fit(controlled ~ arm + base + visit, binomial, "exchangeable"),
  independence = fit(controlled ~ arm + base + visit, binomial, "independence"),
  poisson = fit(episodes ~ arm + visit, poisson, "exchangeable"), gaussian = fit(pain ~ arm + base, gaussian, "exchangeable"),
  independence_of_geepack = list(estimate = unname(coef(g)), robust = unname(sqrt(diag(g$geese$vbeta))))),
  digits = 15, auto_unbox = TRUE), "output.json")
