# Van Elteren's test as the stratified linear test of coin with ranks / (n + 1) within strata; Wilcoxon without strata.
suppressPackageStartupMessages({ library(coin); library(jsonlite) })
RNGversion("4.0.0"); set.seed(20240619)
n <- 90
trial <- data.frame(arm = sample(c("control", "exercise"), n, TRUE), site = sample(LETTERS[1:4], n, TRUE, c(0.4, 0.3, 0.2, 0.1)))
trial$score <- round(rnorm(n, 5 + 1.2 * (trial$arm == "exercise") + as.integer(factor(trial$site)), 2))
trial$scored <- ave(trial$score, trial$site, FUN = function(y) rank(y) / (length(y) + 1))
d <- transform(trial, arm = factor(arm, c("exercise", "control")), site = factor(site))
t <- independence_test(scored ~ arm | site, d, distribution = "asymptotic", teststat = "scalar")
w <- wilcox_test(score ~ arm, d, distribution = "asymptotic")
result <- list(statistic = as.numeric(statistic(t)), p_value = as.numeric(pvalue(t)), wilcoxon = as.numeric(statistic(w)), wilcoxon_p = as.numeric(pvalue(w)))
writeLines(toJSON(result, digits = I(15), auto_unbox = TRUE), "output.json")
write.csv(trial[, c("arm", "site", "score")], "trial.csv", row.names = FALSE, quote = FALSE)
writeLines(c(R.version.string, paste("coin", packageVersion("coin"))), "version.txt")
