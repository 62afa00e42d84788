# Log-rank tests by survival::survdiff, and with delayed entry by the score test of coxph with exact ties, whose
# conditional likelihood has the hypergeometric mean and variance of the log-rank test.
suppressPackageStartupMessages({ library(survival); library(jsonlite) })
RNGversion("4.0.0"); set.seed(20240602)

n <- 150
trial <- data.frame(arm = sample(c("control", "exercise", "usual"), n, TRUE), sex = sample(c("female", "male"), n, TRUE), site = sample(LETTERS[1:6], n, TRUE))
time <- ceiling(rexp(n, ifelse(trial$arm == "exercise", 0.04, 0.07))); censoring <- ceiling(runif(n, 3, 30))
trial$time <- pmin(time, censoring); trial$event <- as.integer(time <= censoring)
trial$event[trial$site == "F"] <- 0L                       # a stratum without events
trial$arm[trial$site == "E"] <- "control"                  # a stratum with one arm

few <- trial[1:70, c("arm", "sex")]                        # exact ties are slow where there are many
time <- ceiling(rexp(70, 0.06) * 4) / 4; censoring <- ceiling(runif(70, 3, 30) * 4) / 4
few$time <- pmin(time, censoring); few$event <- as.integer(time <= censoring); few$entry <- pmin(pmax(0, runif(70, -6, 8)), few$time / 2)

test <- function(fit) list(statistic = fit$chisq, df = sum(rowSums(as.matrix(fit$exp)) > 0) - 1,
  observed = rowSums(as.matrix(fit$obs)), expected = rowSums(as.matrix(fit$exp)), covariance = unname(fit$var))
exact <- function(formula) { m <- coxph(formula, data = few, ties = "exact"); list(statistic = unname(m$score), df = length(coef(m))) }
result <- list(
  plain = test(survdiff(Surv(time, event) ~ arm, data = trial)),
  stratified = test(survdiff(Surv(time, event) ~ arm + strata(site, sex), data = trial)),
  peto = test(survdiff(Surv(time, event) ~ arm, data = trial, rho = 1)),
  peto_stratified = test(survdiff(Surv(time, event) ~ arm + strata(site), data = trial, rho = 1)),
  delayed = exact(Surv(entry, time, event) ~ arm),
  delayed_stratified = exact(Surv(entry, time, event) ~ arm + strata(sex)))
writeLines(toJSON(result, digits = I(15), auto_unbox = TRUE), "output.json")
write.csv(trial, "trial.csv", row.names = FALSE, quote = FALSE)
write.csv(format(few, digits = 17, trim = TRUE), "delayed.csv", row.names = FALSE, quote = FALSE)
