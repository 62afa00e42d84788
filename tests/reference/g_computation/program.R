# Marginal risks of a logistic model: predict() under each arm; the delta method by emmeans' covariance algebra written out with
# numerical derivatives, and influence functions for the robust errors. Base R.
suppressPackageStartupMessages(library(jsonlite))
RNGversion("4.0.0"); set.seed(20240618)
n <- 180
trial <- data.frame(arm = sample(c("control", "exercise", "usual"), n, TRUE), base = round(rnorm(n, 40, 10), 1), sex = sample(c("female", "male"), n, TRUE))
trial$better <- rbinom(n, 1, plogis(-2 + 0.8 * (trial$arm == "exercise") + 0.04 * trial$base + 0.5 * (trial$sex == "male")))
one <- function(formula) {
  m <- glm(formula, binomial, trial, control = list(epsilon = 1e-14, maxit = 50)); b <- coef(m); V <- vcov(m)
  arms <- sort(unique(trial$arm))
  X <- lapply(arms, function(a) { d <- trial; d$arm <- factor(a, levels = arms); model.matrix(delete.response(terms(m)), d, xlev = m$xlevels) })
  risks <- function(b) sapply(X, function(x) mean(plogis(x %*% b)))
  J <- sapply(seq_along(b), function(j) { h <- 1e-4; e <- replace(numeric(length(b)), j, h)
    (8 * (risks(b + e) - risks(b - e)) - (risks(b + 2 * e) - risks(b - 2 * e))) / (12 * h) })
  model <- J %*% V %*% t(J)
  Z <- model.matrix(m); influence <- sapply(seq_along(arms), function(k) plogis(X[[k]] %*% b) - risks(b)[k] + n * (Z * (trial$better - fitted(m))) %*% V %*% J[k, ])
  robust <- crossprod(influence) / n^2
  contrast <- function(C) { p <- risks(b); lapply(2:3, function(k) { d <- c(0, 0, 0); d[1] <- -1; d[k] <- 1; l <- d / p; o <- d / (p * (1 - p))
    list(difference = c(p[k] - p[1], sqrt(t(d) %*% C %*% d)), ratio = c(log(p[k] / p[1]), sqrt(t(l) %*% C %*% l)),
         odds = c(qlogis(p[k]) - qlogis(p[1]), sqrt(t(o) %*% C %*% o))) }) }
  list(risks = risks(b), model = sqrt(diag(model)), robust = sqrt(diag(robust)), contrasts_model = contrast(model), contrasts_robust = contrast(robust))
}
result <- list(main = one(better ~ arm + base + sex), interaction = one(better ~ arm * base + sex), alone = one(better ~ arm))
writeLines(toJSON(result, digits = I(15), auto_unbox = TRUE), "output.json")
write.csv(trial, "trial.csv", row.names = FALSE, quote = FALSE)
writeLines(R.version.string, "version.txt")
