# Random intercepts and slopes with subject-specific times by lme4, df by lmerTest and pbkrtest, LS means by emmeans;
# and a trial whose slope variance is estimated at zero.
# Run in this folder: Rscript program.R   (writes growth.csv and flat.csv once, and output.json)
suppressPackageStartupMessages({ library(lmerTest); library(emmeans); library(jsonlite) })
options(digits = 15, stringsAsFactors = FALSE)

if (!file.exists("growth.csv")) {
  set.seed(20240612)
  make <- function(n, slope_sd, name) {
    k <- sample(1:7, n, TRUE)
    s <- data.frame(subject = sprintf("P%02d", 1:n), arm = sample(c("control", "exercise", "usual"), n, TRUE), age = round(runif(n, 55, 80)))
    d <- s[rep(1:n, k), ]
    d$months <- round(unlist(lapply(k, function(m) sort(runif(m, 0, 24)))), 2)
    a <- rnorm(n, 0, 6); b <- slope_sd * (rnorm(n) + .06 * a)
    id <- rep(1:n, k)
    d$y <- round(50 - .2 * (d$age - 65) + a[id] + (b[id] - .2 * (d$arm == "exercise")) * d$months + rnorm(nrow(d), 0, 4), 2)
    d$y[sample(nrow(d), 4)] <- NA
    write.csv(d, name, row.names = FALSE, na = "")
  }
  make(56, .5, "growth.csv")
  set.seed(1); make(40, 0, "flat.csv")
}
read <- function(name) { d <- read.csv(name, na.strings = c("", "NA")); d$arm <- factor(d$arm); d$subject <- factor(d$subject); d[!is.na(d$y), ] }
growth <- read("growth.csv"); flat <- read("flat.csv")
tight <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhobeg = .1, rhoend = 1e-13, maxfun = 1e6), calc.derivs = FALSE)
table_of <- function(x) { x <- as.data.frame(x); x[] <- lapply(x, function(v) if (is.factor(v)) as.character(v) else v); x }
fit <- function(formula, data, ddf, REML = TRUE, margins = TRUE) {
  m <- suppressMessages(lmer(formula, data, REML = REML, control = tight))
  k <- summary(m, ddf = ddf)$coefficients
  a <- anova(m, type = 3, ddf = ddf)
  out <- list(coefficients = data.frame(term = rownames(k), estimate = k[, 1], se = k[, 2], df = k[, "df"], p = k[, 5]),
    components = as.data.frame(VarCorr(m))[, c("grp", "var1", "var2", "vcov", "sdcor")], log_likelihood = as.numeric(logLik(m)),
    AIC = AIC(m), BIC = BIC(m), singular = isSingular(m), terms = cbind(term = rownames(a), as.data.frame(a)))
  if (margins) {
    em <- emmeans(m, ~arm, lmer.df = tolower(ddf))
    out$means <- table_of(summary(em, infer = TRUE))
    out$contrasts <- table_of(summary(contrast(em, "trt.vs.ctrl", adjust = "none"), infer = TRUE))
  }
  out
}
slopes <- y ~ age + arm * months + (1 + months | subject)
main <- lmer(slopes, growth, control = tight)
out <- list(r_version = R.version.string,
  packages = sapply(c("lme4", "lmerTest", "pbkrtest", "emmeans"), function(p) as.character(packageVersion(p))),
  n = nrow(growth), subjects = nlevels(droplevels(growth$subject)),
  slopes = fit(slopes, growth, "Satterthwaite"), slopes_kr = fit(slopes, growth, "Kenward-Roger"),
  slopes_ml = fit(slopes, growth, "Satterthwaite", FALSE, FALSE),
  uncorrelated = fit(y ~ age + arm * months + (1 + months || subject), growth, "Satterthwaite", margins = FALSE),
  intercepts = fit(y ~ age + arm * months + (1 | subject), growth, "Satterthwaite"),
  intercepts_kr = fit(y ~ age + arm * months + (1 | subject), growth, "Kenward-Roger"),
  slopes_alone = fit(y ~ age + arm * months + (0 + months | subject), growth, "Satterthwaite"),
  slopes_alone_kr = fit(y ~ age + arm * months + (0 + months | subject), growth, "Kenward-Roger"),
  flat_correlated = fit(y ~ months + (1 + months | subject), flat, "Satterthwaite", margins = FALSE),
  flat_uncorrelated = fit(y ~ months + (1 + months || subject), flat, "Satterthwaite", margins = FALSE),
  effects = { e <- ranef(main)$subject; data.frame(subject = rownames(e), intercept = e[, 1], months = e[, 2]) },
  residuals = unname(residuals(main)))
writeLines(toJSON(out, digits = I(15), auto_unbox = TRUE, na = "null", pretty = TRUE), "output.json")
