# Reference results for ANCOVA: unbalanced interactions, LS means under three weightings, robust errors.
# Run in this folder: Rscript program.R   (writes trial.csv once, and trial.json)
suppressPackageStartupMessages({ library(emmeans); library(car); library(sandwich); library(lmtest); library(jsonlite) })
options(digits = 15, stringsAsFactors = FALSE)
emm_options(cov.keep = character(0))

if (!file.exists("trial.csv")) {
  set.seed(4117)
  n <- 132
  d <- data.frame(
    subject = seq_len(n),
    arm = sample(c("control", "exercise", "usual"), n, TRUE, c(.4, .35, .25)),
    site = sample(c("A", "B", "C", "D"), n, TRUE, c(.4, .3, .2, .1)),
    sex = sample(c("female", "male"), n, TRUE, c(.65, .35)),
    practice = sample(1:17, n, TRUE),
    base = round(rnorm(n, 40, 9), 1),
    age = round(runif(n, 60, 84)))
  d$chg <- round(-4 - 3 * (d$arm == "exercise") - .25 * (d$base - 40) + 2 * (d$sex == "male") * (d$arm == "usual") +
    rnorm(17)[d$practice] + rnorm(n) * (3 + .12 * d$base), 2)
  d$chg[sample(n, 11)] <- NA
  d$base[sample(n, 4)] <- NA
  write.csv(d, "trial.csv", row.names = FALSE, na = "")
}
d <- read.csv("trial.csv", na.strings = c("", "NA"))
for (v in c("arm", "site", "sex")) d[[v]] <- factor(d[[v]])
sums <- list(arm = "contr.sum", site = "contr.sum", sex = "contr.sum")

table_of <- function(x) { x <- as.data.frame(x); x[] <- lapply(x, function(v) if (is.factor(v)) as.character(v) else v); x }
rows_of <- function(x) { x <- as.data.frame(x); cbind(row = rownames(x), x) }
means <- function(m, spec, ...) table_of(summary(emmeans(m, spec, ...), infer = c(TRUE, TRUE)))
against <- function(m, spec, ref = 1, ...) table_of(summary(contrast(emmeans(m, spec), "trt.vs.ctrl", ref = ref, adjust = "none"), infer = c(TRUE, TRUE), ...))

plain <- lm(chg ~ arm + base + sex + site, d)
used <- model.frame(plain)
practice <- d$practice[as.integer(rownames(used))]
cluster <- vcovCL(plain, practice, type = "HC1")
robust <- vcovHC(plain, type = "HC3")
crossed <- chg ~ base + arm * sex + arm * site
crossed_fit <- lm(crossed, d)
slopes_fit <- lm(chg ~ base * arm + site, d)
no_intercept <- lm(chg ~ 0 + arm + base, d)
nested <- lm(chg ~ sex + arm:sex + base, d)
logged <- lm(chg ~ arm + log(base) + sex, d)
sandwich_table <- function(m, v, df) {
  b <- coef(m); s <- sqrt(diag(v)); t <- b / s
  data.frame(term = names(b), estimate = b, se = s, t = t, p = 2 * pt(-abs(t), df), lower = b - qt(.975, df) * s, upper = b + qt(.975, df) * s)
}
wald <- function(m, v, names, df) { k <- length(names); b <- coef(m)[names]; f <- drop(b %*% solve(v[names, names], b)) / k; list(df_num = k, df_den = df, F = f, p = pf(f, k, df, lower.tail = FALSE)) }
noncentral <- function(x, y) {
  nx <- length(x); ny <- length(y); df <- nx + ny - 2
  sp <- sqrt(((nx - 1) * var(x) + (ny - 1) * var(y)) / df); d <- (mean(x) - mean(y)) / sp; r <- sqrt(nx * ny / (nx + ny))
  f <- function(p) uniroot(function(z) pt(d * r, df, ncp = z) - p, c(-12, 12), tol = 1e-13)$root / r
  j <- exp(lgamma(df / 2) - lgamma((df - 1) / 2)) / sqrt(df / 2)
  list(d = d, lower = f(.975), upper = f(.025), j = j, pooled = sp)
}
y <- used$chg; a <- used$arm
G <- length(unique(practice))
out <- list(
  r_version = R.version.string,
  packages = sapply(c("emmeans", "car", "sandwich", "lmtest"), function(p) as.character(packageVersion(p))),
  n = nobs(plain),
  plain = list(coefficients = rows_of(coef(summary(plain))), sigma = sigma(plain), r2 = summary(plain)$r.squared,
    adj_r2 = summary(plain)$adj.r.squared, logLik = as.numeric(logLik(plain)), AIC = AIC(plain), BIC = BIC(plain)),
  plain_typeIII = rows_of(Anova(lm(chg ~ arm + base + sex + site, d, contrasts = sums), type = 3)),
  crossed_typeIII = rows_of(Anova(lm(crossed, d, contrasts = sums), type = 3)),
  slopes_typeIII = rows_of(Anova(lm(chg ~ base * arm + site, d, contrasts = sums[c("arm", "site")]), type = 3)),
  threeway_typeIII = rows_of(Anova(lm(chg ~ arm * sex * age, d, contrasts = sums[c("arm", "sex")]), type = 3)),
  plain_means = means(plain, ~arm),
  plain_means_proportional = means(plain, ~arm, weights = "proportional"),
  plain_means_cells = means(plain, ~arm, weights = "cells"),
  crossed_means = means(crossed_fit, ~arm),
  crossed_means_proportional = means(crossed_fit, ~arm, weights = "proportional"),
  crossed_means_cells = means(crossed_fit, ~arm, weights = "cells"),
  crossed_means_by_sex = means(crossed_fit, ~arm | sex),
  crossed_means_by_sex_proportional = means(crossed_fit, ~arm | sex, weights = "proportional"),
  crossed_means_by_sex_cells = means(crossed_fit, ~arm | sex, weights = "cells"),
  crossed_contrasts_by_sex = against(crossed_fit, ~arm | sex),
  slopes_means = means(slopes_fit, ~arm),
  slopes_contrasts_usual = against(slopes_fit, ~arm, ref = 3),
  no_intercept_means = means(no_intercept, ~arm),
  nested_contrasts_by_sex = against(nested, ~arm | sex),
  logged_means = means(logged, ~arm),
  margin_greater = against(plain, ~arm, null = -4, side = ">"),
  margin_less = against(plain, ~arm, null = 1, side = "<"),
  hc3 = sandwich_table(plain, robust, df.residual(plain)),
  hc3_arm = wald(plain, robust, c("armexercise", "armusual"), df.residual(plain)),
  hc3_means = means(plain, ~arm, vcov. = robust),
  cluster = sandwich_table(plain, cluster, G - 1),
  cluster_arm = wald(plain, cluster, c("armexercise", "armusual"), G - 1),
  effect_exercise = noncentral(y[a == "exercise"], y[a == "control"]),
  effect_usual = noncentral(y[a == "usual"], y[a == "control"]),
  baseline_sd = sd(used$base),
  shapiro = { s <- shapiro.test(residuals(plain)); list(W = unname(s$statistic), p = s$p.value) },
  breusch_pagan = { e2 <- residuals(plain)^2; b <- length(e2) * summary(lm(e2 ~ fitted(plain)))$r.squared; list(BP = b, p = pchisq(b, 1, lower.tail = FALSE)) },
  cook = max(cooks.distance(plain)), leverage = max(hatvalues(plain)),
  predicted = as.data.frame(predict(plain, data.frame(arm = "exercise", base = c(30, 55), sex = "male", site = c("B", "D")), interval = "confidence")))
writeLines(toJSON(out, digits = I(15), auto_unbox = TRUE, na = "null", pretty = TRUE), "trial.json")
