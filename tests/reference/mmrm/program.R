# Repeated measures by nlme::gls (unstructured, compound symmetry, autoregressive, each with one or several variances,
# Toeplitz, REML and ML), and Satterthwaite df of the compound-symmetry case by lmerTest.
# Run in this folder: Rscript program.R   (writes trial.csv once, and output.json)
suppressPackageStartupMessages({ library(nlme); library(lmerTest); library(emmeans); library(jsonlite) })
options(digits = 15, stringsAsFactors = FALSE)

if (!file.exists("trial.csv")) {
  set.seed(20240611)
  n <- 84; visits <- c(0.5, 3, 6, 12)
  s <- data.frame(subject = sprintf("S%03d", 1:n), arm = rep(c("control", "exercise"), n / 2),
                  site = sample(c("A", "B", "C"), n, TRUE), base = round(rnorm(n, 42, 10), 1))
  root <- chol(outer(c(6, 8, 9, 11), c(6, 8, 9, 11)) * .62^abs(outer(1:4, 1:4, "-")))
  noise <- matrix(rnorm(4 * n), n) %*% root
  d <- do.call(rbind, lapply(1:4, function(k) data.frame(s, visit = visits[k],
    chg = round(-3 - 2 * k - .3 * (s$base - 42) - (k - 1) * 1.5 * (s$arm == "exercise") + noise[, k], 2))))
  d <- d[order(d$subject, d$visit), ]
  gone <- ave(runif(nrow(d)) < .06, d$subject, FUN = function(x) cummax(x)) == 1 | runif(nrow(d)) < .05
  d$chg[gone] <- NA
  d$base[d$subject == "S017"] <- NA
  write.csv(d, "trial.csv", row.names = FALSE, na = "")
}
d <- read.csv("trial.csv", na.strings = c("", "NA"))
d$visit <- factor(d$visit); d$arm <- factor(d$arm); d$site <- factor(d$site); d$subject <- factor(d$subject)
d <- d[!is.na(d$chg) & !is.na(d$base), ]
d$step <- as.integer(d$visit)
model <- chg ~ base + site + arm * visit
tight <- glsControl(tolerance = 1e-12, msTol = 1e-14, maxIter = 500, msMaxIter = 2000, returnObject = TRUE, opt = "optim", optimMethod = "BFGS", msVerbose = FALSE)
quasi <- glsControl(tolerance = 1e-12, msTol = 1e-14, maxIter = 500, msMaxIter = 2000, returnObject = TRUE)
several <- varIdent(form = ~1 | visit)
covariance <- function(m) {
  full <- names(which(table(d$subject) == 4))[1]
  v <- getVarCov(m, individual = full); unname(as.matrix(v)[, ])
}
table_of <- function(x) { x <- as.data.frame(x); x[] <- lapply(x, function(v) if (is.factor(v)) as.character(v) else v); x }
by_gls <- function(correlation, weights = NULL, method = "REML", control = tight) {
  m <- gls(model, d, correlation = correlation, weights = weights, method = method, control = control)
  list(coefficients = data.frame(term = names(coef(m)), estimate = unname(coef(m)), se = unname(sqrt(diag(vcov(m))))),
       log_likelihood = as.numeric(logLik(m)), covariance = covariance(m),
       pearson = unname(residuals(m, "pearson")), normalized = unname(residuals(m, "normalized")))
}
lmm <- lmer(chg ~ base + site + arm * visit + (1 | subject), d,
  control = lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-12, maxfun = 1e5)))
contr <- contrast(emmeans(lmm, ~arm | visit, lmer.df = "satterthwaite"), "trt.vs.ctrl", adjust = "none")
k <- summary(lmm)$coefficients
out <- list(
  r_version = R.version.string,
  packages = sapply(c("nlme", "lme4", "lmerTest", "emmeans"), function(p) as.character(packageVersion(p))),
  n = nrow(d), subjects = nlevels(droplevels(d$subject)),
  us = by_gls(corSymm(form = ~step | subject), several),
  us_ml = by_gls(corSymm(form = ~step | subject), several, "ML"),
  cs = by_gls(corCompSymm(form = ~step | subject)),
  csh = by_gls(corCompSymm(form = ~step | subject), several),
  ar1 = by_gls(corAR1(.5, form = ~step | subject), control = quasi),
  ar1h = by_gls(corAR1(.5, form = ~step | subject), several, control = quasi),
  # An autoregression of order visits - 1 is any positive definite Toeplitz correlation.
  toep = by_gls(corARMA(c(.5, .01, .01), form = ~step | subject, p = 3), control = quasi),
  toeph = by_gls(corARMA(c(.5, .01, .01), form = ~step | subject, p = 3), several, control = quasi),
  cs_satterthwaite = list(coefficients = data.frame(term = rownames(k), df = unname(k[, "df"])),
    means = table_of(summary(emmeans(lmm, ~arm | visit, lmer.df = "satterthwaite"), infer = TRUE)),
    contrasts = table_of(summary(contr, infer = TRUE)), terms = { a <- anova(lmm, type = 3); cbind(term = rownames(a), as.data.frame(a)) }))
writeLines(toJSON(out, digits = I(15), auto_unbox = TRUE, na = "null", pretty = TRUE), "output.json")
