# ROC curves, DeLong intervals and tests by pROC; calibration by glm; Hosmer-Lemeshow by its formula. Base R and pROC.
suppressPackageStartupMessages({ library(pROC); library(jsonlite) })
RNGversion("4.0.0"); set.seed(20240611)

n <- 80
trial <- data.frame(recurred = rbinom(n, 1, 0.35))
trial$fat_fraction <- round(rnorm(n, 45 + 6 * trial$recurred, 10), 0)              # ties
trial$muscle_area <- round(rnorm(n, 15 - 3 * trial$recurred, 3), 2)                # low values speak for it
trial$predicted <- round(plogis(-3 + 0.05 * trial$fat_fraction + rnorm(n, 0, 0.7)), 3)
tied <- data.frame(recurred = c(0, 0, 1, 0, 1, 0, 1, 1), score = 1:8)              # several cutoffs with one Youden index

curve <- function(response, predictor, direction) {
  r <- roc(response, predictor, direction = direction, quiet = TRUE)
  best <- coords(r, "best", best.method = "youden", transpose = FALSE,
                 ret = c("threshold", "sensitivity", "specificity", "ppv", "npv", "accuracy", "tp", "fp", "tn", "fn"))
  ci <- as.numeric(ci.auc(r, method = "delong")); wide <- as.numeric(ci.auc(r, method = "delong", conf.level = 0.9))
  list(auc = as.numeric(r$auc), standard_error = sqrt(var(r, method = "delong")), ci = ci[c(1, 3)], ci90 = wide[c(1, 3)], youden = best,
       points = data.frame(threshold = r$thresholds, sensitivity = r$sensitivities, specificity = r$specificities))
}
at <- function(response, predictor, direction, cutoffs) {   # cutoffs chosen beforehand, some of them observed scores
  r <- roc(response, predictor, direction = direction, quiet = TRUE)
  coords(r, cutoffs, input = "threshold", transpose = FALSE,
         ret = c("threshold", "sensitivity", "specificity", "ppv", "npv", "accuracy", "tp", "fp", "tn", "fn"))
}
compared <- function(a, b) {
  t <- roc.test(a, b, method = "delong", paired = TRUE)
  list(statistic = unname(t$statistic), p_value = t$p.value, ci = as.numeric(t$conf.int),
       correlation = cov(a, b, method = "delong") / sqrt(var(a, method = "delong") * var(b, method = "delong")))
}
table_of <- function(m) { k <- summary(m)$coefficients; k[nrow(k), 1:2] }

p <- trial$predicted; y <- trial$recurred
g <- cut(p, unique(quantile(p, seq(0, 1, 0.1))), include.lowest = TRUE)
events <- tapply(y, g, sum); expected <- tapply(p, g, sum); size <- tapply(p, g, length)
chisq <- sum((events - expected)^2 / (expected * (1 - expected / size)))
large <- table_of(glm(y ~ 1 + offset(qlogis(p)), family = binomial, control = list(epsilon = 1e-14)))
slope <- table_of(glm(y ~ qlogis(p), family = binomial, control = list(epsilon = 1e-14)))

result <- list(
  fat_fraction = curve(trial$recurred, trial$fat_fraction, "<"),
  muscle_area = curve(trial$recurred, trial$muscle_area, ">"),
  tied = curve(tied$recurred, tied$score, "<"),
  at_fat_fraction = at(trial$recurred, trial$fat_fraction, "<", c(40, 47, 49.782, 55)),
  at_muscle_area = at(trial$recurred, trial$muscle_area, ">", c(11.937, 13, trial$muscle_area[7])),
  fat_against_muscle = compared(roc(y, trial$fat_fraction, direction = "<", quiet = TRUE), roc(y, -trial$muscle_area, direction = "<", quiet = TRUE)),
  calibration = list(intercept = unname(large), slope = unname(slope), chisq = chisq, groups = length(size),
                     n = as.numeric(size), events = as.numeric(events), expected = as.numeric(expected), brier = mean((p - y)^2)))
writeLines(toJSON(result, digits = I(15), auto_unbox = TRUE), "output.json")
write.csv(trial, "trial.csv", row.names = FALSE, quote = FALSE)
write.csv(tied, "tied.csv", row.names = FALSE, quote = FALSE)
writeLines(c(R.version.string, paste("pROC", packageVersion("pROC"))), "version.txt")
