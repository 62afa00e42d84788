# Mixed logistic regression: Laplace by glmmTMB, adaptive quadrature by glmer with 25 points, LS means by emmeans.
# Run in this folder: Rscript program.R   (writes sites.csv once, and output.json)
suppressPackageStartupMessages({ library(lme4); library(glmmTMB); library(emmeans); library(car); library(jsonlite) })
options(digits = 15, stringsAsFactors = FALSE)

if (!file.exists("sites.csv")) {
  set.seed(20240613)
  k <- sample(6:40, 22, TRUE); n <- sum(k); site <- rep(sprintf("H%02d", 1:22), k)
  d <- data.frame(site, arm = sample(c("control", "exercise", "usual"), n, TRUE), sex = sample(c("female", "male"), n, TRUE), z = round(rnorm(n), 2))
  eta <- -.6 - .7 * (d$arm == "exercise") + .5 * (d$sex == "male") + .4 * d$z + .35 * d$z^2 + rep(rnorm(22, 0, .9), k)
  d$event <- rbinom(n, 1, plogis(eta))
  d$z[sample(n, 6)] <- NA
  write.csv(d, "sites.csv", row.names = FALSE, na = "")
}
d <- read.csv("sites.csv", na.strings = c("", "NA"))
for (v in c("site", "arm", "sex")) d[[v]] <- factor(d[[v]])
d <- d[!is.na(d$z), ]; d$square <- d$z^2
model <- event ~ arm * sex + z + square + (1 | site)
sums <- list(arm = "contr.sum", sex = "contr.sum")
tight <- glmmTMBControl(optCtrl = list(rel.tol = 1e-15, x.tol = 1e-12, iter.max = 3000, eval.max = 6000))
sharp <- glmerControl(optimizer = "bobyqa", optCtrl = list(rhobeg = .01, rhoend = 1e-10, maxfun = 1e6), tolPwrss = 1e-12, calc.derivs = TRUE)
table_of <- function(x) { x <- as.data.frame(x); x[] <- lapply(x, function(v) if (is.factor(v)) as.character(v) else v); x }
rows_of <- function(s) data.frame(term = rownames(s), estimate = s[, 1], se = s[, 2], z = s[, 3], p = s[, 4])
laplace <- glmmTMB(model, d, family = binomial, control = tight)
summed <- glmmTMB(model, d, family = binomial, control = tight, contrasts = sums)
quadrature <- glmer(model, d, family = binomial, nAGQ = 25, control = sharp)
em <- emmeans(laplace, ~arm | sex)
a <- Anova(summed, type = 3)
out <- list(r_version = R.version.string,
  packages = sapply(c("lme4", "glmmTMB", "emmeans", "car"), function(p) as.character(packageVersion(p))),
  n = nrow(d), sites = nlevels(droplevels(d$site)), events = sum(d$event),
  laplace = list(coefficients = rows_of(summary(laplace)$coefficients$cond), log_likelihood = as.numeric(logLik(laplace)), aic = AIC(laplace), bic = BIC(laplace),
    random_sd = sqrt(VarCorr(laplace)$cond$site[1, 1]), effects = ranef(laplace)$cond$site[, 1],
    means = table_of(summary(em, type = "response")), contrasts = table_of(summary(contrast(em, "trt.vs.ctrl", adjust = "none"), infer = TRUE, type = "link")),
    terms = cbind(term = rownames(a), as.data.frame(a))),
  quadrature = list(coefficients = rows_of(summary(quadrature)$coefficients), log_likelihood = as.numeric(logLik(quadrature)),
    random_sd = sqrt(VarCorr(quadrature)$site[1, 1]), effects = ranef(quadrature, condVar = FALSE)$site[, 1]))
writeLines(toJSON(out, digits = I(15), auto_unbox = TRUE, na = "null", pretty = TRUE), "output.json")
