# Kaplan-Meier curves, quantiles and landmark values by survival::survfit: ties, censoring at event times, delayed
# entry, a median that is not reached, a curve level at exactly one half, times that differ by rounding only.
suppressPackageStartupMessages({ library(survival); library(jsonlite) })
RNGversion("4.0.0"); set.seed(20240601)

n <- 120
arm <- rep(c("control", "exercise", "usual"), each = n / 3)
hazard <- c(control = 0.06, exercise = 0.012, usual = 0.04)[arm]
time <- ceiling(rexp(n, hazard)); censoring <- ceiling(runif(n, 4, 40))
trial <- data.frame(arm, time = pmin(time, censoring), event = as.integer(time <= censoring))
trial$entry <- pmax(0, floor(runif(n, -6, 8))); trial$entry <- pmin(trial$entry, trial$time - 1)
level <- data.frame(arm = rep(c("a", "b"), each = 6), time = c(1, 2, 3, 5, 8, 9, 1, 2, 4, 6, 7, 7),
                    event = c(1, 1, 1, 0, 1, 0, 1, 1, 1, 0, 0, 0))
years <- data.frame(time = c(0.1 + 0.2, 0.3, 0.7, 0.8 - 0.1, 1.1, 1.5), event = c(1, 1, 0, 1, 1, 0))

one <- function(fit, labels) data.frame(group = rep(labels, if (is.null(fit$strata)) length(fit$time) else fit$strata),
  time = fit$time, n_at_risk = fit$n.risk, n_events = fit$n.event, survival = fit$surv, lower = fit$lower, upper = fit$upper)
quantiles <- function(fit, labels) { q <- quantile(fit, c(.25, .5, .75))
  do.call(rbind, lapply(1:3, function(k) { pick <- function(x) if (is.null(dim(x))) x[k] else x[, k]
    data.frame(group = labels, probability = c(.25, .5, .75)[k], estimate = pick(q$quantile), lower = pick(q$lower), upper = pick(q$upper)) })) }
all_kinds <- function(formula, data, labels) sapply(c("log-log", "log", "plain"), simplify = FALSE, function(kind) {
  fit <- survfit(formula, data = data, conf.type = kind); list(curve = one(fit, labels), quantiles = quantiles(fit, labels)) })
landmark <- function(formula, data, times, level) { s <- summary(survfit(formula, data = data, conf.type = "log-log", conf.int = level), times = times)
  data.frame(group = as.character(s$strata), time = s$time, n_at_risk = s$n.risk, survival = s$surv, lower = s$lower, upper = s$upper) }

arms <- sort(unique(arm))
result <- list(
  trial = all_kinds(Surv(time, event) ~ arm, trial, arms),
  delayed = all_kinds(Surv(entry, time, event) ~ arm, trial, arms),
  level = all_kinds(Surv(time, event) ~ arm, level, c("a", "b")),
  years = all_kinds(Surv(time, event) ~ 1, years, "all"),
  landmark_90 = landmark(Surv(time, event) ~ arm, trial, c(6, 12, 24), 0.90))
writeLines(toJSON(result, digits = I(15), na = "null", dataframe = "rows"), "output.json")
for (name in c("trial", "level", "years")) write.csv(format(get(name), digits = 17, trim = TRUE), paste0(name, ".csv"), row.names = FALSE, quote = FALSE)
