# Invents a trial with missing values, imputes it with mice, and pools fits to the stored imputations.
suppressPackageStartupMessages({ library(mice); library(mitml); library(jsonlite) })
options(digits = 15)
if (!file.exists("imputed.csv")) {
  set.seed(8812); n <- 90
  trial <- data.frame(arm = factor(rep(c("A", "B", "C"), n / 3)), site = factor(sample(c("u", "v"), n, TRUE)),
                      base = round(rnorm(n, 40, 8), 1))
  trial$week6 <- round(0.7 * trial$base - 3 * (trial$arm == "B") + rnorm(n, 0, 6), 1)
  trial$month12 <- round(0.5 * trial$base + 0.4 * trial$week6 - 4 * (trial$arm == "C") + rnorm(n, 0, 6), 1)
  trial$month12[runif(n) < 0.3] <- NA
  trial$week6[runif(n) < 0.15] <- NA
  imputed <- mice(trial, m = 8, method = c("", "", "", "norm", "norm"), seed = 8812, printFlag = FALSE)
  write.csv(complete(imputed, "long")[, c(".imp", "arm", "site", "base", "week6", "month12")], "imputed.csv", row.names = FALSE)
}
stacked <- read.csv("imputed.csv", stringsAsFactors = TRUE)
stacked$responder <- as.integer(stacked$month12 < 32)
sets <- split(stacked, stacked$.imp)
table_of <- function(p) { s <- summary(p, conf.int = TRUE); x <- p$pooled
  data.frame(term = as.character(s$term), estimate = s$estimate, standard_error = s$std.error, df = s$df, statistic = s$statistic,
    p_value = s$p.value, ci_lower = s[["2.5 %"]], ci_upper = s[["97.5 %"]], within = x$ubar, between = x$b, riv = x$riv, fmi = x$fmi) }
test_of <- function(full, reduced, df.com) { t <- testModels(full, reduced, method = "D1", df.com = df.com)$test
  list(statistic = t[1, "F.value"], df_num = t[1, "df1"], df_den = t[1, "df2"], p_value = t[1, "P(>F)"]) }
linear <- lapply(sets, function(d) lm(month12 ~ arm + base + site, data = d))
without_arm <- lapply(sets, function(d) lm(month12 ~ base + site, data = d))
logit <- lapply(sets, function(d) glm(responder ~ arm + base, family = binomial, data = d, control = list(epsilon = 1e-14, maxit = 50)))
logit_without_arm <- lapply(sets, function(d) glm(responder ~ base, family = binomial, data = d, control = list(epsilon = 1e-14, maxit = 50)))
three <- 1:2
writeLines(toJSON(list(
  linear = table_of(pool(as.mira(linear))), logistic = table_of(pool(as.mira(logit), dfcom = 1e12)),
  linear_arm = test_of(linear, without_arm, 85), linear_arm_large = test_of(linear, without_arm, NULL),
  logistic_arm = test_of(logit, logit_without_arm, NULL),
  two_imputations_arm = test_of(linear[three], without_arm[three], NULL)),
  digits = I(15), auto_unbox = TRUE, pretty = TRUE), "output.json")
writeLines(c(R.version.string, paste("mice", packageVersion("mice")), paste("mitml", packageVersion("mitml"))), "version.txt")
