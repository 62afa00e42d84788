# Cumulative incidence: Aalen-Johansen by survival::survfit (multi-state; infinitesimal-jackknife errors) and by etm
# (Greenwood-type covariance); Gray's test by cmprsk::cuminc, plain and stratified.
suppressPackageStartupMessages({ library(survival); library(cmprsk); library(etm); library(jsonlite) })
RNGversion("4.0.0"); set.seed(20240605)

n <- 180
trial <- data.frame(arm = sample(c("control", "exercise", "usual"), n, TRUE), sex = sample(c("female", "male"), n, TRUE))
first <- rexp(n, ifelse(trial$arm == "exercise", 0.03, 0.06)); second <- rexp(n, 0.03); censoring <- runif(n, 2, 30)
trial$time <- ceiling(pmin(first, second, censoring))
trial$cause <- ifelse(censoring < pmin(first, second), "censored", ifelse(first < second, "recurrence", "death"))

state <- factor(trial$cause, c("censored", "recurrence", "death"))
aj <- survfit(Surv(time, state) ~ arm, data = trial)
curve <- do.call(rbind, lapply(1:3, function(g) { f <- aj[g, ]; do.call(rbind, lapply(c("recurrence", "death"), function(s) {
  k <- match(s, f$states); data.frame(arm = sort(unique(trial$arm))[g], cause = s, time = f$time, estimate = f$pstate[, k], standard_error = f$std.err[, k]) })) }))
green <- do.call(rbind, lapply(sort(unique(trial$arm)), function(g) { d <- trial[trial$arm == g, ]
  m <- etmCIF(Surv(time, cause != "censored") ~ 1, data = d, etype = cause, failcode = "recurrence"); s <- summary(m)[[1]]
  do.call(rbind, lapply(c("recurrence", "death"), function(c0) { x <- s[[paste("CIF", c0)]]; data.frame(arm = g, cause = c0, time = x$time, estimate = x$P, standard_error = sqrt(x$var)) })) }))
quiet <- ifelse(trial$cause == "censored" & trial$time < 8, "quiet", trial$sex)       # one stratum without any event
tests <- function(x) { t <- as.data.frame(x$Tests); data.frame(cause = rownames(x$Tests), statistic = t$stat, df = t$df, p_value = t$pv) }
result <- list(survfit = curve, etm = green,
  gray = tests(cuminc(trial$time, trial$cause, trial$arm, cencode = "censored")),
  gray_stratified = tests(cuminc(trial$time, trial$cause, trial$arm, strata = trial$sex, cencode = "censored")),
  gray_quiet = tests(cuminc(trial$time, trial$cause, trial$arm, strata = quiet, cencode = "censored")),
  gray_rho1 = tests(cuminc(trial$time, trial$cause, trial$arm, rho = 1, cencode = "censored")))
writeLines(toJSON(result, digits = I(15), auto_unbox = TRUE, dataframe = "rows", na = "null"), "output.json")
write.csv(trial, "trial.csv", row.names = FALSE, quote = FALSE)
