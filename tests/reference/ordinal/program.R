# Reference results for the proportional odds model, with ordinal::clm.
# Run in this folder: Rscript program.R   (writes satisfaction.csv once, and satisfaction.json)
suppressPackageStartupMessages({ library(ordinal); library(emmeans); library(jsonlite) })
options(digits = 15, stringsAsFactors = FALSE)
emm_options(cov.keep = character(0))
levels_of <- c("worse", "unchanged", "better", "well")
if (!file.exists("satisfaction.csv")) {
  set.seed(915)
  n <- 180
  d <- data.frame(arm = sample(c("control", "exercise", "usual"), n, TRUE), sex = sample(c("female", "male"), n, TRUE, c(.7, .3)),
    age = round(runif(n, 60, 84)))
  latent <- .9 * (d$arm == "exercise") + .3 * (d$arm == "usual") - .02 * (d$age - 70) + rlogis(n)
  d$satisfaction <- levels_of[findInterval(latent, c(-1.4, 0.1, 1.7)) + 1]
  d$age[c(5, 99, 140)] <- NA
  write.csv(d, "satisfaction.csv", row.names = FALSE, na = "")
}
d <- read.csv("satisfaction.csv", na.strings = c("", "NA"))
d <- na.omit(d)
d$satisfaction <- factor(d$satisfaction, levels = levels_of, ordered = TRUE)
d$arm <- factor(d$arm); d$sex <- factor(d$sex)
tight <- clm.control(gradTol = 1e-12, maxIter = 200)
m <- clm(satisfaction ~ arm + sex + age, data = d, control = tight)
s <- coef(summary(m)); ci <- confint.default(m)
text <- function(x) { x <- as.data.frame(x); x[] <- lapply(x, function(v) if (is.factor(v)) as.character(v) else v); x }
loose <- nominal_test(clm(satisfaction ~ arm + sex + age, data = d))  # its refits do not take the tight control
nominal <- data.frame(term = rownames(loose)[-1], df = loose$Df[-1], statistic = loose$LRT[-1], p = loose[["Pr(>Chi)"]][-1])
larger <- clm(satisfaction ~ 1, nominal = ~ arm + sex + age, data = d, control = tight)
everything <- 2 * (as.numeric(logLik(larger)) - as.numeric(logLik(m)))
# Score tests: ordinal's own gradient and Hessian of the larger model at the proportional odds estimates.
score_test <- function(m, location, nominal, freed, data) {
  rho <- clm(location, nominal = nominal, data = data, doFit = FALSE)
  cuts <- length(m$alpha)
  # The larger model subtracts nothing: logit P(Y <= k) = t_k + x'g_k, so g_k = -b at the estimates.
  rho$par <- c(m$alpha, rep(-m$beta[freed], each = cuts), m$beta[setdiff(names(m$beta), freed)])
  invisible(rho$clm.nll(rho)); g <- rho$clm.grad(rho); H <- rho$clm.hess(rho)
  e <- eigen(H, symmetric = TRUE); told <- e$values > 1e-10 * max(e$values)
  statistic <- sum((crossprod(e$vectors[, told], g))^2 / e$values[told])
  df <- length(freed) * (cuts - 1)
  list(df = df, statistic = statistic, p = pchisq(statistic, df, lower.tail = FALSE), silent = sum(!told))
}
arms <- c("armexercise", "armusual")
score <- list(
  arm = score_test(m, satisfaction ~ sex + age, ~ arm, arms, d),
  sex = score_test(m, satisfaction ~ arm + age, ~ sex, "sexmale", d),
  age = score_test(m, satisfaction ~ arm + sex, ~ age, "age", d),
  GLOBAL = score_test(m, satisfaction ~ 1, ~ arm + sex + age, c(arms, "sexmale", "age"), d))
# Cheese additives (McCullagh & Nelder 1989, p. 175), the example of SAS's PROC LOGISTIC: empty cells.
counts <- rbind(A = c(0, 0, 1, 7, 8, 8, 19, 8, 1), B = c(6, 9, 12, 11, 7, 6, 1, 0, 0),
  C = c(1, 1, 6, 8, 23, 7, 5, 1, 0), D = c(0, 0, 0, 1, 3, 7, 14, 16, 11))
cheese <- data.frame(additive = factor(rep(rep(rownames(counts), 9), times = as.vector(counts))),
  y = factor(rep(rep(1:9, each = 4), times = as.vector(counts)), ordered = TRUE))
cheese_fit <- clm(y ~ additive, data = cheese, control = tight)
cheese_score <- score_test(cheese_fit, y ~ 1, ~ additive, c("additiveB", "additiveC", "additiveD"), cheese)
lr <- drop1(m, test = "Chisq")
# Profile limits solved: the column as an offset, twice the fall of the log-likelihood equal to the quantile.
solved <- function(name, column) {
  z <- column
  one <- function(side) {
    rest <- update(formula(m), as.formula(paste(". ~ . -", name$drop, name$keep)))
    drop <- function(v) { d$off <- z * v; 2 * (as.numeric(logLik(m)) - as.numeric(logLik(clm(update(rest, . ~ . + offset(off)), data = d, control = tight)))) - qchisq(.95, 1) }
    b <- coef(m)[name$coef]; far <- b + side * 2.6 * s[name$coef, 2]
    uniroot(drop, sort(c(b, far)), tol = 1e-11)$root
  }
  c(one(-1), one(1))
}
d$ex <- as.numeric(d$arm == "exercise"); d$us <- as.numeric(d$arm == "usual")
profile <- list(
  armexercise = solved(list(drop = "arm", keep = "+ us", coef = "armexercise"), d$ex),
  sexmale = solved(list(drop = "sex", keep = "", coef = "sexmale"), as.numeric(d$sex == "male")),
  age = solved(list(drop = "age", keep = "", coef = "age"), d$age))
em <- emmeans(m, ~arm, mode = "latent")
new <- data.frame(arm = c("exercise", "control"), sex = "male", age = c(61, 80))
cat1 <- predict(m, newdata = new, type = "prob")$fit
arm <- c("armexercise", "armusual"); b <- coef(m)[arm]; w <- drop(b %*% solve(vcov(m)[arm, arm], b))
out <- list(r_version = R.version.string, packages = sapply(c("ordinal", "emmeans"), function(p) as.character(packageVersion(p))),
  n = m$nobs, logLik = as.numeric(logLik(m)), AIC = AIC(m), BIC = BIC(m),
  coefficients = data.frame(term = rownames(s), estimate = s[, 1], se = s[, 2], z = s[, 3], p = s[, 4], lower = ci[, 1], upper = ci[, 2]),
  nominal = nominal, nominal_global = list(df = larger$edf - m$edf, statistic = everything, p = pchisq(everything, larger$edf - m$edf, lower.tail = FALSE)),
  score = score, cheese = c(cheese_score, list(counts = counts)), lr = data.frame(term = rownames(lr)[-1], df = lr$Df[-1], statistic = lr$LRT[-1], p = lr[["Pr(>Chi)"]][-1]),
  profile = profile, arm_wald = list(statistic = w, p = pchisq(w, 2, lower.tail = FALSE)),
  means = text(summary(em, infer = c(TRUE, TRUE))),
  contrasts = text(summary(contrast(em, "trt.vs.ctrl", ref = 1, adjust = "none"), infer = c(TRUE, TRUE))), predicted = as.data.frame(cat1))
writeLines(toJSON(out, digits = I(15), auto_unbox = TRUE, na = "null", pretty = TRUE), "satisfaction.json")
