# Multiple imputation of an invented two-arm trial by mice (method norm) within arms, and the pooled ANCOVA. Random: what
# is stored is to be met within Monte Carlo error, sqrt(between / m) for an estimate.
suppressPackageStartupMessages({ library(mice); library(jsonlite) }); options(digits = 15)
if (!file.exists("trial.csv")) {
  set.seed(3141); n <- 160
  trial <- data.frame(arm = rep(c("control", "exercise"), n / 2), sex = sample(c("female", "male"), n, TRUE), odi0 = round(rnorm(n, 42, 9), 1))
  test <- trial$arm == "exercise"; level <- rnorm(n, 0, 5)
  trial$odi6 <- round(10 + 0.6 * trial$odi0 - 4 * test + level + rnorm(n, 0, 5), 1)
  trial$odi12 <- round(12 + 0.5 * trial$odi0 - 5 * test + level + rnorm(n, 0, 6), 1)
  gone <- runif(n) < plogis(-3 + 0.06 * trial$odi6)
  trial$odi12[gone] <- NA; trial$odi6[runif(n) < 0.08] <- NA; trial$odi12[runif(n) < 0.05] <- NA
  write.csv(trial, "trial.csv", row.names = FALSE, na = "")
}
trial <- read.csv("trial.csv", stringsAsFactors = TRUE); m <- 1000
one <- function(level) mice(subset(trial, arm == level, -arm), m = m, maxit = 10, method = c("", "", "norm", "norm"), seed = 3141, printFlag = FALSE)
control <- one("control"); exercise <- one("exercise")
fits <- lapply(seq_len(m), function(i) lm(odi12 ~ arm + odi0 + sex,
  data = rbind(cbind(arm = "control", complete(control, i)), cbind(arm = "exercise", complete(exercise, i)))))
p <- pool(as.mira(fits)); s <- summary(p)
writeLines(toJSON(data.frame(term = as.character(s$term), estimate = s$estimate, standard_error = s$std.error, df = s$df,
  within = p$pooled$ubar, between = p$pooled$b, fmi = p$pooled$fmi, m = m), digits = I(15), pretty = TRUE), "output.json")
writeLines(c(R.version.string, paste("mice", packageVersion("mice"))), "version.txt")
