# Reference results for logistic regression: likelihood, profile intervals solved (not interpolated), Firth, LS means.
# Run in this folder: Rscript program.R   (writes responders.csv once, and responders.json)
suppressPackageStartupMessages({ library(emmeans); library(car); library(brglm2); library(jsonlite) })
options(digits = 15, stringsAsFactors = FALSE)
emm_options(cov.keep = character(0))

if (!file.exists("responders.csv")) {
  set.seed(2211)
  n <- 150
  d <- data.frame(arm = sample(c("control", "exercise", "usual"), n, TRUE), sex = sample(c("female", "male"), n, TRUE, c(.7, .3)),
    site = sample(c("A", "B", "C"), n, TRUE, c(.5, .3, .2)), base = round(rnorm(n, 40, 9), 1))
  p <- plogis(-1.5 + .8 * (d$arm == "exercise") + .04 * (d$base - 40) + .5 * (d$sex == "male"))
  d$responder <- rbinom(n, 1, p)
  d$rare <- as.integer(seq_len(n) %in% sample(which(d$responder == 1), 6))  # quasi-complete separation
  d$base[c(11, 72)] <- NA
  write.csv(d, "responders.csv", row.names = FALSE, na = "")
}
d <- read.csv("responders.csv", na.strings = c("", "NA"))
for (v in c("arm", "sex", "site")) d[[v]] <- factor(d[[v]])
exact <- glm.control(epsilon = 1e-14, maxit = 100)
fit <- function(f, ...) glm(f, binomial, d, control = exact, ...)
text <- function(x) { x <- as.data.frame(x); x[] <- lapply(x, function(v) if (is.factor(v)) as.character(v) else v); x }
means <- function(m, spec, ...) text(summary(emmeans(m, spec, ...), infer = c(TRUE, TRUE)))
against <- function(m, spec, ...) text(summary(contrast(emmeans(m, spec), "trt.vs.ctrl", ref = 1, adjust = "none"), infer = c(TRUE, TRUE), ...))

# Profile limits by solving deviance(value) - deviance = quantile with the column as an offset.
solved_profile <- function(m) {
  X <- model.matrix(m); y <- m$y; top <- deviance(m); se <- sqrt(diag(vcov(m))); q <- qchisq(.95, 1)
  one <- function(j, side) {
    drop <- function(v) deviance(glm.fit(X[, -j, drop = FALSE], y, family = binomial(), offset = X[, j] * v, control = exact)) - top - q
    b <- coef(m)[j]; far <- b + side * 1.96 * se[j]
    while (suppressWarnings(drop(far)) < 0) far <- far + side * se[j]
    uniroot(drop, sort(c(b, far)), tol = 1e-12)$root
  }
  t(sapply(seq_along(coef(m)), function(j) c(one(j, -1), one(j, 1))))
}
# Firth's penalized likelihood, maximized and profiled by general-purpose tools alone.
firth_value <- function(b, X, y) { e <- drop(X %*% b); w <- plogis(e) * plogis(-e); sum(y * e - log1p(exp(e))) + .5 * as.numeric(determinant(crossprod(X * sqrt(w)))$modulus) }
firth_score <- function(b, X, y) { e <- drop(X %*% b); p <- plogis(e); w <- p * (1 - p); Z <- X * sqrt(w); h <- rowSums((Z %*% solve(crossprod(Z))) * Z); drop(crossprod(X, y - p + h * (.5 - p))) }
firth_top <- function(X, y, j = NULL, v = 0, start = rep(0, ncol(X))) {
  free <- setdiff(seq_len(ncol(X)), j); full <- function(z) { b <- start; b[free] <- z; if (!is.null(j)) b[j] <- v; b }
  z <- start[free]
  for (i in 1:3) z <- optim(z, function(z) -firth_value(full(z), X, y), function(z) -firth_score(full(z), X, y)[free], method = "BFGS", control = list(reltol = 1e-15, maxit = 2000))$par
  firth_value(full(z), X, y)
}
firth_table <- function(f) {
  m <- glm(f, binomial, d, method = "brglmFit", type = "AS_mean", control = brglm_control(epsilon = 1e-12, maxit = 500))
  X <- model.matrix(m); y <- m$y; top <- firth_value(coef(m), X, y); se <- sqrt(diag(vcov(m))); q <- qchisq(.95, 1) / 2
  one <- function(j, side) {
    drop <- function(v) firth_top(X, y, j, v, coef(m)) - top + q
    far <- coef(m)[j] + side * 1.96 * se[j]
    while (drop(far) > 0) far <- far + side * se[j]
    uniroot(drop, sort(c(coef(m)[j], far)), tol = 1e-11)$root
  }
  prof <- t(sapply(seq_along(coef(m)), function(j) c(one(j, -1), one(j, 1))))
  list(term = names(coef(m)), estimate = unname(coef(m)), se = unname(se), penalized = top, logLik = as.numeric(logLik(m)),
       lower = prof[, 1], upper = prof[, 2], rare_test = 2 * (top - firth_top(X, y, which(colnames(X) == "rare"), 0, coef(m))))
}
plain <- fit(responder ~ arm + base + sex + site)
crossed <- fit(responder ~ arm * sex + base)
sums <- list(arm = "contr.sum", sex = "contr.sum", site = "contr.sum")
wald3 <- function(f) { m <- glm(f, binomial, d, contrasts = sums[intersect(names(sums), all.vars(f))], control = exact); x <- Anova(m, type = 3, test.statistic = "Wald"); cbind(row = rownames(x), as.data.frame(x)) }
lr <- drop1(plain, test = "Chisq"); lrx <- drop1(crossed, test = "Chisq")
prof <- solved_profile(plain); s <- coef(summary(plain))
new <- data.frame(arm = "exercise", base = c(30, 55), sex = "male", site = c("B", "C"))
pr <- predict(plain, new, se.fit = TRUE)
out <- list(r_version = R.version.string, packages = sapply(c("emmeans", "car", "brglm2"), function(p) as.character(packageVersion(p))),
  n = nobs(plain), logLik = as.numeric(logLik(plain)), AIC = AIC(plain), BIC = BIC(plain), null_logLik = -plain$null.deviance / 2,
  plain = data.frame(term = rownames(s), estimate = s[, 1], se = s[, 2], z = s[, 3], p = s[, 4], lower = prof[, 1], upper = prof[, 2]),
  plain_wald = wald3(responder ~ arm + base + sex + site), crossed_wald = wald3(responder ~ arm * sex + base),
  plain_lr = data.frame(term = rownames(lr)[-1], df = lr$Df[-1], statistic = lr$LRT[-1], p = lr[["Pr(>Chi)"]][-1]),
  crossed_lr = data.frame(term = rownames(lrx)[-1], df = lrx$Df[-1], statistic = lrx$LRT[-1], p = lrx[["Pr(>Chi)"]][-1]),
  means = means(plain, ~arm), means_response = means(plain, ~arm, type = "response"), means_cells = means(plain, ~arm, weights = "cells"),
  contrasts = against(plain, ~arm), contrasts_by_sex = against(crossed, ~arm | sex),
  predicted = data.frame(p = plogis(pr$fit), lower = plogis(pr$fit - qnorm(.975) * pr$se.fit), upper = plogis(pr$fit + qnorm(.975) * pr$se.fit)),
  firth = firth_table(responder ~ arm + base + rare))
writeLines(toJSON(out, digits = I(15), auto_unbox = TRUE, na = "null", pretty = TRUE), "responders.json")
