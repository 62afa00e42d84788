# Mantel-Haenszel estimates and tests: metafor::rma.mh and base R's mantelhaen.test.
suppressPackageStartupMessages({ library(metafor); library(jsonlite) })
RNGversion("4.0.0"); set.seed(20240617)
n <- 160
trial <- data.frame(arm = sample(c("control", "exercise"), n, TRUE), site = sample(LETTERS[1:4], n, TRUE))
trial$better <- rbinom(n, 1, plogis(-0.8 + 0.9 * (trial$arm == "exercise") + 0.4 * as.integer(factor(trial$site)) - 0.8))
a <- with(trial, tapply(better * (arm == "exercise"), site, sum)); n1 <- with(trial, tapply(arm == "exercise", site, sum))
c <- with(trial, tapply(better * (arm == "control"), site, sum)); n0 <- with(trial, tapply(arm == "control", site, sum))
fit <- function(measure) { m <- rma.mh(measure = measure, ai = a, n1i = n1, ci = c, n2i = n0, correct = FALSE, digits = 10)
  list(estimate = unname(m$beta[1]), standard_error = m$se, p_value = m$pval, ci = c(m$ci.lb, m$ci.ub), ta = unname(m$TA), ta_p = unname(m$TAp)) }
test <- function(correct) { t <- mantelhaen.test(table(trial$arm, trial$better, trial$site), correct = correct); list(statistic = unname(t$statistic), p_value = t$p.value, odds = unname(t$estimate), ci = as.numeric(t$conf.int)) }
result <- list(log_odds = fit("OR"), log_ratio = fit("RR"), difference = fit("RD"), plain = test(FALSE), corrected = test(TRUE))
writeLines(toJSON(result, digits = I(15), auto_unbox = TRUE), "output.json")
write.csv(trial, "trial.csv", row.names = FALSE, quote = FALSE)
writeLines(c(R.version.string, paste("metafor", packageVersion("metafor"))), "version.txt")
