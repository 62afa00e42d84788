# Counts and rates, risk ratios: Poisson, negative binomial, log-binomial; model, robust and cluster-robust errors.
library(MASS); library(sandwich); library(jsonlite)
set.seed(88)
n <- 240
d <- data.frame(id = rep(1:120, each = 2), arm = rep(c("control", "exercise", "both"), each = 2, length.out = n),
                base = round(rnorm(n), 3), years = round(runif(n, 0.3, 2), 3))
u <- rep(rgamma(120, 1.2, 1.2), each = 2)
d$episodes <- rpois(n, u * d$years * exp(0.4 - 0.5 * (d$arm == "exercise") - 0.8 * (d$arm == "both") + 0.3 * d$base))
d$any <- as.integer(runif(n) < exp(-1.2 + 0.35 * (d$arm == "control") + 0.1 * pmin(d$base, 2)))
write.csv(d, "trial.csv", row.names = FALSE)
d$arm <- factor(d$arm, c("control", "both", "exercise"))
tight <- glm.control(epsilon = 1e-15, maxit = 200)
tell <- function(m, v) list(term = names(coef(m)), estimate = unname(coef(m)), se = unname(sqrt(diag(v))))
p <- glm(episodes ~ arm + base + offset(log(years)), poisson, d, control = tight)
nb <- glm.nb(episodes ~ arm + base + offset(log(years)), d, control = glm.control(epsilon = 1e-14, maxit = 500))
q <- glm(any ~ arm + base, poisson, d, control = tight)
b <- glm(any ~ arm + base, binomial(link = "log"), d, start = c(-1.5, 0, 0, 0), control = tight)
# glm gives the expected information; the observed one is written out.
X <- model.matrix(b); mu <- fitted(b); bread <- solve(t(X[d$any == 0, ]) %*% (X[d$any == 0, ] * (mu / (1 - mu)^2)[d$any == 0]))
write(toJSON(list(R = R.version.string, MASS = as.character(packageVersion("MASS")), sandwich = as.character(packageVersion("sandwich")),
  poisson = tell(p, vcov(p)), poisson_robust = tell(p, sandwich(p)),
  poisson_cluster = tell(p, vcovCL(p, cluster = ~id, type = "HC0", cadj = TRUE)),
  poisson_loglik = as.numeric(logLik(p)), poisson_pearson = sum(residuals(p, "pearson")^2) / df.residual(p),
  poisson_fitted = unname(fitted(p)), poisson_residuals = unname(residuals(p, "response")),
  nb = tell(nb, vcov(nb)), nb_robust = tell(nb, sandwich(nb)), nb_alpha = 1 / nb$theta, nb_loglik = as.numeric(logLik(nb)),
  modified = tell(q, sandwich(q)), log_binomial = tell(b, bread), log_binomial_loglik = as.numeric(logLik(b))),
  digits = 15, auto_unbox = TRUE), "output.json")
